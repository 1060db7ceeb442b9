import type { KeyObject } from 'node:crypto';
import type { Finding, Fix } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { makeFinding } from './finding.ts';
import { abilityOfKey, nameCertificateType, nameScheme } from './signature-schemes.ts';
import { whyNoRequest } from './why-no-request.ts';

const MAX_SCHEMES_SHOWN = 32;

/** N3: can a key of this kind sign so that the server takes it? Null: only what the server takes is told. */
export function judgeSignatureSchemes(result: ProbeResult, publicKey: KeyObject | null): Finding {
  const conclude = (conclusion: Parameters<typeof makeFinding>[2]): Finding => makeFinding(CHECKS.N3, result.version, conclusion, result.durationMs);
  const { request } = result;
  if (request === null) return conclude({ status: 'skip', detail: whyNoRequest(result) });
  const taken = listNames(request.signatureSchemes, nameScheme);
  const types = request.certificateTypes === null ? '' : `; certificate types ${listNames(request.certificateTypes, nameCertificateType)}`;
  const observed = `${taken}${types}`;
  if (publicKey === null) return conclude({ status: 'pass', detail: `it takes ${taken}`, observed });

  const { kind, schemes, certificateType } = abilityOfKey(publicKey, result.version);
  const shared = request.signatureSchemes.filter((scheme) => schemes.includes(scheme));
  const isTypeTaken = request.certificateTypes?.includes(certificateType) ?? true;
  if (shared.length > 0 && isTypeTaken) return conclude({ status: 'pass', detail: `${kind} keys sign with ${listNames(shared, nameScheme)}`, observed });
  const expected = `${schemes.length === 0 ? 'no scheme of this version' : listNames(schemes, nameScheme)}${isTypeTaken ? '' : `; certificate type ${nameCertificateType(certificateType)}`}`;
  return conclude({
    status: 'fail',
    detail: schemes.length === 0 ? `${kind} keys cannot sign a handshake of this version at all` : `it takes none of what ${kind} keys sign with, so the certificate does not go out`,
    expected,
    observed,
    advice: schemes.length === 0 ? 'use a certificate with an RSA or EC P-256 key' : `use a certificate with a key of another kind, or let the server take ${listNames(schemes.slice(0, 1), nameScheme)}`,
    fixes: schemes.length === 0 ? [] : fixesFor([...request.signatureSchemes, ...schemes]),
  });
}

function listNames(numbers: readonly number[], nameOf: (value: number) => string): string {
  const shown = numbers.slice(0, MAX_SCHEMES_SHOWN).map(nameOf).join(', ');
  const more = numbers.length - MAX_SCHEMES_SHOWN;
  return numbers.length === 0 ? 'none' : more > 0 ? `${shown} and ${more} more` : shown;
}

/** The servers whose list can be set: Caddy takes that of Go, which knows every kind but Ed448. */
function fixesFor(schemes: readonly number[]): Fix[] {
  const list = [...new Set(schemes)].map(opensslName).filter((name) => name !== null).join(':');
  return [
    { server: 'nginx', change: `ssl_conf_command ClientSignatureAlgorithms ${list};` },
    { server: 'apache', change: `SSLOpenSSLConfCmd ClientSignatureAlgorithms ${list}` },
    { server: 'haproxy', change: `bind … client-sigalgs ${list}   # HAProxy 2.8 or later` },
  ];
}

/** As SSL_CONF_cmd(3) of every OpenSSL since 1.1.1 spells it. */
function opensslName(scheme: number): string | null {
  const name = nameScheme(scheme);
  const pair = /^(rsa)_pkcs1_(sha\d+)$|^(ecdsa|dsa)_(?:secp\d+r1_)?(sha\d+)$/.exec(name);
  if (pair !== null) return `${(pair[1] ?? pair[3] ?? '').toUpperCase()}+${(pair[2] ?? pair[4] ?? '').toUpperCase()}`;
  return /^rsa_pss|^ed/.test(name) ? name : null;
}
