import { createPublicKey, type KeyObject } from 'node:crypto';
import { signerOf } from './key-signer.ts';
import { readName } from './name.ts';
import { Pkcs10CertificateRequestGenerator } from './x509.ts';

/** A certificate request (PKCS#10, RFC 2986) for this subject (DER) and private key, as PEM. */
export async function makeRequest(subject: Uint8Array, key: KeyObject): Promise<string> {
  const { key: privateKey, crypto } = signerOf(key);
  // The public key is only handed back to `crypto`, which has it already.
  const keys = { privateKey, publicKey: createPublicKey(key) as never };
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name: readName(subject), keys, signingAlgorithm: privateKey.algorithm as never },
    crypto,
  );
  return `${request.toString('pem').trim()}\n`;
}
