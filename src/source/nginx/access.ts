import { type Address, isMapped, type Network } from '../address.ts';
import { makeFindByAddress, maskedOf } from '../find-by-address.ts';
import { onceFor } from '../rules/once.ts';
import type { Doubt, Place } from '../rules/server-rules.ts';
import { cidrOf, findForwarded, readProxies, unmap } from './addresses.ts';
import { effective, isOn, type NginxLevel, setting } from './levels.ts';
import type { NginxDirective } from './parse.ts';
import { isForeign } from './directive-names.ts';
import { scopeOf, SCOPE } from './scope.ts';
import { ask, assume, isUnknown, type Reason, type RequestState } from './request.ts';
import { fillIn } from './variables.ts';

/** Not turned off, of each the one that holds here. */
const holding = (level: NginxLevel, names: Readonly<Record<string, string>>): Doubt[] =>
  Object.entries(names).flatMap(([name, text]) => {
    const [directive] = effective(level, name);
    return directive === undefined || isTurnedOff(directive) ? [] : [{ place: directive.place, text }];
  });

/** A list of cached methods says something where POST is one of them. */
const isTurnedOff = ({ name, args }: NginxDirective): boolean =>
  name.endsWith('_cache_methods') ? !args.some((method) => /^post$/i.test(method)) : args[0] === 'off';

const guardOf = (level: NginxLevel): Doubt[] => holding(level, SCOPE.guards);
/** What may answer before anybody is asked, and what nobody here knows. */
export const programsOf = (level: NginxLevel): Doubt[] => [...holding(level, SCOPE.programs), ...unknownOn(level)];

/** Directives of modules of others that are in no list of the scope. */
const unknownIn = onceFor((directives: readonly NginxDirective[]): Doubt[] =>
  directives
    .filter(({ name }) => isForeign(name) && scopeOf(name).length === 0)
    .map(({ name, place }) => ({ place, text: `the effect of ${name} is unknown` })),
);

/** Those here and on the levels around. */
const unknownOn = ({ directives, parent }: NginxLevel): Doubt[] => [
  ...unknownIn(directives),
  ...(parent === null ? [] : unknownOn(parent)),
];

/**
 * What one module says: it lets the caller in, has no opinion, or refuses with that status (null: one it does not
 * tell).
 */
type Opinion = ({ says: 'yes' } & Reason) | { says: 'nothing' } | ({ says: 'no'; status: number | null } & Reason);

export interface Refusal extends Reason {
  status: number | null;
}

const NOTHING: Opinion = { says: 'nothing' };

/**
 * Who refuses the caller; null when nobody does. All must agree, or with `satisfy any` one of them: nginx asks `allow`
 * and `deny` first, then passwords, then other servers, then further modules.
 */
export function findRefusal(state: RequestState): Refusal | null {
  for (const doubt of holding(state.level, SCOPE.beside)) assume(state, doubt);
  const isAny = setting(state.level, 'satisfy')?.toLowerCase() === 'any' || isOn(state.level, 'satisfy_any', false);
  let kept: Refusal | null = null;
  for (const give of [askRules, askPassword, askServer, ...guardsOf(state.level)]) {
    const opinion = give(state);
    if (opinion.says === 'nothing') continue;
    if (opinion.says === 'yes') {
      state.passed = opinion;
      if (isAny) return null;
    } else if (!isAny) return opinion;
    // A missing password weighs more than a forbidden address, and is asked for later.
    else kept = opinion;
  }
  return kept;
}

/** https://nginx.org/en/docs/http/ngx_http_access_module.html: the first line that fits decides. */
function askRules(state: RequestState): Opinion {
  const rules = effective(state.level, 'allow', 'deny');
  const { networks, find } = compile(rules);
  state.networks.add(networks);
  const rule = find(state.address);
  if (rule === undefined) return NOTHING;
  const reason = { place: rule.place, because: `${rule.name} ${rule.args[0]}` };
  return rule.name === 'allow' ? { says: 'yes', ...reason } : { says: 'no', status: 403, ...reason };
}

/** A list of `allow` and `deny`, ready to be asked. */
interface AccessList {
  networks: readonly Network[];
  /** The first line that fits. */
  find(address: Address): NginxDirective | undefined;
}

