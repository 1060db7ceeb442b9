import { expect, test } from 'vitest';
import { compareWithBaseline, parseBaseline, writeBaseline } from '../../src/conform/baseline.ts';
import type { Finding } from '../../src/model/finding.ts';

const finding = (id: string, status: Finding['status']): Finding => ({
  id,
  title: id,
  status,
  detail: 'd',
  expected: null,
  observed: null,
  fix: null,
  serverFixes: [],
  reference: null,
  durationMs: 1,
});

test('a baseline goes out and comes in', () => {
  const findings = [finding('a', 'fail'), finding('b', 'pass'), finding('c', 'warn'), finding('d', 'fail')];
  const known = parseBaseline(writeBaseline([{ webhook: 'shop', findings }]), 'known.json');
  expect(known).toEqual(new Map([['shop', new Set(['a', 'd'])]]));
  const { findings: compared, fixed } = compareWithBaseline(
    [finding('a', 'pass'), finding('d', 'fail'), finding('e', 'fail')],
    known.get('shop') ?? new Set(),
  );
  expect([fixed, compared.map(({ id, status }) => `${id} ${status}`)]).toEqual([['a'], ['a pass', 'd warn', 'e fail']]);
});

test.each([
  ['', 'not JSON'],
  ['[]', 'has no "known"'],
  ['{"known":{"shop":"a"}}', 'no list of case ids for "shop"'],
])('a baseline that is none: %j', (content, why) => {
  expect(() => parseBaseline(content, 'known.json')).toThrow(why);
});
