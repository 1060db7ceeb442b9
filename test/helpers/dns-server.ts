import { Resolver } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isInstalled, startServer } from './server-process.ts';

export const hasNamed = isInstalled('named', '-v');

const LOADING_MS = 10_000;

export interface DnsServer {
  /** `127.0.0.1:PORT`, UDP and TCP. */
  address: string;
  stop(): Promise<void>;
}

/**
 * A real BIND on a free loopback port, with these zones: the lines of each as they stand in a zone file. It asks
 * nobody.
 */
export async function startDnsServer(zones: Readonly<Record<string, readonly string[]>>): Promise<DnsServer> {
  const server = await startServer({
    program: 'named',
    names: ['dns'],
    configure: (folder, port) => {
      const names = Object.keys(zones);
      for (const name of names) writeFileSync(join(folder, `${name}.zone`), zoneText(zones[name] ?? []));
      writeFileSync(
        join(folder, 'named.conf'),
        [
          `options { directory "${folder}"; managed-keys-directory "${folder}";`,
          `  pid-file none; session-keyfile "${folder}/session.key";`,
          `listen-on port ${port('dns')} { 127.0.0.1; }; listen-on-v6 { none; };`,
          'recursion no; notify no; dnssec-validation no; empty-zones-enable no; check-names primary ignore; };',
          'controls {};',
          ...names.map((name) => `zone "${name}" { type primary; file "${name}.zone"; };`),
        ].join('\n'),
      );
      return ['-g', '-n', '1', '-c', join(folder, 'named.conf')];
    },
  });
  const address = `127.0.0.1:${server.port('dns')}`;
  try {
    await Promise.all(Object.keys(zones).map((name) => untilLoaded(address, name)));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { address, stop: server.stop };
}

/** BIND listens before it has read its zones, and answers SERVFAIL until then. */
async function untilLoaded(address: string, zone: string): Promise<void> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([address]);
  for (const until = performance.now() + LOADING_MS; ;) {
    const error = await resolver.resolveSoa(zone).then(
      () => null,
      (reason: Error) => reason,
    );
    if (error === null) return;
    if (performance.now() > until)
      throw new Error(`BIND does not load the zone ${zone}; named-checkzone tells what is wrong with it`, {
        cause: error,
      });
    await wait(10);
  }
}

function zoneText(records: readonly string[]): string {
  return ['$TTL 60', '@ SOA ns.invalid. root.invalid. 1 3600 600 86400 60', '@ NS ns.invalid.', ...records, ''].join(
    '\n',
  );
}