const compile = onceFor((rules: readonly NginxDirective[]): AccessList => {
  const lines = rules.map((rule, index) => ({ rule, index, network: cidrOf(rule)?.network ?? null }));
  const findFitting = makeFindByAddress(lines, ({ network }) => (network === null ? [] : [maskedOf(network)]));
  const forAll = lines.find(({ rule, network }) => network === null && rule.args[0] === 'all');
  // `::ffff:192.0.2.1` is compared with the rules of IPv4 as soon as there are any: an IPv6 rule for it then never
  // fits.
  const hasIpv4 = lines.some(({ rule, network }) => rule.args[0] === 'all' || network?.family === 4);
  return {
    networks: lines.flatMap(({ network }) => network ?? []),
    find(address) {
      let first = forAll;
      for (const line of findFitting(hasIpv4 && isMapped(address) ? unmap(address) : address))
        if (first === undefined || line.index < first.index) first = line;
      return first?.rule;
    },
  };
});

/** https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html: without a file of passwords it guards nothing. */
function askPassword(state: RequestState): Opinion {
  const [realm] = effective(state.level, 'auth_basic');
  const [file] = effective(state.level, 'auth_basic_user_file');
  if (realm === undefined || file === undefined) return NOTHING;
  const value = fillIn(state, realm.args[0] ?? '', realm.place);
  const isOff = isUnknown(value)
    ? ask(state, `auth_basic ${realm.args[0]}`, { place: realm.place, text: value.unknown })
    : value === 'off';
  if (isOff) return NOTHING;
  const because = `${realm.place.text}: a password is required`;
  if (state.headers.all('Authorization').length === 0) return { says: 'no', status: 401, place: realm.place, because };
  return doubtful(state, realm.place, `whether ${file.args[0]} contains the password`, because, 401);
}

function askServer(state: RequestState): Opinion {
  const [request] = effective(state.level, 'auth_request');
  if (request === undefined || request.args[0] === 'off') return NOTHING;
  return doubtful(state, request.place, 'auth_request asks another server', request.place.text, null);
}

function guardsOf(level: NginxLevel): ((state: RequestState) => Opinion)[] {
  return guardOf(level).map(
    ({ place, text }) =>
      (state) =>
        doubtful(state, place, text, place.text, null),
  );
}

function doubtful(state: RequestState, place: Place, text: string, because: string, status: number | null): Opinion {
  const reason = { place, because };
  return ask(state, `${place.file}:${place.line} admits`, { place, text })
    ? { says: 'yes', ...reason }
    : { says: 'no', status, ...reason };
}

/** Whether anything here asks who the caller is. */
export const restricts = (level: NginxLevel): boolean => effective(level, 'allow', 'deny').length > 0;

/** The header that a level takes the caller's address from. */
export const realIpHeader = (level: NginxLevel): string => setting(level, 'real_ip_header') ?? 'X-Real-IP';

/**
 * Puts the address from a header in the place of the peer's, once for a request: after the server is known, or, where
 * the settings stand in a location, before its `allow` and `deny`.
 * https://nginx.org/en/docs/http/ngx_http_realip_module.html
 */
export function takeRealAddress(state: RequestState): void {
  const from = effective(state.level, 'set_real_ip_from');
  if (state.isRealAddress || from.length === 0) return;
  const proxies = readProxies(from);
  state.networks.add(proxies);
  const header = realIpHeader(state.level);
  state.readHeaders.add(header);
  const found = findForwarded(
    state.peer,
    claimsIn(state, header),
    proxies,
    isOn(state.level, 'real_ip_recursive', false),
  );
  assumeNames(state, from);
  if (found === null) return;
  state.address = found;
  state.isRealAddress = true;
}

/** What is said of the caller; X-Forwarded-For alone may be sent more than once. */
function claimsIn({ proxied, headers }: RequestState, header: string): readonly string[] {
  if (header === 'proxy_protocol') return proxied === null ? [] : [proxied.text];
  const values = headers.all(header);
  return header.toLowerCase() === 'x-forwarded-for' ? values : values.slice(0, 1);
}

/** Names are resolved when nginx starts. */
function assumeNames(state: RequestState, from: readonly NginxDirective[]): void {
  const named = firstName(from);
  if (named !== null) assume(state, { place: named.place, text: `no caller is assumed to be ${named.args[0]}` });
}

const firstName = onceFor(
  (from: readonly NginxDirective[]): NginxDirective | null =>
    from.find((line) => line.args[0] !== 'unix:' && cidrOf(line) === null) ?? null,
);
