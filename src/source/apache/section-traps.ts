import type { Trap } from '../rules/server-rules.ts';
import type { DirConfig } from './dir-config.ts';
import { checkAccess } from './check-access.ts';
import { EMPTY } from './dir-config.ts';
import { trapAt, type Scene } from './traps.ts';
import { matchGlob } from './glob.ts';
import type { RequestContext } from './request-context.ts';

/** Traps of sections that do not hold, or not any more. Only where a stranger is admitted: otherwise nothing is lost. */
export function findSectionTraps(scene: Scene): Trap[] {
  return scene.isOpen ? [...findReplaced(scene), ...findMissed(scene), ...findUnproxied(scene)] : [];
}

/** Whether these rules alone would refuse a stranger. */
function refusesStranger({ authz, access }: DirConfig, scene: Scene): boolean {
  const { stranger, world, path, host } = scene;
  const context: RequestContext = {
    ask: () => false,
    compile: world.compile,
    peer: stranger,
    caller: stranger,
    headers: new Map(),
    saysAnything: false,
    hostNames: new Map(),
    host: host ?? '',
    requested: path,
    uri: path,
    env: new Map(),
    isTls: false,
    port: null,
  };
  return !checkAccess({ ...EMPTY, authz, access }, context).isAdmitted;
}

function findReplaced(scene: Scene): Trap[] {
  const { trace, config } = scene.run;
  const last = trace.findLast((section) => section.config.authz !== null);
  const lastAccess = trace.findLast((section) => section.config.access !== null);
  const lost = trace.find(
    (section) =>
      section !== last &&
      section.config.authz?.node !== null &&
      !isDefault(section.config) &&
      refusesStranger({ ...section.config, access: null }, scene),
  );
  const lostAccess = trace.find(
    (section) =>
      section !== lastAccess &&
      section.config.access !== null &&
      refusesStranger({ ...section.config, authz: null }, scene),
  );
  return [
    ...(last?.config.authz !== undefined &&
    last.config.authz !== null &&
    lost !== undefined &&
    config?.authz === last.config.authz
      ? [
          trapAt(
            'inner-section-replaces-outer',
            last.config.authz.place,
            `${lost.place.text} of line ${lost.place.line} would refuse strangers, and does not count any more`,
          ),
        ]
      : []),
    ...(lastAccess?.config.access !== undefined && lastAccess.config.access !== null && lostAccess !== undefined
      ? [
          trapAt(
            'inner-order-drops-outer',
            lastAccess.config.access.place,
            `${lostAccess.place.text} of line ${lostAccess.place.line} would refuse strangers, and does not count any more`,
          ),
        ]
      : []),
  ];
}

/** `<Directory /> Require all denied`, which every configuration opens again for some folder. */
const isDefault = ({ authz }: DirConfig): boolean =>
  authz?.node?.kind === 'container' &&
  authz.node.children.length === 1 &&
  authz.node.children[0]?.kind === 'require' &&
  authz.node.children[0].provider === 'all';

/** Sections of other spelling: of another case, with a slash at the end, with a wildcard that stops at a slash. */
function findMissed(scene: Scene): Trap[] {
  const {
    path,
    run: {
      chosen: { server },
      trace,
    },
  } = scene;
  const looksLike = (text: string): boolean => {
    const bare = text
      .toLowerCase()
      .replace(/\/+$/, '')
      .replaceAll(/\/{2,}/g, '/');
    const wanted = path.toLowerCase();
    return (
      bare !== '' &&
      (wanted === bare ||
        wanted.startsWith(`${bare}/`) ||
        `${bare}/` === wanted ||
        (bare.includes('*') && matchGlob(bare, wanted, false)))
    );
  };
  return server.locations.flatMap(({ pattern, place, config }) => {
    const isMissed =
      pattern.kind !== 'regex' && looksLike(pattern.text) && !trace.some((section) => section.place === place);
    return isMissed && refusesStranger(config, scene)
      ? [trapAt('section-misses-path', place, `${pattern.text} is not for ${path}`)]
      : [];
  });
}

/** Folders whose rules would refuse, were the request not sent on. */
function findUnproxied(scene: Scene): Trap[] {
  const {
    mapped,
    chosen: { server },
  } = scene.run;
  if (mapped?.kind !== 'proxied' || server.documentRoot === null) return [];
  const file = `${server.documentRoot.path}${scene.path}/`;
  return server.directories.flatMap(({ pattern, depth, place, config }) => {
    const isMeant = depth > 0 && pattern.kind === 'text' && file.startsWith(pattern.text);
    return isMeant && refusesStranger(config, scene)
      ? [trapAt('folder-rules-miss-proxy', place, `the request goes to ${mapped.name} by line ${mapped.place.line}`)]
      : [];
  });
}
