import { hasAddress, isAnyones } from '../address.ts';
import { isPrivate } from '../special-networks.ts';
import type { Trap } from '../rules/server-rules.ts';
import { effective, isOn, own, type NginxLevel } from './levels.ts';
import type { NginxDirective } from './parse.ts';
import { realIpHeader } from './access.ts';
import { readProxies } from './addresses.ts';
import { type UnauthorisedCaller, type TrapView, trap } from './traps.ts';

/** Finds traps in where the caller's address comes from. */
export function findAddressTraps(view: TrapView): Trap[] {
  return [
    ...view.levels.flatMap((level) => [
      ...findAnyone(view, level),
      ...findOneHop(level),
      ...findHeaderAlone(level),
      ...findTooLate(view, level),
    ]),
    ...findHeaders(view),
  ];
}

function findAnyone(view: TrapView, level: NginxLevel): Trap[] {
  const header = realIpHeader(level);
  return effective(level, 'set_real_ip_from').flatMap((line) => {
    const [network] = readProxies([line]);
    if (network === undefined || !isAnyones(network)) return [];
    const whose = network.prefixLength === 0 ? 'any address' : network.text;
    const spoofed = view.unauthorised
      .filter(({ address }) => hasAddress(network, address))
      .map((caller) => findSpoof(view, caller, header))
      .find((claim) => claim !== null);
    const seen =
      spoofed === undefined
        ? 'any caller can claim any address'
        : `an unauthorised caller who sends "${header}: ${spoofed}" is admitted`;
    return [
      trap(
        'real-ip-from-anyone',
        line.place,
        `"${line.place.text}" trusts ${header} from ${whose}: ${seen}`,
        spoofed === undefined ? 'warn' : 'fail',
      ),
    ];
  });
}

/** The claim that admits an unauthorised caller who is refused otherwise; null when none does. */
function findSpoof(
  { ask, claimed }: TrapView,
  { address, decision }: UnauthorisedCaller,
  header: string,
): string | null {
  if (decision.outcome !== 'refused') return null;
  const claims = claimed.filter(({ prefixLength }) => prefixLength > 0).slice(0, MAX_CLAIMS);
  return claims.find(({ first }) => ask(address, [[header, first.text]]).outcome === 'admitted')?.first.text ?? null;
}

const MAX_CLAIMS = 200;
/** A private proxy behind a public network, as with a content delivery network: two hops at least. */
function findOneHop(level: NginxLevel): Trap[] {
  const from = effective(level, 'set_real_ip_from');
  const networks = readProxies(from);
  const isList = realIpHeader(level).toLowerCase() === 'x-forwarded-for';
  if (!isList || isOn(level, 'real_ip_recursive', false) || !networks.some(isPrivate) || networks.every(isPrivate))
    return [];
  const [first] = from as [NginxDirective, ...NginxDirective[]];
  return [
    trap(
      'real-ip-one-hop',
      first.place,
      'internal and external proxies are trusted, but only the last address in X-Forwarded-For is read: behind ' +
        'both of them, that is the outer proxy, not the caller',
    ),
  ];
}

function findHeaderAlone(level: NginxLevel): Trap[] {
  const [header] = effective(level, 'real_ip_header');
  return header === undefined || effective(level, 'set_real_ip_from').length > 0
    ? []
    : [
        trap(
          'real-ip-header-alone',
          header.place,
          `"${header.place.text}" has no effect: no set_real_ip_from names a proxy to trust`,
        ),
      ];
}

function findTooLate({ unauthorised }: TrapView, level: NginxLevel): Trap[] {
  const [from] = level.kind === 'location' ? own(level, 'set_real_ip_from') : [];
  const looks = unauthorised.some(({ states }) =>
    states.some(
      ({ variables, config }) =>
        variables.has('remote_addr') || [...config.geos.keys()].some((name) => variables.has(name)),
    ),
  );
  const isEarlier = level.parent !== null && effective(level.parent, 'set_real_ip_from').length > 0;
  return from === undefined || !looks || isEarlier
    ? []
    : [
        trap(
          'real-ip-too-late',
          from.place,
          'here the address is read from the header only after if, map and geo are evaluated: they see the proxy',
        ),
      ];
}

/** Headers that conditions, maps and geo look at, past real_ip. */
function findHeaders(view: TrapView): Trap[] {
  const known = new Set(view.levels.map((level) => realIpHeader(level).toLowerCase()));
  return view.headers
    .filter(
      (header) =>
        !known.has(header.toLowerCase()) ||
        view.levels.every((level) => effective(level, 'set_real_ip_from').length === 0),
    )
    .flatMap((header) => {
      const claim = view.unauthorised.map((caller) => findSpoof(view, caller, header)).find((one) => one !== null);
      const place = claim === undefined ? undefined : readsHeader(view.config.http.directives, header)?.place;
      return place === undefined
        ? []
        : [trap('header-decides', place, `an unauthorised caller who sends "${header}: ${claim}" is admitted`)];
    });
}

function readsHeader(directives: readonly NginxDirective[], header: string): NginxDirective | null {
  const variable = `$http_${header.toLowerCase().replaceAll('-', '_')}`;
  const isList = header.toLowerCase() === 'x-forwarded-for';
  for (const directive of directives) {
    const isProxy =
      isList && directive.name === 'geo' && directive.block?.some(({ name }) => name === 'proxy') === true;
    if (
      isProxy ||
      directive.args.some((arg) => arg.includes(variable) || (isList && arg.includes('$proxy_add_x_forwarded_for')))
    )
      return directive;
    const within = readsHeader(directive.block ?? [], header);
    if (within !== null) return within;
  }
  return null;
}
