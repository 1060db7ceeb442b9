import { posix } from 'node:path';
import type { CompilePcre } from '../rules/pcre.ts';
import type { Place, ReadIncluded } from '../rules/server-rules.ts';
import { compileSection } from './compile-section.ts';
import { mergeDirConfigs } from './dir-config.ts';
import { readAlias, readProxyPass, readRedirect, type Prefix } from './mappings.ts';
import { configError, type ApacheDirective } from './parse.ts';
import { readPattern } from './pattern.ts';
import { besideOf } from './scope.ts';
import { readRemoteIp } from './remote-ip.ts';
import {
  withoutPort,
  type ApacheServer,
  type DirectorySection,
  type ListenAddress,
  type PathSection,
  type Servers,
} from './server.ts';

const SECTIONS = new Set([
  'location',
  'locationmatch',
  'directory',
  'directorymatch',
  'proxy',
  'proxymatch',
  'virtualhost',
]);

/** One server out of its directives, without what it inherits. */
function buildServer(
  directives: readonly ApacheDirective[],
  place: Place | null,
  addresses: readonly ListenAddress[],
  compile: CompilePcre,
  read: ReadIncluded,
  root: string,
): ApacheServer {
  const named: FindNamed = (...names) => directives.filter(({ name }) => names.includes(name));
  const last = (name: string): ApacheDirective | undefined => named(name).at(-1);
  const config = compileSection(
    directives.filter(({ name }) => !SECTIONS.has(name)),
    { section: null, compile },
  );
  return {
    place,
    addresses,
    name: withoutPort(last('servername')?.words[0] ?? null),
    aliases: named('serveralias').flatMap(({ words }) => words.map((word) => word.toLowerCase())),
    isTls: ['on', 'optional'].includes(last('sslengine')?.words[0]?.toLowerCase() ?? ''),
    config: { ...config, env: [] },
    rewriteRules: config.rewrite?.rules ?? [],
    env: config.env,
    ...readSections(named, compile),
    ...readMappings(named, compile),
    documentRoot: readDocumentRoot(last('documentroot'), root),
    accessFile: last('accessfilename')?.words[0] ?? '.htaccess',
    mergesSlashes: last('mergeslashes')?.words[0]?.toLowerCase() !== 'off',
    remoteIp: readRemoteIp(directives, read, root),
    guards: directives.flatMap((directive) => besideOf(directive) ?? []),
    settings: directives
      .filter(({ children }) => children === null)
      .map(({ name, words, place: at }) => ({ name, words, place: at })),
  };
}

function readDocumentRoot(directive: ApacheDirective | undefined, root: string): ApacheServer['documentRoot'] {
  const path = directive?.words[0];
  return directive === undefined || path === undefined
    ? null
    : { path: posix.resolve(root, path), place: directive.place };
}

type FindNamed = (...names: string[]) => ApacheDirective[];

const readSections = (
  named: FindNamed,
  compile: CompilePcre,
): Pick<ApacheServer, 'directories' | 'locations' | 'proxies'> => ({
  directories: named('directory', 'directorymatch').map((one) => readDirectory(one, compile)),
  locations: named('location', 'locationmatch').map((one) => readPathSection(one, compile)),
  proxies: named('proxy', 'proxymatch').map((one) => readPathSection(one, compile)),
});

const readMappings = (
  named: FindNamed,
  compile: CompilePcre,
): Pick<ApacheServer, 'redirects' | 'aliasList' | 'proxyPasses'> => ({
  redirects: named('redirect', 'redirectmatch', 'redirectpermanent', 'redirecttemp').map((one) =>
    readRedirect(one, false, compile),
  ),
  aliasList: named(
    'alias',
    'aliasmatch',
    'scriptalias',
    'scriptaliasmatch',
    'wsgiscriptalias',
    'wsgiscriptaliasmatch',
  ).map((one) => readAlias(one, compile)),
  proxyPasses: named('proxypass', 'proxypassmatch').map((one) => readProxyPass(one, null, compile)),
});

