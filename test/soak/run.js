/**
 * `npm run soak [-- names] [--seed N] [--count N]`: the long form of the tests in this folder. Prints the seed, a line
 * with figures of each test, and ends with 1 when one of them does not hold or is skipped. `npm test` runs a short form of
 * the same.
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const PARTS = readdirSync(import.meta.dirname).flatMap((file) => /^(.+)\.test\.ts$/.exec(file)?.[1] ?? []);

const { values, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, count: { type: 'string' } },
});
const seed = readNumber('seed', values.seed) ?? Date.now() % 2 ** 31;
const count = readNumber('count', values.count);
const unknown = chosen.filter((name) => !PARTS.includes(name));
if (unknown.length > 0) refuse(`no such part: ${unknown.join(', ')}; there are ${PARTS.join(', ')}`);

process.env.SOAK_SEED = String(seed);
if (count !== undefined) process.env.SOAK_COUNT = String(count);
console.log(`seed ${seed}${count === undefined ? '' : `, count ${count}`}: --seed ${seed} repeats this run`);

let held = 0;
let skipped = 0;
let failed = 0;
const files = (chosen.length > 0 ? chosen : PARTS).map((name) => `test/soak/${name}.test.ts`);
const vitest = await startVitest('test', files, {
  watch: false,
  testTimeout: 0,
  // The parts measure memory and time: one at a time, each in a process of its own, which it may bring down.
  fileParallelism: false,
  isolate: true,
  reporters: [{ onTestCaseResult: printResult, onTestModuleEnd: printUnstarted }],
});
const unhandled = vitest.state.getUnhandledErrors();
// Such as the end of the process that a part runs in: its tests never come to a result.
for (const error of unhandled) console.log('FAILED ', error.stack ?? error);
failed += unhandled.length;
await vitest.close();
console.log(`${held} held, ${failed} failed, ${skipped} skipped`);
// What was skipped is not proved.
process.exitCode = failed + skipped === 0 && held > 0 ? 0 : 1;

function printResult(test) {
  const { state, errors = [], note } = test.result();
  const name = `${test.module.relativeModuleId.replace(/^.*\/|\.test\.ts$/g, '')}: ${test.name}`;
  const seconds = `${((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1)} s`;
  if (state === 'skipped') {
    skipped += 1;
    console.log(`skipped  ${name}: ${note ?? 'no reason given'}`);
    return;
  }
  if (state === 'passed') held += 1;
  else failed += 1;
  console.log(`${state === 'passed' ? 'held  ' : 'FAILED'}  ${name}: ${test.meta().figures ?? ''} (${seconds})`);
  for (const error of errors) console.log(error.stack ?? error.message, error.diff ?? '', error.cause?.stack ?? '');
}

/** A file that could not be loaded has no tests. */
function printUnstarted(module) {
  for (const error of module.errors()) {
    failed += 1;
    console.log(`FAILED  ${module.relativeModuleId}`, error.stack ?? error.message);
  }
}

function readNumber(name, text) {
  if (text !== undefined && !/^\d{1,15}$/.test(text)) refuse(`--${name} ${text}: a whole number, please`);
  return text === undefined ? undefined : Number(text);
}

function refuse(problem) {
  console.error(problem);
  process.exit(2);
}
