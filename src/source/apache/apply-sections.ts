import type { Place } from '../rules/server-rules.ts';
import { EMPTY, mergeDirConfigs, type DirConfig, type IfSection, type SectionSetting } from './dir-config.ts';
import { holds } from './expression.ts';
import { configError } from './parse.ts';
import { coversPath, matchGlob, isName } from './pattern.ts';
import type { RequestContext, ApacheVerdict } from './request-context.ts';
import type { PathSection, ApacheServer, DirectorySection } from './server.ts';

/** Sections that applied, in the order they did. */
export type Trace = { place: Place; config: DirConfig; kind: 'folder' | 'file' | 'proxy' | 'location' | 'if' }[];

/** Nobody writes that many sections for one path; merging them takes time and depth. */
const MAX_SECTIONS = 2000;

/** Throws AppError `input` for a path to which more sections apply than can be merged. */
function traceSection(trace: Trace, section: Trace[number]): void {
  if (trace.length === MAX_SECTIONS)
    throw configError(section.place, `more than ${MAX_SECTIONS} sections apply to one path`);
  trace.push(section);
}

/**
 * As `ap_location_walk` and `ap_if_walk`: the sections are merged with each other first, then upon what came before.
 */
export function applyLocations(
  server: ApacheServer,
  base: DirConfig,
  context: RequestContext,
  trace: Trace,
): DirConfig {
  const path = server.mergesSlashes ? context.uri : context.uri.replace(/\/{2,}/g, '/');
  const sections = server.locations.filter(({ pattern, place }) =>
    coversPath(pattern, pattern.kind === 'regex' ? context.uri : path, place, context.ask),
  );
  for (const { place, config } of sections) traceSection(trace, { place, config, kind: 'location' });
  const merged =
    sections.length === 0 ? base : mergeDirConfigs(base, sections.map(({ config }) => config).reduce(mergeDirConfigs));
  return applyIfs(merged, merged.ifs, context, trace);
}

function applyIfs(base: DirConfig, ifs: readonly IfSection[], context: RequestContext, trace: Trace): DirConfig {
  let isMet = false;
  let inner: DirConfig | null = null;
  for (const { kind, condition, config, place } of ifs) {
    if (kind !== 'if' && isMet) continue;
    if (kind !== 'else') isMet = holds(condition, place, context);
    if (kind !== 'else' && !isMet) continue;
    inner = inner === null ? config : mergeDirConfigs(inner, config);
    traceSection(trace, { place, config, kind: 'if' });
  }
  if (inner === null) return base;
  const merged = mergeDirConfigs(base, inner);
  return inner.ifs.length === 0 ? merged : applyIfs(merged, inner.ifs, context, trace);
}

/** <Proxy> by the address that the request is sent on to. */
export function applyProxies(
  proxies: readonly PathSection[],
  base: DirConfig,
  name: string,
  context: RequestContext,
  trace: Trace,
): DirConfig {
  const sections = proxies.filter(({ pattern, place }) => {
    if (pattern.kind === 'regex') return coversPath(pattern, name, place, context.ask);
    return pattern.kind === 'glob' ? matchGlob(pattern.text, name, false) : name.startsWith(pattern.text);
  });
  for (const { place, config } of sections) traceSection(trace, { place, config, kind: 'proxy' });
  return sections.map(({ config }) => config).reduce(mergeDirConfigs, base);
}

export const beginConfig = (server: ApacheServer): DirConfig => mergeDirConfigs(EMPTY, server.config);

/** Finds the .htaccess of a folder: null when there is none, a verdict when it makes Apache answer. */
export type ReadAccessFile = (
  folder: string,
  overrides: SectionSetting,
  context: RequestContext,
) => DirConfig | ApacheVerdict | null;

export interface FolderSections {
  config: DirConfig | null;
  /** As far as it exists, and one name beyond. */
  filename: string;
  sections: Trace;
}

/**
 * As `ap_directory_walk`: <Directory> from the shortest on, each with the .htaccess beside it, then <DirectoryMatch>.
 */
