import type { Address } from '../address.ts';
import type { Place, Trap } from '../rules/server-rules.ts';
import type { ApacheRun, ApacheEnvironment } from './simulate.ts';

/** Of one kind of trap: what it is, and what to write instead. */
export type TrapKind = Pick<Trap, 'severity' | 'fix'> & { title: string };

/** What people get wrong in Apache's rules, each seen at a running Apache 2.4. */
export const TRAPS = {
  'require-ip-or-all-granted': {
    severity: 'fail',
    title: 'Require ip beside Require all granted: any one of them will do',
    fix: 'delete Require all granted: without a container, one Require that is met is enough',
  },
  'limit-leaves-post-open': {
    severity: 'fail',
    title: 'a <Limit> of other methods leaves POST open',
    fix: 'delete the <Limit>, so that the rules hold for every method',
  },
  'order-deny-allow-without-deny': {
    severity: 'fail',
    title: 'Order deny,allow without Deny from all admits everybody',
    fix: 'write Require ip and delete Order, Allow and Deny',
  },
  'allow-without-order': {
    severity: 'fail',
    title: 'Allow from without Order and Deny admits everybody: the order is deny,allow',
    fix: 'write Require ip and delete Order, Allow and Deny',
  },
  'deny-overrules-allow': {
    severity: 'fail',
    title: 'with Order allow,deny, Deny from all overrules every Allow',
    fix: 'write Require ip and delete Order, Allow and Deny',
  },
  'mixed-syntax': {
    severity: 'warn',
    title: 'Order, Allow and Deny of Apache 2.2 beside Require of 2.4: both apply',
    fix: 'keep Require alone',
  },
  'satisfy-any': {
    severity: 'fail',
    title: 'Satisfy Any: whoever passes either kind of rule is admitted',
    fix: 'delete Satisfy, and put everything into one <RequireAll>',
  },
  'host-is-no-name': {
    severity: 'fail',
    title: 'Require host takes a domain, without wildcard: it is compared with the end of the name',
    fix: 'write Require host example.com, which takes in everything below it, or Require ip for an address',
  },
  'remoteip-trusts-anyone': {
    severity: 'fail',
    title: 'mod_remoteip believes the header of anybody',
    fix: 'name your proxies alone: RemoteIPInternalProxy 192.0.2.10',
  },
  'header-decides': {
    severity: 'fail',
    title: 'a header that the caller writes decides',
    fix: 'compare REMOTE_ADDR, and let mod_remoteip read the header of your own proxy',
  },
  'rewrite-knows-no-such-header': {
    severity: 'fail',
    title: 'mod_rewrite knows no such variable: it is always empty',
    fix: 'write %{HTTP:X-Forwarded-For} for a header, and %{REMOTE_ADDR} for the caller',
  },
  'address-as-expression': {
    severity: 'warn',
    title: 'an expression matches more addresses than were meant',
    fix: 'write Require ip, or anchor it with ^ and $ and escape each dot',
  },
  'set-env-too-late': {
    severity: 'fail',
    title: 'SetEnv sets its variable only after access was checked',
    fix: 'write SetEnvIf Remote_Addr "." NAME, or better Require ip',
  },
  'section-misses-path': {
    severity: 'fail',
    title: 'a section that looks as if it were for this path is not',
    fix: 'write the path as it is requested, without a slash at its end',
  },
  'inner-section-replaces-outer': {
    severity: 'fail',
    title: 'a later section replaces what an earlier one requires',
    fix: 'write AuthMerging And into the later section, or require everything there',
  },
  'inner-order-drops-outer': {
    severity: 'fail',
    title: 'one Order, Allow, Deny or Satisfy in a later section drops all of them of the earlier',
    fix: 'write Require, and delete Order, Allow and Deny',
  },
  'merging-without-require': {
    severity: 'fail',
    title: 'AuthMerging Off without a Require drops what the outer sections require',
    fix: 'delete AuthMerging, or add a Require',
  },
  'mask-with-holes': {
    severity: 'warn',
    title: 'a mask whose ones are not all in front matches scattered addresses',
    fix: 'write the length of the prefix: 192.0.2.0/24',
  },
  'partial-address': {
    severity: 'warn',
    title: 'an address with parts left out is a network',
    fix: 'write the network in full: 10.1.0.0/16',
  },
  'host-bits-set': {
    severity: 'warn',
    title: 'an address within a network stands for the whole network',
    fix: 'write the first address of the network',
  },
  'open-on-another-port': {
    severity: 'fail',
    title: 'the same host admits strangers on another port',
    fix: 'repeat the rules there, or redirect the whole of it',
  },
  'open-under-another-name': {
    severity: 'fail',
    title: 'another virtual host passes strangers on to the same handler',
    fix: 'repeat the rules there, or keep the handler to one host',
  },
  'open-by-another-path': {
    severity: 'fail',
    title: 'another path leads strangers to the same handler',
    fix: 'repeat the rules in a <Location> of that path, or delete the line that leads there',
  },
  'folder-rules-miss-proxy': {
    severity: 'fail',
    title: 'a <Directory> does not hold for what is proxied',
    fix: 'put the rules into <Location>',
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
