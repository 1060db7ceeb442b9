import { createPrivateKey } from 'node:crypto';
import { AppError } from '../../model/error.ts';
import type { PublicKeyAlgorithm, Signature } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import { isPublicKey } from '../../sign/scheme/sign-bytes.ts';
import { makePrivateKey, privateKeyOf } from '../../sign/scheme/keys.ts';
import { showPublicKey } from '../../sign/scheme/show-key.ts';
import { signatureOf } from '../../vendors/facts.ts';

/** A key pair to sign with in the vendor's place. */
export interface VendorKey {
  /** PEM. */
  privateKey: string;
  /** The public key as the vendor's users get it. */
  shown: string;
  form: NonNullable<Signature['keyShown']>;
}

const DAY_MS = 86_400_000;

/**
 * Makes a key pair for a vendor that signs with one, or shows that of a private key which is given.
 * @param given PEM, or as the vendor writes it; null makes one. Throws AppError `usage`.
 */
export async function makeVendorKey(vendor: Vendor, given: string | null, nowMs: number): Promise<VendorKey> {
  const spec = signatureOf(vendor);
  if (spec === null || !isPublicKey(spec.algorithm)) throw noKeyPair(vendor);
  const privateKey = given ?? makePrivateKey(spec.algorithm as PublicKeyAlgorithm);
  if (given !== null) privateKeyOf(spec, given);
  const form = spec.keyShown ?? 'spki-pem';
  if (form !== 'x509-pem') return { privateKey, form, shown: showPublicKey(spec, privateKey, form) };
  return { privateKey, form, shown: await certifyKey(privateKey, nowMs) };
}

/** A certificate of its own, for receivers that look for the key in one. */
export async function certifyKey(privateKey: string, nowMs: number): Promise<string> {
  const { commonName, issueCertificate } = await import('../../certs/create/issue-certificate.ts');
  const key = createPrivateKey(privateKey);
  const name = commonName('hookproof, in the place of a vendor');
  const certificate = await issueCertificate({
    subject: name,
    key,
    issuer: { name, key, keyId: null },
    notBeforeMs: nowMs - DAY_MS,
    notAfterMs: nowMs + 365 * DAY_MS,
    keyUsage: ['digitalSignature'],
  });
  return certificate.toString().trimEnd();
}

function noKeyPair({ title, signature }: Vendor): AppError {
  const why = signature.value === null ? 'signs nothing' : `signs with a shared secret (${signature.value.algorithm})`;
  return new AppError('usage', `${title} ${why}, so it has no key pair`, {
    hint: "its secret is any text in the vendor's format: --secret-env NAME",
  });
}
