import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isSecretHeader } from '../../../src/model/secret-name.ts';
import type { Signature, SignatureAlgorithm } from '../../../src/model/signature.ts';
import type { Vendor } from '../../../src/model/vendor.ts';
import { nameStaticSecret, withoutStaticSecret } from '../../../src/flows/session/static-secret.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram } from '../../helpers/program.ts';
import { findVendor } from '../../helpers/vendors.ts';

const SECRET = 'sup3r-s3cret-of-acme';

const vendorOf = (
  algorithm: SignatureAlgorithm,
  at: { json: string } | { form: string },
  message: Signature['message'] = [algorithm === 'token' ? 'secret' : 'body'],
): Vendor => ({
  ...findVendor('mail2many'),
  signature: { value: { algorithm, message, at, format: '{v}' }, certainty: 'doc' },
});

/** Of two signatures the second is the secret itself. */
const besideOf = (at: { json: string } | { form: string }): Vendor => {
  const signed = vendorOf('hmac-sha256', { json: 'sig' });
  const fixed = vendorOf('token', at).signature.value;
  return { ...signed, furtherSignatures: { value: fixed === null ? [] : [fixed], certainty: 'doc' } };
};

test.each([
  ['beside a signature', besideOf({ json: 'key' }), `{"key":"${SECRET}","sig":"ab"}`, '{"key":"***","sig":"ab"}'],
  [
    'in JSON',
    vendorOf('token', { json: 'auth.key' }),
    `{"auth": {"key": "${SECRET}"},"a":1}`,
    '{"auth": {"key": "***"},"a":1}',
  ],
  ['in a form', vendorOf('token', { form: 'key' }), `a=1&key=${SECRET}&b=2`, 'a=1&key=***&b=2'],
  ['not there', vendorOf('token', { json: 'auth.key' }), '{"a":1}', '{"a":1}'],
  [
    'computed of the secret alone',
    vendorOf('sha256', { json: 'key' }, [{ encode: ['hex'], of: ['secret'] }]),
    '{"key":"ab"}',
    '{"key":"***"}',
  ],
  ['computed of a fixed text', vendorOf('hmac-md5', { form: 'key' }, [{ text: 'acme' }]), 'key=ab', 'key=***'],
  [
    'a digest of its id is none',
    vendorOf('hmac-sha256', { json: 'sig' }, [{ json: 'id' }]),
    '{"sig":"ab"}',
    '{"sig":"ab"}',
  ],
  ['a digest is none', vendorOf('hmac-sha256', { json: 'sig' }), '{"sig":"ab"}', '{"sig":"ab"}'],
])('a fixed secret %s', (_, vendor, body, shown) => {
  expect(Buffer.from(withoutStaticSecret(vendor, Buffer.from(body))).toString()).toBe(shown);
});

test('a fixed secret in a header beside a signature is not shown', () => {
  const signed = vendorOf('hmac-sha256', { json: 'sig' });
  const beside = { algorithm: 'token', message: ['secret'], at: { header: 'X-Beside-It' }, format: '{v}' } as const;
  nameStaticSecret({ ...signed, furtherSignatures: { value: [beside], certainty: 'doc' } });
  expect(isSecretHeader('X-Beside-It', 'plain')).toBe(true);
});

test('what is sent holds it, and neither the history nor anything shown does', async () => {
  const folder = testFolder();
  const endpoint = await openEndpoint();
  const file = join(folder, 'acme.vendor.json');
  const signature = { value: { algorithm: 'token', message: ['secret'], at: { json: 'auth.key' }, format: '{v}' } };
  const events = [{ name: 'made', sample: { auth: { key: '' }, type: 'made' } }];
  writeFileSync(file, JSON.stringify({ id: 'acme', signature, events }));
  const env = { ACME: SECRET, HOME: folder, XDG_DATA_HOME: folder };
  const place = ['--vendor', './acme.vendor.json', '--url', endpoint.url, '--secret-env', 'ACME', '--history', 'h.db'];
  const run = (...args: string[]) => runProgram('webhook', args, { cwd: folder, env });
  const shown = [
    await run('send', '--event', 'made', ...place),
    await run('send', '--event', 'made', '--json', ...place),
    await run('test', '--record', '-v', ...place),
    await run('history', 'list', '--json', '--include-tests', '--history', 'h.db'),
    await run('export', '--format', 'ndjson', '--include-tests', '--history', 'h.db'),
  ];
  expect(endpoint.seen[0]?.body.toString()).toContain(SECRET);
  for (const { stdout, stderr } of shown) expect(stdout + stderr).not.toContain(SECRET);
  const kept = readdirSync(folder).filter((name) => name.startsWith('h.db'));
  expect(kept.length).toBeGreaterThan(0);
  for (const name of kept) expect(readFileSync(join(folder, name)).includes(SECRET)).toBe(false);
});
