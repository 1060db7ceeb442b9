import type { Trap } from '../rules/server-rules.ts';
import type { Trace } from './apply-sections.ts';
import { checkAccess } from './check-access.ts';
import { type DirConfig, EMPTY } from './dir-config.ts';
import { matchGlob } from './pattern.ts';
import { noComparedText, type RequestContext } from './request-context.ts';
import { trapAt, type Scene } from './traps.ts';

/**
 * Finds traps of sections that do not apply, or no longer. Only where an unauthorised caller is admitted: otherwise
 * nothing is lost.
 */
export function findSectionTraps(scene: Scene): Trap[] {
  return scene.isOpen ? [...findReplaced(scene), ...findMissed(scene), ...findUnproxied(scene)] : [];
}

/** Whether these rules alone would refuse an unauthorised caller. */
function refusesUnauthorised({ authz, access }: DirConfig, scene: Scene): boolean {
  const { unauthorised, environment, path, host } = scene;
  const context: RequestContext = {
    ask: () => false,
    compile: environment.compile,
    peer: unauthorised,
    caller: unauthorised,
    behindProxy: null,
    moduleVariables: new Set(),
    compared: noComparedText(),
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

const findReplaced = (scene: Scene): Trap[] => [...findReplacedRequire(scene), ...findReplacedOrder(scene)];

function findReplacedRequire(scene: Scene): Trap[] {
  const { trace, config } = scene.run;
  const last = trace.findLast((section) => section.config.authz !== null);
  const lost = trace.find(
    (section) =>
      section !== last &&
      section.config.authz?.node !== null &&
      !isDefault(section.config) &&
      refusesUnauthorised({ ...section.config, access: null }, scene),
  );
  const authz = last?.config.authz ?? null;
  return authz === null || lost === undefined || config?.authz !== authz
    ? []
    : [trapAt('inner-section-replaces-outer', authz.place, lostIn(lost))];
}

function findReplacedOrder(scene: Scene): Trap[] {
  const { trace } = scene.run;
  const last = trace.findLast((section) => section.config.access !== null);
  const lost = trace.find(
    (section) =>
      section !== last &&
      section.config.access !== null &&
      refusesUnauthorised({ ...section.config, authz: null }, scene),
  );
  const access = last?.config.access ?? null;
  return access === null || lost === undefined ? [] : [trapAt('inner-order-drops-outer', access.place, lostIn(lost))];
}

const lostIn = ({ place }: Trace[number]): string =>
  `${place.text} in line ${place.line} would refuse unauthorised callers, but no longer applies`;

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
    return isMissed && refusesUnauthorised(config, scene)
      ? [trapAt('section-misses-path', place, `${pattern.text} does not match ${path}`)]
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
    return isMeant && refusesUnauthorised(config, scene)
      ? [trapAt('folder-rules-miss-proxy', place, `the request goes to ${mapped.name} by line ${mapped.place.line}`)]
      : [];
  });
}
