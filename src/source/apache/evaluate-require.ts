import type { Place } from '../rules/server-rules.ts';
import { readPeer } from '../address/address.ts';
import type { AuthzContainer, AuthzNode, RequireLine } from './authz-tree.ts';
import { holds } from './expression.ts';
import { readEnv } from './read-env.ts';
import { hasHostName, METHOD, type RequestContext } from './request-context.ts';
import { hasCaller, readSubnet } from './subnet.ts';

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
      because: 'it is limited to other methods than POST',
    };
  const found =
    node.kind === 'require' ? evaluateLine(node, context, hasUser) : evaluateContainer(node, context, hasUser);
  if (!node.isNegated || found.result === 'neutral') return found;
  // That something is not refused is no reason to admit it.
  return found.result === 'granted'
    ? { ...found, result: 'denied', because: `not to be: ${found.because}` }
    : { ...found, result: 'neutral' };
}

function evaluateContainer(
  { operator, children, place }: AuthzContainer,
  context: RequestContext,
  hasUser: boolean,
): Authorization {
  let found: Authorization = { result: 'neutral', place, because: 'no line of it applies' };
  for (const child of children) {
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

/** That a line is for everybody is the least telling reason of several. */
const isForAll = ({ because }: Authorization): boolean => because.startsWith('Require all ');

function evaluateLine(line: RequireLine, context: RequestContext, hasUser: boolean): Authorization {
  const { place, provider, words } = line;
  const evaluate = Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : undefined;
  const result = evaluate === undefined ? asUser(line, context, hasUser) : evaluate(line, context);
  const told = typeof result === 'string' ? result : result ? 'granted' : 'denied';
  return {
    result: told,
    place,
    because: `Require ${[...(line.isNegated ? ['not'] : []), provider, ...words].join(' ')}`,
  };
}

type Evaluate = (line: RequireLine, context: RequestContext) => boolean;

const LOOPBACK = ['127.0.0.0/8', '::1'].map((text) => readSubnet(text)).filter((subnet) => subnet !== null);

const PROVIDERS: Readonly<Record<string, Evaluate>> = {
  all: ({ words }) => words[0]?.toLowerCase() === 'granted',
  ip: ({ subnets }, { caller }) => subnets.some((subnet) => hasCaller(subnet, caller)),
  local: (_, { caller }) => LOOPBACK.some((subnet) => hasCaller(subnet, caller)),
  env: ({ words, place }, context) => words.some((name) => readEnv(name, place, context)),
  method: ({ words }) => words.includes(METHOD),
  expr: ({ words, place }, context) => holds(unquote(words.join(' ')), place, context),
  ssl: (_, { isTls }) => isTls,
  'ssl-verify-client': ({ place }, { isTls, ask }) =>
    isTls && ask(place, 'whether the caller shows a client certificate'),
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
  if (!OF_USERS.test(provider)) return ask(place, `what Require ${provider} looks at`);
  if (!hasUser) return 'no-user';
  return provider === 'valid-user' || ask(place, `whether the user is one of ${provider} ${words.join(' ')}`);
}
