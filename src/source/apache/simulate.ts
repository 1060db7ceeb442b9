import type { Address } from '../address/address.ts';
import type { Ask } from '../rules/open-questions.ts';
import type { CompilePcre } from '../rules/pcre.ts';
import type { SimulatedRequest } from '../rules/server-rules.ts';
import { applyLocations, applyProxies, beginConfig, type Trace } from './apply-sections.ts';
import { checkAccess } from './check-access.ts';
import { chooseServer, type Chosen, type Servers } from './choose-server.ts';
import { mergeDirConfigs, type DirConfig } from './dir-config.ts';
import { findRedirect, mapPath, type Mapped } from './map-path.ts';
import { normalisePath } from './normalise-path.ts';
import { runEnvRules } from './read-env.ts';
import { findCaller } from './remote-ip.ts';
import { joinHeaders, METHOD, type RequestContext } from './request-context.ts';
import { runRewrite } from './run-rewrite.ts';
import { refuse, type Verdict } from './verdict.ts';
import { walkFiles, walkFolders, type ReadAccessFile } from './walk-folders.ts';

/** What the simulation runs on. */
export interface World {
  servers: Servers;
  compile: CompilePcre;
  readAccessFile: ReadAccessFile;
}

export interface Simulated {
  verdict: Verdict;
  caller: Address;
  chosen: Chosen;
  /** Null: it was answered before. */
  mapped: Mapped | null;
  /** What applied in the end; null: it was answered before. */
  config: DirConfig | null;
  trace: Trace;
}

const NO_NAMES: ReadonlyMap<string, string | null> = new Map();

/** As many times mod_rewrite may send a request round within the server. */
const MAX_REDIRECTS = 10;

/** One POST on its way through the phases of Apache, in their order. */
export function simulate(world: World, request: SimulatedRequest, ask: Ask): Simulated {
  const chosen = chooseServer(world.servers, request.host, request.port, ask);
  const { server, port } = chosen;
  const headers = joinHeaders(request.headers);
  const context: RequestContext = {
    ask,
    compile: world.compile,
    peer: request.peer,
    caller: request.peer,
    headers,
    saysAnything: request.saysAnything === true,
    hostNames: request.hostNames ?? NO_NAMES,
    host: request.host ?? server.name ?? '',
    requested: request.path,
    uri: request.path,
    env: new Map(),
    isTls: server.isTls,
    port,
  };
  headers.set('host', context.host);
  context.caller = findCaller(server.remoteIp, context);
  runEnvRules(server.env, context);
  const run: Simulated = {
    verdict: refuse(null, null, ''),
    caller: context.caller,
    chosen,
    mapped: null,
    config: null,
    trace: [],
  };
  const verify = server.config.verifyClient;
  if (
    server.isTls &&
    verify?.words[0]?.toLowerCase() === 'require' &&
    !ask(verify.place, 'whether the caller shows a client certificate that is trusted')
  ) {
    return { ...run, verdict: refuse(null, verify.place, 'the connection needs a client certificate') };
  }
  run.verdict = pass(world, request.path, context, run, 0);
  return { ...run, verdict: asAnswered(run.verdict, run.trace, server.config) };
}

/** From the path on; once more when the server redirects within itself. */
function pass(world: World, path: string, context: RequestContext, run: Simulated, round: number): Verdict {
  const { server } = run.chosen;
  run.trace = [];
  const normal = normalisePath(path, server.mergesSlashes, readSlashes(server.config));
  if ('status' in normal) return refuse(normal.status, null, normal.because);
  context.uri = normal.path;
  const base = beginConfig(server);
  const mapped = mapPath(server, applyLocations(server, base, context, []), context);
  run.mapped = mapped;
  if (mapped.kind === 'answer') return mapped.verdict;
  const stored =
    mapped.kind === 'proxied'
      ? applyProxies(server.proxies, base, mapped.name, context, run.trace)
      : walkStorage(world, mapped, base, context, run);
  if ('isAdmitted' in stored) return stored;
  const config = applyLocations(server, stored, context, run.trace);
  run.config = config;
  runEnvRules(config.env, context);
  const access = checkAccess(config, context);
  return access.isAdmitted ? fixUp(world, config, mapped, context, run, access, round) : access;
}

