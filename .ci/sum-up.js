// sum-up.js RESULTS: tells what failed in the suites that .ci/run ran and how long each step took, and keeps the times.
// RESULTS has `steps` (lines of `name seconds`), and for each suite NAME.json (vitest's report) and NAME.code (how it
// ended).
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const SLOWEST = 3;

const [folder] = process.argv.slice(2);
const print = (line) => process.stdout.write(`${line}\n`);
const read = (name) => readFileSync(join(folder, name), 'utf8').trim();
const suites = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));

let passed = 0;
let failed = 0;
const fail = (line) => {
  failed += 1;
  print(line);
};

// A skipped test is a failure here: every tool was installed before. So is a file whose tests could not be started, and
// a suite that ends with an error outside its tests.
const filesOf = {};
for (const name of suites) {
  const before = failed;
  const { testResults } = JSON.parse(read(`${name}.json`));
  for (const file of testResults) {
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'passed') passed += 1;
      else fail(`${name}: ${status}: ${file.name} ${fullName}`);
    }
    if (file.assertionResults.length === 0) fail(`${name}: no test ran: ${file.name} ${file.message}`);
  }
  const code = read(`${name}.code`);
  if (code !== '0' && failed === before) fail(`${name}: the suite ended with ${code}: see above`);
  filesOf[name] = Object.fromEntries(
    testResults
      .map(({ name: path, startTime, endTime }) => [relative('.', path), Math.round(endTime - startTime) / 1000])
      .toSorted(([, one], [, other]) => other - one),
  );
}

const steps = read('steps')
  .split('\n')
  .map((line) => line.split(' '))
  .map(([name, seconds]) => ({ name, seconds: Number(seconds) }));
const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
const path = join('.ci/times', `${new Date().toISOString().replaceAll(':', '')}.json`);
mkdirSync('.ci/times', { recursive: true });
writeFileSync(path, `${JSON.stringify({ steps, total, files: filesOf }, null, 2)}\n`);

print('\nSeconds of each step, with the slowest test files:');
for (const { name, seconds } of steps) {
  const slowest = Object.entries(filesOf[name] ?? {}).slice(0, SLOWEST);
  const files = slowest.map(([file, took]) => `${file} ${took.toFixed(1)}`).join(', ');
  print(`${String(seconds).padStart(6)}  ${name.padEnd(8)}${files}`.trimEnd());
}
print(`${String(total).padStart(6)}  in all; each file's in ${path}`);

print(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
