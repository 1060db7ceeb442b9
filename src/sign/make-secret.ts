import { randomBytes } from 'node:crypto';
import type { Signature } from '../model/signature.ts';
import { isPublicKey } from './scheme/sign-bytes.ts';
import { makePrivateKey } from './scheme/keys.ts';

const SECRET_BYTES = 24;

/** A secret of the form that the vendor's have; of one that signs with a key pair, a private key. */
export function makeSecret({ algorithm, key }: Signature): string {
  if (isPublicKey(algorithm)) return makePrivateKey(algorithm);
  const { encoding = 'utf8', prefix = '' } = key ?? {};
  const bytes = randomBytes(SECRET_BYTES);
  return prefix + bytes.toString(encoding === 'utf8' ? 'hex' : encoding);
}
