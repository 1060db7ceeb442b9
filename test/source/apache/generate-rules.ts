import { constant, constantFrom, letrec, oneof, option, record, array, type Arbitrary } from 'fast-check';

/** A virtual host made by chance, and what a call of it says. */
export interface GeneratedRules {
  config: string;
  headers: Readonly<Record<string, string>>;
}

const network = constantFrom(
  '127.0.0.2',
  '127.0.0.0/24',
  '127.1',
  '127.0.3.0/255.255.255.0',
  '::1',
  '::/3',
  '127.0.0.2/255.0.0.255',
  '192.0.2.0/24',
  '10',
  '198.51.100.1',
);
const networks = array(network, { minLength: 1, maxLength: 2 }).map((list) => list.join(' '));
const requirement = oneof(
  networks.map((list) => `ip ${list}`),
  constantFrom(
    'all granted',
    'all denied',
    'local',
    'env friend',
    'method POST',
    'method GET',
    'valid-user',
    "expr -R '127.0.0.0/16'",
    "expr %{HTTP:X-Key} == 'secret'",
  ),
);

const { lines } = letrec<{ line: string; lines: string }>((tie) => ({
  line: oneof(
    { maxDepth: 3 },
    record({ not: option(constant('not '), { freq: 4 }), what: requirement }).map(
      ({ not, what }) => `Require ${not ?? ''}${what}`,
    ),
    record({ name: constantFrom('RequireAll', 'RequireAny', 'RequireNone'), inner: tie('lines') }).map(
      ({ name, inner }) => `<${name}>\n${inner}\n</${name}>`,
    ),
  ),
  lines: array(tie('line'), { minLength: 1, maxLength: 3 }).map((list) => list.join('\n')),
}));

const limit = (inner: Arbitrary<string>): Arbitrary<string> =>
  record({
    head: option(constantFrom('Limit GET', 'Limit POST', 'LimitExcept POST', 'LimitExcept GET'), { freq: 4 }),
    inner,
  }).map(({ head, inner: body }) => (head === null ? body : `<${head}>\n${body}\n</${head.split(' ', 1)[0]}>`));

const authz = record({
  merging: option(constantFrom('And', 'Or', 'Off')),
  first: limit(lines),
  second: option(limit(lines)),
}).map(({ merging, first, second }) =>
  [...(merging === null ? [] : [`AuthMerging ${merging}`]), first, ...(second === null ? [] : [second])].join('\n'),
);

const whom = oneof(networks, constantFrom('all', 'env=friend', 'env=!friend'));
const entry = oneof(
  whom.map((who) => `Allow from ${who}`),
  whom.map((who) => `Deny from ${who}`),
  constantFrom('deny,allow', 'allow,deny', 'mutual-failure').map((order) => `Order ${order}`),
  constantFrom('Any', 'All').map((how) => `Satisfy ${how}`),
);
const access = array(limit(entry), { minLength: 1, maxLength: 4 }).map((list) => list.join('\n'));

const body = oneof(
  { weight: 3, arbitrary: authz },
  { weight: 2, arbitrary: access },
  { weight: 1, arbitrary: record({ authz, access }).map((both) => `${both.access}\n${both.authz}`) },
  {
    weight: 1,
    arbitrary: constantFrom(
      'AuthMerging Off',
      'AuthMerging And',
      'SetEnvIf Remote_Addr "^127\\.1" friend',
      'RewriteEngine On\nRewriteRule ^ - [G]',
      'Redirect 404 /hook',
      'AuthType Basic\nAuthName x\nAuthUserFile {root}/users',
    ),
  },
);
const head = constantFrom(
  'Location "/"',
  'Location "/hook"',
  'Location "/h*"',
  'Location "/hook/"',
  'LocationMatch "ook$"',
  'Directory "{root}/www"',
  'Directory "{root}"',
  'DirectoryMatch "/www"',
  'Files "hook"',
  'FilesMatch "^h"',
  'If "-R \'127.0.0.0/24\'"',
  'If "%{REMOTE_ADDR} != \'127.0.0.2\'"',
  'Proxy "*"',
);
const section = record({ head, body }).map((one) => `<${one.head}>\n${one.body}\n</${one.head.split(' ', 1)[0]}>`);

const preludes = constantFrom(
  'SetEnvIf Remote_Addr "^127\\.0\\.0\\." friend',
  'SetEnvIf X-Forwarded-For "192\\.0\\.2" friend',
  'RemoteIPHeader X-Forwarded-For',
  'RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.0/24',
  'RemoteIPHeader X-Forwarded-For\nRemoteIPTrustedProxy 127.0.0.2 198.51.100.1 ::1',
  'RemoteIPHeader X-Forwarded-For\nRemoteIPTrustedProxy 127.0.0.2\nRemoteIPInternalProxy 127.1 198.51.100.1',
  'RewriteEngine On\nRewriteCond %{REMOTE_ADDR} !^127\\.0\\.\nRewriteRule ^ - [F]',
  'RewriteEngine On\nRewriteCond %{HTTP:X-Key} =secret [OR]\nRewriteCond %{REMOTE_ADDR} ^127\\.0\\.0\nRewriteRule ^/hook - [E=friend:1]',
  'ProxyPass / {upstream}/',
  'ErrorDocument 403 https://example.com/',
);
const forwarded = constantFrom(
  '192.0.2.9',
  '10.0.0.1',
  '127.0.0.2',
  '192.0.2.9, 198.51.100.1',
  '10.0.0.1, 192.0.2.9, 198.51.100.1',
  'x y',
  '2001:db8::1',
  '',
);

export const generatedRules: Arbitrary<GeneratedRules> = record({
  prelude: array(preludes, { maxLength: 2 }),
  sections: array(section, { minLength: 1, maxLength: 4 }),
  xff: option(forwarded),
  key: option(constant('secret')),
}).map(({ prelude, sections, xff, key }) => ({
  config: [...prelude, ...sections].join('\n'),
  headers: { ...(xff === null ? {} : { 'X-Forwarded-For': xff }), ...(key === null ? {} : { 'X-Key': key }) },
}));
