import { expect, test } from 'vitest';
import { makeLimitedScript } from '../../src/model/limited-script.ts';
import { cpuMsOf } from '../helpers/cpu-time.ts';

const FIND = 'new RegExp(source).test(text)';
const SLOW = { source: '^(a+)+$', text: `${'a'.repeat(60)}!` };

test('what takes too long is given up, and a quick one behind it is still run', () => {
  const find = makeLimitedScript(FIND, 2000);
  let found: unknown = 'not run';
  const cpuMs = cpuMsOf(() => (found = find(SLOW)));
  expect(found).toBeUndefined();
  expect(cpuMs).toBeLessThan(10_000);
  expect(find({ source: '^a+$', text: 'aa' })).toBe(true);
});

test('nothing is run when the time of all is over', () => {
  const find = makeLimitedScript(FIND, 100);
  expect([find(SLOW), find({ source: 'a', text: 'a' })]).toEqual([undefined, undefined]);
});

test('what breaks off is given up at once, and the variables are data', () => {
  const find = makeLimitedScript(FIND, 2000);
  expect(find({ source: '(', text: '' })).toBeUndefined();
  expect(find({ source: '"+process.exit(1)+"', text: '' })).toBe(false);
});
