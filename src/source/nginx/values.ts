import { isBrokenExpression } from '../rules/pcre.ts';
import { readCidr } from './addresses.ts';
import { fromBytes } from './lex.ts';
import type { NginxDirective } from './parse.ts';

/** What nginx says of the arguments of a directive that it reads by a program of its own; null when it takes them. */
export function complaintAbout(directive: NginxDirective, places: string): string | null {
  const args = directive.args.map(fromBytes);
  return (
    (Object.hasOwn(READERS, directive.name) ? READERS[directive.name] : undefined)?.(args, directive, places) ?? null
  );
}

type Complain = (args: readonly string[], directive: NginxDirective, places: string) => string | null;

const METHODS = new Set(
  'GET HEAD POST PUT DELETE MKCOL COPY MOVE OPTIONS PROPFIND PROPPATCH LOCK UNLOCK PATCH CONNECT'.split(' '),
);
const LISTEN_FLAG = new RegExp(
  '^(?:default_server|default|bind|deferred|reuseport|multipath|ssl|http2|spdy|quic|proxy_protocol|' +
    'ipv6only=(?:on|off)|(?:setfib|fastopen|backlog|rcvbuf|sndbuf|accept_filter|so_keepalive)=.+)$',
);
const FILE_TEST = /^!?-[fdex]$/;
const OPERATOR = /^(?:!?=|!?~\*?)$/;

const TIME = /^(?=.*\d)[\dyMwdhms ]+$/;
const UPSTREAM_FLAG =
  /^(?:backup|down|resolve|drain|(?:weight|max_fails|max_conns)=\d+|(?:fail_timeout|slow_start|route|service|sid)=.+)$/;

const READERS: Readonly<Record<string, Complain>> = {
  map: ([, name = ''], { block }) => variableName(name) ?? readTable('map', block ?? []),
  geo: (args, { block }) => variableName(args.at(-1) ?? '') ?? readTable('geo', block ?? []),
  server_name: readNames,
  valid_referers: (names) => brokenIn(names.filter((name) => name.startsWith('~')).map((name) => name.slice(1))),
  location: ([modifier = '', name]) => {
    if (name !== undefined && !['=', '^~', '~', '~*'].includes(modifier))
      return `invalid location modifier "${modifier}"`;
    return modifier === '~' || modifier === '~*' ? brokenIn([name]) : null;
  },
  rewrite: ([pattern, , flag]) =>
    flag === undefined || ['last', 'break', 'redirect', 'permanent'].includes(flag)
      ? brokenIn([pattern])
      : `invalid parameter "${flag}"`,
  set_real_ip_from: ([text = '']) =>
    /^[\d.:a-f]*\/[^/]*$/i.test(text) && readCidr(text) === null
      ? `host not found in set_real_ip_from "${text}"`
      : null,
  limit_rate: ([value = '']) => (/^\d+[km]?$|\$/i.test(value) ? null : '"limit_rate" directive invalid value'),
  keepalive_timeout: (times) =>
    times.every((time) => TIME.test(time)) ? null : '"keepalive_timeout" directive invalid value',
  ssl_protocols: (words) => wrongWord(words, /^(?:SSLv[23]|TLSv1(?:\.[123])?)$/i),
  ssl_session_cache: (words) => wrongWord(words, /^(?:off|none|builtin(?::\d+)?|shared:[^:]+:\d+[km]?)$/i),
  limit_req_zone: (words) => wrongWord(words.slice(1), /^(?:zone=[^:]+:\d+[km]?|rate=\d+r\/[sm]|sync)$/i),
  server: ([, ...flags], { block }, places) =>
    block === null && places.includes('u') ? wrongWord(flags, UPSTREAM_FLAG) : null,
  keepalive: ([count = '']) => (/^[1-9]\d*$/.test(count) ? null : `invalid value "${count}" in "keepalive" directive`),
  proxy_redirect: ([from = '', to]) =>
    to !== undefined || from === 'off' || from === 'default' ? null : `invalid parameter "${from}"`,
  listen: (args, _, places) => (places.includes('s') ? readListen(args) : null),
  return: ([code = '', ...more], _, places) =>
    places.includes('S') || /^\d{1,3}$/.test(code) || (more.length === 0 && /^(?:https?:\/\/|\$)/.test(code))
      ? null
      : `invalid return code "${code}"`,
  set: ([name = '']) => variableName(name),
  split_clients: ([, name = '']) => variableName(name),
  if: readCondition,
  error_page: (args) => {
    const wrong = args
      .slice(0, args.at(-2)?.startsWith('=') === true ? -2 : -1)
      .find((code) => !/^[345]\d\d$/.test(code) || code === '499');
    return wrong === undefined ? null : `value "${wrong}" must be between 300 and 599`;
  },
  limit_except: (methods) => {
    const wrong = methods.find((method) => !METHODS.has(method.toUpperCase()));
    return wrong === undefined ? null : `invalid method "${wrong}"`;
  },
  proxy_pass: ([url = ''], _, places) =>
    places.includes('S') || url.startsWith('$') || /^https?:\/\/./i.test(url) ? null : 'invalid URL prefix',
};

