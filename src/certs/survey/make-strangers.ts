import type { X509Certificate } from 'node:crypto';
import type { AddressVisits } from '../judge/judge-addresses.ts';
import type { Identity } from '../probe/probe-endpoint.ts';
import { issuerNameOf, subjectNameOf } from '../read-der.ts';

/** Callers who must be refused. */
export interface Strangers {
  selfSigned: Identity;
  /** Null when the name of the real CA is not known. */
  impostor: Identity | null;
}

/**
 * A self-signed certificate, and one of an impostor CA: named as the issuer of the user's certificate, as the CA that
 * was given, or as the first one on the server's own list.
 */
export async function makeStrangers(nowMs: number, certificates: readonly X509Certificate[], clientCa: readonly X509Certificate[], seen: readonly AddressVisits[]): Promise<Strangers> {
  const { makeImpostor, makeSelfSigned } = await import('../create/make-strangers.ts');
  const [leaf, last, ca] = [certificates[0], certificates.at(-1), clientCa[0]];
  const listed = seen.flatMap(({ visits }) => visits.flatMap(({ without }) => without.request?.authorities ?? []));
  const issuerName = ca !== undefined ? subjectNameOf(ca) : last !== undefined ? issuerNameOf(last) : listed[0];
  const subjectName = leaf === undefined ? null : subjectNameOf(leaf);
  const [selfSigned, impostor] = await Promise.all([makeSelfSigned(nowMs), issuerName === undefined ? null : makeImpostor(nowMs, { issuerName, subjectName })]);
  return { selfSigned, impostor };
}
