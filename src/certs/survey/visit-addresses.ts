import type { Strangers } from './choose-strangers.ts';
import { judgeReaction } from '../judge/judge-reaction.ts';
import type { TlsVersion } from '../probe/handshake-watch.ts';
import type { Identity, ProbeResult } from '../probe/probe-endpoint.ts';
import type { Prober } from '../probe/prober.ts';
import type { AddressVisits, Visits } from './visits.ts';

export const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];

/** What every call needs. */
export interface Caller {
  prober: Prober;
  /** PEM: the CAs to trust for the server; undefined trusts the public ones. */
  ca: Uint8Array | undefined;
  identity: Identity | null;
  /** The POST, ready to send. */
  request: Buffer;
}

/** The first round: every address, on both versions, without a certificate. */
export function visitWithout(addresses: readonly string[], { prober, ca, request }: Caller): Promise<AddressVisits[]> {
  return Promise.all(
    addresses.map(async (address) => {
      const results = await Promise.all(
        VERSIONS.map((version) => prober.probe(address, { version, identity: null, ca, request })),
      );
      return {
        address,
        visits: results.map((without) => ({ without, selfSigned: null, impostors: [], resumed: null, good: null })),
      };
    }),
  );
}

/** The second round: the same with certificates. A server that did not ask is sent none of a stranger's. */
export function visitWith(
  rounds: readonly AddressVisits[],
  strangers: Strangers,
  caller: Caller,
): Promise<AddressVisits[]> {
  return Promise.all(
    rounds.map(async ({ address, visits }) => ({
      address,
      visits: await Promise.all(visits.map((visit) => completeVisit(address, visit, strangers, caller))),
    })),
  );
}

async function completeVisit(
  address: string,
  visit: Visits,
  strangers: Strangers,
  { prober, identity, request }: Caller,
): Promise<Visits> {
  const { version } = visit.without;
  const call = (who: Identity): Promise<ProbeResult> => prober.probe(address, { version, identity: who, request });
  if (!isSpoken(visit)) return visit;
  const [selfSigned, impostors, good] = await Promise.all([
    asks(visit) ? call(strangers.selfSigned) : null,
    Promise.all(asks(visit) ? strangers.impostors.map(call) : []),
    identity === null ? null : call(identity),
  ]);
  // Whoever was refused may come again with the session of that connection, where the server looks at less.
  const session = selfSigned?.session ?? null;
  const resumed = session === null ? null : await prober.probe(address, { version, identity: null, session, request });
  return { ...visit, selfSigned, impostors, resumed, good };
}

export const isSpoken = ({ without }: Visits): boolean =>
  without.serverHello && judgeReaction(without).kind !== 'not-offered';
export const asks = ({ without }: Visits): boolean => without.requested !== false || without.renegotiated;
