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
  [
    'a parameter comes before what stands in front of it',
    'postgres://u:p,1@h:1/d?host=/tmp/s&port=2&user=v&dbname=e',
    {},
    { user: 'v', password: 'p,1', host: '/tmp/s', port: 2, database: 'e' },
  ],
  ['PGREQUIRESSL', 'postgres://h/d', { PGREQUIRESSL: '1' }, { sslMode: 'require' }],
  ['a mode beside it', 'postgres://h/d', { PGREQUIRESSL: '1', PGSSLMODE: 'disable' }, { sslMode: 'disable' }],
  [
    'more of TLS',
    'postgres://h/d?ssl_min_protocol_version=tlsv1.3',
    { PGSSLCRL: '/crl.pem' },
    { oldestTls: 'TLSv1.3', revocationList: '/crl.pem' },
  ],
  [
    'the certificates of the system',
    'postgres://h/d',
    { PGSSLROOTCERT: 'system' },
    { sslMode: 'verify-full', rootCertificate: 'system' },
  ],
  [
    'what changes nothing',
    'postgres://h/d?gssencmode=disable&channel_binding=prefer&target_session_attrs=any',
    { PGGSSENCMODE: 'prefer', PGSERVICE: '' },
    { host: 'h' },
  ],
])('%s', (_, text, env, expected) => {
  expect(readAddress(addressOf(text, env))).toMatchObject(expected);
});

test.each<[string, RegExp, Record<string, string>?]>([
  ['postgres://a:1,b:2/d', /^--history names several hosts/],
  ['postgres:///d?host=a,b&port=1,2', /names several hosts/],
  ['postgres://', /names several hosts/, { PGHOST: 'a,b' }],
  ['postgres://h/d?target_session_attrs=read-write', /does not follow: target_session_attrs/],
  ['postgres://h/d', /^PGHOSTADDR is set/, { PGHOSTADDR: '127.0.0.9' }],
  ['postgres://h/d', /^PGSERVICE is set/, { PGSERVICE: 'hooks' }],
  ['postgres://h/d', /^PGCHANNELBINDING is set/, { PGCHANNELBINDING: 'require' }],
  ['postgres://h/d?sslmode=require&sslrootcert=system', /sslmode=require .* too weak for sslrootcert=system/],
  ['postgres://h/d?ssl_min_protocol_version=1.3', /ssl_min_protocol_version .* unknown/],
])('nothing weaker than asked for, and no other server: %s %s', (text, message, env) => {
  expect(() => readAddress(addressOf(text, env))).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringMatching(message) as string }),
  );
});

test.each([
  ['postgres://u:s3cret@h:port/d'],
  ['postgres://u:s3cret@h/d%00x'],
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
