import type { KeyObject, X509Certificate } from 'node:crypto';
import type { Conclusion, Finding } from '../../model/finding.ts';
import { CHECKS, makeProbeFinding } from '../checks.ts';
import { issuerNameOf, describeName, nameTheSame } from '../der.ts';
import type { ProbeResult } from '../probe/probe.ts';
import type { CertificateRequestMessage, TlsVersion } from '../probe/tls-messages.ts';
import { FIXES, fixFor, fixesFor } from '../server-fixes.ts';
import { abilityOfKey } from './key-ability.ts';

/** N1: is there a CertificateRequest in the handshake? A server that does not ask is sent no certificate. */
export function judgeRequestSeen(result: ProbeResult): Finding {
  const observed = result.reaction.text;
  const conclude = (conclusion: Conclusion): Finding => makeProbeFinding(CHECKS.N1, result, conclusion);
  if (result.reaction.kind === 'not-offered')
    return conclude({ status: 'skip', detail: 'the server does not speak this version', observed });
  if (result.requested === true) return conclude({ status: 'pass', detail: 'it does', observed: 'CertificateRequest' });
  if (result.renegotiated) {
    return conclude({
      status: 'warn',
      detail: 'not at first: it starts a second handshake after reading the request',
      expected: 'CertificateRequest in the first handshake',
      observed: 'renegotiation',
      ...fixFor('per-location'),
    });
  }
  if (result.requested === null)
    return conclude({ status: 'skip', detail: `the handshake did not get far enough: ${observed}`, observed });
  return conclude({
    status: 'fail',
    detail: 'it does not, so no client ever sends one',
    expected: 'CertificateRequest',
    observed: 'a handshake without it',
    ...fixFor('not-asked'),
  });
}

export interface CaListGiven {
  /** Leaf first, as it is sent; empty when no certificate was given. */
  chain: readonly X509Certificate[];
  /** Says why the vendor's TLS library sends nothing to a server that names other CAs; null when it does not care. */
  rule: { note?: string } | null;
}

const MAX_NAMES_SHOWN = 3;
const MAX_NAMES_OBSERVED = 20;

/** N2: does the server's list of acceptable CAs name an issuer of what is sent? */
export function judgeCaList(result: ProbeResult, given: CaListGiven): Finding {
  const { request } = result;
  return makeProbeFinding(
    CHECKS.N2,
    result,
    request === null ? { status: 'skip', detail: whyNoRequest(result) } : compareCaList(request.authorities, given),
  );
}

function compareCaList(authorities: readonly Buffer[], { chain, rule }: CaListGiven): Conclusion {
  if (authorities.length === 0)
    return { status: 'pass', detail: 'it names no CA, so any is allowed', observed: 'an empty list' };
  const listed = listAuthorities(authorities, MAX_NAMES_SHOWN);
  const observed = listAuthorities(authorities, MAX_NAMES_OBSERVED);
  if (chain.length === 0)
    return { status: 'skip', detail: `no certificate was given to compare with; it names ${listed}`, observed };

  const issuers = chain.map(issuerNameOf);
  const named = issuers.find((issuer) => authorities.some((name) => name.equals(issuer)));
  if (named !== undefined) return { status: 'pass', detail: `it names ${describeName(named)}`, observed };
  const expected = issuers
    .filter((issuer, index) => issuers.findIndex((one) => one.equals(issuer)) === index)
    .map(describeName)
    .join(' or ');
  const alike = issuers.find((issuer) => authorities.some((name) => nameTheSame(name, issuer)));
  if (alike !== undefined) {
    return {
      status: 'warn',
      detail:
        `it names ${describeName(alike)}, but encoded differently: a client that compares bytes sends no ` +
        'certificate',
      expected,
      observed,
      fix: 'give the server exactly the CA certificate that issued the client certificate',
      serverFixes: fixesFor('ca-list'),
    };
  }
  return {
    status: rule === null ? 'warn' : 'fail',
    detail:
      `it names ${listed}, none of which issued the certificate: ` +
      `${rule?.note ?? 'some clients (such as Java) then send no certificate'}`,
    expected,
    observed,
    fix: FIXES['ca-list'].fix,
    serverFixes: fixesFor('ca-list'),
  };
}

/** In quotes of their own: a name has commas in it. */
export function listAuthorities(names: readonly Buffer[], maxShown: number): string {
  const shown = names
    .slice(0, maxShown)
    .map((name) => `"${describeName(name)}"`)
    .join(', ');
  return names.length > maxShown ? `${shown} and ${names.length - maxShown} more` : shown;
}

const MAX_SCHEMES_SHOWN = 32;
/** What a server accepts after the changes of `key-type-refused`: they do not help a P-384 or Ed448 key. */
const SCHEMES_OF_FIX: ReadonlySet<number> = new Set([0x0403, 0x0809, 0x0804, 0x0401, 0x0807]);

/** N3: can a key of this kind sign so that the server accepts it? Null: only reports what the server accepts. */
export function judgeSignatureSchemes(result: ProbeResult, publicKey: KeyObject | null): Finding {
  const { request, version } = result;
  return makeProbeFinding(
    CHECKS.N3,
    result,
    request === null ? { status: 'skip', detail: whyNoRequest(result) } : compareSchemes(request, version, publicKey),
  );
}

