import { array, constant, constantFrom, option, record, tuple, type Arbitrary } from 'fast-check';
import type { Call } from '../../helpers/nginx-rules.ts';

/** What stands in http {} around all generated servers. */
export const AROUND = `
geo $inside { default 0; 127.0.0.0/24 1; 127.0.0.2 0; ::1 1; }
map $remote_addr $listed { default 0; 127.0.0.1 1; ~^127\\.0\\.1\\. 1; ~^::ffff 1; }
map $http_x_forwarded_for $claimed { default 0; ~127\\.0\\.0\\.1$ 1; }
map $listed$inside $both { 11 yes; 00 ""; default 0; }
root html; auth_basic_user_file users; index none.html;`;

const WHO = constantFrom(
  '127.0.0.1',
  '127.0.0.2',
  '127.0.0.0/24',
  '127.0.1.77/24',
  '127.0.0.3/30',
  '198.51.100.0/24',
  '::1',
  '::/0',
  '2001:db8::/32',
  '0.0.0.0/0',
  '::ffff:127.0.0.1',
  'unix:',
  'all',
);

const lines = (...parts: readonly Arbitrary<string>[]): Arbitrary<string> =>
  tuple(...parts).map((texts) => texts.filter((text) => text !== '').join(' '));
/** Present once in `one in` cases. */
const rarely = (arbitrary: Arbitrary<string>, oneIn: number): Arbitrary<string> =>
  tuple(arbitrary, constantFrom(...Array.from({ length: oneIn }, (_, index) => index))).map(([text, draw]) =>
    draw === 0 ? text : '',
  );

const access = array(
  tuple(constantFrom('allow', 'deny'), WHO).map(([verb, who]) => `${verb} ${who};`),
  { maxLength: 4 },
).map((list) => list.join(' '));
const satisfy = constantFrom('satisfy any;', 'satisfy all;');
const password = constantFrom('auth_basic x;', 'auth_basic off;', 'auth_basic $claimed;');
const realIp = lines(
  array(
    tuple(constantFrom('127.0.0.0/8', '127.0.0.2', '0.0.0.0/0', '::1', '::/0', '198.51.100.7')).map(
      ([from]) => `set_real_ip_from ${from};`,
    ),
    { minLength: 1, maxLength: 3 },
  ).map((list) => list.join(' ')),
  rarely(
    constantFrom('real_ip_header X-Forwarded-For;', 'real_ip_header X-Real-IP;', 'real_ip_header CF-Connecting-IP;'),
    1,
  ),
  rarely(constantFrom('real_ip_recursive on;', 'real_ip_recursive off;'), 2),
);
const errorPage = tuple(
  constantFrom('403', '401 403', '404 405', '418', '403 404 405 418', '301 302'),
  constantFrom('', '=', '=200', '=418'),
  constantFrom('/ok.html', '@named', '/e', 'https://vendor.test/'),
).map(([codes, status, target]) => `error_page ${codes} ${status} ${target};`);
const errorPages = lines(
  rarely(errorPage, 1),
  rarely(errorPage, 4),
  rarely(constantFrom('recursive_error_pages on;'), 4),
);

const CONDITIONS = constantFrom(
  '$inside',
  '$listed = 0',
  '$claimed',
  '$both',
  '$both = yes',
  '$request_method != POST',
  '$request_method ~* ^post$',
  '$remote_addr = 127.0.0.2',
  '$remote_addr !~ ^127\\.0\\.0\\.',
  '$realip_remote_addr = ::1',
  '$http_x_real_ip',
  '$http_x_forwarded_for !~* ^127',
  '$uri ~ ^/hook/(.)',
  '$uri = /a',
  '$mark',
  '$mark != 1',
  '$scheme = https',
  '$host = nobody.test',
);
const CODES = constantFrom(
  'return 200;',
  'return 202 text;',
  'return 403;',
  'return 404;',
  'return 404 text;',
  'return 418;',
  'return 444;',
  'return 301 /x;',
  'break;',
  'set $mark 1;',
  'set $mark $inside;',
  'set $mark "";',
  'rewrite ^/hook(.*)$ /a$1 last;',
  'rewrite ^/hook(.*)$ /a$1 break;',
  'rewrite ^/hook(.*)$ /a$1;',
  'rewrite ^/a /hook/x?y=1;',
  'rewrite ^/(b) /$1$mark last;',
  'rewrite ^ /gone permanent;',
  'rewrite ^/loop /loop last;',
);
const HANDLER = constantFrom(
  'proxy_pass http://UPSTREAM;',
  'proxy_pass http://UPSTREAM;',
  'proxy_pass http://UPSTREAM;',
  'empty_gif;',
  '',
);

