import { basename, dirname } from 'node:path';
import { addressOf } from '../address.ts';
import { makePcre } from '../rules/pcre.ts';
import type { ConfigFile, ReadIncluded, ServerRules, Trap } from '../rules/server-rules.ts';
import { buildServers } from './build-servers.ts';
import { decide, findAnswering, headersIn } from './decide.ts';
import { DIRECTIVE_NAMES } from './commands.ts';
import { findUnknown } from './directive-names.ts';
import { expandAccessFileAlone, expandConfig } from './expand.ts';
import { findHeaderTraps } from './header-traps.ts';
import { makeReadAccessFile } from './read-access-file.ts';
import { findAddressTraps, findRuleTraps } from './rule-traps.ts';
import { findPathTraps, findServerTraps } from './route-traps.ts';
import { findSectionTraps } from './section-traps.ts';
import { isApacheDump } from './parse.ts';
import { simulate, type ApacheRun, type ApacheEnvironment } from './simulate.ts';
import { doorsOf, traceNetworks } from './trace.ts';
import type { Scene } from './traps.ts';
import { findDeaf, findForbidden, findRefused, findUnloaded } from './validity.ts';

/** 203.0.113.66, an address of nobody (RFC 5737). */
const NOBODY = addressOf(4, 0xcb_00_71_42n);

/**
 * An Apache 2.4 configuration, read and ready to be asked: the file that Apache is started with, a site's file alone,
 * or a .htaccess. Throws AppError `input` with file and line for what Apache would not start with. Reads through
 * `readIncluded` alone.
 */
export function openApache(main: ConfigFile, readIncluded: ReadIncluded): ServerRules {
  const isAccessFile = basename(main.file) === '.htaccess';
  const { directives, part, notes, modules } = (isAccessFile ? expandAccessFileAlone : expandConfig)(
    main,
    readIncluded,
  );
  const compile = makePcre();
  const servers = buildServers(directives, compile, readIncluded, dirname(main.file));
  const environment: ApacheEnvironment = {
    servers,
    compile,
    readAccessFile: makeReadAccessFile(readIncluded, compile, servers.main.accessFile, modules),
  };
  const visit = (path: string, host: string | null, port: number | null): ApacheRun =>
    simulate(environment, { path, host, port, peer: NOBODY, headers: [] }, () => true);
  return {
    server: 'apache',
    part,
    isDump: isApacheDump(main.text),
    notes,
    refused: [
      ...findRefused(directives),
      ...(isAccessFile ? findForbidden(directives[0]?.children ?? []) : []),
      ...(modules === null ? [] : [...findUnloaded(directives, modules), ...findDeaf(directives, main.file)]),
    ],
    unknown: { directives: findUnknown(directives), known: DIRECTIVE_NAMES },
    answering: (host, port) => findAnswering(servers, host, port),
    doors: (path, host, port) => doorsOf(environment, { path, host, port }),
    networksFor: (path, host, port, behind = null) => traceNetworks(environment, { path, host, port, behind }).networks,
    writtenNetworks: (path, host, port, behind = null) =>
      traceNetworks(environment, { path, host, port, behind }).written,
    forwardingHeaders: (path, host, port) => headersIn(visit(path, host, port)),
    decide: (request) => decide(environment, request),
    findTraps: (path, host, port) => findTraps(environment, { path, host, port }),
  };
}

/** The traps that concern a path, in the order of the configuration's sections. */
export function findTraps(
  environment: ApacheEnvironment,
  { path, host, port }: { path: string; host: string | null; port: number | null },
): Trap[] {
  const run = simulate(environment, { path, host, port, peer: NOBODY, headers: [] }, () => false);
  const scene: Scene = { environment, path, host, port, unauthorised: NOBODY, run, isOpen: run.verdict.isAdmitted };
  const found = [
    ...findRuleTraps(scene),
    ...findAddressTraps(scene),
    ...findHeaderTraps(scene),
    ...findSectionTraps(scene),
    ...findServerTraps(scene),
    ...findPathTraps(scene),
  ];
  return [...new Map(found.map((trap) => [`${trap.id} ${trap.place.file}:${trap.place.line}`, trap])).values()];
}
