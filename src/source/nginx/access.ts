import { hasAddress, type Network } from '../address/network.ts';
import type { Place } from '../rules/server-rules.ts';
import { cidrOf, isMapped, unmap } from './cidr.ts';
import { guardOf } from './guards.ts';
import { effective, setting, type Level } from './levels.ts';
import type { Directive } from './parse.ts';
import { fillIn } from './variables.ts';
import { ask, isUnknown, type Reason, type Walk } from './walk.ts';

/** What one module says: it lets the caller in, has no opinion, or refuses with that status (null: one it does not tell). */
type Opinion = ({ says: 'yes' } & Reason) | { says: 'nothing' } | ({ says: 'no'; status: number | null } & Reason);

export interface Refusal extends Reason {
  status: number | null;
}

const NOTHING: Opinion = { says: 'nothing' };

/**
 * Who refuses the caller; null when nobody does. All must agree, or with `satisfy any` one of them: nginx asks `allow` and
 * `deny` first, then passwords, then other servers, then further modules.
 */
export function findRefusal(walk: Walk): Refusal | null {
  const isAny = setting(walk.level, 'satisfy') === 'any';
  let kept: Refusal | null = null;
  for (const give of [askRules, askPassword, askServer, ...guardsOf(walk.level)]) {
    const opinion = give(walk);
    if (opinion.says === 'nothing') continue;
    if (opinion.says === 'yes') {
      walk.passed = opinion;
      if (isAny) return null;
    } else if (!isAny) return opinion;
    // A missing password weighs more than a forbidden address, and is asked for later.
    else kept = opinion;
  }
  return kept;
}

/** https://nginx.org/en/docs/http/ngx_http_access_module.html: the first line that fits decides. */
function askRules(walk: Walk): Opinion {
  const rules = effective(walk.level, 'allow', 'deny');
  walk.networks.add(networksOf(rules));
  const rule = rules.find((one) => fits(one, rules, walk));
  if (rule === undefined) return NOTHING;
  const reason = { place: rule.place, because: `${rule.name} ${rule.args[0]}` };
  return rule.name === 'allow' ? { says: 'yes', ...reason } : { says: 'no', status: 403, ...reason };
}

const known = new WeakMap<Directive, Network[]>();

/** The same list each time that the same rules are asked. */
function networksOf(rules: readonly Directive[]): readonly Network[] {
  const [first] = rules;
  if (first === undefined) return [];
  const networks = known.get(first) ?? rules.flatMap((rule) => cidrOf(rule)?.network ?? []);
  known.set(first, networks);
  return networks;
}

function fits(rule: Directive, rules: readonly Directive[], { address }: Walk): boolean {
  const cidr = cidrOf(rule);
  if (cidr === null) return rule.args[0] === 'all';
  // `::ffff:192.0.2.1` is compared with the rules of IPv4 as soon as there are any: an IPv6 rule for it then never fits.
  const isAsIpv4 = isMapped(address) && rules.some((one) => one.args[0] === 'all' || cidrOf(one)?.network.family === 4);
  return hasAddress(cidr.network, isAsIpv4 ? unmap(address) : address);
}

/** https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html: without a file of passwords it guards nothing. */
function askPassword(walk: Walk): Opinion {
  const [realm] = effective(walk.level, 'auth_basic');
  const [file] = effective(walk.level, 'auth_basic_user_file');
  if (realm === undefined || file === undefined) return NOTHING;
  const value = fillIn(walk, realm.args[0] ?? '', realm.place);
  const isOff = isUnknown(value)
    ? ask(walk, `auth_basic ${realm.args[0]}`, { place: realm.place, text: value.unknown })
    : value === 'off';
  if (isOff) return NOTHING;
  const because = `${realm.place.text}: a password is asked for`;
  if (walk.headers.all('Authorization').length === 0) return { says: 'no', status: 401, place: realm.place, because };
  return doubtful(walk, realm.place, `whether the password is in ${file.args[0]}`, because, 401);
}

function askServer(walk: Walk): Opinion {
  const [request] = effective(walk.level, 'auth_request');
  if (request === undefined || request.args[0] === 'off') return NOTHING;
  return doubtful(walk, request.place, 'auth_request asks another server', request.place.text, null);
}

function guardsOf(level: Level): ((walk: Walk) => Opinion)[] {
  return guardOf(level).map(
    ({ place, text }) =>
      (walk) =>
        doubtful(walk, place, text, place.text, null),
  );
}

function doubtful(walk: Walk, place: Place, text: string, because: string, status: number | null): Opinion {
  const reason = { place, because };
  return ask(walk, `${place.file}:${place.line} lets in`, { place, text })
    ? { says: 'yes', ...reason }
    : { says: 'no', status, ...reason };
}

/** Whether anything here asks who the caller is. */
export const restricts = (level: Level): boolean => effective(level, 'allow', 'deny').length > 0;
