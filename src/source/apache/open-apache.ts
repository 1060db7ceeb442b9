import { dirname } from 'node:path';
import { readPeer } from '../address/address.ts';
import { makePcre } from '../rules/pcre.ts';
import type { ConfigFile, ReadIncluded, ServerRules } from '../rules/server-rules.ts';
import { buildServers } from './build-servers.ts';
import { decide } from './decide.ts';
import { DIRECTIVE_NAMES } from './directive-names.ts';
import { expandConfig } from './expand.ts';
import { findAnswering } from './find-answering.ts';
import { findTraps } from './find-traps.ts';
import { findUnknown } from './find-unknown.ts';
import { headersIn, networksIn } from './named-networks.ts';
import { makeReadAccessFile } from './read-access-file.ts';
import { simulate, type Simulated, type World } from './simulate.ts';

/** An address of nobody (RFC 5737), for what is the same for everybody. */
const STRANGER = readPeer('203.0.113.66');

/**
 * An Apache 2.4 configuration, read and ready to be asked: the file that Apache is started with, or a site's file alone.
 * Throws AppError `input` with file and line for what Apache would not start with. Reads through `readIncluded` alone.
 */
export function openApache(main: ConfigFile, readIncluded: ReadIncluded): ServerRules {
  const { directives, part, notes } = expandConfig(main, readIncluded);
  const compile = makePcre();
  const servers = buildServers(directives, compile, readIncluded, dirname(main.file));
  const world: World = {
    servers,
    compile,
    readAccessFile: makeReadAccessFile(readIncluded, compile, servers.main.accessFile),
  };
  const visit = (path: string, host: string | null, port: number | null): Simulated => {
    if (STRANGER === null) throw new Error('no stranger');
    return simulate(world, { path, host, port, peer: STRANGER, headers: [] }, () => true);
  };
  return {
    server: 'apache',
    part,
    notes,
    unknown: { directives: findUnknown(directives), known: DIRECTIVE_NAMES },
    answering: (host, port) => findAnswering(servers, host, port),
    networksFor: (path, host, port) => networksIn(visit(path, host, port)),
    forwardingHeaders: (path, host, port) => headersIn(visit(path, host, port)),
    decide: (request) => decide(world, request),
    findTraps: (path, host, port) => findTraps(world, { path, host, port }),
  };
}
