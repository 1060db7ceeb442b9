import { type Address, readPeer } from '../address.ts';
import { hasAny, makeFindByAddress, makeFindCandidates } from '../find-by-address.ts';
import { onceFor } from '../rules/once.ts';
import type { Place } from '../rules/server-rules.ts';
import { holds, readAddressTest } from './expression.ts';
import { configError, type ApacheDirective } from './parse.ts';
import { hasHostName, METHOD, type RequestContext } from './request-context.ts';
import { readEnv } from './set-env-if.ts';
import { readSubnet, type Subnet, hasCaller } from './subnet.ts';

/** What a section says to mod_authz_core. */
export interface AuthzConfig {
  /** Null: AuthMerging is not set, which replaces as `off` does. */
  merging: 'off' | 'and' | 'or' | null;
  node: AuthzNode | null;
  place: Place;
}

export type AuthzNode = AuthzContainer | RequireLine;

export interface AuthzContainer {
  kind: 'container';
  operator: 'and' | 'or';
  isNegated: boolean;
  /** False: everything in it is within a <Limit> of other methods. */
  forPost: boolean;
  children: AuthzNode[];
  place: Place;
}

export interface RequireLine {
  kind: 'require';
  isNegated: boolean;
  forPost: boolean;
  provider: string;
  words: readonly string[];
  subnets: readonly Subnet[];
  place: Place;
}

const CONTAINERS: Readonly<Record<string, Pick<AuthzContainer, 'operator' | 'isNegated'> | undefined>> = {
  requireall: { operator: 'and', isNegated: false },
  requireany: { operator: 'or', isNegated: false },
  requirenone: { operator: 'or', isNegated: true },
  requirenotall: { operator: 'and', isNegated: true },
};

export const isContainer = (name: string): boolean => Object.hasOwn(CONTAINERS, name);

/** Lines that stand in no container are in one of their own: any of them will do. */
export const implicitContainer = (place: Place): AuthzContainer => ({
  kind: 'container',
  operator: 'or',
  isNegated: false,
  forPost: false,
  children: [],
  place,
});

/** Puts a `Require` into a container. Throws AppError `input` where Apache does not start. */
export function addRequire(container: AuthzContainer, directive: ApacheDirective, forPost: boolean): void {
  const line = readRequire(directive, forPost);
  if (line.isNegated && container.operator === 'or')
    throw configError(
      directive.place,
      'a negative Require has no effect where any match is enough',
      'put it into <RequireAll> with a positive Require',
    );
  container.children.push(line);
  container.forPost ||= forPost;
}

/** Puts a container into another. */
export function addContainer(
  container: AuthzContainer,
  { name, place, children, args }: ApacheDirective,
  forPost: boolean,
): void {
  const inner: AuthzContainer = { ...implicitContainer(place), ...CONTAINERS[name] };
  if (args !== '') throw configError(place, `<${name}> takes no arguments`);
  for (const child of children ?? []) {
    if (child.name === 'require' && child.children === null) addRequire(inner, child, forPost);
    else if (isContainer(child.name)) addContainer(inner, child, forPost);
    else throw configError(child.place, `${child.name} is not allowed in <${name}>`);
  }
  if (inner.children.length === 0) throw configError(place, `<${name}> contains no Require`);
  if (inner.isNegated && container.operator === 'or')
    throw configError(
      place,
      `<${name}> has no effect where any match is enough`,
      'put it into <RequireAll> with a positive Require',
    );
  container.forPost ||= inner.forPost;
  // As mod_authz_core: RequireAny in RequireAny is one.
  if (!inner.isNegated && inner.operator === container.operator)
    for (const child of inner.children) container.children.push(child);
  else container.children.push(inner);
}

/** Apache starts with no container of negative lines alone, however deep. */
export function checkContainer(container: AuthzContainer): void {
  for (const child of container.children) if (child.kind === 'container') checkContainer(child);
  if (container.children.every(({ isNegated }) => isNegated))
    throw configError(
      container.place,
      'only negative authorization directives: no caller could be admitted',
      'add Require all granted',
    );
}

