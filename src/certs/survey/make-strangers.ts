import type { X509Certificate } from 'node:crypto';
import type { AddressVisits } from '../judge/judge-addresses.ts';
import type { ImpostorVariant } from '../create/make-strangers.ts';
import { KEY_TYPES, type KeyType } from '../create/make-key.ts';
import { AppError } from '../../model/error.ts';
import type { Identity } from '../probe/probe-endpoint.ts';
import { issuerNameOf, subjectNameOf } from '../der/read-der.ts';

const IMPOSTORS = ['forged-signature', 'unknown-issuer'] as const satisfies readonly ImpostorVariant[];

/** Callers who must be refused. */
export interface Strangers {
  selfSigned: Identity;
  /** Of CAs with the real one's name, in every variant. None when that name is not known, or no other certificate can carry it. */
  impostors: readonly Identity[];
}

/**
 * A self-signed certificate, and one of an impostor CA: named as the issuer of the user's certificate, as the CA that
 * was given, or as the first one on the server's own list.
 */
export async function makeStrangers(nowMs: number, certificates: readonly X509Certificate[], clientCa: readonly X509Certificate[], seen: readonly AddressVisits[]): Promise<Strangers> {
  const { makeSelfSigned } = await import('../create/make-strangers.ts');
  const [selfSigned, impostors] = await Promise.all([makeSelfSigned(nowMs), makeImpostors(nowMs, certificates, clientCa, seen).catch(noneWhenUnusable)]);
  return { selfSigned, impostors };
}

/** A name may come from the server's list, and be anything: that must not end the diagnosis. */
function noneWhenUnusable(error: unknown): [] {
  if (error instanceof AppError) return [];
  throw error;
}

async function makeImpostors(nowMs: number, certificates: readonly X509Certificate[], clientCa: readonly X509Certificate[], seen: readonly AddressVisits[]): Promise<Identity[]> {
  const { issuerKeyType, makeImpostor } = await import('../create/make-strangers.ts');
  const [leaf, last, ca] = [certificates[0], certificates.at(-1), clientCa[0]];
  const listed = seen.flatMap(({ visits }) => visits.flatMap(({ without }) => without.request?.authorities ?? []));
  const issuerName = ca !== undefined ? subjectNameOf(ca) : last !== undefined ? issuerNameOf(last) : listed[0];
  const caKeyType = ca !== undefined ? keyTypeOf(ca) : last !== undefined ? issuerKeyType(last) : null;
  const subjectName = leaf === undefined ? null : subjectNameOf(leaf);
  return Promise.all(issuerName === undefined ? [] : IMPOSTORS.map((variant) => makeImpostor(nowMs, { issuerName, subjectName, variant, ...(caKeyType === null ? {} : { caKeyType }) })));
}

/** Null for kinds of keys that cannot be made here. */
function keyTypeOf({ publicKey }: X509Certificate): KeyType | null {
  return KEY_TYPES.find((type) => type === publicKey.asymmetricKeyType) ?? null;
}
