import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

function project(): { folder: string; run: (...args: string[]) => Promise<Ended> } {
  const folder = testFolder();
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  return { folder, run: (...args) => runProgram('webhook', args, { cwd: folder, env }) };
}

const spkiOf = (file: string): string =>
  createPublicKey(createPrivateKey(readFileSync(file, 'utf8')))
    .export({ format: 'der', type: 'spki' })
    .toString('base64');

/** The public key in what the program prints, as base64 of its DER, read by Node alone. */
const READERS: Record<string, (shown: string) => string> = {
  'spki-base64': (shown) => shown,
  'spki-pem': (shown) => createPublicKey(shown).export({ format: 'der', type: 'spki' }).toString('base64'),
  'x509-pem': (shown) =>
    new X509Certificate(shown).publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  jwks: (shown) =>
    createPublicKey({ key: JSON.parse(shown).keys[0], format: 'jwk' })
      .export({ format: 'der', type: 'spki' })
      .toString('base64'),
  'raw-hex': (shown) => rawEd25519(Buffer.from(shown, 'hex')),
  'raw-base64': (shown) => rawEd25519(Buffer.from(shown, 'base64')),
  'raw-base64url': (shown) => rawEd25519(Buffer.from(shown, 'base64url')),
};
const rawEd25519 = (raw: Buffer): string =>
  Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]).toString('base64');

test.each([
  ['ecdsa-p256-sha256', 'spki-base64'],
  ['rsa-sha256', 'spki-pem'],
  ['rsa-sha1', 'x509-pem'],
  ['ed25519', 'jwks'],
  ['ecdsa-p256-sha256', 'jwks'],
  ['rsa-pss-sha512', 'jwks'],
  ['ed25519', 'raw-hex'],
  ['ed25519', 'raw-base64'],
  ['ed25519', 'raw-base64url'],
])('%s, shown as %s', async (algorithm, keyShown) => {
  const { folder, run } = project();
  const signature = {
    algorithm,
    message: ['body'],
    at: { header: 'X-Sig' },
    format: '{v}',
    encoding: ['base64'],
    keyShown,
  };
  const vendor = { id: 'acme', signature: { value: signature }, events: [{ name: 'made', sample: { type: 'made' } }] };
  writeFileSync(join(folder, 'acme.vendor.json'), JSON.stringify(vendor));
  const file = join(folder, 'key.pem');
  const made = await run('vendor', 'key', './acme.vendor.json', '-o', 'key.pem');
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('--secret-file key.pem') });
  expect(READERS[keyShown]?.(made.stdout.trim())).toBe(spkiOf(file));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const endpoint = await openEndpoint();
  const place = ['--vendor', './acme.vendor.json', '--url', endpoint.url, '--secret-file', 'key.pem'];
  const sent = await run('send', '--event', 'made', ...place);
  expect([sent.code, endpoint.seen[0]?.headers['x-sig']]).toEqual([0, expect.any(String)]);
  // What is shown is enough to verify with.
  writeFileSync(join(folder, 'shown.txt'), made.stdout);
  const verified = ['--delivery', 'last', '--vendor', './acme.vendor.json', '--secret-file', 'shown.txt'];
  expect(await run('verify', ...verified)).toMatchObject({ code: 0, stdout: expect.stringContaining('valid') });
});

test('a key that is there is not replaced, and shown again by --from', async () => {
  const { folder, run } = project();
  const first = await run('vendor', 'key', 'sendgrid', '-o', 'key.pem');
  const key = readFileSync(join(folder, 'key.pem'), 'utf8');
  expect(await run('vendor', 'key', 'sendgrid', '-o', 'key.pem')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('already exists'),
  });
  expect(readFileSync(join(folder, 'key.pem'), 'utf8')).toBe(key);
  expect((await run('vendor', 'key', 'sendgrid', '--from', 'key.pem')).stdout).toBe(first.stdout);
  for (const { stdout, stderr } of [first]) expect(stdout + stderr).not.toContain('PRIVATE');
});

test.each([
  ['stripe', ['-o', 'k.pem'], 'shared secret'],
  ['mailkit', ['-o', 'k.pem'], 'signs nothing'],
  ['sendgrid', [], '-o FILE'],
  ['sendgrid', ['--from', 'none.pem'], 'none.pem'],
])('%s %j: an error that says why', async (vendor, flags, words) => {
  const { stderr, code } = await project().run('vendor', 'key', vendor, ...flags);
  expect(stderr).toContain(words);
  expect(code).toBe(flags.includes('--from') ? 5 : 2);
});
