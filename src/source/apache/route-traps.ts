import { addressOf } from '../address.ts';
import type { Place, Trap } from '../rules/server-rules.ts';
import { findApacheHop } from './hop.ts';
import type { ApacheServer } from './server.ts';
import { simulate, type ApacheRun } from './simulate.ts';
import { trapAt, type Scene } from './traps.ts';

/** Finds other virtual hosts that admit an unauthorised caller whom this one refuses. */
export function findServerTraps(scene: Scene): Trap[] {
  if (scene.isOpen) return [];
  const guarded = guardedBy(scene);
  return openHosts(scene)
    .filter((host) => host !== scene.run.chosen.server)
    .flatMap((host) => {
      const run = visit(host, scene, scene.path);
      if (host.place === null || run.chosen.server !== host || !run.verdict.isAdmitted) return [];
      const port = run.chosen.port ?? '*';
      if (isSameName(host, scene.run.chosen.server) && run.chosen.port !== scene.run.chosen.port)
        return [
          trapAt(
            'open-on-another-port',
            host.place,
            `port ${port} admits ${scene.unauthorised.text}: ${run.verdict.because}`,
          ),
        ];
      const found = leadsTo(run);
      return found !== null && guarded.includes(found)
        ? [
            trapAt(
              'open-under-another-name',
              host.place,
              `${host.name ?? 'any other name'} on port ${port} also leads to ${found}`,
            ),
          ]
        : [];
    });
}

const isLocal = ({ addresses }: ApacheServer): boolean =>
  addresses.length > 0 && addresses.every(({ host }) => /^(?:127\.|localhost$|\[::1\]$)/.test(host));

/** Those that strangers come to: on addresses of this machine alone only where there are no others. */
function openHosts({ environment: { servers } }: Scene): readonly ApacheServer[] {
  return servers.hosts.every(isLocal) ? servers.hosts : servers.hosts.filter((host) => !isLocal(host));
}

const THIS_MACHINE = addressOf(4, 0x7f_00_00_01n);
const MAX_HOPS = 20;

/** Where the path leads to. Another server of this configuration may stand between: what is behind is guarded, too. */
function guardedBy({ environment, run }: Scene): string[] {
  const guarded = [leadsTo(run) ?? []].flat();
  // It grows while it is walked.
  for (const name of guarded) {
    const hop = guarded.length > MAX_HOPS ? null : findApacheHop(environment.servers, name);
    if (hop === null) continue;
    const { host, port, path, door } = hop;
    const behind = leadsTo(
      simulate(environment, { path, host, port, door, peer: THIS_MACHINE, headers: [] }, () => false),
    );
    if (behind !== null && !guarded.includes(behind)) guarded.push(behind);
  }
  return guarded;
}

/** What becomes of a stranger there. */
function visit(server: ApacheServer, { environment, run, host, port, unauthorised }: Scene, path: string): ApacheRun {
  const at =
    server === run.chosen.server
      ? { host, port }
      : { host: server.name ?? 'unnamed.invalid', port: server.addresses[0]?.port ?? null };
  return simulate(environment, { path, ...at, peer: unauthorised, headers: [] }, () => false);
}

const isSameName = (one: ApacheServer, other: ApacheServer): boolean =>
  one.name !== null &&
  (one.name === other.name ||
    other.aliases.includes(one.name) ||
    (other.name !== null && one.aliases.includes(other.name)));

/** Where it is handled: the address that it is sent on to, or the file. */
function leadsTo({ mapped }: ApacheRun): string | null {
  if (mapped?.kind === 'proxied') return mapped.name;
  return mapped?.kind === 'file' ? `${mapped.root}${mapped.rest}` : null;
}

/** Finds other paths, of this server or another, by which an unauthorised caller gets to what the rules guard. */
export function findPathTraps(scene: Scene): Trap[] {
  if (scene.isOpen) return [];
  return guardedBy(scene).flatMap((guarded) =>
    [scene.environment.servers.main, ...openHosts(scene)].flatMap((server) =>
      pathsInto(server, guarded)
        .filter(({ path }) => path !== scene.path && isWayIn(visit(server, scene, path), server, guarded))
        .map(({ path, place }) => trapAt('open-by-another-path', place, `${path} also leads to ${guarded}`)),
    ),
  );
}

const isWayIn = (run: ApacheRun, server: ApacheServer, guarded: string): boolean =>
  run.chosen.server === server && run.verdict.isAdmitted && leadsTo(run) === guarded;

/** The paths that lead there if nothing else takes them: what a line puts in the place of its prefix begins it. */
function pathsInto({ proxyPasses, aliasList, locations, rewriteRules }: ApacheServer, guarded: string): PathAt[] {
  const inSections = locations.flatMap(({ pattern: { text }, config: { proxyPass, alias } }) =>
    [proxyPass ?? [], alias ?? []].flat().map(({ target, place }) => ({ prefix: text, target, place })),
  );
  const lines = [...proxyPasses, ...aliasList].flatMap(({ prefix, target, place }) =>
    prefix.kind === 'prefix' ? [{ prefix: prefix.text, target, place }] : [],
  );
  return [
    ...[...lines, ...inSections]
      .filter(({ target }) => guarded.startsWith(target))
      .map(({ prefix, target, place }) => ({ path: `${prefix}${guarded.slice(target.length)}`, place })),
    ...rewriteRules.flatMap(({ source, place }) => ({ path: /^\^?(\/[\w/-]*)\$?$/.exec(source)?.[1] ?? '', place })),
  ].filter(({ path }) => path.startsWith('/'));
}

interface PathAt {
  path: string;
  place: Place;
}
