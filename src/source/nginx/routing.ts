import { onceFor } from '../rules/once.ts';
import { handlerOf, type Location, levelOf, own, type NginxLevel } from './levels.ts';
import { fromBytes, syntaxError } from './lex.ts';
import type { NginxDirective } from './parse.ts';
import {
  matchRegex,
  noteWords,
  type RequestState,
  ask,
  assume,
  isUnknown,
  type Value,
  type Reason,
} from './request.ts';
import { fillIn, readVariable, beforeQuery, readTemplate } from './variables.ts';

export interface FoundLocation {
  location: Location | null;
  /** `/hook` for `location /hook/ { proxy_pass … }`: nginx answers 301 at once. */
  redirectsToSlash: boolean;
}

/** Whether the expression of a location is found in the path; it may keep what the groups took. */
export type TryRegex = (location: Location, path: string) => boolean;

interface Search extends FoundLocation {
  /** OK and DONE of ngx_http_core_find_location: nothing further is looked at. */
  isFinal: boolean;
}

/**
 * The location of a path: the exact one, else the first expression that matches unless the longest prefix says `^~`,
 * else that prefix; at every level of nesting.
 * https://github.com/nginx/nginx/blob/release-1.22.1/src/http/ngx_http_core_module.c#L1445
 */
export function findLocation(locations: readonly Location[], path: string, tryRegex: TryRegex): FoundLocation {
  return search(locations, path, tryRegex, null);
}

function search(locations: readonly Location[], path: string, tryRegex: TryRegex, around: Location | null): Search {
  let found = findStatic(locations, path, around);
  const prefix = found.isFinal || found.location === around ? null : found.location;
  if (prefix !== null) found = search(prefix.nested, path, tryRegex, prefix);
  if (found.isFinal || prefix?.beforeRegex === true) return found;
  for (const location of locations) {
    if (location.match === 'regex' && tryRegex(location, path))
      return {
        location: search(location.nested, path, tryRegex, location).location,
        redirectsToSlash: false,
        isFinal: true,
      };
  }
  return found;
}

/** The first location of a name stands: nginx refuses a second one. */
function findStatic(locations: readonly Location[], path: string, around: Location | null): Search {
  const exact = locations.find(({ match, name }) => match === 'exact' && name === path);
  if (exact !== undefined) return { location: exact, redirectsToSlash: false, isFinal: true };
  const prefixes = locations.filter(({ match, name }) => match === 'prefix' && path.startsWith(name));
  const longest = prefixes.reduce<Location | null>(
    (best, one) => (best === null || one.name.length > best.name.length ? one : best),
    null,
  );
  if (longest?.name !== path) {
    // A redirect to the slash wins over expressions, too: the search through the prefixes ends there.
    const slashed = locations.filter(
      (one) => (one.match === 'prefix' || one.match === 'exact') && one.name === `${path}/`,
    );
    const location = slashed.find(({ match }) => match === 'exact') ?? slashed[0];
    if (location !== undefined && slashed.some((one) => handlerOf(one)?.addsSlash === true))
      return { location, redirectsToSlash: true, isFinal: true };
  }
  return { location: longest ?? around, redirectsToSlash: false, isFinal: false };
}

/** The location of a path in the server that the request came to. */
export function locationOf(state: RequestState, path: string): FoundLocation {
  return findLocation(state.server.locations, path, (location, text) => {
    const { place, name, ignoreCase } = location;
    return place !== null && matchRegex(state, name, ignoreCase, text, place);
  });
}

/**
 * Takes over the settings of a level. Where its `limit_except` does not name the method, those within it hold: they
 * know nothing of the `return` and `rewrite` around them.
 */
