import { X509Certificate } from 'node:crypto';
import { writeClaims, type ClaimedCertificate } from '../../model/certificate-claim.ts';
import { AppError } from '../../model/error.ts';
import type { Header } from '../../model/plan.ts';
import { CERTIFICATE_CLAIMS } from '../../vendors/certificate-claims.ts';
import { claimOf } from '../file/claimed-certificate.ts';
import type { UnauthorisedIdentities } from './visits.ts';

/** The bytes of headers that go out together: servers with the smallest bounds take 8 KiB for the whole head. */
const MAX_SET_BYTES = 6000;

/** Every header that is known, in as few sets as may go out. What one proxy tells stays together. */
export function setsOf(certificate: ClaimedCertificate): Header[][] {
  const sets: Header[][] = [];
  for (const { headers } of CERTIFICATE_CLAIMS) {
    const claims = writeClaims(headers, certificate);
    const room = sets.find((set) => hasRoom(set, claims));
    if (room === undefined) sets.push([...claims]);
    else room.push(...claims);
  }
  return sets;
}

/** `-` and `_` are the same to CGI and its like, which would join both values. */
const keyOf = ([name]: Header): string => name.toLowerCase().replaceAll('_', '-');

function hasRoom(set: readonly Header[], claims: readonly Header[]): boolean {
  const taken = new Set(set.map(keyOf));
  const bytes = [...set, ...claims].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  return bytes <= MAX_SET_BYTES && !claims.some((claim) => taken.has(keyOf(claim)));
}

/** The user's certificate or, where none was given, one made up: of the CA that the server knows, if there is one. */
export function chooseClaimed(
  [leaf, issuer]: readonly X509Certificate[],
  { impostors, selfSigned }: UnauthorisedIdentities,
): ClaimedCertificate {
  const made = (impostors[0] ?? selfSigned).cert ?? '';
  const invented = new X509Certificate(Buffer.from(made));
  try {
    return claimOf(leaf ?? invented, leaf === undefined ? null : (issuer ?? null));
  } catch (error) {
    // Its DER is one that lenient readers alone take.
    if (!(error instanceof AppError)) throw error;
    return claimOf(invented, null);
  }
}
