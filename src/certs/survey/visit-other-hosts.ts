import type { OtherHostVisit } from '../judge/judge-other-host.ts';
import type { TlsVersion } from '../probe/handshake-watch.ts';
import type { Identity, ProbeResult } from '../probe/probe-endpoint.ts';
import type { Caller } from './visit-addresses.ts';

/**
 * Begins each handshake under another name than the request's: without a certificate and, where one is asked for
 * there, with a self-signed one. Then resumes the session that was got, under the right name.
 */
export function visitOtherHosts(address: string, names: readonly (string | null)[], versions: readonly TlsVersion[], selfSigned: Identity, { prober, request }: Caller): Promise<OtherHostVisit[]> {
  const tries = names.flatMap((name) => versions.map((version) => ({ name, version })));
  return Promise.all(tries.map(async ({ name, version }) => {
    const call = (identity: Identity | null): Promise<ProbeResult> => prober.probe(address, { version, identity, servername: name, request });
    const bare = await call(null);
    const direct = bare.requested === true ? [bare, await call(selfSigned)] : [bare];
    const session = direct.findLast((result) => result.session !== null)?.session ?? null;
    return { name, direct, resumed: session === null ? null : await prober.probe(address, { version, identity: null, session, request }) };
  }));
}
