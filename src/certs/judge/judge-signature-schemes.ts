import type { KeyObject } from 'node:crypto';
import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { fixesFor } from '../server-fixes.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { makeFinding } from './finding.ts';
import { abilityOfKey, nameCertificateType, nameScheme } from './signature-schemes.ts';
import { whyNoRequest } from './why-no-request.ts';

const MAX_SCHEMES_SHOWN = 32;
/** What the changes of `key-type-not-taken` let a server take: they do not help a key for P-384, or Ed448. */
const MENDED: ReadonlySet<number> = new Set([0x0403, 0x0809, 0x0804, 0x0401, 0x0807]);

/** N3: can a key of this kind sign so that the server takes it? Null: only what the server takes is told. */
export function judgeSignatureSchemes(result: ProbeResult, publicKey: KeyObject | null): Finding {
  const conclude = (conclusion: Parameters<typeof makeFinding>[2]): Finding =>
    makeFinding(CHECKS.N3, result.version, conclusion, result.durationMs);
  const { request } = result;
  if (request === null) return conclude({ status: 'skip', detail: whyNoRequest(result) });
  const taken = listNames(request.signatureSchemes, nameScheme);
  const types =
    request.certificateTypes === null
      ? ''
      : `; certificate types ${listNames(request.certificateTypes, nameCertificateType)}`;
  const observed = `${taken}${types}`;
  if (publicKey === null)
    return conclude({
      status: 'pass',
      detail: `it takes ${listNames(request.signatureSchemes, nameScheme, 3)}`,
      observed,
    });

  const { kind, schemes, certificateType } = abilityOfKey(publicKey, result.version);
  const shared = request.signatureSchemes.filter((scheme) => schemes.includes(scheme));
  const isTypeTaken = request.certificateTypes?.includes(certificateType) ?? true;
  if (shared.length > 0 && isTypeTaken)
    return conclude({ status: 'pass', detail: `${kind} keys sign with ${listNames(shared, nameScheme, 2)}`, observed });
  const expected = `${schemes.length === 0 ? 'no scheme of this version' : listNames(schemes, nameScheme)}${isTypeTaken ? '' : `; certificate type ${nameCertificateType(certificateType)}`}`;
  return conclude({
    status: 'fail',
    detail:
      schemes.length === 0
        ? `${kind} keys cannot sign a handshake of this version at all`
        : `it takes none of what ${kind} keys sign with, so the certificate does not go out`,
    expected,
    observed,
    fix:
      schemes.length === 0
        ? 'use a certificate with an RSA or EC P-256 key'
        : `use a certificate with a key of another kind, or let the server take ${listNames(schemes.slice(0, 1), nameScheme)}`,
    serverFixes: schemes.some((scheme) => MENDED.has(scheme)) ? fixesFor('key-type-not-taken') : [],
  });
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