export function applyFolders(
  server: ApacheServer,
  root: string,
  rest: string,
  context: RequestContext,
  readAccessFile: ReadAccessFile,
): FolderSections | ApacheVerdict {
  const applied: FolderSections = { config: null, filename: '/', sections: [] };
  const add = (place: Place, config: DirConfig): void => {
    traceSection(applied.sections, { place, config, kind: 'folder' });
    applied.config = applied.config === null ? config : mergeDirConfigs(applied.config, config);
  };
  const folders = foldersTo(root, rest);
  const named = server.directories.filter(({ pattern }) => pattern.kind !== 'regex');
  for (const [index, folder] of folders.entries()) {
    applied.filename = folder === '/' ? folder : folder.slice(0, -1);
    const hasAccessFile = (one: string): boolean => {
      const said = overridesOf(applied.config, server);
      return said !== null && readAccessFile(one, said, context) !== null;
    };
    if (folder.length > root.length + 1 && !isFolder(folders.slice(index), applied, server, context, hasAccessFile))
      break;
    for (const section of named) if (isAt(section, folder)) add(section.place, section.config);
    const overrides = overridesOf(applied.config, server);
    if (overrides === null) continue;
    const found = readAccessFile(folder, overrides, context);
    if (found === null) continue;
    if ('isAdmitted' in found) return found;
    add({ ...overrides.place, file: `${folder}${server.accessFile}`, line: 1, text: '' }, found);
  }
  for (const { pattern, place, config } of server.directories)
    if (pattern.kind === 'regex' && coversPath(pattern, applied.filename, place, context.ask)) add(place, config);
  return applied;
}

/**
 * What a .htaccess may say: the words of AllowOverride, and those of AllowOverrideList as `list=name`. Null: none is
 * looked for. Where AllowOverride was never said, Apache does look for one, and answers 500 when it says anything: only
 * an explicit None keeps it from looking.
 */
function overridesOf(config: DirConfig | null, { documentRoot, place }: ApacheServer): SectionSetting | null {
  const overrides = config?.overrides ?? { words: [], place: documentRoot?.place ?? place ?? NOWHERE };
  const listed = (config?.overrideList?.words ?? [])
    .map((word) => word.toLowerCase())
    .filter((word) => word !== 'none');
  if (listed.length > 0) return { ...overrides, words: [...overrides.words, ...listed.map((name) => `list=${name}`)] };
  return overrides.words.length === 1 && overrides.words[0]?.toLowerCase() === 'none' ? null : overrides;
}

const NOWHERE: Place = { file: '', line: 0, text: '' };

/** `/`, `/var/`, `/var/www/` and so on, down to the file itself. */
function foldersTo(root: string, rest: string): string[] {
  const segments = `${root}${rest}`.split('/').filter((segment) => segment !== '');
  return ['/', ...segments.map((_, index) => `/${segments.slice(0, index + 1).join('/')}/`)];
}

function isAt({ pattern, depth }: DirectorySection, folder: string): boolean {
  if (depth === 0) return folder === '/';
  return pattern.kind === 'glob' ? matchGlob(pattern.text, folder) : pattern.text === folder;
}

/**
 * Whether the first of these folders is one. A .htaccess in it or below says so; otherwise it is asked for, when
 * something hangs on it.
 */
function isFolder(
  folders: readonly string[],
  { config }: FolderSections,
  { config: base, directories }: ApacheServer,
  { ask }: RequestContext,
  hasAccessFile: (folder: string) => boolean,
): boolean {
  if (folders.some(hasAccessFile)) return true;
  const section = directories.find(
    (one) => one.pattern.kind !== 'regex' && folders.some((folder) => isAt(one, folder)),
  );
  // The last name is what <Files> sees, be it there or not.
  const byName =
    folders.length === 1
      ? undefined
      : [...base.files, ...(config?.files ?? []), ...directories.filter(({ pattern }) => pattern.kind === 'regex')][0];
  const place = section?.place ?? byName?.place;
  return place !== undefined && ask(place, `whether ${folders[0] ?? ''} is a folder on the server`);
}

/** As `ap_file_walk`: <Files> by the last name of the path. */
export function applyFiles(config: DirConfig, filename: string, context: RequestContext): FolderSections {
  const name = filename.slice(filename.lastIndexOf('/') + 1);
  const sections = config.files.filter(({ matcher, place }) => isName(matcher, name, place, context.ask));
  const trace: Trace = [];
  for (const one of sections) traceSection(trace, { place: one.place, config: one.config, kind: 'file' });
  return {
    filename,
    sections: trace,
    config: sections.length === 0 ? null : sections.map((one) => one.config).reduce(mergeDirConfigs),
  };
}
