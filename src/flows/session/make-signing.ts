import { createHmac } from 'node:crypto';
import type { Signature } from '../../model/vendor.ts';
import type { KeyForm, Signing } from '../../receive/receiver-behaviour.ts';
import { computeDigest } from '../../sign/signature.ts';
import { verifyRequest } from '../../sign/verify.ts';

/** How a receiver that holds `secret` judges signatures, and the digests that one computes which gets it wrong. */
export function makeSigning(spec: Signature, secret: string): Signing {
  return {
    verify: (headers, body, nowMs) => verifyRequest(spec, secret, headers, body, nowMs).verdict,
    digest: (body, { timestamp = '', key = 'whole', algorithm = spec.algorithm } = {}) => {
      if (key === 'whole' && algorithm === spec.algorithm) return computeDigest(spec, secret, body, timestamp);
      const hmac = createHmac(algorithm, keyBytes(secret, spec, key));
      for (const part of spec.message)
        hmac.update(part === 'body' ? body : part === 'timestamp' ? timestamp : part.text);
      return hmac.digest('hex');
    },
  };
}

function keyBytes(secret: string, { secretPrefix = '' }: Signature, form: KeyForm): Uint8Array {
  const bare = secretPrefix !== '' && secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret;
  if (form === 'whole') return Buffer.from(secret, 'utf8');
  return form === 'without-prefix' ? Buffer.from(bare, 'utf8') : Buffer.from(bare, 'base64');
}
