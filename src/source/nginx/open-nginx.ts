import { AppError } from '../../model/error.ts';
import type { ConfigFile, ReadIncluded, ServerRules } from '../rules/server-rules.ts';
import { readConfig } from './config.ts';
import { DIRECTIVE_NAMES } from './directive-names.ts';
import { findAnswering } from './find-answering.ts';
import { findTraps } from './find-traps.ts';
import { findUnknown } from './find-unknown.ts';
import { traceRules } from './networks.ts';
import { parseConfig } from './parse.ts';
import { decide } from './simulate.ts';

/**
 * Reads a configuration of nginx: the whole one, or a file that holds `server { }` or less. What it decides is simulated
 * phase by phase, for http alone (`stream` and `mail` take no webhook). Throws AppError `input`, with file and line, for
 * what nginx would not start with.
 */
export function openNginx(main: ConfigFile, readIncluded: ReadIncluded): ServerRules {
  const directives = parseConfig(main, readIncluded);
  const config = readConfig(directives, main.file);
  if (config.servers.length === 0)
    throw new AppError('input', `${main.file} has no server { }`, {
      hint: 'give the nginx.conf that the server itself reads: nginx -T shows which files it has',
    });
  return {
    server: 'nginx',
    part: config.part,
    unknown: { directives: findUnknown(directives), known: [...DIRECTIVE_NAMES] },
    answering: (host, port) => findAnswering(config, host, port),
    networksFor: (path, host, port) => traceRules(config, { path, host, port }).networks,
    forwardingHeaders: (path, host, port) => traceRules(config, { path, host, port }).headers,
    decide: (request) => decide(config, request),
    findTraps: (path, host, port, claimed = []) => findTraps(config, { path, host, port }, claimed),
  };
}