/** The main server's things come first, except where the virtual host's are to be found before them. */
function inheritServer(main: ApacheServer, host: ApacheServer): ApacheServer {
  return {
    ...host,
    isTls: host.settings.some(({ name }) => name === 'sslengine') ? host.isTls : main.isTls,
    config: mergeDirConfigs(main.config, host.config),
    directories: sortDirectories([...main.directories, ...host.directories]),
    locations: [...main.locations, ...host.locations],
    proxies: [...main.proxies, ...host.proxies],
    rewriteRules: inheritRules(main, host),
    env: [...main.env, ...host.env],
    redirects: [...host.redirects, ...main.redirects],
    aliasList: [...host.aliasList, ...main.aliasList],
    proxyPasses: [...main.proxyPasses, ...host.proxyPasses],
    documentRoot: host.documentRoot ?? main.documentRoot,
    accessFile: host.settings.some(({ name }) => name === 'accessfilename') ? host.accessFile : main.accessFile,
    mergesSlashes: host.settings.some(({ name }) => name === 'mergeslashes') ? host.mergesSlashes : main.mergesSlashes,
    remoteIp: {
      header: host.remoteIp.header ?? main.remoteIp.header,
      proxies: host.remoteIp.proxies ?? main.remoteIp.proxies,
      proxyProtocol: host.remoteIp.proxyProtocol ?? main.remoteIp.proxyProtocol,
      exceptions: host.remoteIp.exceptions,
    },
    guards: [...main.guards, ...host.guards],
    settings: [...main.settings, ...host.settings],
  };
}

function inheritRules(main: ApacheServer, host: ApacheServer): ApacheServer['rewriteRules'] {
  const inherit = host.config.rewrite?.inherit ?? false;
  if (inherit === false) return host.rewriteRules;
  return inherit === 'before'
    ? [...main.rewriteRules, ...host.rewriteRules]
    : [...host.rewriteRules, ...main.rewriteRules];
}

/** The shortest first; expressions last. */
const sortDirectories = (sections: readonly DirectorySection[]): DirectorySection[] =>
  sections.toSorted((one, other) => one.depth - other.depth);

function readPathSection({ name, words, place, children }: ApacheDirective, compile: CompilePcre): PathSection {
  const isRegex = name.endsWith('match') || words[0] === '~';
  const rest = words[0] === '~' ? words.slice(1) : words;
  const [text] = rest;
  if (text === undefined) throw configError(place, `<${name}> needs a path`);
  if (rest.length > 1) throw configError(place, `multiple <${name}> arguments are not supported`);
  const pattern = readPattern(text, isRegex, compile);
  return { pattern, config: compileSection(children ?? [], { section: prefixOf(pattern), compile }), place };
}

function prefixOf(pattern: PathSection['pattern']): Prefix {
  return pattern.kind === 'regex'
    ? { kind: 'regex', text: pattern.text, match: pattern.match }
    : { kind: 'prefix', text: pattern.text };
}

function readDirectory(directive: ApacheDirective, compile: CompilePcre): DirectorySection {
  const section = readPathSection(directive, compile);
  const { pattern } = section;
  if (pattern.kind === 'regex') return { ...section, depth: Number.POSITIVE_INFINITY };
  const text = pattern.text.startsWith('/') ? `${posix.normalize(pattern.text).replace(/\/$/, '')}/` : pattern.text;
  return { ...section, pattern: { ...pattern, text }, depth: text === '/' ? 0 : text.split('/').length - 1 };
}

const isHost = ({ name, children }: ApacheDirective): boolean => name === 'virtualhost' && children !== null;

/** The main server and the virtual hosts. Throws AppError `input` for what Apache does not start with. */
export function buildServers(
  directives: readonly ApacheDirective[],
  compile: CompilePcre,
  read: ReadIncluded,
  root: string,
): Servers {
  const main = buildServer(
    directives.filter((one) => !isHost(one)),
    null,
    [],
    compile,
    read,
    root,
  );
  const hosts = directives.filter(isHost).map(({ words, place, children }) => {
    if (words.length === 0) throw configError(place, '<VirtualHost> needs an address');
    return inheritServer(
      main,
      buildServer(
        children ?? [],
        place,
        words.map((word) => readAddress(word, place)),
        compile,
        read,
        root,
      ),
    );
  });
  return { main: { ...main, directories: sortDirectories(main.directories) }, hosts };
}

/** `*:443`, `192.0.2.1`, `[::1]:80`, `_default_:*`. */
function readAddress(text: string, place: Place): ListenAddress {
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\*|\d{1,5}))?$/.exec(text) ?? [];
  if (host === '') throw configError(place, `${text} is not an address of a <VirtualHost>`);
  return {
    host: /^(?:\*|_default_)$/i.test(host) ? '*' : host.toLowerCase(),
    port: port === undefined || port === '*' ? null : Number(port),
  };
}
