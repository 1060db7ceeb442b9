import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  checkKeyKind,
  checkPassphrase,
  keyPem,
  keyTitle,
  makeKey,
  type KeyKind,
} from '../../../src/certs/create/make-key.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';

const openssl = (args: readonly string[], input: string): string =>
  execFileSync('openssl', args, { input, stdio: 'pipe' }).toString();

const KINDS: (KeyKind & { says: RegExp; title: string })[] = [
  { type: 'rsa', says: /2048 bit/, title: 'RSA 2048' },
  { type: 'rsa', bits: 3072, says: /3072 bit/, title: 'RSA 3072' },
  { type: 'ec', says: /P-256/, title: 'EC P-256' },
  { type: 'ec', bits: 384, says: /P-384/, title: 'EC P-384' },
  { type: 'ed25519', says: /ED25519/, title: 'Ed25519' },
];

describe.skipIf(!hasOpenssl)('openssl reads the key', () => {
  test.each(KINDS)('$title', async ({ says, title, ...kind }) => {
    const key = await makeKey(kind);
    expect(openssl(['pkey', '-noout', '-text'], keyPem(key))).toMatch(says);
    expect(keyTitle(kind)).toBe(title);
    const encrypted = keyPem(key, 'open sesame');
    expect(encrypted).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    expect(openssl(['pkey', '-passin', 'pass:open sesame'], encrypted)).toBe(keyPem(key));
    expect(() => openssl(['pkey', '-passin', 'pass:wrong'], encrypted)).toThrow();
  });

  test('encrypted as every OpenSSL 3 reads it: AES-256-CBC under PBES2', async () => {
    const form = openssl(['asn1parse'], keyPem(await makeKey({ type: 'ec' }), 'x'));
    expect(form).toMatch(/PBES2[\s\S]*PBKDF2[\s\S]*hmacWithSHA256[\s\S]*aes-256-cbc/);
  });

  test('with the longest passphrase there may be', async () => {
    const passphrase = 'ž'.repeat(511) + 'x';
    expect(() => checkPassphrase(passphrase)).not.toThrow();
    const pem = keyPem(await makeKey({ type: 'ec' }), passphrase);
    expect(openssl(['pkey', '-passin', `pass:${passphrase}`], pem)).toContain('PRIVATE KEY');
    expect(createPrivateKey({ key: pem, passphrase }).type).toBe('private');
  });
});

test('a longer passphrase is refused, without showing it', () => {
  expect(() => checkPassphrase('z'.repeat(1024))).toThrow(
    /^the passphrase is longer than 1023 bytes, the most that OpenSSL reads$/,
  );
});

test.each([
  [{ type: 'rsa', bits: 1024 }, '--bits must be one of 2048, 3072, 4096'],
  [{ type: 'ec', bits: 521 }, '--bits must be one of 256, 384'],
  [{ type: 'ed25519', bits: 255 }, 'leave out --bits'],
] as const)('no key of the kind %o', (kind, hint) => {
  expect(() => checkKeyKind(kind)).toThrow(
    expect.objectContaining({ kind: 'usage', hint: expect.stringContaining(hint) }),
  );
});
