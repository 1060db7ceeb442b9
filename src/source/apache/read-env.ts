import type { Place } from '../rules/server-rules.ts';
import type { EnvRule } from './env-rules.ts';
import { holds } from './expression.ts';
import { findGroups } from './pattern.ts';
import { METHOD, readHeader, type RequestContext } from './request-context.ts';

/** Variables that a module sets before access is checked. */
const OF_MODULES = /^(?:GEOIP|MM_|MMDB|GEO_|AUTHENTICATE_|CLIENT_CERT)/i;

/** Whether a variable is set when access is checked. SetEnv comes too late for that. */
export function readEnv(name: string, place: Place, { env, ask }: RequestContext): boolean {
  if (env.has(name)) return true;
  return OF_MODULES.test(name) && ask(place, `whether a module sets ${name}`);
}

/** Runs SetEnvIf and its like in their order. */
export function runEnvRules(rules: readonly EnvRule[], context: RequestContext): void {
  for (const rule of rules) {
    const groups = findMatch(rule, context);
    if (groups === null) continue;
    for (const { name, value } of rule.sets) {
      if (value === null) context.env.delete(name);
      else
        context.env.set(
          name,
          value.replace(/\$(\d)/g, (_, digit: string) => groups[Number(digit)] ?? ''),
        );
    }
  }
}

function findMatch(rule: EnvRule, context: RequestContext): readonly string[] | null {
  const { attribute, match, source, place } = rule;
  if (attribute === null) return holds(source, place, context) ? [] : null;
  const value = attribute === 'remote_host' ? undefined : readAttribute(rule, attribute, context);
  if (value === undefined) return context.ask(place, `what ${attribute} is`) ? [] : null;
  return findGroups(match, source, value, place, context.ask);
}

function readAttribute({ attributeMatch }: EnvRule, attribute: string, context: RequestContext): string | undefined {
  const { caller, uri, headers, env, saysAnything } = context;
  if (attribute === 'remote_addr') return caller.text;
  if (attribute === 'request_uri') return uri;
  if (attribute === 'request_method') return METHOD;
  if (attribute === 'request_protocol') return 'HTTP/1.1';
  if (attribute === 'server_addr') return undefined;
  if (attributeMatch !== null)
    return saysAnything ? undefined : ([...headers].findLast(([name]) => attributeMatch(name) !== null)?.[1] ?? '');
  const header = readHeader(context, attribute);
  return header === '' || header === undefined
    ? ([...env].find(([name]) => name.toLowerCase() === attribute)?.[1] ?? header)
    : header;
}
