// sum-up.js RESULTS: tells what failed in the suites that .ci/run ran and how long each step took, and keeps the times.
// RESULTS has `steps` (lines of `name seconds`), and for each suite NAME.json (vitest's report) and NAME.code (how it
// ended), NAME.errors where something failed outside the tests, and the same as NAME.again of a second run of the files
// that failed.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const SLOWEST = 3;
/** More tests than these that pass only in a second run are a failure: a suite that cannot be relied on. */
const MOST_UNSTABLE = 3;
const REASON_LINES = 12;
const MOST_COLUMNS = 400;

const [folder] = process.argv.slice(2);
const print = (line) => process.stdout.write(`${line}\n`);
const read = (name) => readFileSync(join(folder, name), 'utf8').trim();
const suites = readdirSync(folder)
  .filter((file) => file.endsWith('.json') && !file.endsWith('.again.json'))
  .map((file) => file.slice(0, -'.json'.length));

let passed = 0;
const failures = [];
const unstable = [];

// A skipped test is a failure here: every tool was installed before. So is a file whose tests could not be started, and
// a suite that ends with an error outside its tests.
const filesOf = {};
for (const name of suites) {
  const before = failures.length + unstable.length;
  const { testResults } = JSON.parse(read(`${name}.json`));
  const passedAgain = namesPassed(name);
  for (const file of testResults) {
    for (const { status, fullName, failureMessages = [] } of file.assertionResults) {
      const told = `${name}: ${status}: ${file.name} ${fullName}${reasonOf(failureMessages)}`;
      if (status === 'passed') passed += 1;
      else if (status === 'failed' && passedAgain.has(`${file.name} ${fullName}`)) unstable.push(told);
      else failures.push(told);
    }
    if (file.assertionResults.length === 0) failures.push(`${name}: no test ran: ${file.name} ${file.message}`);
  }
  if (existsSync(join(folder, `${name}.errors`)))
    failures.push(`${name}: failed outside the tests:${reasonOf([read(`${name}.errors`)])}`);
  const code = read(`${name}.code`);
  if (code !== '0' && failures.length + unstable.length === before)
    failures.push(`${name}: the suite ended with ${code}: see above`);
  filesOf[name] = Object.fromEntries(
    testResults
      .map(({ name: path, startTime, endTime }) => [relative('.', path), Math.round(endTime - startTime) / 1000])
      .toSorted(([, one], [, other]) => other - one),
  );
}

/** Nothing, unless the second run as a whole was without a fault. */
function namesPassed(name) {
  if (!existsSync(join(folder, `${name}.again.json`)) || read(`${name}.again.code`) !== '0') return new Set();
  const { testResults } = JSON.parse(read(`${name}.again.json`));
  return new Set(
    testResults.flatMap(({ name: file, assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'passed').map(({ fullName }) => `${file} ${fullName}`),
    ),
  );
}

/** The first lines of why it failed. */
function reasonOf([message]) {
  if (message === undefined) return '';
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => !line.includes('/node_modules/') && !line.includes(' at new Promise'));
  return lines
    .slice(0, REASON_LINES)
    .map((line) => `\n    ${line.slice(0, MOST_COLUMNS)}`)
    .join('');
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

for (const line of unstable) print(`\nUnstable, it passed in a second run: ${line}`);
for (const line of failures) print(`\n${line}`);
const isUnreliable = unstable.length > MOST_UNSTABLE;
if (isUnreliable) print(`\nMore than ${MOST_UNSTABLE} unstable tests are a failure.`);

print(`\n${passed} passed, ${unstable.length} unstable, ${failures.length} failed`);
process.exitCode = failures.length > 0 || isUnreliable || passed === 0 ? 1 : 0;
