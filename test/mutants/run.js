// run.js [NAME …]: plants each mistake of this folder, alone, in a copy of the checkout, and runs the test files that
// must catch it. Fails when a mistake survives or no longer applies, and when the tests fail without one.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { readPatches } from './read-patches.js';

/** Of one build and its tests. A mistake that makes tests hang is bounded by vitest's own timeout, far below. */
const TIMEOUT_MS = 120_000;
const WIDTH = 34;

const root = resolve(import.meta.dirname, '../..');
const wanted = process.argv.slice(2);
const patches = readPatches().filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const print = (line) => process.stdout.write(`${line}\n`);

/** The working tree as it is, without what git ignores; dependencies are linked. */
function copyCheckout() {
  const copy = mkdtempSync(join(tmpdir(), 'hookproof-mutants-'));
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 }).split('\0');
  for (const file of files.filter(Boolean)) cpSync(join(root, file), join(copy, file), { force: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

const run = (cwd, command, ...args) =>
  spawnSync(command, args, { cwd, encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: 1e9, killSignal: 'SIGKILL' });

/** Builds the programs and runs those test files; which of them have a test that failed, or why that cannot be said. */
function runTests(cwd, files) {
  const missing = files.filter((file) => !existsSync(join(cwd, file)));
  if (missing.length > 0) return { failing: [], problem: `there is no ${missing.join(' ')}` };
  const built = run(cwd, process.execPath, 'node_modules/rolldown/bin/cli.mjs', '-c', '--log-level', 'warn');
  if (built.status !== 0) return { failing: [], problem: `it does not build: ${built.stderr.trim()}` };
  const report = join(cwd, 'mutant.json');
  rmSync(report, { force: true });
  const reporter = ['--reporter=json', `--outputFile.json=${report}`];
  const ended = run(cwd, process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...files, ...reporter);
  if (ended.error !== undefined) return { failing: [], problem: String(ended.error.message) };
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const broken = testResults.find(({ assertionResults }) => assertionResults.length === 0);
  if (broken !== undefined) return { failing: [], problem: `no test ran: ${broken.name} ${broken.message}` };
  const failing = testResults.filter((file) => file.assertionResults.some(({ status }) => status === 'failed'));
  return { failing: failing.map(({ name }) => relative(cwd, name)), problem: null };
}

function tryPatch(copy, { path, caughtBy }) {
  const applied = run(copy, 'git', 'apply', path);
  if (applied.status !== 0) return `does not apply: ${applied.stderr.trim()}`;
  try {
    const { failing, problem } = runTests(copy, caughtBy);
    if (problem !== null) return problem;
    const silent = caughtBy.filter((file) => !failing.includes(file));
    return silent.length === 0 ? null : `SURVIVED ${silent.join(' ')}`;
  } finally {
    execFileSync('git', ['apply', '-R', path], { cwd: copy });
  }
}

function tryAll(copy) {
  const files = [...new Set(patches.flatMap(({ caughtBy }) => caughtBy))];
  const { failing, problem } = runTests(copy, files);
  if (problem !== null || failing.length > 0) {
    print(`without any mistake: ${problem ?? `these fail: ${failing.join(' ')}`}`);
    return false;
  }
  let survivors = 0;
  for (const patch of patches) {
    const began = performance.now();
    const survived = tryPatch(copy, patch);
    if (survived !== null) survivors += 1;
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
    const word = survived === null ? 'caught' : 'FAILED';
    print(`${word} ${seconds} s  ${patch.name.padEnd(WIDTH)}${survived ?? patch.mistake}`);
  }
  print(`${patches.length - survivors} of ${patches.length} caught`);
  return survivors === 0 && patches.length > 0;
}

const copy = copyCheckout();
try {
  process.exitCode = tryAll(copy) ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