const conditional = tuple(
  CONDITIONS,
  CODES,
  rarely(CODES, 4),
  rarely(constantFrom('proxy_pass http://UPSTREAM;', 'error_page 403 =200 /ok.html;'), 8),
);
const ifIn = (isServer: boolean): Arbitrary<string> =>
  conditional.map(
    ([condition, code, another, more]) => `if (${condition}) { ${code} ${another} ${isServer ? '' : more} }`,
  );
const rewrites = (isServer: boolean, oneIn: number): Arbitrary<string> =>
  lines(rarely(ifIn(isServer), oneIn), rarely(ifIn(isServer), 2 * oneIn), rarely(CODES, 4 * oneIn));

const limitExcept = tuple(
  constantFrom('GET', 'POST', 'PUT DELETE', 'GET POST'),
  access,
  rarely(constantFrom('proxy_pass http://UPSTREAM;'), 5),
).map(([methods, list, handler]) => `limit_except ${methods} { ${list} ${handler} }`);
const tryFiles = constantFrom(
  'try_files $uri @named;',
  'try_files $uri $uri/ /a;',
  'try_files /none =404;',
  'try_files $uri /e;',
);

const settings = (isServer: boolean): Arbitrary<string> =>
  lines(
    access,
    rarely(satisfy, 3),
    rarely(password, 5),
    rarely(realIp, isServer ? 2 : 6),
    rarely(errorPages, 4),
    rewrites(isServer, isServer ? 6 : 3),
    rarely(tryFiles, 8),
  );
const content = lines(settings(false), rarely(limitExcept, 4), HANDLER, rarely(constant('internal;'), 12));

const PREFIXES = ['/', '/hook', '/hook/', '/hook/x', '/a', '/a/', '/b', '/hoo'];
const EXPRESSIONS = ['~ ^/hook', '~ x$', '~* ^/HOOK/', '~ ^/(?<mark>a|b)', '~ \\.html$', '~ ^/(a|hook)/?$'];

interface Place {
  modifier: string;
  name: string;
}

/** A prefix and the exact path of it may stand beside each other; nothing else twice. */
const placesOf = (prefixes: readonly string[]): Arbitrary<Place[]> =>
  tuple(
    array(tuple(constantFrom(...prefixes), constantFrom('', '', '^~ ')), { maxLength: 4 }),
    array(constantFrom(...prefixes), { maxLength: 1 }),
    array(constantFrom(...EXPRESSIONS), { maxLength: 2 }),
  ).map(([inclusive, exact, expressions]) => [
    ...new Map(inclusive.map(([name, modifier]) => [name, { modifier, name }])).values(),
    ...exact.map((name) => ({ modifier: '= ', name })),
    ...[...new Set(expressions)].map((name) => ({ modifier: '', name })),
  ]);

const locations = (prefixes: readonly string[], depth: number): Arbitrary<string> =>
  placesOf(prefixes).chain((places) =>
    tuple(...places.map((place) => location(place, depth))).map((texts) => texts.join('\n')),
  );

function location({ modifier, name }: Place, depth: number): Arbitrary<string> {
  const within = name.startsWith('/') ? PREFIXES.filter((one) => one.startsWith(name)) : [];
  const canNest = depth > 0 && modifier !== '= ' && within.length > 0;
  const nested = canNest ? rarely(locations(within, depth - 1), 3) : constant('');
  return tuple(content, nested).map(([own, inner]) => `location ${modifier}${name} { ${own} ${inner} }`);
}

/** The content of a server {}. */
export const SERVER: Arbitrary<string> = tuple(settings(true), locations(PREFIXES, 2), content, HANDLER).map(
  ([own, inner, named, error]) =>
    `${own}\n${inner}\nlocation @named { ${named.replace('internal;', '')} }\nlocation = /e { ${error} }`,
);

const FORWARDED = constantFrom(
  '127.0.0.1',
  '127.0.0.2',
  '198.51.100.7',
  '127.0.0.1, 198.51.100.7',
  '198.51.100.7,127.0.0.2',
  'unknown, 127.0.0.1',
  '::1',
  '::ffff:127.0.0.1',
  '[2001:db8::1]:80',
  '127.0.0.1:80',
  '',
);

export const CALL: Arbitrary<Omit<Call, 'host'>> = record({
  path: constantFrom(
    '/hook',
    '/hook',
    '/hook',
    '/hook/',
    '/hook/x',
    '/hook//x',
    '/a',
    '/a/',
    '/b',
    '/hoo',
    '/Hook',
    '/ok.html',
    '/e',
    '/%61',
    '/b/../hook',
  ),
  from: constantFrom('127.0.0.1', '127.0.0.2', '127.0.1.9', '::1'),
  headers: tuple(option(FORWARDED), option(FORWARDED), option(FORWARDED)).map(([list, real, other]) => ({
    ...(list === null ? {} : { 'X-Forwarded-For': list }),
    ...(real === null ? {} : { 'X-Real-IP': real }),
    ...(other === null ? {} : { 'CF-Connecting-IP': other }),
  })),
});
