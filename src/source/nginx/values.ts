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

const READERS: Readonly<Record<string, Complain>> = {
  listen: (args, _, places) => (places.includes('s') ? readListen(args) : null),
  return: ([code = '', ...more], _, places) =>
    places.includes('S') || /^\d{1,3}$/.test(code) || (more.length === 0 && /^(?:https?:\/\/|\$)/.test(code))
      ? null
      : `invalid return code "${code}"`,
  set: ([name = '']) => variableName(name),
  map: ([, name = '']) => variableName(name),
  split_clients: ([, name = '']) => variableName(name),
  geo: (args) => variableName(args.at(-1) ?? ''),
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
  rewrite: ([, , flag]) =>
    flag === undefined || ['last', 'break', 'redirect', 'permanent'].includes(flag)
      ? null
      : `invalid parameter "${flag}"`,
  location: ([modifier = '', name]) =>
    name === undefined || ['=', '^~', '~', '~*'].includes(modifier) ? null : `invalid location modifier "${modifier}"`,
  proxy_pass: ([url = ''], _, places) =>
    places.includes('S') || url.startsWith('$') || /^https?:\/\/./i.test(url) ? null : 'invalid URL prefix',
};

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