function readRequire({ words, place, args }: ApacheDirective, forPost: boolean): RequireLine {
  const isNegated = words[0]?.toLowerCase() === 'not';
  const [provider = '', ...rest] = isNegated ? words.slice(1) : words;
  const name = provider.toLowerCase();
  if (name === '') throw configError(place, 'Require needs an argument');
  if (name !== provider) throw configError(place, `unknown authz provider: ${provider}`, `write ${name}`);
  // An expression is read as it stands, with its quotes.
  const argument = args.replace(isNegated ? /^\S+\s+\S+\s*/ : /^\S+\s*/, '');
  const line: RequireLine = {
    kind: 'require',
    isNegated,
    forPost,
    provider: name,
    words: name === 'expr' ? [argument] : rest,
    subnets: [],
    place,
  };
  if (name === 'all' && !/^(?:granted|denied)$/i.test(argument))
    throw configError(place, "the argument of 'Require all' must be 'granted' or 'denied'");
  return name === 'ip' ? { ...line, subnets: readSubnets(rest, place) } : line;
}

function readSubnets(words: readonly string[], place: Place): Subnet[] {
  if (words.length === 0) throw configError(place, "'Require ip' requires an argument");
  return words.map((word) => {
    const subnet = readSubnet(word);
    if (subnet === null) throw configError(place, `ip address '${word}' appears to be invalid`);
    return subnet;
  });
}

/** Whether some line within is such a one. */
export function hasLine(node: AuthzNode, isSuch: (line: RequireLine) => boolean): boolean {
  return node.kind === 'require' ? isSuch(node) : node.children.some((child) => hasLine(child, isSuch));
}

/** Every line within, from top to bottom. */
export function requireLines(node: AuthzNode): RequireLine[] {
  return node.kind === 'require' ? [node] : node.children.flatMap(requireLines);
}

/** `no-user`: it hangs on who the caller is, and nobody has said so yet. */
export type Granted = 'granted' | 'denied' | 'no-user' | 'neutral';

/** What came out, and the line that decided. */
export interface Authorization {
  result: Granted;
  place: Place;
  because: string;
}

/** As `apply_authz_sections` of mod_authz_core. */
export function authorize(
  node: AuthzNode,
  context: RequestContext,
  hasUser: boolean,
  within: 'and' | 'or' = 'and',
): Authorization {
  if (!node.forPost)
    return {
      result: within === 'and' ? 'granted' : 'neutral',
      place: node.place,
      because: 'it is limited to methods other than POST',
    };
  const found =
    node.kind === 'require' ? evaluateLine(node, context, hasUser) : evaluateContainer(node, context, hasUser);
  if (!node.isNegated || found.result === 'neutral') return found;
  // That something is not refused is no reason to admit it.
  return found.result === 'granted'
    ? { ...found, result: 'denied', because: `negated: ${found.because}` }
    : { ...found, result: 'neutral' };
}

function evaluateContainer(container: AuthzContainer, context: RequestContext, hasUser: boolean): Authorization {
  const { operator, children, place } = container;
  let found: Authorization = { result: 'neutral', place, because: 'none of its lines applies' };
  for (const child of operator === 'or' ? childrenFor(container)(context.caller) : children) {
    const one = authorize(child, context, hasUser, operator);
    if (one.result === 'neutral') continue;
    if (one.result === (operator === 'and' ? 'denied' : 'granted')) return one;
    const isWorse = operator === 'and' ? found.result !== 'denied' : found.result === 'denied';
    if (
      found.result === 'neutral' ||
      (one.result === 'no-user' && isWorse) ||
      (one.result === found.result && isForAll(found))
    )
      found = one;
  }
  if (operator === 'or' && found.result === 'denied' && children.length > 1)
    return { ...found, because: `no Require here admits ${context.caller.text}` };
  return found;
}

/**
 * Of a container where any line will do those that matter for a caller. Of the lines of addresses that are the ones
 * that hold the caller, and the first other one, which says where the refusal is.
 */
const childrenFor = onceFor(({ children }: AuthzContainer): ((caller: Address) => readonly AuthzNode[]) => {
  const lists = children.filter((child) => partsOf(child) !== null);
  if (lists.length < 2) return () => children;
  const find = makeFindCandidates(children, partsOf);
  const order = new Map(children.map((child, index) => [child, index]));
  return (caller) => {
    const found = new Set(find(caller));
    const other = lists.find((child) => !found.has(child));
    if (other !== undefined) found.add(other);
    return [...found].toSorted((one, next) => (order.get(one) ?? 0) - (order.get(next) ?? 0));
  };
});

