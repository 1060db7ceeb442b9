import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '../../model/error.ts';

export const KEY_TYPES = ['rsa', 'ec', 'ed25519'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** A kind of key; `bits` is the modulus of RSA, the curve of EC (P-256, P-384). */
export interface KeyKind {
  type: KeyType;
  bits?: number | undefined;
}

/** The sizes that make sense for each type; the first is the default. */
const SIZES: Record<KeyType, readonly number[]> = { rsa: [2048, 3072, 4096], ec: [256, 384], ed25519: [] };

/** OpenSSL cannot read a longer passphrase (PEM_BUFSIZE), although it encrypts a key with one. */
const MAX_PASSPHRASE_BYTES = 1023;

const generate = promisify(generateKeyPair);

/** Throws AppError `usage` when keys of this type do not have that size. */
export function checkKeyKind({ type, bits }: KeyKind): void {
  const sizes = SIZES[type];
  if (bits === undefined || sizes.includes(bits)) return;
  const hint =
    sizes.length === 0
      ? `leave out --bits: ${type} keys have a fixed size`
      : `--bits must be one of ${sizes.join(', ')}`;
  throw new AppError('usage', `cannot create ${type} keys of ${bits} bits`, { hint });
}

/** Makes a private key. Throws AppError `usage` as `checkKeyKind` does. */
export async function makeKey(kind: KeyKind): Promise<KeyObject> {
  checkKeyKind(kind);
  const bits = kind.bits ?? SIZES[kind.type][0];
  switch (kind.type) {
    case 'rsa':
      return (await generate('rsa', { modulusLength: bits as number })).privateKey;
    case 'ec':
      return (await generate('ec', { namedCurve: `P-${bits}` })).privateKey;
    case 'ed25519':
      return (await generate('ed25519')).privateKey;
  }
}

/** As a person names it: `RSA 2048`, `P-256`, `Ed25519`. */
export function keyTitle({ type, bits }: KeyKind): string {
  const size = bits ?? SIZES[type][0];
  return { rsa: `RSA ${size}`, ec: `EC P-${size}`, ed25519: 'Ed25519' }[type];
}

/** Throws AppError `usage` for a passphrase with which a key could be written but not read again. */
export function checkPassphrase(passphrase: string): void {
  if (Buffer.byteLength(passphrase) <= MAX_PASSPHRASE_BYTES) return;
  throw new AppError(
    'usage',
    `the passphrase is longer than ${MAX_PASSPHRASE_BYTES} bytes, the most that OpenSSL reads`,
    {
      hint: 'use a shorter passphrase',
    },
  );
}

/** PEM, PKCS#8; with a passphrase encrypted by AES-256-CBC under PBES2 (RFC 8018). */
export function keyPem(key: KeyObject, passphrase?: string): string {
  const form = { type: 'pkcs8', format: 'pem' } as const;
  return key.export(passphrase === undefined ? form : { ...form, cipher: 'aes-256-cbc', passphrase }).toString();
}
