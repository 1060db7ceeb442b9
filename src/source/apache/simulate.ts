import { addressOf as addressAt, type Address } from '../address.ts';
import { asAnswered } from './error-document.ts';
import { findApacheHop } from './hop.ts';
import { onceFor } from '../rules/once.ts';
import type { Ask } from '../rules/open-questions.ts';
import type { CompilePcre } from '../rules/pcre.ts';
import type { SimulatedRequest } from '../rules/server-rules.ts';
import {
  applyLocations,
  applyProxies,
  beginConfig,
  type Trace,
  applyFiles,
  applyFolders,
  type ReadAccessFile,
} from './apply-sections.ts';
import { checkAccess } from './check-access.ts';
import { isExcepted, serversAt, takesProtocol } from './doors.ts';
import {
  type ApacheServer,
  choosePort,
  chooseServer,
  type ChosenServer,
  findHost,
  type Servers,
  withoutPort,
} from './server.ts';
import { mergeDirConfigs, wantsCertificate, type DirConfig } from './dir-config.ts';
import { findRedirect, mapPath, type Mapped } from './map-path.ts';
import {
  readApachePath,
  joinHeaders,
  METHOD,
  type ComparedText,
  noComparedText,
  type RequestContext,
  refuse,
  type ApacheVerdict,
} from './request-context.ts';
import { runEnvRules } from './set-env-if.ts';
import { findCaller } from './remote-ip.ts';
import { runRewrite } from './rewrite.ts';

/* What the simulation covers, what it leaves open and what it passes over: see scope.ts. */

/** What the simulation runs on. */
export interface ApacheEnvironment {
  servers: Servers;
  compile: CompilePcre;
  readAccessFile: ReadAccessFile;
}

export interface ApacheRun {
  verdict: ApacheVerdict;
  caller: Address;
  compared: ComparedText;
  chosen: ChosenServer;
  /** Null: it was answered before. */
  mapped: Mapped | null;
  /** What applied in the end; null: it was answered before. */
  config: DirConfig | null;
  trace: Trace;
}

const NO_NAMES: ReadonlyMap<string, string | null> = new Map();

/** How many times mod_rewrite may redirect a request within the server. */
const MAX_REDIRECTS = 10;

/** Leads one POST through the phases of Apache, in their order. */
export function simulate(environment: ApacheEnvironment, request: SimulatedRequest, ask: Ask): ApacheRun {
  const { servers } = environment;
  const chosen = chooseAt(servers, request, ask);
  const { server, port } = chosen;
  const context = beginContext(environment, request, chosen, ask);
  const beside = serversAt(servers, request.door ?? addressOf(server), port);
  const isProxied = takesProtocol(beside) && !isExcepted(servers, request.peer, ask);
  // Who comes in by no certain door says who it is, where that has to be said.
  const proxied = request.proxied ?? (request.door === undefined && isProxied ? request.peer : null);
  context.behindProxy = request.caller ?? proxied;
  // What the PROXY protocol says goes before any header.
  context.caller = isProxied && proxied !== null ? proxied : findCaller(server.remoteIp, context);
  const run: ApacheRun = {
    verdict: refuse(null, null, ''),
    caller: context.caller,
    compared: context.compared,
    chosen,
    mapped: null,
    config: null,
    trace: [],
  };
  if (isProxied !== (proxied !== null))
    return { ...run, verdict: refuse(isProxied ? null : 400, null, sayProtocol(isProxied)) };
  runEnvRules(server.env, context);
  const verify = server.config.verifyClient;
  if (
    server.isTls &&
    verify !== null &&
    wantsCertificate(verify) &&
    !ask(verify.place, 'whether the caller sends a trusted client certificate')
  ) {
    return { ...run, verdict: refuse(null, verify.place, 'the connection requires a client certificate') };
  }
  run.verdict = runPhases(environment, request.path, context, run, 0);
  const verdict = asAnswered(run.verdict, server, run.trace, context);
  return { ...run, verdict: verdict.isAdmitted ? followHop(environment, request, run, verdict, ask) : verdict };
}

const THIS_MACHINE = addressAt(4, 0x7f_00_00_01n);
/** As many times one server of a file may send a request on to another: beyond that it goes round in a circle. */
const MAX_HOPS = 5;

/** A server of the same file that it is sent on to sees this machine as the caller: its rules are asked, too. */
function followHop(
  environment: ApacheEnvironment,
  request: SimulatedRequest,
  { mapped }: ApacheRun,
  verdict: ApacheVerdict,
  ask: Ask,
): ApacheVerdict {
  const hop = mapped?.kind === 'proxied' ? findApacheHop(environment.servers, mapped.name) : null;
  const hops = (request.hops ?? 0) + 1;
  if (hop === null || mapped?.kind !== 'proxied') return verdict;
  if (hops > MAX_HOPS) return refuse(null, mapped.place, `${mapped.place.text} leads from server to server endlessly`);
  const { host, port, path, door, server } = hop;
  const caller = request.caller ?? request.peer;
  const inner = { ...request, path, host, port, door, peer: THIS_MACHINE, caller, hops };
  const isPlain = server.remoteIp.header === null;
  const where = server.place === null ? 'the main server' : `the server at ${server.place.file}:${server.place.line}`;
  const because = `${mapped.place.text} leads to ${where}, which sees this server as the caller`;
  if ((isPlain && simulate(environment, inner, ask).verdict.isAdmitted) || ask(mapped.place, `its rules: ${because}`))
    return verdict;
  return refuse(null, mapped.place, because);
}

