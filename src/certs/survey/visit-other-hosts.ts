import type { TlsVersion } from '../probe/handshake-watch.ts';
import type { Identity, ProbeResult } from '../probe/probe-endpoint.ts';
import type { Caller } from './visit-addresses.ts';
import type { OtherHostVisit } from './visits.ts';

/** Another virtual host of the same server. */
export interface OtherName {
  /** Null for no name at all. */
  name: string | null;
  /** The same POST to that host itself. */
  ownPost: Buffer | null;
}

/**
 * Begins each handshake under another name than the request's: without a certificate and, where one is asked for
 * there, with a self-signed one. Then resumes the session that was got, under the right name. At last asks the other
 * host itself for the same path.
 */
export function visitOtherHosts(
  address: string,
  names: readonly OtherName[],
  versions: readonly TlsVersion[],
  selfSigned: Identity,
  { prober, request }: Caller,
): Promise<OtherHostVisit[]> {
  const tries = names.flatMap((other) => versions.map((version) => ({ ...other, version })));
  return Promise.all(
    tries.map(async ({ name, ownPost, version }) => {
      const call = (identity: Identity | null): Promise<ProbeResult> =>
        prober.probe(address, { version, identity, servername: name, request });
      const bare = await call(null);
      const direct = bare.requested === true ? [bare, await call(selfSigned)] : [bare];
      const session = direct.findLast((result) => result.session !== null)?.session ?? null;
      const [resumed, itself] = await Promise.all([
        session === null ? null : prober.probe(address, { version, identity: null, session, request }),
        ownPost === null
          ? null
          : prober.probe(address, { version, identity: null, servername: name, request: ownPost }),
      ]);
      return { name, direct, resumed, itself };
    }),
  );
}
