import { configError } from './config-error.ts';
import { EMPTY, mergeDirConfigs, type DirConfig, type IfSection } from './dir-config.ts';
import { holds } from './expression.ts';
import { coversPath } from './pattern.ts';
import { matchGlob } from './glob.ts';
import type { RequestContext } from './request-context.ts';
import type { PathSection, Server } from './server.ts';
import type { Place } from '../rules/server-rules.ts';

/** Sections that applied, in the order they did. */
export type Trace = { place: Place; config: DirConfig; kind: 'folder' | 'file' | 'proxy' | 'location' | 'if' }[];

/** Nobody writes that many sections for one path; merging them takes time and depth. */
const MAX_SECTIONS = 2000;

/** Throws AppError `input` for a path to which more sections apply than can be merged. */
export function traceSection(trace: Trace, section: Trace[number]): void {
  if (trace.length === MAX_SECTIONS)
    throw configError(section.place, `more than ${MAX_SECTIONS} sections are for one path`);
  trace.push(section);
}

/** As `ap_location_walk` and `ap_if_walk`: the sections are merged with each other first, then upon what came before. */
export function applyLocations(server: Server, base: DirConfig, context: RequestContext, trace: Trace): DirConfig {
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
  let isTaken = false;
  let inner: DirConfig | null = null;
  for (const { kind, condition, config, place } of ifs) {
    if (kind !== 'if' && isTaken) continue;
    if (kind !== 'else') isTaken = holds(condition, place, context);
    if (kind !== 'else' && !isTaken) continue;
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

export const beginConfig = (server: Server): DirConfig => mergeDirConfigs(EMPTY, server.config);