const partsOf = (child: AuthzNode): readonly Subnet[] | null =>
  child.kind === 'require' && child.forPost && !child.isNegated ? addressesIn(child) : null;

/** The addresses that a line is for, where nothing else decides; null: something else does. */
function addressesIn({ provider, subnets, words }: RequireLine): readonly Subnet[] | null {
  if (provider === 'ip') return subnets;
  const test = provider === 'expr' ? readAddressTest(unquote(words.join(' '))) : null;
  return test === null || test.isNegated ? null : [test.subnet];
}

/** That a line is for everybody is the least informative reason of several. */
const isForAll = ({ because }: Authorization): boolean => because.startsWith('Require all ');

function evaluateLine(line: RequireLine, context: RequestContext, hasUser: boolean): Authorization {
  const { place, provider } = line;
  const evaluate = Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : undefined;
  const result = evaluate === undefined ? asUser(line, context, hasUser) : evaluate(line, context);
  const text = typeof result === 'string' ? result : result ? 'granted' : 'denied';
  return {
    result: text,
    place,
    because: sayLine(line),
  };
}

/** A line of a whole list is not repeated in full. */
const MAX_WORDS = 8;

const sayLine = onceFor(({ isNegated, provider, words }: RequireLine): string => {
  const said = words.length > MAX_WORDS ? [...words.slice(0, MAX_WORDS), `… (${words.length} in total)`] : words;
  return `Require ${[...(isNegated ? ['not'] : []), provider, ...said].join(' ')}`;
});

const findSubnets = onceFor(({ subnets }: RequireLine) => makeFindByAddress(subnets, (subnet) => [subnet]));

type Evaluate = (line: RequireLine, context: RequestContext) => boolean;

const LOOPBACK = ['127.0.0.0/8', '::1'].map((text) => readSubnet(text)).filter((subnet) => subnet !== null);

const PROVIDERS: Readonly<Record<string, Evaluate>> = {
  all: ({ words }) => words[0]?.toLowerCase() === 'granted',
  ip: (line, { caller }) => hasAny(findSubnets(line)(caller)),
  local: (_, { caller }) => LOOPBACK.some((subnet) => hasCaller(subnet, caller)),
  env: ({ words, place }, context) => words.some((name) => readEnv(name, place, context)),
  method: ({ words }) => words.includes(METHOD),
  expr: ({ words, place }, context) => holds(unquote(words.join(' ')), place, context),
  ssl: (_, { isTls }) => isTls,
  'ssl-verify-client': ({ place }, { isTls, ask }) =>
    isTls && ask(place, 'whether the caller sends a client certificate'),
  host: ({ words, place }, context) => asksDns(words) && hasHostName(context, words, place),
  'forward-dns': ({ words, place }, { ask, caller }) =>
    ask(place, `whether ${words.join(' or ')} has the address ${caller.text}`),
};

/** An address is no name: `Require host 192.0.2.1` admits nobody. */
const asksDns = (words: readonly string[]): boolean =>
  words.some((word) => readPeer(word) === null && !word.startsWith('#'));

/** As `expr_parse_config`: quotes around the whole of it go, and nothing else. */
const unquote = (text: string): string => /^"(.*)"$/.exec(text)?.[1] ?? text;

/** Providers that ask who the user is. Any other name is of a module of its own, or of <AuthzProviderAlias>. */
const OF_USERS = /^(?:valid-user|user|group|(?:ldap|db[dm]|file)-.*|idm|claim|shib.*|saml.*)$/;

/** Users and groups: nobody without credentials. */
function asUser({ provider, words, place }: RequireLine, { ask }: RequestContext, hasUser: boolean): boolean | Granted {
  if (!OF_USERS.test(provider)) return ask(place, `what Require ${provider} checks`);
  if (!hasUser) return 'no-user';
  return provider === 'valid-user' || ask(place, `whether the user is one of ${provider} ${words.join(' ')}`);
}