function readSlashes({ encodedSlashes }: DirConfig): 'off' | 'on' | 'nodecode' {
  const word = encodedSlashes?.words[0]?.toLowerCase();
  return word === 'on' || word === 'nodecode' ? word : 'off';
}

function walkStorage(
  { readAccessFile }: World,
  { root, rest }: Mapped & { kind: 'file' },
  base: DirConfig,
  context: RequestContext,
  { chosen, trace }: Simulated,
): DirConfig | Verdict {
  const folders = walkFolders(chosen.server, root, rest, context, readAccessFile);
  if ('isAdmitted' in folders) return folders;
  trace.push(...folders.sections);
  const inFolder = folders.config === null ? base : mergeDirConfigs(base, folders.config);
  const files = walkFiles(inFolder, folders.filename, context);
  trace.push(...files.sections);
  return files.config === null ? inFolder : mergeDirConfigs(inFolder, files.config);
}

/** What answers after access was checked: mod_rewrite in sections, Redirect in sections, AllowMethods. */
function fixUp(
  world: World,
  config: DirConfig,
  mapped: Mapped,
  context: RequestContext,
  run: Simulated,
  access: Verdict,
  round: number,
): Verdict {
  const { allowedMethods: methods } = config;
  if (
    methods !== null &&
    !methods.words.some((word) => ['reset', METHOD].includes(word.toUpperCase()) || word === 'reset')
  )
    return refuse(405, methods.place, `AllowMethods ${methods.words.join(' ')}`);
  const rewritten = rewriteInSection(config, mapped, context, run);
  if (rewritten !== null && typeof rewritten === 'object') return rewritten;
  if (rewritten !== null)
    return round === MAX_REDIRECTS
      ? refuse(500, null, 'RewriteRule goes round for ever')
      : pass(world, rewritten, context, run, round + 1);
  return findRedirect(config.redirects, context)?.verdict ?? access;
}

/** A verdict, the path to begin again with, or null: nothing is rewritten. */
function rewriteInSection(
  { rewrite }: DirConfig,
  mapped: Mapped,
  context: RequestContext,
  { chosen }: Simulated,
): Verdict | string | null {
  if (rewrite?.isOn !== true || rewrite.folder === null) return null;
  const filename =
    mapped.kind === 'file'
      ? `${mapped.root}${mapped.rest}`
      : mapped.kind === 'proxied'
        ? `proxy:${mapped.name}`
        : context.uri;
  const folder = rewrite.folder;
  const documentRoot = chosen.server.documentRoot?.path ?? null;
  const subjectOf = (path: string): string =>
    mapped.kind === 'file' && path.startsWith(folder) ? path.slice(folder.length) : path;
  const result = runRewrite(rewrite.rules, filename, { filename, documentRoot, subjectOf }, context);
  if (result.kind === 'answer') return result.verdict;
  if (result.kind === 'unknown')
    return context.ask(result.place, 'whether what RewriteRule leads to is admitted')
      ? null
      : refuse(null, result.place, 'RewriteRule leads elsewhere');
  if (result.kind !== 'path' || result.path === filename) return null;
  if (result.path.startsWith('/'))
    return documentRoot !== null && result.path.startsWith(`${documentRoot}/`)
      ? result.path.slice(documentRoot.length)
      : result.path;
  const base =
    rewrite.base ??
    (documentRoot !== null && folder.startsWith(documentRoot) ? folder.slice(documentRoot.length) : '/');
  return `${base.replace(/\/$/, '')}/${result.path}`;
}

/** An ErrorDocument at another server makes a redirection of the refusal. */
function asAnswered(verdict: Verdict, trace: Trace, base: DirConfig): Verdict {
  if (verdict.isAdmitted || verdict.status === null || verdict.status < 400) return verdict;
  const pages = [...base.errorPages, ...trace.flatMap(({ config }) => config.errorPages)];
  const page = pages.findLast(({ status }) => status === verdict.status);
  return page?.isElsewhere === true
    ? { ...verdict, status: 302, because: `${verdict.because}; the ErrorDocument of line ${page.place.line} redirects` }
    : verdict;
}
