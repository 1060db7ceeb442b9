import { expect, test } from 'vitest';
import { holdsPassword, readAddress, withoutPassword } from '../../../src/history/postgres/address.ts';
import { addressOf } from '../../helpers/stores.ts';

test.each([
  [
    'an address comes before variables',
    'postgres://u@h:1/d',
    { PGUSER: 'x', PGHOST: 'x', PGPORT: '2' },
    { user: 'u', host: 'h', port: 1, database: 'd' },
  ],
  [
    'variables fill what it leaves out',
    'postgres://',
    { PGUSER: 'x', PGHOST: 'y', PGPORT: '2', PGDATABASE: 'z', PGPASSWORD: 'p' },
    { user: 'x', host: 'y', port: 2, database: 'z', password: 'p' },
  ],
  [
    'what is written with %',
    'postgresql://u%40v:p%2Fq%3A@h/d%20e',
    {},
    { user: 'u@v', password: 'p/q:', database: 'd e' },
  ],
  ['a socket', 'postgres://u@%2Ftmp%2Fs/d', {}, { host: '/tmp/s' }],
  ['IPv6', 'postgres://u@[::1]:7/d', {}, { host: '::1', port: 7, shown: 'postgres://u@[::1]:7/d' }],
  [
    'parameters',
    'postgres://h/d?sslmode=verify-full&sslrootcert=ca.pem&user=me',
    {},
    { sslMode: 'verify-full', rootCertificate: '/ca.pem', user: 'me' },
  ],
])('%s', (_, text, env, expected) => {
  expect(readAddress(addressOf(text, env))).toMatchObject(expected);
});

test.each([
  ['postgres://u:s3cret@h:port/d'],
  ['postgres://u:12?s3cret@h/d'],
  ['postgres://u:s3cret@a,b/d'],
  ['postgres://u:s3%zzcret@h/d'],
  ['postgres://u@h/d?password=s3cret&sslmode=never'],
  ['postgres://u:s3cret@h/d?service=x'],
])('%s is refused, and not repeated', (text) => {
  const refusal = expect(() => readAddress(addressOf(text)));
  refusal.toThrow(expect.objectContaining({ kind: 'usage' }));
  refusal.not.toThrow(/s3/);
});

test.each([
  ['postgres://u:s3cret@h/d', 'postgres://u@h/d', true],
  ['postgres://u@h/d?password=s3cret&sslmode=require', 'postgres://u@h/d?sslmode=require', true],
  ['postgres://u@h/d?sslmode=require', 'postgres://u@h/d?sslmode=require', false],
  ['history.db', 'history.db', false],
])('%s is shown as %s', (text, shown, holds) => {
  expect([withoutPassword(text), holdsPassword(text)]).toEqual([shown, holds]);
});
