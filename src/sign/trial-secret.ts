import { randomBytes } from 'node:crypto';
import type { Signature } from '../model/signature.ts';
import { isPublicKey } from './scheme/sign-bytes.ts';
import { otherPrivateKey } from './scheme/keys.ts';

const SECRET_BYTES = 32;

/** A secret of nobody's, in the form that the vendor's have, or a private key: for requests that go nowhere. */
export function makeTrialSecret({ algorithm, key = { encoding: 'utf8' } }: Signature): string {
  if (isPublicKey(algorithm)) return otherPrivateKey(algorithm);
  const { encoding, prefix = '' } = key;
  return prefix + randomBytes(SECRET_BYTES).toString(encoding === 'utf8' ? 'hex' : encoding);
}