function compareSchemes(
  request: CertificateRequestMessage,
  version: TlsVersion,
  publicKey: KeyObject | null,
): Conclusion {
  const accepted = listNames(request.signatureSchemes, nameScheme);
  const types =
    request.certificateTypes === null
      ? ''
      : `; certificate types ${listNames(request.certificateTypes, nameCertificateType)}`;
  const observed = `${accepted}${types}`;
  if (publicKey === null)
    return {
      status: 'pass',
      detail: `it accepts ${listNames(request.signatureSchemes, nameScheme, 3)}`,
      observed,
    };

  const { kind, schemes, certificateType } = abilityOfKey(publicKey, version);
  const shared = request.signatureSchemes.filter((scheme) => schemes.includes(scheme));
  const isTypeAccepted = request.certificateTypes?.includes(certificateType) ?? true;
  if (shared.length > 0 && isTypeAccepted)
    return { status: 'pass', detail: `${kind} keys sign with ${listNames(shared, nameScheme, 2)}`, observed };
  const usable = schemes.length === 0 ? 'no scheme of this version' : listNames(schemes, nameScheme);
  const expected = isTypeAccepted ? usable : `${usable}; certificate type ${nameCertificateType(certificateType)}`;
  // A server may be set up for other curves on TLS 1.2, and does not say so.
  const mayStillDo = version === 'TLSv1.2' && publicKey.asymmetricKeyType === 'ec' && schemes.length === 0;
  return { status: mayStillDo ? 'warn' : 'fail', expected, observed, ...explainSchemes(kind, schemes) };
}

function explainSchemes(kind: string, schemes: readonly number[]): Pick<Conclusion, 'detail' | 'fix' | 'serverFixes'> {
  const [first] = schemes;
  if (first === undefined)
    return {
      detail: `${kind} keys cannot sign a handshake of this version that a default OpenSSL server accepts`,
      fix: 'use a certificate with an RSA or EC P-256 key',
    };
  return {
    detail: `it accepts no signature scheme of ${kind} keys, so the client does not send the certificate`,
    fix: `use a certificate with another type of key, or let the server accept ${nameScheme(first)}`,
    serverFixes: schemes.some((scheme) => SCHEMES_OF_FIX.has(scheme)) ? fixesFor('key-type-refused') : [],
  };
}

function listNames(
  numbers: readonly number[],
  nameOf: (value: number) => string,
  maxShown = MAX_SCHEMES_SHOWN,
): string {
  const shown = numbers.slice(0, maxShown).map(nameOf).join(', ');
  const more = numbers.length - maxShown;
  return numbers.length === 0 ? 'none' : more > 0 ? `${shown} and ${more} more` : shown;
}

/** Why there is no CertificateRequest that could be judged. */
export function whyNoRequest(result: ProbeResult): string {
  if (result.reaction.kind === 'not-offered') return 'the server does not speak this version';
  if (result.renegotiated) return 'the server asks in a second handshake, which is encrypted';
  if (result.requested === false) return 'the server does not ask for a certificate';
  if (result.requested === null) return `the handshake did not get far enough: ${result.reaction.text}`;
  return 'the server asks for a certificate, but its request could not be parsed';
}

/** RFC 8446 §4.2.3; brainpool: RFC 8734; the pairs with SHA-224: RFC 5246 §7.4.1.4.1. */
const SCHEME_NAME: Readonly<Record<number, string>> = {
  0x0201: 'rsa_pkcs1_sha1',
  0x0301: 'rsa_pkcs1_sha224',
  0x0401: 'rsa_pkcs1_sha256',
  0x0501: 'rsa_pkcs1_sha384',
  0x0601: 'rsa_pkcs1_sha512',
  0x0203: 'ecdsa_sha1',
  0x0303: 'ecdsa_sha224',
  0x0403: 'ecdsa_secp256r1_sha256',
  0x0503: 'ecdsa_secp384r1_sha384',
  0x0603: 'ecdsa_secp521r1_sha512',
  0x0202: 'dsa_sha1',
  0x0302: 'dsa_sha224',
  0x0402: 'dsa_sha256',
  0x0502: 'dsa_sha384',
  0x0602: 'dsa_sha512',
  0x0804: 'rsa_pss_rsae_sha256',
  0x0805: 'rsa_pss_rsae_sha384',
  0x0806: 'rsa_pss_rsae_sha512',
  0x0807: 'ed25519',
  0x0808: 'ed448',
  0x0809: 'rsa_pss_pss_sha256',
  0x080a: 'rsa_pss_pss_sha384',
  0x080b: 'rsa_pss_pss_sha512',
  0x081a: 'ecdsa_brainpoolP256r1tls13_sha256',
  0x081b: 'ecdsa_brainpoolP384r1tls13_sha384',
  0x081c: 'ecdsa_brainpoolP512r1tls13_sha512',
};

/** RFC 5246 §7.4.4, RFC 8422 §5.5 */
const CERTIFICATE_TYPE_NAME: Readonly<Record<number, string>> = {
  1: 'rsa_sign',
  2: 'dss_sign',
  3: 'rsa_fixed_dh',
  4: 'dss_fixed_dh',
  64: 'ecdsa_sign',
  65: 'rsa_fixed_ecdh',
  66: 'ecdsa_fixed_ecdh',
};

const nameScheme = (scheme: number): string => SCHEME_NAME[scheme] ?? `0x${scheme.toString(16).padStart(4, '0')}`;
const nameCertificateType = (type: number): string => CERTIFICATE_TYPE_NAME[type] ?? String(type);
