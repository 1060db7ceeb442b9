import { createPublicKey, sign, webcrypto, type KeyObject } from 'node:crypto';
import { AppError } from '../../model/error.ts';

/** A key as @peculiar/x509 takes one, and the WebCrypto to use it with. */
export interface Signer {
  key: webcrypto.CryptoKey;
  crypto: webcrypto.Crypto;
}

interface Algorithm {
  name: string;
  hash?: string;
  namedCurve?: string;
  saltLength?: number;
}

/** OpenSSL's names of the curves, and WebCrypto's. */
const CURVES: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/**
 * Lets the library sign with a key of node:crypto, with SHA-256. Its own way is WebCrypto, which on Node 20 warns on
 * stderr that Ed25519 is experimental. Throws AppError `input` for a key that cannot sign certificates here.
 */
export function signerOf(key: KeyObject): Signer {
  const algorithm = algorithmOf(key);
  const digest = algorithm.hash === undefined ? null : 'sha256';
  const subtle = {
    exportKey: async () => createPublicKey(key).export({ type: 'spki', format: 'der' }),
    sign: async (_: unknown, __: unknown, bytes: ArrayBuffer) =>
      sign(digest, new Uint8Array(bytes), {
        key,
        dsaEncoding: 'ieee-p1363',
        ...(algorithm.saltLength === undefined ? {} : { saltLength: algorithm.saltLength }),
      }),
  };
  return {
    key: { algorithm, type: 'private' } as unknown as webcrypto.CryptoKey,
    crypto: { subtle, getRandomValues: webcrypto.getRandomValues.bind(webcrypto) } as unknown as webcrypto.Crypto,
  };
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): Algorithm {
  const curve = CURVES[details?.namedCurve ?? ''];
  if (type === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (type === 'rsa-pss') return { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 };
  if (type === 'ec' && curve !== undefined) return { name: 'ECDSA', hash: 'SHA-256', namedCurve: curve };
  if (type === 'ed25519') return { name: 'Ed25519' };
  if (type === 'ed448') return { name: 'EdDSA', namedCurve: 'Ed448' };
  throw new AppError(
    'input',
    `a key of the kind ${details?.namedCurve ?? type ?? 'secret'} cannot sign certificates here`,
    {
      hint: 'RSA, P-256, P-384, P-521, Ed25519 and Ed448 keys can',
    },
  );
}
