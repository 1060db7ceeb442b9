import { expect, test } from 'vitest';
import { addMember, flipBit, repeatFirstMember, respace } from '../../src/conform/change-request.ts';

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
