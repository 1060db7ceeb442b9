import type { Header } from '../../model/plan.ts';
import { readAddress, type Address, type Network } from '../address.ts';
import { chooseUnauthorisedAddresses } from '../rules/choose-callers.ts';
import type { Place, Trap, Decision, SimulatedRequest } from '../rules/server-rules.ts';
import type { NginxConfig } from './config.ts';
import type { NginxLevel } from './levels.ts';
import { decide, simulate } from './simulate.ts';
import { traceRules, type RuleTarget } from './trace.ts';
import type { RequestState } from './request.ts';

/**
 * What configurations of nginx do although their authors hardly meant it. test/source/nginx/traps.test.ts finds each.
 */
export const TRAPS = {
  'deny-before-allow': {
    title: 'an allow after a deny that covers it',
    severity: 'fail',
    fix: 'write the allow lines first, and deny all last: the first matching line decides',
  },
  'no-deny': {
    title: 'allow lines without a final deny all',
    severity: 'fail',
    fix: 'end the list with "deny all;": a caller that matches no line is admitted',
  },
  'child-drops-deny': {
    title: 'a location with its own allow but no deny',
    severity: 'fail',
    fix: 'repeat the whole list in the location: a single line in the location replaces the list around it',
  },
  'ipv6-left-open': {
    title: 'a list that ends for IPv4 only',
    severity: 'fail',
    fix: 'write "deny all;" instead of an IPv4 network',
  },
  'allow-all': {
    title: 'an allow that matches every address',
    severity: 'fail',
    fix: "allow only the vendor's networks",
  },
  'return-bypasses-rules': {
    title: 'a return next to allow and deny',
    severity: 'fail',
    fix: 'pass the request to an application (proxy_pass): return answers before the caller is checked',
  },
  'limit-except-post': {
    title: 'limit_except that names POST',
    severity: 'fail',
    fix: 'put allow and deny into the location itself: limit_except protects every method except those it names',
  },
  'real-ip-from-anyone': {
    title: 'the address is read from a header that any caller can send',
    severity: 'fail',
    fix: 'list only your own proxies in set_real_ip_from',
  },
  'real-ip-one-hop': {
    title: 'one hop of X-Forwarded-For is read behind several proxies',
    severity: 'warn',
    fix: 'real_ip_recursive on;',
  },
  'real-ip-header-alone': {
    title: 'real_ip_header without set_real_ip_from',
    severity: 'warn',
    fix: 'name the proxy to trust: set_real_ip_from 192.0.2.10;',
  },
  'real-ip-too-late': {
    title: 'set_real_ip_from in a location whose if, map or geo reads the address',
    severity: 'warn',
    fix: 'move set_real_ip_from into server or http: in a location it applies after if and return',
  },
  'header-decides': {
    title: 'the decision depends on a header that any caller can send',
    severity: 'fail',
    fix: 'read the address only from your own proxy: set_real_ip_from, then allow and deny',
  },
  'satisfy-any': {
    title: 'a password or token instead of the list',
    severity: 'warn',
    fix: 'write satisfy all; unless a password alone should be enough',
  },
  'auth-without-file': {
    title: 'auth_basic without auth_basic_user_file',
    severity: 'fail',
    fix: 'set the password file: without it no caller is asked',
  },
  'host-bits': {
    title: 'a network with bits set after its prefix',
    severity: 'warn',
    fix: 'write the network itself, or the single address if that was meant',
  },
  'mapped-address': {
    title: 'an IPv4 address written as IPv6',
    severity: 'fail',
    fix: 'write it as IPv4: nginx compares ::ffff:a.b.c.d with the rules of IPv4',
  },
  'error-page-admits': {
    title: 'an error page that turns a refusal into a success',
    severity: 'fail',
    fix:
      'make the error page keep the status: error_page 403 /page.html; without "=" and without an application ' +
      'behind it',
  },
  'expression-takes-path': {
    title: 'a regex location takes the path from a protected location',
    severity: 'fail',
    fix: 'write "location ^~" or "location =" for the protected location, or repeat the list in the other',
  },
  'other-server-open': {
    title: 'another server { } passes the same path to the same application',
    severity: 'fail',
    fix: 'put the same list there, or return 404 for the path',
  },
  'path-variant-open': {
    title: 'another path, or another spelling, reaches the same application',
    severity: 'warn',
    fix:
      'protect the prefix: location ^~ /hook { … }, put the same list into other locations that lead there, ' +
      'and see that the application answers no other spelling',
  },
} as const satisfies Record<string, { title: string; severity: Trap['severity']; fix: string }>;

export type NginxTrapId = keyof typeof TRAPS;

export function trap(
  id: NginxTrapId,
  place: Place,
  detail: string,
  severity: Trap['severity'] = TRAPS[id].severity,
): Trap {
  return { id, severity, place, detail, fix: TRAPS[id].fix };
}

/** What traps are looked for in: how unauthorised callers get to the path. */
export interface TrapView {
  config: NginxConfig;
  target: RuleTarget;
  /** The headers that are looked at. */
  headers: readonly string[];
  /**
   * The networks that an unauthorised caller would claim: those of the vendor, since an expression does not say whom it
   * is meant for, and those that rules name.
   */
  claimed: readonly Network[];
  unauthorised: readonly UnauthorisedCaller[];
  /** The levels that unauthorised callers came through. */
  levels: readonly NginxLevel[];
  ask(peer: Address, headers?: readonly Header[], target?: Partial<RuleTarget>): Decision;
}

/** Somebody whom no rule names, and how it went. */
export interface UnauthorisedCaller {
  address: Address;
  decision: Decision;
  states: readonly RequestState[];
}

export function lookAt(config: NginxConfig, target: RuleTarget, others: readonly Network[]): TrapView {
  const { networks, headers } = traceRules(config, target);
  const ask: TrapView['ask'] = (peer, sent = [], other = {}) =>
    decide(config, { ...target, ...other, peer, ...readClaims(sent) });
  const unauthorised = chooseUnauthorisedAddresses(networks, [])
    .filter((address) => canReach(config, address, target.port))
    .map((address): UnauthorisedCaller => ({
      address,
      decision: ask(address),
      states: simulate(config, { ...target, peer: address, headers: [] }).all.flatMap(({ state }) => state ?? []),
    }));
  const visited = unauthorised.flatMap(({ states }) =>
    states.flatMap((state) => (state.visited.length > 0 ? state.visited : [state.level])),
  );
  const levels = [...new Map(visited.map((level) => [level.directives, level])).values()];
  return { config, target, headers, claimed: [...others, ...networks], unauthorised, levels, ask };
}

/** What real_ip calls the header `proxy_protocol` stands in front of the request. */
function readClaims(sent: readonly Header[]): Pick<SimulatedRequest, 'headers' | 'proxied'> {
  const claimed = readAddress(sent.find(([name]) => name === 'proxy_protocol')?.[1] ?? '');
  return { headers: sent, ...(claimed === null ? {} : { proxied: claimed }) };
}

/** Nobody calls by IPv6 where nothing listens for it. */
const canReach = ({ sockets }: NginxConfig, { family }: Address, port: number | null): boolean =>
  family === 4 || sockets.some((socket) => socket.family === 6 && (port === null || socket.port === port));

export const isOpen = ({ unauthorised }: TrapView): boolean =>
  unauthorised.some(({ decision }) => decision.outcome === 'admitted');
