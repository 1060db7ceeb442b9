import type { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { type Conclusion, type Finding, makeFinding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { readCertificateNames } from '../der.ts';
import { fixFor } from '../server-fixes.ts';
import type { AddressVisits } from '../survey/visits.ts';
import { whyNoRequest, listAuthorities } from './handshake.ts';

export interface ClientTrust {
  /** The user's certificate as it goes out, leaf first; empty without one. */
  certificates: readonly X509Certificate[];
  /** What the server trusts for clients, as far as the user gave it. */
  clientCa: readonly X509Certificate[];
}

const MAX_NAMES_SHOWN = 3;

/**
 * N5: whom else does the server trust? Everybody can get a certificate of a public CA, so beside the user's own none
 * may stand on its list, nor in the CA file that the user gave. Where neither is known it cannot be seen.
 */
export function judgePublicAuthorities(addresses: readonly AddressVisits[], trust: ClientTrust): Finding {
  const results = addresses.flatMap(({ visits }) => visits.map(({ without }) => without));
  const durationMs = Math.max(0, ...results.map((result) => result.durationMs));
  const listed = results.flatMap(({ request }) => request?.authorities ?? []);
  const names = unique([...listed, ...subjectsOf(trust.clientCa)]);
  const conclude = (conclusion: Conclusion): Finding => makeFinding(CHECKS.N5, { durationMs, ...conclusion });
  if (names.length === 0) {
    const first = results.find(({ reaction }) => reaction.kind !== 'not-offered');
    const isAsked = results.some(({ request }) => request !== null);
    const detail =
      isAsked || first === undefined
        ? 'it sends no list, so the CAs it trusts are unknown: give its CA file with --client-ca'
        : whyNoRequest(first);
    return conclude({ status: 'skip', detail });
  }
  const own = ownNames(trust);
  const roots = publicRoots();
  const open = names.filter((name) => roots.has(keyOf(name)) && !own.has(keyOf(name)));
  if (open.length === 0)
    return conclude({ status: 'pass', detail: 'no known public CA', observed: listAuthorities(names, 20) });
  const shown = listAuthorities(open, MAX_NAMES_SHOWN);
  return conclude({
    status: 'fail',
    detail: `its CA list contains public CAs (${shown}): anyone with a client certificate from them is accepted`,
    expected: "only the callers' CA",
    observed: listAuthorities(open, 20),
    ...fixFor('public-ca'),
  });
}

/** The CAs that the user means: those that lead from the given certificate to a root, or the one CA that was named. */
function ownNames({ certificates, clientCa }: ClientTrust): ReadonlySet<string> {
  const authorities = namesOf(clientCa);
  const isNamed = certificates.length === 0 && authorities.length === 1;
  const own = new Set(
    [...namesOf(certificates).map(({ issuer }) => issuer), ...(isNamed ? subjectsOf(clientCa) : [])].map(keyOf),
  );
  for (let before = -1; before !== own.size;) {
    before = own.size;
    for (const { subject, issuer } of authorities) if (own.has(keyOf(subject))) own.add(keyOf(issuer));
  }
  return own;
}

const namesOf = (certificates: readonly X509Certificate[]): { issuer: Buffer; subject: Buffer }[] =>
  certificates.flatMap(({ raw }) => readCertificateNames(raw) ?? []);
const subjectsOf = (certificates: readonly X509Certificate[]): Buffer[] =>
  namesOf(certificates).map(({ subject }) => subject);

/** Names are compared as raw DER: a bundle of the system holds the same certificates as Node. */
const keyOf = (name: Buffer): string => name.toString('latin1');

const unique = (names: readonly Buffer[]): Buffer[] => [...new Map(names.map((name) => [keyOf(name), name])).values()];

/** The subjects of the roots that Node trusts. */
function publicRoots(): ReadonlySet<string> {
  const ders = rootCertificates.map((pem) => Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64'));
  return new Set(ders.flatMap((der) => readCertificateNames(der)?.subject ?? []).map(keyOf));
}
