import { createHash, type KeyObject } from 'node:crypto';
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
  if (form === 'jwks') return showKeySet(spec, publicKey);
  const raw = Buffer.from(rawOf(publicKey), 'base64url');
  return raw.toString(form === 'raw-hex' ? 'hex' : form === 'raw-base64' ? 'base64' : 'base64url');
}

/** By RFC 7517. The key is known by its thumbprint (RFC 7638): the hash of its members that are required, in order. */
function showKeySet({ algorithm }: Signature, key: KeyObject): string {
  const { kty, crv, e, n, x, y } = key.export({ format: 'jwk' });
  const members = JSON.stringify({ crv, e, kty, n, x, y });
  const kid = createHash('sha256').update(members).digest('base64url');
  const alg = JWK_ALGORITHMS[algorithm];
  return JSON.stringify({ keys: [{ kty, crv, x, y, n, e, kid, use: 'sig', ...(alg && { alg }) }] }, null, 2);
}

/** RFC 7518 and 8037 have no name for RSA with SHA-1. */
const JWK_ALGORITHMS: Partial<Record<Signature['algorithm'], string>> = {
  ed25519: 'EdDSA',
  'ecdsa-p256-sha256': 'ES256',
  'rsa-sha256': 'RS256',
  'rsa-sha512': 'RS512',
  'rsa-pss-sha512': 'PS512',
};

/** The 32 bytes of an Ed25519 key; of an EC key its two coordinates; of an RSA key the modulus. */
function rawOf(key: KeyObject): string {
  const { x = '', y, n = x } = key.export({ format: 'jwk' });
  return y === undefined
    ? n
    : Buffer.concat([x, y].map((part) => Buffer.from(part, 'base64url'))).toString('base64url');
}
