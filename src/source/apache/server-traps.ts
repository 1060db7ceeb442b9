import type { Trap } from '../rules/server-rules.ts';
import { trapAt, type Scene } from './traps.ts';
import type { Server } from './server.ts';
import { simulate, type Simulated } from './simulate.ts';

/** Other virtual hosts through which a stranger gets where this one does not let him. */
export function findServerTraps(scene: Scene): Trap[] {
  if (scene.isOpen) return [];
  return scene.world.servers.hosts
    .filter((host) => host !== scene.run.chosen.server)
    .flatMap((host) => {
      const run = visit(host, scene);
      if (host.place === null || run?.chosen.server !== host || !run.verdict.isAdmitted) return [];
      const port = run.chosen.port ?? '*';
      if (isSameName(host, scene.run.chosen.server) && run.chosen.port !== scene.run.chosen.port)
        return [
          trapAt(
            'open-on-another-port',
            host.place,
            `port ${port} admits ${scene.stranger.text}: ${run.verdict.because}`,
          ),
        ];
      return leadsTo(run) !== null && leadsTo(run) === leadsTo(scene.run)
        ? [
            trapAt(
              'open-under-another-name',
              host.place,
              `${host.name ?? 'any other name'} on port ${port} leads to ${leadsTo(run) ?? ''}, too`,
            ),
          ]
        : [];
    });
}

function visit(host: Server, { world, path, stranger }: Scene): Simulated | null {
  const port = host.addresses[0]?.port ?? null;
  return simulate(
    world,
    { path, host: host.name ?? 'unnamed.invalid', port, peer: stranger, headers: [] },
    () => false,
  );
}

const isSameName = (one: Server, other: Server): boolean =>
  one.name !== null &&
  (one.name === other.name ||
    other.aliases.includes(one.name) ||
    (other.name !== null && one.aliases.includes(other.name)));

/** Where it is handled: the address that it is sent on to, or the file. */
function leadsTo({ mapped }: Simulated): string | null {
  if (mapped?.kind === 'proxied') return mapped.name;
  return mapped?.kind === 'file' ? `${mapped.root}${mapped.rest}` : null;
}
