import { hasAddress, isMapped, type Network } from '../address.ts';
import type { Trap } from '../rules/server-rules.ts';
import { cidrOf } from './addresses.ts';
import { effective, own, setting, type NginxLevel } from './levels.ts';
import type { NginxDirective } from './parse.ts';
import { isOpen, type TrapView, trap } from './traps.ts';

/** Finds traps in the lists of `allow` and `deny` themselves. */
export function findListTraps(view: TrapView): Trap[] {
  return view.levels.flatMap((level) => [
    ...findShadowed(rulesOf(level)),
    ...findOpenEnd(view, level),
    ...findWide(view, rulesOf(level)),
    ...findLimitExcept(view, level),
    ...findSatisfyAny(level),
    ...findAuthWithoutFile(level),
    ...findOddAddresses([...rulesOf(level), ...effective(level, 'set_real_ip_from')]),
  ]);
}

const rulesOf = (level: NginxLevel): readonly NginxDirective[] => effective(level, 'allow', 'deny');
const who = ({ args }: NginxDirective): string => args[0] ?? '';
const isEverybody = (rule: NginxDirective): boolean => who(rule) === 'all' || cidrOf(rule)?.network.prefixLength === 0;

/** Each allow is held against so many lines before it. */
const MAX_DENIALS = 200;

/** An `allow` that no caller gets to. */
function findShadowed(rules: readonly NginxDirective[]): Trap[] {
  const denials: NginxDirective[] = [];
  for (const rule of rules) {
    const earlier = rule.name === 'allow' ? denials.find((one) => covers(one, rule)) : undefined;
    if (earlier !== undefined)
      return [
        trap(
          'deny-before-allow',
          earlier.place,
          `"${rule.place.text}" in line ${rule.place.line} never applies: "${earlier.place.text}" comes first ` +
            'and covers it',
        ),
      ];
    if (rule.name === 'deny' && denials.length < MAX_DENIALS) denials.push(rule);
  }
  return [];
}

function covers(outer: NginxDirective, inner: NginxDirective): boolean {
  if (who(outer) === 'all') return true;
  const [one, other] = [cidrOf(outer)?.network, cidrOf(inner)?.network];
  return one !== undefined && other !== undefined && contains(one, other);
}

const contains = (outer: Network, inner: Network): boolean =>
  hasAddress(outer, inner.first) && hasAddress(outer, inner.last);

/** Somebody fits no line, and is let in. */
function findOpenEnd({ unauthorised }: TrapView, level: NginxLevel): Trap[] {
  const rules = rulesOf(level);
  const allow = rules.find((rule) => rule.name === 'allow' && !isEverybody(rule));
  if (allow === undefined) return [];
  const open = unauthorised.filter(
    ({ address, decision }) =>
      decision.outcome === 'admitted' && !rules.some((rule) => who(rule) === 'all' || fits(rule, address)),
  );
  if (open.length === 0) return [];
  const around =
    level.parent === null || own(level, 'allow', 'deny').length === 0
      ? undefined
      : rulesOf(level.parent).find((rule) => rule.name === 'deny' && isEverybody(rule));
  if (around !== undefined)
    return [
      trap(
        'child-drops-deny',
        allow.place,
        `the list here replaces the one around it, with "${around.place.text}" in line ${around.place.line}: ` +
          'who fits no line is let in',
      ),
    ];
  const ipv4End = rules.find((rule) => rule.name === 'deny' && isEverybody(rule));
  if (ipv4End !== undefined)
    return [
      trap(
        'ipv6-left-open',
        ipv4End.place,
        `"${ipv4End.place.text}" does not cover ${open[0]?.address.family === 6 ? 'IPv6' : 'IPv4'} callers: they ` +
          'are admitted',
      ),
    ];
  return [
    trap(
      'no-deny',
      allow.place,
      'the list allows some addresses but does not deny the others: every address is admitted',
    ),
  ];
}

const fits = (rule: NginxDirective, address: Parameters<typeof hasAddress>[1]): boolean => {
  const cidr = cidrOf(rule);
  return cidr !== null && hasAddress(cidr.network, address);
};

function findWide({ unauthorised }: TrapView, rules: readonly NginxDirective[]): Trap[] {
  const wide = rules.find(
    (rule) =>
      rule.name === 'allow' &&
      isEverybody(rule) &&
      unauthorised.some(({ decision }) => decision.outcome === 'admitted' && decision.place === rule.place),
  );
  return wide === undefined
    ? []
    : [trap('allow-all', wide.place, `"${wide.place.text}" admits every address that no earlier line denies`)];
}

function findLimitExcept(view: TrapView, level: NginxLevel): Trap[] {
  return own(level, 'limit_except').flatMap(({ args, block, place }) => {
    const deny = block?.find(({ name }) => name === 'deny');
    const namesPost = args.some((method) => method.toUpperCase() === 'POST');
    return namesPost && deny !== undefined && isOpen(view)
      ? [
          trap(
            'limit-except-post',
            place,
            `"${deny.place.text}" in line ${deny.place.line} protects every method except ${args.join(', ')}: a ` +
              'POST bypasses it',
          ),
        ]
      : [];
  });
}

function findSatisfyAny(level: NginxLevel): Trap[] {
  const [satisfy] = effective(level, 'satisfy');
  const rules = rulesOf(level);
  const other = effective(level, 'auth_basic', 'auth_request', 'auth_jwt').find(({ args }) => args[0] !== 'off');
  if (satisfy?.args[0] !== 'any' || rules.length === 0 || other === undefined) return [];
  return [
    trap(
      'satisfy-any',
      satisfy.place,
      `a caller who passes "${other.place.text}" need not be on the list, and a caller on the list need not ` +
        'pass anything else',
    ),
  ];
}

function findAuthWithoutFile(level: NginxLevel): Trap[] {
  const [realm] = effective(level, 'auth_basic');
  return realm === undefined || realm.args[0] === 'off' || setting(level, 'auth_basic_user_file') !== null
    ? []
    : [
        trap(
          'auth-without-file',
          realm.place,
          `"${realm.place.text}" never asks for a password: no password file is set`,
        ),
      ];
}

function findOddAddresses(lines: readonly NginxDirective[]): Trap[] {
  return lines.flatMap((line) => {
    const cidr = cidrOf(line);
    if (cidr === null) return [];
    if (isMapped(cidr.network.first))
      return [
        trap('mapped-address', line.place, `"${line.place.text}" matches no caller: nginx sees their IPv4 addresses`),
      ];
    return cidr.hasHostBits
      ? [
          trap(
            'host-bits',
            line.place,
            `"${line.place.text}" means ${cidr.network.text}: nginx drops the rest, with a warning`,
          ),
        ]
      : [];
  });
}
