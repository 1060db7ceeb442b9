import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { VERSIONS, type Caller } from './visit-addresses.ts';

/**
 * Adds to `proved` the fingerprint of every server certificate that is right in chain and name: in handshakes after which
 * nothing is sent, for whoever is in between would get it.
 */
export async function proveServers(
  addresses: readonly string[],
  { prober, ca, identity }: Caller,
  proved: Set<string>,
): Promise<void> {
  const handshakes = addresses.flatMap((address) =>
    VERSIONS.map(async (version): Promise<ProbeResult> => {
      const bare = await prober.probe(address, { version, identity: null, ca, request: null });
      // Who is refused without a certificate learns nothing of the server's chain.
      return bare.server !== null || !bare.serverHello || identity === null
        ? bare
        : prober.probe(address, { version, identity, ca, request: null });
    }),
  );
  for (const { server } of await Promise.all(handshakes)) {
    if (server !== null && server.chainError === null && server.nameMatches) proved.add(server.fingerprint);
  }
}
