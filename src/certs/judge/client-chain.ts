import type { X509Certificate } from 'node:crypto';
import { issuerNameOf, subjectNameOf, describeName, nameTheSame } from '../der.ts';

export interface ClientChain {
  leaf: X509Certificate;
  /** What goes out with it, the leaf left out, in the order of the file. */
  others: readonly X509Certificate[];
  /** From the leaf upward, each signed by the next; ends with a root, or where the next is not at hand. */
  path: readonly X509Certificate[];
  /** The last of `path` is a root: signed by itself. */
  isWhole: boolean;
  /** The server's CAs were given, so what is not at hand is missing: it is neither sent nor trusted. */
  hasCas: boolean;
}

/** No real chain is longer, and a hostile file must not cost much time. */
const MAX_PATH = 12;

/**
 * Follows the signatures from certificate number `position` of `sent` upward, through what is sent and then `clientCa`.
 */
export function buildClientChain(
  sent: readonly X509Certificate[],
  position: number,
  clientCa: readonly X509Certificate[],
): ClientChain | null {
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
  return { leaf, others, path, isWhole: isSelfSigned(path.at(-1) ?? leaf), hasCas: clientCa.length > 0 };
}

/** The one that issued none of the others; the first when there is none. A longer file is no chain. */
export function findLeaf(certificates: readonly X509Certificate[]): number {
  const chain = certificates.slice(0, MAX_PATH);
  const leaf = chain.findIndex((one) => !chain.some((other) => other !== one && isSignedBy(other, one)));
  return Math.max(0, leaf);
}

/**
 * Where among `certificates` the issuer of `certificate` stands; -1 when it does not. Of many with its name, the first
 * few are tried.
 */
export function findIssuerPosition(certificate: X509Certificate, certificates: readonly X509Certificate[]): number {
  const named = certificates
    .filter((one) => !sameCertificate(one, certificate) && isNamedIssuer(certificate, one))
    .slice(0, MAX_PATH);
  const issuer = named.find((one) => isSignedBy(certificate, one));
  return issuer === undefined ? -1 : certificates.indexOf(issuer);
}

/** The issuer has the name that `certificate` gives its issuer. */
export function isNamedIssuer(certificate: X509Certificate, issuer: X509Certificate): boolean {
  const [wanted, has] = [namesOf(certificate).issuer, namesOf(issuer).subject];
  if (wanted.raw.equals(has.raw)) return true;
  // In a large file every certificate is compared with every other.
  return wanted.folded === has.folded && nameTheSame(wanted.raw, has.raw);
}

interface ReadName {
  raw: Buffer;
  folded: string;
}

const readNames = new WeakMap<X509Certificate, Record<'issuer' | 'subject', ReadName>>();

function namesOf(certificate: X509Certificate): Record<'issuer' | 'subject', ReadName> {
  const known = readNames.get(certificate);
  if (known !== undefined) return known;
  const names = { issuer: foldName(issuerNameOf(certificate)), subject: foldName(subjectNameOf(certificate)) };
  readNames.set(certificate, names);
  return names;
}

const foldName = (raw: Buffer): ReadName => ({ raw, folded: describeName(raw).replaceAll(/\s+/g, '').toLowerCase() });

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

/**
 * An issuer is here by its name, and no certificate of that name made the signature: somebody else's key did. Of many
 * with the name, the first few are tried.
 */
export function isForged(certificate: X509Certificate, among: readonly X509Certificate[]): boolean {
  return (
    among.some((one) => isNamedIssuer(certificate, one)) &&
    !isSelfSigned(certificate) &&
    findIssuerPosition(certificate, among) === -1
  );
}

export const isSelfSigned = (certificate: X509Certificate): boolean => isSignedBy(certificate, certificate);

export const sameCertificate = (one: X509Certificate, other: X509Certificate): boolean => one.raw.equals(other.raw);

/** `CN=Test CA, O=Example`; for a screen it must still be made safe. */
export const nameOf = (certificate: X509Certificate): string => describeName(subjectNameOf(certificate));
export const issuerOf = (certificate: X509Certificate): string => describeName(issuerNameOf(certificate));

/** `2 intermediates`, `1 day` */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const MAX_LISTED = 5;

/** The first few of what may be a thousand. */
export function listSome(texts: readonly string[]): string {
  const more = texts.length > MAX_LISTED ? [`and ${texts.length - MAX_LISTED} more`] : [];
  return [...texts.slice(0, MAX_LISTED), ...more].join('; ');
}
