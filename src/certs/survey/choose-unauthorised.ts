import type { KeyObject, X509Certificate } from 'node:crypto';
import { AppError } from '../../model/error.ts';
import { KEY_TYPES, type KeyType } from '../create/make-key.ts';
import type { Disguise, ImpostorVariant, WRONGS } from '../create/unauthorised-certificates.ts';
import { issuerNameOf, subjectNameOf } from '../der.ts';
import type { Identity, ProbeResult } from '../probe/probe.ts';
import type { CertificateRequestMessage } from '../probe/tls-messages.ts';
import {
  type AddressVisits,
  type SurveyCaller,
  type UnauthorisedIdentities,
  type Visits,
  asks,
  isSpoken,
} from './visits.ts';

const IMPOSTORS = ['forged-signature', 'unknown-issuer'] as const satisfies readonly ImpostorVariant[];

/**
 * A self-signed certificate, and those of an impostor CA: named as the CA that was given, as the issuer of the user's
 * certificate, or as the first one on the server's own list. All look like the user's certificate as far as they can.
 */
export async function chooseUnauthorised(
  nowMs: number,
  certificates: readonly X509Certificate[],
  clientCa: readonly X509Certificate[],
  seen: readonly AddressVisits[],
): Promise<UnauthorisedIdentities> {
  const { makeSelfSigned } = await import('../create/unauthorised-certificates.ts');
  const requests = seen.flatMap(({ visits }) =>
    visits.flatMap(({ without }) => (without.request === null ? [] : [without.request])),
  );
  const disguise: Disguise = { like: certificates[0] ?? null, keyType: keyTypeFor(requests) };
  const ca = clientCa[0] ?? null;
  const [selfSigned, impostors] = await Promise.all([
    makeSelfSigned(nowMs, disguise),
    makeImpostors(nowMs, disguise, ca, certificates.at(-1) ?? null, requests).catch(noneWhenUnusable),
  ]);
  return { selfSigned, impostors };
}

/** A name may come from the server's list and be malformed. That must not end the diagnosis. */
function noneWhenUnusable(error: unknown): [] {
  if (error instanceof AppError) return [];
  throw error;
}

async function makeImpostors(
  nowMs: number,
  disguise: Disguise,
  ca: X509Certificate | null,
  last: X509Certificate | null,
  requests: readonly CertificateRequestMessage[],
): Promise<Identity[]> {
  const { issuerKeyType, makeImpostor } = await import('../create/unauthorised-certificates.ts');
  const issuerName =
    ca !== null
      ? subjectNameOf(ca)
      : last !== null
        ? issuerNameOf(last)
        : requests.flatMap(({ authorities }) => authorities)[0];
  if (issuerName === undefined) return [];
  const caKeyType = ca !== null ? keyTypeOf(ca) : last !== null ? issuerKeyType(last) : null;
  return Promise.all(
    IMPOSTORS.map((variant) =>
      makeImpostor(nowMs, { ...disguise, issuerName, variant, caKeyType: caKeyType ?? undefined }),
    ),
  );
}

/** Null for kinds of keys that cannot be made here. */
function keyTypeOf({ publicKey }: X509Certificate): KeyType | null {
  return KEY_TYPES.find((type) => type === publicKey.asymmetricKeyType) ?? null;
}

/**
 * One scheme that each kind of key signs with on both versions (RFC 8446 §4.2.3); the first is the quickest to make.
 */
const SCHEMES = { ec: 0x0403, ed25519: 0x0807, rsa: 0x0804 } as const satisfies Record<KeyType, number>;

/** A kind of key that every handshake seen accepts: a certificate that cannot go out proves nothing. */
function keyTypeFor(requests: readonly CertificateRequestMessage[]): KeyType {
  const types = Object.keys(SCHEMES) as KeyType[];
  return (
    types.find((type) => requests.every(({ signatureSchemes }) => signatureSchemes.includes(SCHEMES[type]))) ?? 'rsa'
  );
}

export interface WronglyIssued {
  /** `an expired certificate` */
  what: string;
  result: ProbeResult;
  visits: Visits;
}

const WHAT: Record<(typeof WRONGS)[number], string> = {
  expired: 'an expired certificate',
  'not-yet-valid': 'a not yet valid certificate',
  'server-only': 'a server-only certificate',
};

interface IssuingCa {
  clientCa: readonly X509Certificate[];
  /** Of the first of `clientCa`. */
  clientCaKey: KeyObject | null;
  /** The user's certificate, whose name they get. */
  certificates: readonly X509Certificate[];
  nowMs: number;
}

interface WrongIdentity {
  what: string;
  identity: Identity;
}

/** Of each kind one; none without the CA and its key. Throws AppError `input` for a key that is not the CA's. */
export async function issueWrongly({
  clientCa,
  clientCaKey,
  certificates,
  nowMs,
}: IssuingCa): Promise<WrongIdentity[]> {
  const [[cert], [leaf]] = [clientCa, certificates];
  if (cert === undefined || clientCaKey === null) return [];
  const { issueByCa, WRONGS: wrongs } = await import('../create/unauthorised-certificates.ts');
  const subjectName = leaf === undefined ? null : subjectNameOf(leaf);
  return Promise.all(
    wrongs.map(async (wrong) => ({
      what: WHAT[wrong],
      identity: await issueByCa({ cert, key: clientCaKey }, wrong, nowMs, subjectName),
    })),
  );
}

/** Shows them to the endpoint, on each version on which it asks for a certificate. */
export async function tryWronglyIssued(
  first: AddressVisits,
  wrong: readonly WrongIdentity[],
  { prober, request }: SurveyCaller,
): Promise<WronglyIssued[]> {
  const asked = first.visits.filter((visit) => isSpoken(visit) && asks(visit));
  const calls = wrong.flatMap(({ what, identity }) =>
    asked.map(async (visits) => ({
      what,
      visits,
      result: await prober.probe(first.address, `with ${what}`, { version: visits.without.version, identity, request }),
    })),
  );
  return Promise.all(calls);
}