const sayProtocol = (isWanted: boolean): string =>
  isWanted
    ? 'the connection does not start with the PROXY protocol'
    : 'the connection starts with the PROXY protocol, which is not accepted here';

const addressOf = ({ addresses }: ApacheServer): string => addresses[0]?.host ?? '*';

/** The server that answers at the door, or where the host is served. */
function chooseAt(servers: Servers, { host, port, door }: SimulatedRequest, ask: Ask): ChosenServer {
  if (door === undefined) return chooseServer(servers, host, port, ask);
  const name = withoutPort(host);
  const at = port ?? choosePort(servers.hosts, name);
  return { server: findHost(serversAt(servers, door, at), name), port: at };
}

function beginContext(
  { compile }: ApacheEnvironment,
  request: SimulatedRequest,
  { server, port }: ChosenServer,
  ask: Ask,
): RequestContext {
  const host = request.host ?? server.name ?? '';
  return {
    ask,
    compile,
    peer: request.peer,
    caller: request.peer,
    behindProxy: null,
    moduleVariables: moduleVariablesOf(server),
    compared: noComparedText(),
    headers: joinHeaders(request.headers).set('host', host),
    saysAnything: request.saysAnything === true,
    hostNames: request.hostNames ?? NO_NAMES,
    host,
    requested: request.path,
    uri: request.path,
    env: new Map(),
    isTls: server.isTls,
    port,
  };
}

const moduleVariablesOf = onceFor(
  ({ settings }: ApacheServer): ReadonlySet<string> =>
    new Set(
      settings.flatMap(({ name, words: [variable] }) =>
        /^maxminddb(?:network)?env$/.test(name) && variable !== undefined ? [variable] : [],
      ),
    ),
);

/** From the path on; once more when the server redirects within itself. */
function runPhases(
  environment: ApacheEnvironment,
  path: string,
  context: RequestContext,
  run: ApacheRun,
  round: number,
): ApacheVerdict {
  const { server } = run.chosen;
  run.trace = [];
  const normal = readApachePath(path, server.mergesSlashes, readSlashes(server.config));
  if ('status' in normal) return refuse(normal.status, null, normal.because);
  context.uri = normal.path;
  const base = beginConfig(server);
  const mapped = mapPath(server, applyLocations(server, base, context, []), context);
  run.mapped = mapped;
  if (mapped.kind === 'answer') return mapped.verdict;
  const stored =
    mapped.kind === 'proxied'
      ? applyProxies(server.proxies, base, mapped.name, context, run.trace)
      : applyStorage(environment, mapped, base, context, run);
  if ('isAdmitted' in stored) return stored;
  const config = applyLocations(server, stored, context, run.trace);
  run.config = config;
  runEnvRules(config.env, context);
  const access = askOpen(config, checkAccess(config, context), context);
  return access.isAdmitted ? fixUp(environment, config, mapped, context, run, access, round) : access;
}

/** What nobody here can follow may turn a verdict round; a strict one, admission alone. */
function askOpen({ open }: DirConfig, verdict: ApacheVerdict, { ask }: RequestContext): ApacheVerdict {
  const turning = open.find(
    ({ place, text, isStrict }) => (verdict.isAdmitted || !isStrict) && !ask(place, `whether it goes on: ${text}`),
  );
  if (turning === undefined) return verdict;
  const { place, text } = turning;
  return verdict.isAdmitted ? refuse(403, place, text) : { isAdmitted: true, status: null, place, because: text };
}

function readSlashes({ encodedSlashes }: DirConfig): 'off' | 'on' | 'nodecode' {
  const word = encodedSlashes?.words[0]?.toLowerCase();
  return word === 'on' || word === 'nodecode' ? word : 'off';
}

function applyStorage(
  { readAccessFile }: ApacheEnvironment,
  { root, rest }: Mapped & { kind: 'file' },
  base: DirConfig,
  context: RequestContext,
  { chosen, trace }: ApacheRun,
): DirConfig | ApacheVerdict {
  const folders = applyFolders(chosen.server, root, rest, context, readAccessFile);
  if ('isAdmitted' in folders) return folders;
  trace.push(...folders.sections);
  const inFolder = folders.config === null ? base : mergeDirConfigs(base, folders.config);
  const files = applyFiles(inFolder, folders.filename, context);
  trace.push(...files.sections);
  return files.config === null ? inFolder : mergeDirConfigs(inFolder, files.config);
}

/** What answers after access was checked: mod_rewrite in sections, Redirect in sections, AllowMethods. */
function fixUp(
  environment: ApacheEnvironment,
  config: DirConfig,
  mapped: Mapped,
  context: RequestContext,
  run: ApacheRun,
  access: ApacheVerdict,
  round: number,
): ApacheVerdict {
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
      ? refuse(500, null, 'RewriteRule loops forever')
      : runPhases(environment, rewritten, context, run, round + 1);
  return findRedirect(config.redirects, context)?.verdict ?? access;
}

/** A verdict, the path to begin again with, or null: nothing is rewritten. */
function rewriteInSection(
  { rewrite }: DirConfig,
  mapped: Mapped,
  context: RequestContext,
  { chosen }: ApacheRun,
): ApacheVerdict | string | null {
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
      : refuse(null, result.place, 'RewriteRule leads to another place');
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
