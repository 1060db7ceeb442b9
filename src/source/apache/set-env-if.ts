import type { CompilePcre, MatchText } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';
import { holds, readAddressTest } from './expression.ts';
import { configError, type ApacheDirective } from './parse.ts';
import { findGroupsIn, makeCandidatesFor } from './compare-text.ts';
import { namesAssumed } from './pattern.ts';
import { METHOD, readRequestHeader, readVariable, type RequestContext } from './request-context.ts';

/** A SetEnvIf: what it looks at, for what, and what it sets then. */
export interface EnvRule {
  /** Lower case: a header, an earlier variable, or one of Apache's own. Null: an expression. */
  attribute: string | null;
  /** For an attribute that is an expression over the names of headers. */
  attributeMatch: MatchText | null;
  source: string;
  match: MatchText | null;
  ignoreCase: boolean;
  /** Null: it is unset. */
  sets: readonly { name: string; value: string | null }[];
  place: Place;
}

export const ENV_DIRECTIVES: ReadonlySet<string> = new Set([
  'setenvif',
  'setenvifnocase',
  'setenvifexpr',
  'browsermatch',
  'browsermatchnocase',
]);

export function readEnvRule({ name, words, place }: ApacheDirective, compile: CompilePcre): EnvRule {
  const ignoreCase = name.endsWith('nocase');
  if (name === 'setenvifexpr') {
    const [source = '', ...sets] = words;
    return {
      attribute: null,
      attributeMatch: null,
      source,
      match: null,
      ignoreCase,
      sets: readSets(sets, place),
      place,
    };
  }
  const [attribute = '', source, ...sets] = name.startsWith('browser') ? ['User-Agent', ...words] : words;
  if (source === undefined) throw configError(place, `${name} needs an expression`);
  const attributeMatch = /[^\w-]/.test(attribute) ? compile(attribute, true) : null;
  return {
    attribute: attribute.toLowerCase(),
    attributeMatch,
    source,
    match: compile(source, ignoreCase),
    ignoreCase,
    sets: readSets(sets, place),
    place,
  };
}

function readSets(words: readonly string[], place: Place): EnvRule['sets'] {
  if (words.length === 0) throw configError(place, 'no variable is set');
  return words.map((word) => {
    if (word.startsWith('!')) return { name: word.slice(1), value: null };
    const equals = word.indexOf('=');
    return equals === -1 ? { name: word, value: '1' } : { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
}

/** Variables that a module sets before access is checked. */
const OF_MODULES = /^(?:GEOIP|MM_|MMDB|GEO_|AUTHENTICATE_|CLIENT_CERT)/i;

/** Whether a variable is set when access is checked. SetEnv comes too late for that. */
export function readEnv(name: string, place: Place, { env, ask, moduleVariables }: RequestContext): boolean {
  if (env.has(name)) return true;
  return (OF_MODULES.test(name) || moduleVariables.has(name)) && ask(place, `whether a module sets ${name}`);
}

/** Runs SetEnvIf and its like in their order. */
export function runEnvRules(rules: readonly EnvRule[], context: RequestContext): void {
  for (const rule of candidatesFor(context, rules)) {
    const groups = findMatch(rule, context);
    if (groups === null) continue;
    for (const { name, value } of rule.sets) {
      if (value === null) context.env.delete(name);
      else {
        context.env.set(
          name,
          value.replace(/\$(\d)/g, (_, digit: string) => groups[Number(digit)] ?? ''),
        );
        const isPart = context.compared.parts.has(groups) && /\$\d/.test(value);
        if (isPart || namesAssumed(value, '$', groups)) context.compared.variables.add(name);
      }
    }
  }
}

const candidatesFor = makeCandidatesFor(({ attribute, source, match, ignoreCase }: EnvRule) => {
  if (attribute === 'remote_addr') return { kind: 'expression', source, match, ignoreCase };
  const test = attribute === null ? readAddressTest(source) : null;
  return test === null || test.isNegated ? null : { kind: 'subnet', subnet: test.subnet };
});

function findMatch(rule: EnvRule, context: RequestContext): readonly string[] | null {
  const { attribute, source, place } = rule;
  if (attribute === null) return holds(source, place, context) ? [] : null;
  const value = attribute === 'remote_host' ? undefined : readAttribute(rule, attribute, context);
  if (value === undefined) return context.ask(place, `what ${attribute} is`) ? [] : null;
  return findGroupsIn(context, rule, value, place);
}

function readAttribute({ attributeMatch }: EnvRule, attribute: string, context: RequestContext): string | undefined {
  const { caller, uri, headers, saysAnything } = context;
  if (attribute === 'remote_addr') return caller.text;
  if (attribute === 'request_uri') return uri;
  if (attribute === 'request_method') return METHOD;
  if (attribute === 'request_protocol') return 'HTTP/1.1';
  if (attribute === 'server_addr') return undefined;
  if (attributeMatch !== null)
    return saysAnything ? undefined : ([...headers].findLast(([name]) => attributeMatch(name) !== null)?.[1] ?? '');
  const header = readRequestHeader(context, attribute);
  return header === '' || header === undefined ? readEarlier(context, attribute, header) : header;
}

/** A variable that an earlier line has set, whatever its letter case. */
function readEarlier(context: RequestContext, attribute: string, otherwise: string | undefined): string | undefined {
  const name = [...context.env.keys()].find((one) => one.toLowerCase() === attribute);
  return name === undefined ? otherwise : readVariable(context, name);
}
