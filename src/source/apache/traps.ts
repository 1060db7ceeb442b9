import type { Address } from '../address.ts';
import type { Place, Trap } from '../rules/server-rules.ts';
import type { ApacheRun, ApacheEnvironment } from './simulate.ts';

/** Of one kind of trap: what it is, and what to write instead. */
export type TrapKind = Pick<Trap, 'severity' | 'fix'> & { title: string };

/** What people get wrong in Apache's rules, each seen at a running Apache 2.4. */
export const TRAPS = {
  'require-ip-or-all-granted': {
    severity: 'fail',
    title: 'Require ip next to Require all granted: either is enough',
    fix: 'delete Require all granted: without a container, one matching Require is enough',
  },
  'limit-leaves-post-open': {
    severity: 'fail',
    title: 'a <Limit> for other methods leaves POST open',
    fix: 'delete the <Limit>, so that the rules apply to every method',
  },
  'order-deny-allow-without-deny': {
    severity: 'fail',
    title: 'Order deny,allow without Deny from all admits every caller',
    fix: 'write Require ip and delete Order, Allow and Deny',
  },
  'allow-without-order': {
    severity: 'fail',
    title: 'Allow from without Order and Deny admits every caller: the default order is deny,allow',
    fix: 'write Require ip and delete Order, Allow and Deny',
  },
  'deny-overrules-allow': {
    severity: 'fail',
    title: 'with Order allow,deny, Deny from all overrides every Allow',
    fix: 'write Require ip and delete Order, Allow and Deny',
  },
  'mixed-syntax': {
    severity: 'warn',
    title: 'Order, Allow and Deny (Apache 2.2) next to Require (2.4): both apply',
    fix: 'keep only Require',
  },
  'satisfy-any': {
    severity: 'fail',
    title: 'Satisfy Any: a caller who passes either type of rule is admitted',
    fix: 'delete Satisfy, and put all rules into one <RequireAll>',
  },
  'host-is-no-name': {
    severity: 'fail',
    title: 'Require host takes a domain without a wildcard: it is compared with the end of the name',
    fix: 'write Require host example.com, which includes its subdomains, or Require ip for an address',
  },
  'remoteip-trusts-anyone': {
    severity: 'fail',
    title: 'mod_remoteip trusts the header from any caller',
    fix: 'list only your own proxies: RemoteIPInternalProxy 192.0.2.10',
  },
  'header-decides': {
    severity: 'fail',
    title: 'the decision depends on a header that the caller controls',
    fix: 'compare REMOTE_ADDR, and let mod_remoteip read the header of your own proxy',
  },
  'rewrite-knows-no-such-header': {
    severity: 'fail',
    title: 'mod_rewrite has no such variable: it is always empty',
    fix: 'write %{HTTP:X-Forwarded-For} for a header, and %{REMOTE_ADDR} for the caller',
  },
  'address-as-expression': {
    severity: 'warn',
    title: 'an expression matches more addresses than intended',
    fix: 'write Require ip, or anchor it with ^ and $ and escape each dot',
  },
  'set-env-too-late': {
    severity: 'fail',
    title: 'SetEnv sets its variable only after the access check',
    fix: 'write SetEnvIf Remote_Addr "." NAME, or better Require ip',
  },
  'section-misses-path': {
    severity: 'fail',
    title: 'a section seems to cover this path, but does not',
    fix: 'write the path as requested, without a trailing slash',
  },
  'inner-section-replaces-outer': {
    severity: 'fail',
    title: 'a later section replaces the requirements of an earlier one',
    fix: 'add AuthMerging And to the later section, or repeat all requirements there',
  },
  'inner-order-drops-outer': {
    severity: 'fail',
    title: 'one Order, Allow, Deny or Satisfy in a later section drops all of those in the earlier one',
    fix: 'write Require, and delete Order, Allow and Deny',
  },
  'merging-without-require': {
    severity: 'fail',
    title: 'AuthMerging Off without a Require drops the requirements of the outer sections',
    fix: 'delete AuthMerging, or add a Require',
  },
  'mask-with-holes': {
    severity: 'warn',
    title: 'a non-contiguous netmask matches scattered addresses',
    fix: 'write the prefix length: 192.0.2.0/24',
  },
  'partial-address': {
    severity: 'warn',
    title: 'an address with missing parts is a network',
    fix: 'write the network in full: 10.1.0.0/16',
  },
  'host-bits-set': {
    severity: 'warn',
    title: 'an address with a prefix means the whole network',
    fix: 'write the first address of the network',
  },
  'open-on-another-port': {
    severity: 'fail',
    title: 'the same host admits unauthorised callers on another port',
    fix: 'repeat the rules there, or redirect the whole port',
  },
  'open-under-another-name': {
    severity: 'fail',
    title: 'another virtual host lets unauthorised callers reach the same handler',
    fix: 'repeat the rules there, or serve the handler from one host only',
  },
  'open-by-another-path': {
    severity: 'fail',
    title: 'another path lets unauthorised callers reach the same handler',
    fix: 'repeat the rules in a <Location> for that path, or delete the line that leads there',
  },
  'folder-rules-miss-proxy': {
    severity: 'fail',
    title: 'a <Directory> does not apply to proxied requests',
    fix: 'move the rules into <Location>',
  },
} as const satisfies Record<string, TrapKind>;

export type ApacheTrapId = keyof typeof TRAPS;

/** A trap of the list at one line; `what`: what it does there. */
export function trapAt(
  id: ApacheTrapId,
  place: Place,
  what: string,
  severity: Trap['severity'] = TRAPS[id].severity,
): Trap {
  return { id, severity, place, detail: `${TRAPS[id].title}: ${what}`, fix: TRAPS[id].fix };
}

/** What traps are looked for in: one path of one host, as somebody meets it whom no rule names. */
export interface Scene {
  environment: ApacheEnvironment;
  path: string;
  host: string | null;
  port: number | null;
  /** A caller whom no rule names. */
  unauthorised: Address;
  run: ApacheRun;
  isOpen: boolean;
}