export function enterLevel(state: RequestState, level: NginxLevel): void {
  const [limit] = own(level, 'limit_except');
  const isLimited = limit !== undefined && !limit.args.some((method) => isMethod(method, state.method));
  state.level = isLimited ? levelOf('limit_except', limit, level) : level;
  state.visited.push(state.level);
  const outer = handlerOf(level);
  const handler = isLimited ? (handlerOf(state.level) ?? (outer?.staysInLimitExcept === true ? outer : null)) : outer;
  // Within `if` the handler of the location goes on.
  if (handler !== null) state.handler = handler;
}

const isMethod = (written: string, method: string): boolean => written.toUpperCase() === method;

/** What stands in the brackets of `if (…)`: one word, two for a file, three for a comparison. */
function readIfCondition({ args, place }: NginxDirective): string[] {
  const last = args.length - 1;
  const words = args
    .map((word, index) => (index === last ? word.replace(/\)$/, '') : word))
    .map((word, index) => (index === 0 ? word.replace(/^\(/, '') : word));
  if (!args[0]?.startsWith('(') || !args[last]?.endsWith(')'))
    throw syntaxError(place.file, place.line, `"${place.text}": the condition has no parentheses`);
  return words.filter((word, index) => word !== '' || (index !== 0 && index !== last));
}

/** https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if */
function isTrue(state: RequestState, directive: NginxDirective): boolean {
  const [left = '', operator, right = ''] = readIfCondition(directive);
  if (/^!?-[fdex]$/.test(left)) return isFile(state, left, operator ?? '', directive);
  const value = readVariable(state, left.replace(/^\$/, ''), directive.place);
  if (operator === undefined)
    return decide(state, `${left} is true`, directive, value, (text) => text !== '' && text !== '0');
  if (operator === '=' || operator === '!=') return isEqual(state, directive, value) === (operator === '=');
  const found = decide(state, `${left} ${operator.replace('!', '')} ${right}`, directive, value, (text) =>
    matchRegex(state, right, operator.endsWith('*'), text, directive.place),
  );
  return found !== operator.startsWith('!');
}

function isEqual(state: RequestState, directive: NginxDirective, value: Value): boolean {
  const [left = '', , right = ''] = readIfCondition(directive);
  const other = fillIn(state, right, directive.place);
  if (!isUnknown(other) && !isUnknown(value)) noteWords(state, value, [other]);
  return decide(state, `${left} = ${right}`, directive, isUnknown(other) ? other : value, (text) => text === other);
}

function decide(
  state: RequestState,
  question: string,
  { place }: NginxDirective,
  value: Value,
  test: (text: string) => boolean,
): boolean {
  return isUnknown(value) ? ask(state, question, { place, text: value.unknown }) : test(value);
}

/** A file by the name of the request is there where an application is called by files, and only there. */
function isFile(state: RequestState, operator: string, name: string, { place }: NginxDirective): boolean {
  const isNegative = operator.startsWith('!');
  const kind = operator.replace('!', '');
  if (!/\$(request_filename|uri|document_uri)/.test(name))
    return ask(state, `${kind} ${name}`, { place, text: `it depends on the file ${fromBytes(name)}` }) !== isNegative;
  const exists = kind !== '-d' && state.handler?.kind === 'application';
  assume(state, {
    place,
    text: `${exists ? 'a' : 'no'} ${kind === '-d' ? 'folder' : 'file'} is assumed to be at ${fromBytes(state.path)}`,
  });
  return exists !== isNegative;
}

/** An answer given by the lines themselves. */
export interface RewriteAnswer extends Reason {
  /** Null: it is not known. */
  status: number | null;
  /** `return 403 text`: it goes out as it is, past error pages. */
  hasText: boolean;
}

/** What the lines came to: an answer, or `isChanged`: the path was changed, and a location is looked for again. */
export interface RewriteOutcome {
  answer: RewriteAnswer | null;
  isChanged: boolean;
}

interface RewriteStep extends RewriteOutcome {
  isDone: boolean;
}

/**
 * Runs `set`, `if`, `rewrite`, `return` and `break` of a level, in their order. This comes before anybody looks at who
 * the caller is. https://nginx.org/en/docs/http/ngx_http_rewrite_module.html
 */
