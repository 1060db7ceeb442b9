import { expect, test } from 'vitest';
import { makeSecretFinder } from '../../../src/sign/learn/secret-forms.ts';

const SECRET = 'whsec_c2VjcmV0IG9mIGFjbWUgMDAx';
const KEY = 'secret of acme 001';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each([
  ['as it is', `x ${SECRET} y`],
  ['without its prefix', SECRET.slice(6)],
  ['as the key that it stands for', `it is ${KEY}.`],
  ['as hex', Buffer.from(SECRET).toString('hex')],
  ['as the hex of the key', Buffer.from(KEY).toString('hex').toUpperCase()],
  ['as base64', base64(SECRET)],
  ['within the base64 of user and password', `Basic ${base64(`me:${SECRET}`)}`],
  ['one letter on', base64(`m:${SECRET}`)],
  ['percent-encoded', encodeURIComponent(SECRET)],
])('the secret is found %s', (_, text) => {
  expect(makeSecretFinder(SECRET, 'ignored')(text)).toBe(true);
});

test('what only looks like it is not', () => {
  expect(makeSecretFinder(SECRET, 'ignored')('whsec_ and c2Vj and secret of')).toBe(false);
  expect(makeSecretFinder('test', 'ignored')('test')).toBe(false);
  expect(['test', 'a test', '1'].map(makeSecretFinder('test', 'whole'))).toEqual([true, false, false]);
  expect(makeSecretFinder('secret-of-acme-1', 'whole')('1')).toBe(false);
});

test('of a secret with signs that texts escape', () => {
  const finds = makeSecretFinder('a "secret" of/acme+ü', 'ignored');
  expect(finds(JSON.stringify({ x: 'a "secret" of/acme+ü' }))).toBe(true);
  expect(finds('a+%22secret%22+of%2Facme%2B%C3%BC')).toBe(true);
});
