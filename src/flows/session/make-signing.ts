import type { ChallengeProof } from '../../model/handshake.ts';
import { calledUrl } from '../../model/http-url.ts';
import type { Hash, Signature, SignatureAlgorithm } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { ComputeOptions, KeyMistake, SignedRequestParts, Signing } from '../../receive/receiver-behaviour.ts';
import { computeSignature } from '../../sign/scheme/compute.ts';
import { calledUnder, type SignedSubject } from '../../sign/scheme/message.ts';
import { verifyRequest } from '../../sign/verify.ts';
import { idHeaderOf, readsUrl } from '../../vendors/facts.ts';

/** How a receiver that holds `secret` judges signatures, and those that one computes which gets it wrong. */
export function makeSigning(vendor: Vendor, spec: Signature, secret: string): Signing {
  const subjectOf = (request: SignedRequestParts): SignedSubject => ({
    ...request,
    ...calledUnder(readsUrl(vendor) ? calledUrl(request, request.isSecure) : null),
    idHeader: idHeaderOf(vendor),
  });
  return {
    verify: (request, nowMs) => verifyRequest(spec, secret, subjectOf(request), nowMs).verdict,
    prove: (proof, challenge) => proveChallenge(proof, secret, challenge),
    compute: (request, { timestamp, ...mistakes } = {}) =>
      computeSignature(mistaken(spec, mistakes), secret, subjectOf(request), timestamp),
  };
}

/** The challenge of a handshake, signed with the secret. */
export function proveChallenge(proof: ChallengeProof, secret: string, challenge: string): string {
  const spec: Signature = { ...proof, message: ['body'], at: { header: '' }, format: '{v}' };
  const body = Buffer.from(challenge, 'utf8');
  return computeSignature(spec, secret, { method: 'POST', url: null, headers: [], body });
}

/** The grammar as somebody reads it who gets the key or the hash wrong. */
export function mistaken(spec: Signature, { key, hash }: Pick<ComputeOptions, 'key' | 'hash'>): Signature {
  if (key === undefined && hash === undefined) return spec;
  return {
    ...spec,
    algorithm: withHash(spec.algorithm, hash),
    key: key === undefined ? spec.key : mistakenKey(spec, key),
  };
}

function withHash(algorithm: SignatureAlgorithm, hash: Hash | undefined): SignatureAlgorithm {
  if (hash === undefined) return algorithm;
  return algorithm.startsWith('hmac-') ? `hmac-${hash}` : hash;
}

function mistakenKey({ key }: Signature, mistake: KeyMistake): Signature['key'] {
  return { encoding: mistake === 'base64-decoded' ? 'base64' : 'utf8', prefix: key?.prefix };
}
