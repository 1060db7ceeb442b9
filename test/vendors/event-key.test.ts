import { expect, test } from 'vitest';
import { readEventId, readEventKey, readEventMark, readObject } from '../../src/vendors/event-key.ts';
import { findVendor } from '../helpers/vendors.ts';

const selfhost = findVendor('mailkite-selfhost');
const bodyOf = (uid: string): Uint8Array => Buffer.from(`{"event":"inbound","subject":"1 \\" 2e5","uid":${uid}}`);
const markOf = (uid: string): string | null => readEventMark(selfhost, [], readObject(bodyOf(uid)));

test.each([
  ['9007199254740993', '9007199254740993'],
  ['9007199254740992', '9007199254740992'],
  ['-9007199254740993', '-9007199254740993'],
  ['\n\t -9007199254740993', '-9007199254740993'],
  ['1', '1'],
  ['"1"', '1'],
  ['1.0', '1'],
  ['1e3', '1000'],
  ['9.007199254740993e15', '9007199254740993'],
  ['9007199254740993.0', '9007199254740993'],
  ['0.1000000000000000000001', '0.1000000000000000000001'],
  ['1e400', '1e400'],
  ['12345678901234567890123456789', '12345678901234567890123456789'],
  ['7,"uid":9007199254740993', '9007199254740993'],
  ['null', null],
  ['true', null],
  ['{"uid":1}', null],
  ['""', null],
])('the id %s is %s, as it is shown and as effects name it', (uid, id) => {
  const payload = readObject(bodyOf(uid));
  expect([readEventId(selfhost, [], payload), readEventKey(selfhost, [], payload)]).toEqual([id, id]);
});

test.each<[string, string, 'the same' | 'two']>([
  ['9007199254740993', '9007199254740992', 'two'],
  ['1', '"1"', 'two'],
  ['1', '1.0', 'the same'],
  ['1000', '1e3', 'the same'],
  ['1e400', '1e401', 'two'],
  ['"\u00e9"', '"e\u0301"', 'two'],
  ['"\\u00e9"', '"\u00e9"', 'the same'],
  ['1', '"\\u00001"', 'two'],
  ['"\\u00001"', '"\\u0000\\u0000\\u00001"', 'two'],
  [`${'9'.repeat(5000)}1`, `${'9'.repeat(5000)}2`, 'two'],
])('%s and %s are %s', (one, other, expected) => {
  expect(markOf(one) === markOf(other)).toBe(expected === 'the same');
});

test('an id in the body goes before one in a header, and a header holds where the body has none', () => {
  const mail2many = findVendor('mail2many');
  const headers = [['x-mail2many-event-id', '9007199254740993']] as const;
  expect(readEventMark(mail2many, headers, readObject(Buffer.from('{"accountId":1}')))).toBe('9007199254740993');
});
