import type { KeyObject } from 'node:crypto';
import type { Signature } from '../../model/signature.ts';
import { publicKeyOf } from './keys.ts';

/** Without a certificate: that is made elsewhere. */
export type PlainKeyForm = Exclude<NonNullable<Signature['keyShown']>, 'x509-pem'>;

/**
 * The public key as the vendor shows it to its users.
 * @param key private or public, in any form. Throws AppError `usage`.
 */
export function showPublicKey(spec: Signature, key: string, form: PlainKeyForm): string {
  const publicKey = publicKeyOf(spec, key);
  if (form === 'spki-pem') return publicKey.export({ format: 'pem', type: 'spki' }).toString().trimEnd();
  if (form === 'spki-base64') return publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const raw = Buffer.from(rawOf(publicKey), 'base64url');
  return raw.toString(form === 'raw-hex' ? 'hex' : form === 'raw-base64' ? 'base64' : 'base64url');
}

/** The 32 bytes of an Ed25519 key; of an EC key its two coordinates; of an RSA key the modulus. */
function rawOf(key: KeyObject): string {
  const { x = '', y, n = x } = key.export({ format: 'jwk' });
  return y === undefined
    ? n
    : Buffer.concat([x, y].map((part) => Buffer.from(part, 'base64url'))).toString('base64url');
}
