import type { X509Certificate } from 'node:crypto';
import { issuerNameOf, subjectNameOf, describeName, nameTheSame } from '../der.ts';
import { readDetails } from '../file/certificate-details.ts';

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
 * Follows the signatures from certificate number `position` of `sent` upward, as OpenSSL does: through what the server
 * trusts first, and through what is sent as long as it trusts none of it; of several issuers one whose dates are good.
 */
export function buildClientChain(
  sent: readonly X509Certificate[],
  position: number,
  clientCa: readonly X509Certificate[],
  nowMs: number,
): ClientChain | null {
  const leaf = sent[position];
  if (leaf === undefined) return null;
  const others = sent.filter((_, index) => index !== position);
  const path = [leaf];
  for (let last = leaf, isTrusted = false; !isSelfSigned(last) && path.length < MAX_PATH;) {
    const trusted = chooseIssuer(last, path, clientCa, nowMs);
    isTrusted ||= trusted !== undefined;
    const next = trusted ?? (isTrusted ? undefined : chooseIssuer(last, path, others, nowMs));
    if (next === undefined) break;
    path.push(next);
    last = next;
  }
  return { leaf, others, path, isWhole: isSelfSigned(path.at(-1) ?? leaf), hasCas: clientCa.length > 0 };
}

/** Of many with the name, the first few are tried. */
function chooseIssuer(
  last: X509Certificate,
  path: readonly X509Certificate[],
  among: readonly X509Certificate[],
  nowMs: number,
): X509Certificate | undefined {
  const named = among.filter((one) => !path.includes(one) && isNamedIssuer(last, one)).slice(0, MAX_PATH);
  const rank = (one: X509Certificate): number =>
    (matchesAuthority(last, one) ? 2 : 0) + (isCurrent(one, nowMs) ? 1 : 0);
  return named.toSorted((one, other) => rank(other) - rank(one)).find((one) => isSignedBy(last, one));
}

const isCurrent = (certificate: X509Certificate, nowMs: number): boolean => {
  const { notBefore, notAfter } = readDetails(certificate);
  return notBefore <= nowMs && nowMs <= notAfter;
};

/** What `certificate` says of its issuer (RFC 5280 §4.2.1.1) does not speak against `issuer`. */
function matchesAuthority(certificate: X509Certificate, issuer: X509Certificate): boolean {
  const { keyId, issuer: name, serialNumber } = readDetails(certificate).authority;
  const { subjectKeyId } = readDetails(issuer);
  const serial = serialNumber === null ? null : BigInt(`0x${serialNumber.toString('hex') || '0'}`);
  return (
    (keyId === null || subjectKeyId === null || keyId.equals(subjectKeyId)) &&
    (serial === null || serial === BigInt(`0x${issuer.serialNumber || '0'}`)) &&
    (name === null || nameTheSame(name, issuerNameOf(issuer)))
  );
}

/** OpenSSL ends a chain here: the name of its issuer is its own, and nothing says that another key signed it. */
export const isTakenForSelfSigned = (certificate: X509Certificate): boolean =>
  isNamedIssuer(certificate, certificate) && matchesAuthority(certificate, certificate);

/** The one that issued none of the others; the first when there is none. A longer file is no chain. */
export const findLeaf = (certificates: readonly X509Certificate[]): number => findLeaves(certificates)[0] ?? 0;

/** Each that issued none of the others, once; CAs last. */
export function findLeaves(certificates: readonly X509Certificate[]): number[] {
  const chain = certificates.slice(0, MAX_PATH);
  const leaves = chain.filter(
    (one, index) =>
      !chain.some((other) => other !== one && isSignedBy(other, one)) &&
      chain.findIndex((other) => sameCertificate(other, one)) === index,
  );
  const [cas, rest] = [leaves.filter(isMarkedCa), leaves.filter((one) => !isMarkedCa(one))];
  return [...rest, ...cas].map((one) => chain.indexOf(one));
}

export const isMarkedCa = (certificate: X509Certificate): boolean =>
  readDetails(certificate).basicConstraints?.ca === true;

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

export const isSelfSigned = (certificate: X509Certificate): boolean => isSignedBy(certificate, certificate);

export const sameCertificate = (one: X509Certificate, other: X509Certificate): boolean => one.raw.equals(other.raw);

/** `CN=Test CA, O=Example`; for a screen it must still be made safe. */
export const nameOf = (certificate: X509Certificate): string => describeName(subjectNameOf(certificate));
export const issuerOf = (certificate: X509Certificate): string => describeName(issuerNameOf(certificate));
