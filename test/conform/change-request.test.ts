import { expect, test } from 'vitest';
import { addMember, changeDigit, flipBit, repeatFirstMember, respace } from '../../src/conform/change-request.ts';

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

// In base64 the last digit of these has two and four bits that mean nothing.
test.each([
  ['SHA-256 in hex', 'ab'.repeat(32), 'hex'],
  ['that of an empty key', '00'.repeat(32), 'hex'],
  ['SHA-1 in base64', 'RSOYDt4T1cUTdK1PDd93/VVr8B8=', 'base64'],
  ['ECDSA in base64', `MEUC${'w'.repeat(90)}ww==`, 'base64'],
] as const)('another digit of a signature makes another signature of the same length: %s', (_, value, encoding) => {
  const right = Buffer.from(value, encoding);
  for (const place of ['first', 'middle', 'last'] as const) {
    const changed = changeDigit(value, place);
    expect(changed).toHaveLength(value.length);
    expect([...changed].filter((digit, index) => digit !== value[index])).toHaveLength(1);
    const decoded = Buffer.from(changed, encoding);
    expect([decoded.length, decoded.equals(right)]).toEqual([right.length, false]);
  }
});
