import type { X509Certificate } from 'node:crypto';
import { issuerNameOf, subjectNameOf } from '../read-der.ts';
import { describeName, nameTheSame } from '../read-name.ts';

/** A certificate and those above it, as far as they are at hand. */
export interface ClientChain {
  leaf: X509Certificate;
  /** What goes out with it, the leaf left out, in the order of the file. */
  others: readonly X509Certificate[];
  /** From the leaf upward, each signed by the next; ends with a root, or where the next is not at hand. */
  path: readonly X509Certificate[];
  /** The last of `path` is a root: signed by itself. */
  isWhole: boolean;
}

/** No real chain is longer; a made-up one must not keep us busy. */
const MAX_PATH = 12;

/** Follows the signatures from certificate number `position` of `sent` upward, through what is sent and then `clientCa`. */
export function buildClientChain(sent: readonly X509Certificate[], position: number, clientCa: readonly X509Certificate[]): ClientChain | null {
  const leaf = sent[position];
  if (leaf === undefined) return null;
  const others = sent.filter((_, index) => index !== position);
  const path = [leaf];
  for (let last = leaf; !isSelfSigned(last) && path.length < MAX_PATH;) {
    const next = [...others, ...clientCa].find((one) => !path.includes(one) && isSignedBy(last, one));
    if (next === undefined) break;
    path.push(next);
    last = next;
  }
  return { leaf, others, path, isWhole: isSelfSigned(path.at(-1) ?? leaf) };
}

/** The one that issued none of the others: the first when it cannot be told. */
export function findLeaf(certificates: readonly X509Certificate[]): number {
  const leaf = certificates.findIndex((one) => !certificates.some((other) => other !== one && isSignedBy(other, one)));
  return Math.max(0, leaf);
}

/** The issuer has the name that `certificate` gives its issuer. */
export const isNamedIssuer = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  issuerNameOf(certificate).equals(subjectNameOf(issuer)) || nameTheSame(issuerNameOf(certificate), subjectNameOf(issuer));

/** It has that name, and its key made the signature. */
export function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  if (!isNamedIssuer(certificate, issuer)) return false;
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // A key of a kind that OpenSSL does not know.
    return false;
  }
}

export const isSelfSigned = (certificate: X509Certificate): boolean => isSignedBy(certificate, certificate);

export const sameCertificate = (one: X509Certificate, other: X509Certificate): boolean => one.raw.equals(other.raw);

/** `CN=Test CA, O=Example`; for a screen it must still be made safe. */
export const nameOf = (certificate: X509Certificate): string => describeName(subjectNameOf(certificate));
export const issuerOf = (certificate: X509Certificate): string => describeName(issuerNameOf(certificate));

/** `2 intermediates`, `1 day` */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