/** nginx writes a word that it does not take. */
function wrongWord(words: readonly string[], taken: RegExp): string | null {
  const wrong = words.find((word) => !taken.test(word));
  return wrong === undefined ? null : `invalid parameter "${wrong}"`;
}

function brokenIn(patterns: readonly (string | undefined)[]): string | null {
  const broken = patterns.find((pattern) => pattern !== undefined && isBrokenExpression(pattern));
  return broken === undefined ? null : `pcre_compile() failed in "${broken}"`;
}

/** Lines that stand alone in a table. */
const ALONE: Readonly<Record<string, ReadonlySet<string>>> = {
  map: new Set(['hostnames', 'volatile']),
  geo: new Set(['ranges', 'proxy_recursive', 'volatile']),
};

function readTable(kind: 'map' | 'geo', lines: readonly NginxDirective[]): string | null {
  const entries = lines.filter(({ name, args }) => args.length > 0 || ALONE[kind]?.has(name) !== true);
  const odd = entries.find(({ args }) => args.length !== 1);
  if (odd !== undefined) return `invalid number of the ${kind} parameters: ${fromBytes(odd.name)}`;
  if (kind === 'geo') return null;
  const names = entries.map(({ name }) => fromBytes(name).toLowerCase());
  const texts = names.filter((name) => !name.startsWith('~') && name !== 'include');
  const before = new Set<string>();
  const twice = texts.find((name) => before.size === before.add(name).size);
  if (twice !== undefined) return `conflicting parameter "${twice}"`;
  return brokenIn(entries.filter(({ name }) => name.startsWith('~')).map(({ name }) => name.replace(/^~\*?/, '')));
}

function readNames(names: readonly string[]): string | null {
  const wrong = names.find((name) => !name.startsWith('~') && /^\*(?!\..)|^\.$/.test(name));
  return wrong === undefined
    ? brokenIn(names.filter((name) => name.startsWith('~')).map((name) => name.slice(1)))
    : `server name "${wrong}" is invalid`;
}

const variableName = (name: string): string | null => (/^\$./.test(name) ? null : `invalid variable name "${name}"`);

function readListen([target = '', ...flags]: readonly string[]): string | null {
  const port = /^(?:\[.*\]|[^:[]*):(\d+)(?:-\d+)?$|^(\d+)(?:-\d+)?$/.exec(target);
  const isName = !target.startsWith('unix:') && port === null && !/^(?:\[[\da-fA-F:.]+\]|[^:[\]/]+)$/.test(target);
  const number = Number(port?.[1] ?? port?.[2] ?? 1);
  if (isName || number < 1 || number > 65_535) return `invalid port in "${target}" of the "listen" directive`;
  const wrong = flags.find((flag) => !LISTEN_FLAG.test(flag));
  return wrong === undefined ? null : `invalid parameter "${wrong}"`;
}

/** https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if */
function readCondition(args: readonly string[]): string | null {
  const [first = ''] = args;
  const last = args.at(-1) ?? '';
  if (!first.startsWith('(')) return `invalid condition "${first}"`;
  if (!last.endsWith(')')) return `invalid condition "${last}"`;
  const inner = [...args];
  inner[0] = first.slice(1);
  inner[inner.length - 1] = (inner.at(-1) ?? '').slice(0, -1);
  const [subject = '', operator, ...rest] = inner.filter(
    (word, index) => word !== '' || (index > 0 && index < inner.length - 1),
  );
  if (/^\$./.test(subject)) {
    if (operator === undefined) return null;
    if (!OPERATOR.test(operator)) return `unexpected "${operator}" in condition`;
    return rest.length <= 1 ? null : `invalid condition "${subject}"`;
  }
  return FILE_TEST.test(subject) && operator !== undefined && rest.length === 0
    ? null
    : `invalid condition "${subject}"`;
}
