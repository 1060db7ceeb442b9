import { expect, test } from 'vitest';
import { compareWithBaseline, parseBaseline, writeBaseline } from '../../src/conform/baseline.ts';
import { addMember, flipBit, repeatFirstMember, respace } from '../../src/conform/change-body.ts';
import { listCases } from '../../src/conform/list-cases.ts';
import { findStray, selectCases } from '../../src/conform/select-cases.ts';
import { parseIds } from '../../src/flows/session/read-effects.ts';
import type { Finding } from '../../src/model/finding.ts';
import { findVendor } from '../../src/vendors/index.ts';
import { settingOf } from '../helpers/try-case.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (body: Uint8Array): string => Buffer.from(body).toString();

test('white space goes between tokens, not into texts', () => {
  const body = String.raw`{"a":"x:,{\"y","b":[1,{"c":null}]}`;
  expect(JSON.parse(text(respace(bytes(body))))).toEqual(JSON.parse(body));
  expect(text(respace(bytes('{"a":1}')))).toBe('{\n  "a": 1}');
});

test('members are added at the end', () => {
  expect(text(addMember(bytes('{"a":{"b":1}}'), 'x', '[[]]'))).toBe('{"a":{"b":1},"x":[[]]}');
  expect(text(repeatFirstMember(bytes('{"a":"1","b":2}')))).toBe('{"a":"1","b":2,"a":"1"}');
});

test('one bit of a letter is flipped, and it stays JSON', () => {
  expect(text(flipBit(bytes('{"id":"x","name":"Robin"}'), 'name'))).toBe('{"id":"x","name":"Sobin"}');
});

const cases = listCases(settingOf(findVendor('mailkite')));

test.each([
  [['robust'], [], ['deep-nesting', 'many-keys', 'huge-numbers', 'duplicate-keys', 'invalid-utf8', 'large-header']],
  [['*-headers-*'], [], ['two-headers-good-first', 'two-headers-bad-first', 'two-headers-both-bad']],
  [['EMPTY-*', 'burst'], ['burst'], ['empty-signature', 'empty-body']],
  [['*'], ['accept', 'refuse', 'd*', '*8', '*e*'], ['many-keys'].filter((id) => !id.includes('e'))],
])('--only %j --skip %j', (only, skip, ids) => {
  expect(selectCases(cases, { only, skip }).map(({ id }) => id)).toEqual(ids);
});

test('a pattern that means nothing is found, and one of a thousand stars is no trap', () => {
  expect(findStray(cases, { only: ['accept', 'no-signatur'], skip: [] })).toBe('no-signatur');
  expect(selectCases(cases, { only: [`${'*a'.repeat(5000)}*`], skip: [] })).toEqual([]);
});

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
  ['', 'no JSON'],
  ['[]', 'has no "known"'],
  ['{"known":{"shop":"a"}}', 'no list of case ids for "shop"'],
])('a baseline that is none: %j', (content, why) => {
  expect(() => parseBaseline(content, 'known.json')).toThrow(why);
});

test.each([
  ['["a","b",7]', ['a', 'b', '7']],
  ['a\r\n\nb\n', ['a', 'b']],
  ['', []],
  ['[]', []],
  [' [ "a", null ] ', ['a']],
])('effects %j', (given, ids) => {
  expect(parseIds(given)).toEqual(ids);
});

test.each(['[1', '[{"id":1}]', '[["a"]]'])('no effects: %j', (given) => {
  expect(() => parseIds(given)).toThrow(/effects/);
});
