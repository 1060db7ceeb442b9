import { type Address, isMapped, type Network } from '../address.ts';
import { makeFindByAddress, maskedOf } from '../find-by-address.ts';
import { onceFor } from '../rules/once.ts';
import type { Doubt, Place } from '../rules/server-rules.ts';
import { cidrOf, findForwarded, readProxies, unmap } from './addresses.ts';
import { effective, isOn, type NginxLevel, setting } from './levels.ts';
import type { NginxDirective } from './parse.ts';
import { ask, assume, isUnknown, type Reason, type RequestState } from './request.ts';
import { fillIn } from './variables.ts';

/**
 * Modules that may refuse a caller for a reason that no configuration states. They are asked after those of nginx
 * itself.
 */
const GUARDS: Record<string, string> = {
  auth_jwt: 'auth_jwt looks at a token',
  auth_jwt_require: 'auth_jwt_require looks at a token',
  auth_oidc: 'auth_oidc sends callers to another server',
  auth_ldap: 'auth_ldap asks a directory',
  auth_pam: 'auth_pam asks the machine',
  auth_digest: 'auth_digest asks for a password',
  auth_gss: 'auth_gss asks for a ticket',
  auth_spnego: 'auth_spnego asks for a ticket',
  access_by_lua: 'access_by_lua is a program',
  access_by_lua_block: 'access_by_lua_block is a program',
  access_by_lua_file: 'access_by_lua_file is a program',
  js_access: 'js_access is a program',
  modsecurity: 'ModSecurity has rules of its own',
  ModSecurityEnabled: 'ModSecurity has rules of its own',
  SecRulesEnabled: 'NAXSI has rules of its own',
  app_protect_enable: 'App Protect has rules of its own',
  geoip2_deny: 'it hangs on a database of countries',
  testcookie: 'testcookie asks for a cookie',
  internal_redirect_by_lua_block: 'a program may send the request elsewhere',
};

/** Programs that may answer before anybody is asked. */
const PROGRAMS: Record<string, string> = {
  rewrite_by_lua: 'rewrite_by_lua is a program',
  rewrite_by_lua_block: 'rewrite_by_lua_block is a program',
  rewrite_by_lua_file: 'rewrite_by_lua_file is a program',
};

/** Not turned off, of each the one that holds here. */
const holding = (level: NginxLevel, names: Record<string, string>): Doubt[] =>
  Object.entries(names).flatMap(([name, text]) => {
    const [directive] = effective(level, name);
    return directive === undefined || directive.args[0] === 'off' ? [] : [{ place: directive.place, text }];
  });

const guardOf = (level: NginxLevel): Doubt[] => holding(level, GUARDS);
export const programsOf = (level: NginxLevel): Doubt[] => holding(level, PROGRAMS);

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
  const isAny = setting(state.level, 'satisfy') === 'any';
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
  const because = `${realm.place.text}: a password is asked for`;
  if (state.headers.all('Authorization').length === 0) return { says: 'no', status: 401, place: realm.place, because };
  return doubtful(state, realm.place, `whether the password is in ${file.args[0]}`, because, 401);
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
  return ask(state, `${place.file}:${place.line} lets in`, { place, text })
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
  if (named !== null) assume(state, { place: named.place, text: `no caller is taken to be ${named.args[0]}` });
}

const firstName = onceFor(
  (from: readonly NginxDirective[]): NginxDirective | null =>
    from.find((line) => line.args[0] !== 'unix:' && cidrOf(line) === null) ?? null,
);