export function runRewrites(state: RequestState, directives: readonly NginxDirective[]): RewriteOutcome {
  return run(state, directives, { answer: null, isChanged: false, isDone: false });
}

function run(state: RequestState, directives: readonly NginxDirective[], begun: RewriteStep): RewriteStep {
  let step = begun;
  for (const { directive, code } of codesOf(directives)) {
    step = code(state, directive, step);
    if (step.isDone) return step;
  }
  return step;
}

type RewriteCode = (state: RequestState, directive: NginxDirective, step: RewriteStep) => RewriteStep;

const CODES: Record<string, RewriteCode> = {
  set: runSet,
  if: runIf,
  rewrite: runRewrite,
  return: (_, directive, step) => ({ ...step, answer: readReturn(directive), isDone: true }),
  // What was changed until here stays, but no location is looked for again.
  break: (_, __, step) => ({ ...step, isChanged: false, isDone: true }),
};

/** The lines of a block that are run. Of a long list that is none. */
const codesOf = onceFor((directives: readonly NginxDirective[]) =>
  directives.flatMap((directive) => {
    const code = Object.hasOwn(CODES, directive.name) ? CODES[directive.name] : undefined;
    return code === undefined ? [] : [{ directive, code }];
  }),
);

function runSet(
  state: RequestState,
  { args: [name = '', value = ''], place }: NginxDirective,
  step: RewriteStep,
): RewriteStep {
  state.variables.set(name.slice(1), fillIn(state, value, place));
  return step;
}

function runIf(state: RequestState, directive: NginxDirective, step: RewriteStep): RewriteStep {
  if (!isTrue(state, directive)) {
    if (directive.block?.some(({ name }) => name === 'return'))
      state.passed = { place: directive.place, because: `${directive.place.text} is false` };
    return step;
  }
  // In a location the block is a level of its own from here on, with all that follows it.
  if (state.level.kind !== 'server') enterLevel(state, levelOf('if', directive, enclosing(state)));
  return run(state, directive.block ?? [], step);
}

/** Of two `if` that are the case, the second stands beside the first, not within it. */
const enclosing = ({ level }: RequestState): RequestState['level'] =>
  level.kind === 'if' && level.parent !== null ? level.parent : level;

function runRewrite(
  state: RequestState,
  { args: [pattern = '', replacement = '', flag], place }: NginxDirective,
  step: RewriteStep,
): RewriteStep {
  if (!matchRegex(state, pattern, false, state.path, place)) {
    state.match = null;
    return step;
  }
  const isRedirect = /^(https?:\/\/|\$scheme)/.test(replacement) || flag === 'redirect' || flag === 'permanent';
  const answer = { hasText: false, place, because: place.text };
  if (isRedirect) return { ...step, answer: { ...answer, status: flag === 'permanent' ? 301 : 302 }, isDone: true };
  state.isInternal = true;
  const path = fillPath(state, replacement, place);
  if (isUnknown(path)) {
    state.doubts.push({ place, text: path.unknown });
    return { ...step, answer: { ...answer, status: null }, isDone: true };
  }
  if (path === '') return { ...step, answer: { ...answer, status: 500 }, isDone: true };
  state.path = path;
  return { ...step, isChanged: flag !== 'break', isDone: flag === 'last' || flag === 'break' };
}

/** What stands behind the first `?` is the query. */
function fillPath(state: RequestState, replacement: string, place: NginxDirective['place']): Value {
  return readTemplate(replacement) === null ? replacement : fillIn(state, beforeQuery(replacement), place);
}

function readReturn({ args: [code = '', text = ''], place }: NginxDirective): RewriteAnswer {
  const isUrl = !/^\d+$/.test(code);
  return {
    status: isUrl ? 302 : Number(code),
    hasText: text !== '',
    place,
    because: fromBytes(isUrl ? 'return to another URL' : `return ${code}`),
  };
}
