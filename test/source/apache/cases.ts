import type { CallHeaders } from '../../helpers/apache-rules.ts';

/** One configuration of a virtual host, and what calls of it come to where that is not asked of Apache alone. */
export interface RuleCase {
  name: string;
  /** Of the virtual host; `{root}`, `{upstream}` and `{port}` are filled in. */
  config: string;
  path?: string;
  headers?: CallHeaders;
  /** Callers for whom the configuration alone does not decide; all others have to be decided. */
  undecided?: readonly string[] | 'all';
}

/** Who asks. */
export const CALLERS = ['127.0.0.1', '127.0.0.2', '127.1.0.2', '127.0.3.4', '::1'] as const;

const IP = 'Require ip 127.0.0.2';
const at = (path: string, ...lines: string[]): string => [`<Location "${path}">`, ...lines, '</Location>'].join('\n');
const hook = (...lines: string[]): string => at('/hook', ...lines);

export const CASES: readonly RuleCase[] = [
  { name: 'nothing restricts', config: '' },
  { name: 'Require ip', config: hook(IP) },
  { name: 'Require ip of another path', config: at('/hooks', IP) },
  { name: 'Require ip of a path that ends with a slash', config: at('/hook/', IP) },
  { name: 'a path below the section', config: hook(IP), path: '/hook/mail' },
  { name: 'Require ip or all granted', config: hook(IP, 'Require all granted') },
  { name: 'Require all denied and ip', config: hook('Require all denied', IP) },
  {
    name: 'RequireAll of ip and all granted',
    config: hook('<RequireAll>', 'Require all granted', IP, '</RequireAll>'),
  },
  {
    name: 'RequireAll with not',
    config: hook('<RequireAll>', 'Require all granted', 'Require not ip 127.0.0.2', '</RequireAll>'),
  },
  {
    name: 'RequireNone in RequireAll',
    config: hook(
      '<RequireAll>',
      'Require ip 127.0.0.0/8',
      '<RequireNone>',
      'Require ip 127.0.0.2',
      'Require ip 127.0.3',
      '</RequireNone>',
      '</RequireAll>',
    ),
  },
  { name: 'partial addresses', config: hook('Require ip 127.0', 'Require ip 127.1.0.') },
  { name: 'leading zeros', config: hook('Require ip 127.000.000.002') },
  { name: 'a non-contiguous', config: hook('Require ip 127.0.0.0/255.255.0.0') },
  { name: 'a mask with holes', config: hook('Require ip 127.0.0.2/255.0.0.255') },
  { name: 'host bits set', config: hook('Require ip 127.0.0.99/24') },
  { name: 'IPv6', config: hook('Require ip ::1') },
  { name: 'all of IPv6', config: hook('Require ip ::/1') },
  { name: 'several on one line', config: hook('Require ip 127.0.0.2 127.1 ::1') },
  { name: 'Require local', config: hook('Require local') },
  { name: 'Require method', config: hook('Require method GET PUT') },
  { name: 'Require method POST', config: hook('<RequireAll>', 'Require method POST', IP, '</RequireAll>') },
  { name: 'Limit GET', config: hook('<Limit GET>', IP, '</Limit>') },
  { name: 'Limit GET POST', config: hook('<Limit GET POST>', IP, '</Limit>') },
  { name: 'LimitExcept GET', config: hook('<LimitExcept GET>', IP, '</LimitExcept>') },
  { name: 'LimitExcept POST', config: hook('<LimitExcept POST>', 'Require all denied', '</LimitExcept>') },
  { name: 'Limit GET beside a Require of its own', config: hook('<Limit GET>', 'Require all granted', '</Limit>', IP) },
  {
    name: 'Limit GET within replaces all of the outer section',
    config: [at('/', 'Require all denied'), hook('<Limit GET>', IP, '</Limit>')].join('\n'),
  },
  { name: 'two Limits', config: hook('<Limit GET>', 'Require all denied', '</Limit>', '<Limit POST>', IP, '</Limit>') },
  { name: 'a later Location replaces', config: [hook(IP), at('/', 'Require all granted')].join('\n') },
  { name: 'a later, more special Location replaces', config: [at('/', 'Require all denied'), hook(IP)].join('\n') },
  {
    name: 'AuthMerging And',
    config: [at('/', 'Require ip 127.0.0'), hook('AuthMerging And', 'Require ip 127.0.0.2 127.1.0.2')].join('\n'),
  },
  { name: 'AuthMerging Or', config: [at('/', 'Require ip 127.0.3'), hook('AuthMerging Or', IP)].join('\n') },
  {
    name: 'AuthMerging Off without a Require',
    config: [at('/', 'Require all denied'), hook('AuthMerging Off')].join('\n'),
  },
  {
    name: 'AuthMerging And without a Require',
    config: [at('/', 'Require ip 127.0.0'), hook('AuthMerging And')].join('\n'),
  },
  {
    name: 'AuthMerging Or takes in the Directory through two Locations',
    config: [
      '<Directory "{root}/www">',
      'Require ip 127.0.3',
      '</Directory>',
      at('/', 'Require all denied'),
      hook('AuthMerging Or', IP),
    ].join('\n'),
  },
  { name: 'Order deny,allow without Deny', config: hook('Order deny,allow', 'Allow from 127.0.0.2') },
  { name: 'Order deny,allow with Deny', config: hook('Order deny,allow', 'Deny from all', 'Allow from 127.0.0.2') },
  { name: 'Order allow,deny', config: hook('Order allow,deny', 'Allow from 127.0.0.2 127.1') },
  {
    name: 'Order allow,deny with Deny from all',
    config: hook('Order allow,deny', 'Allow from 127.0.0.2', 'Deny from all'),
  },
  { name: 'Order mutual-failure', config: hook('Order mutual-failure', 'Allow from 127.0', 'Deny from 127.0.3.0/24') },
  { name: 'Order alone', config: hook('Order allow,deny') },
  { name: 'Allow alone', config: hook('Allow from 127.0.0.2') },
  { name: 'Deny alone', config: hook('Deny from 127.0.0.2') },
  {
    name: 'old and new syntax',
    config: hook('Order deny,allow', 'Deny from all', 'Allow from 127.0.0', 'Require ip 127.0.0.2 127.1'),
  },
  {
    name: 'Order within replaces the outer Deny',
    config: [at('/', 'Order deny,allow', 'Deny from all'), hook('Allow from 127.0.0.2')].join('\n'),
  },
  {
    name: 'Order of GET within replaces the outer Deny for POST',
    config: [
      at('/', 'Order deny,allow', 'Deny from all'),
      hook('<Limit GET>', 'Allow from 127.0.0.2', '</Limit>'),
    ].join('\n'),
  },
  { name: 'old syntax in Limit GET', config: hook('<Limit GET>', 'Order deny,allow', 'Deny from all', '</Limit>') },
  {
    name: 'Satisfy Any opens to whoever passes either',
    config: hook('Satisfy Any', 'Order deny,allow', 'Deny from all', 'Allow from 127.0.0.2', 'Require ip 127.1'),
  },
  { name: 'Satisfy Any without Order is open', config: hook('Satisfy Any', 'Require all denied') },
  {
    name: 'Satisfy within drops the outer Deny',
    config: [at('/', 'Order deny,allow', 'Deny from all'), hook('Satisfy All')].join('\n'),
  },
  {
    name: 'Satisfy Any with users',
    config: hook(
      'AuthType Basic',
      'AuthName hook',
      'AuthUserFile "{root}/users"',
      'Require valid-user',
      'Order deny,allow',
      'Deny from all',
      'Allow from 127.0.0.2',
      'Satisfy Any',
    ),
  },
  {
    name: 'users',
    config: hook('AuthType Basic', 'AuthName hook', 'AuthUserFile "{root}/users"', 'Require valid-user'),
  },
  {
    name: 'users or an address',
    config: hook('AuthType Basic', 'AuthName hook', 'AuthUserFile "{root}/users"', 'Require valid-user', IP),
  },
  {
    name: 'users and an address',
    config: hook(
      'AuthType Basic',
      'AuthName hook',
      'AuthUserFile "{root}/users"',
      '<RequireAll>',
      'Require valid-user',
      IP,
      '</RequireAll>',
    ),
  },
  { name: 'users without a way to tell them', config: hook('Require valid-user') },
  { name: 'AuthType without Require', config: hook('AuthType Basic', 'AuthName hook', 'AuthUserFile "{root}/users"') },
  {
    name: 'a user sends credentials',
    config: hook('AuthType Basic', 'AuthName hook', 'AuthUserFile "{root}/users"', 'Require valid-user'),
    headers: { Authorization: 'Basic YTpi' },
    undecided: 'all',
  },
  { name: 'Require host', config: hook('Require host mail-plus.example'), undecided: 'all' },
  {
    name: 'Require host or ip',
    config: hook('Require host mail-plus.example', IP),
    undecided: ['127.0.0.1', '127.1.0.2', '127.0.3.4', '::1'],
  },
  { name: 'Allow from a name', config: hook('Order allow,deny', 'Allow from mail-plus.example'), undecided: 'all' },
  {
    name: 'Require env by SetEnvIf Remote_Addr',
    config: ['SetEnvIf Remote_Addr "^127\\.0\\.0\\.2$" friend', hook('Require env friend')].join('\n'),
  },
  {
    name: 'Require env by a dot that is any character',
    config: ['SetEnvIf Remote_Addr "^127.0.0" friend', hook('Require env friend')].join('\n'),
  },
  {
    name: 'Require env by a header',
    config: ['SetEnvIf X-Forwarded-For "^192\\.0\\.2\\." friend', hook('Require env friend')].join('\n'),
    headers: { 'X-Forwarded-For': '192.0.2.1' },
  },
  {
    name: 'Require env by a header that is absent',
    config: ['SetEnvIf X-Forwarded-For "^192\\.0\\.2\\." friend', hook('Require env friend')].join('\n'),
  },
  {
    name: 'SetEnvIf in the section',
    config: hook('SetEnvIf Remote_Addr "127\\.0\\.0\\.2" friend', 'Require env friend'),
  },
  { name: 'SetEnv comes too late', config: ['SetEnv friend 1', hook('Require env friend')].join('\n') },
  {
    name: 'Allow from env',
    config: [
      'SetEnvIfNoCase X-Key "^SECRET$" friend',
      hook('Order deny,allow', 'Deny from all', 'Allow from env=friend'),
    ].join('\n'),
    headers: { 'X-Key': 'secret' },
  },
  {
    name: 'Deny from env=!',
    config: [
      'SetEnvIf X-Key "^secret$" friend',
      hook('Order allow,deny', 'Allow from all', 'Deny from env=!friend'),
    ].join('\n'),
  },
  {
    name: 'SetEnvIf takes a variable back',
    config: [
      'SetEnvIf Remote_Addr "^127" friend',
      'SetEnvIf Remote_Addr "^127\\.1" !friend',
      hook('Require env friend'),
    ].join('\n'),
  },
  {
    name: 'BrowserMatch',
    config: ['BrowserMatch "^Mail-Plus" friend', hook('Require env friend')].join('\n'),
    headers: { 'User-Agent': 'Mail-Plus/1.0' },
  },
  { name: 'Require expr -ipmatch', config: hook('Require expr "%{REMOTE_ADDR} -ipmatch \'127.0.0.0/24\'"') },
  { name: 'Require expr -R', config: hook("Require expr -R '127.1.0.0/16' || %{REMOTE_ADDR} == '127.0.0.2'") },
  {
    name: 'Require expr with a header',
    config: hook("Require expr %{HTTP:X-Key} == 'secret' && %{REQUEST_METHOD} in {'POST','PUT'}"),
    headers: { 'X-Key': 'secret' },
  },
  {
    name: 'Require expr with an expression',
    config: hook('Require expr %{REMOTE_ADDR} =~ m#^127\\.0\\.# && !(%{HTTP_HOST} == "x")'),
  },
  {
    name: 'Require not expr',
    config: hook('<RequireAll>', 'Require all granted', 'Require not expr %{REQUEST_URI} =~ /^.hook/', '</RequireAll>'),
  },
  { name: 'If', config: ['<If "%{REMOTE_ADDR} != \'127.0.0.2\'">', 'Require all denied', '</If>'].join('\n') },
  {
    name: 'If in a Location',
    config: hook(
      '<If "-R \'127.0.0.0/16\'">',
      'Require all granted',
      '</If>',
      '<ElseIf "%{REMOTE_ADDR} == \'127.1.0.2\'">',
      'Require all granted',
      '</ElseIf>',
      '<Else>',
      'Require all denied',
      '</Else>',
    ),
  },
  {
    name: 'If comes after Location',
    config: ['<If "%{REQUEST_URI} == \'/hook\'">', 'Require all granted', '</If>', hook('Require all denied')].join(
      '\n',
    ),
  },
  {
    name: 'If of what nobody knows',
    config: ['<If "%{TIME_HOUR} -gt 100">', 'Require all denied', '</If>'].join('\n'),
    undecided: 'all',
  },
  { name: 'LocationMatch', config: ['<LocationMatch "^/ho+k$">', IP, '</LocationMatch>'].join('\n') },
  {
    name: 'LocationMatch with an open end',
    config: ['<LocationMatch "^/hook">', IP, '</LocationMatch>'].join('\n'),
    path: '/hooks',
  },
  { name: 'Location with a wildcard', config: at('/h*', IP) },
  { name: 'Location with a wildcard stops at a slash', config: at('/h*', IP), path: '/hook/mail' },
  { name: 'a wildcard of one segment', config: at('/*/mail', IP), path: '/hook/mail' },
  { name: 'Location ~', config: ['<Location ~ "/(hook|mail)">', IP, '</Location>'].join('\n') },
  { name: 'upper case is another path', config: at('/Hook', 'Require all denied') },
  { name: 'double slashes', config: hook(IP), path: '//hook' },
  { name: 'double slashes within', config: at('/a/hook', IP), path: '/a//hook' },
  {
    name: 'MergeSlashes Off, an expression sees them',
    config: [
      'MergeSlashes Off',
      '<LocationMatch "^/a/hook">',
      'Require all denied',
      '</LocationMatch>',
      at('/a', IP),
    ].join('\n'),
    path: '/a//hook',
  },
  { name: 'encoded letters', config: hook(IP), path: '/%68ook' },
  { name: 'dot segments', config: hook(IP), path: '/x/../hook' },
  { name: 'encoded dots', config: hook(IP), path: '/x/%2e%2e/hook' },
  { name: 'above the root', config: hook(IP), path: '/../hook' },
  { name: 'an encoded slash', config: hook(IP), path: '/a%2Fhook' },
  {
    name: 'an encoded slash that is allowed',
    config: ['AllowEncodedSlashes On', at('/a/hook', IP)].join('\n'),
    path: '/a%2Fhook',
  },
  { name: 'a % that encodes nothing', config: '', path: '/hook%zz' },
  { name: 'a trailing slash', config: hook(IP), path: '/hook/' },
  { name: 'Directory of the document root', config: ['<Directory "{root}/www">', IP, '</Directory>'].join('\n') },
  {
    name: 'Directory / and the document root',
    config: [
      '<Directory "{root}/www">',
      IP,
      '</Directory>',
      '<Directory />',
      'Require all denied',
      '</Directory>',
    ].join('\n'),
  },
  {
    name: 'Directory of a folder that may be there',
    config: ['<Directory "{root}/www/hook">', IP, '</Directory>'].join('\n'),
    undecided: ['127.0.0.1', '127.1.0.2', '127.0.3.4', '::1'],
  },
  {
    name: 'Directory of another folder',
    config: ['<Directory "{root}/other">', 'Require all denied', '</Directory>'].join('\n'),
  },
  { name: 'Directory with a wildcard', config: ['<Directory "{root}/w*">', IP, '</Directory>'].join('\n') },
  {
    name: 'DirectoryMatch comes after Directory',
    config: [
      '<DirectoryMatch "/www">',
      IP,
      '</DirectoryMatch>',
      '<Directory "{root}/www">',
      'Require all denied',
      '</Directory>',
    ].join('\n'),
  },
  {
    name: 'Location after Directory',
    config: [hook(IP), '<Directory "{root}/www">', 'Require all denied', '</Directory>'].join('\n'),
  },
  { name: 'Files', config: ['<Files "hook">', IP, '</Files>'].join('\n') },
  { name: 'FilesMatch', config: ['<FilesMatch "^ho">', IP, '</FilesMatch>'].join('\n') },
  {
    name: 'Files within Directory, after it',
    config: ['<Directory "{root}/www">', '<Files "h??k">', IP, '</Files>', 'Require all denied', '</Directory>'].join(
      '\n',
    ),
  },
  { name: 'Files of another name', config: ['<Files "*.php">', 'Require all denied', '</Files>'].join('\n') },
  {
    name: 'Alias',
    config: ['Alias /hook {root}/other', '<Directory "{root}/other">', IP, '</Directory>'].join('\n'),
    path: '/hook/mail',
  },
  {
    name: 'Alias leaves the document root',
    config: ['Alias /hook {root}/other', '<Directory "{root}/www">', 'Require all denied', '</Directory>'].join('\n'),
    path: '/hook/mail',
  },
  {
    name: 'AliasMatch',
    config: ['AliasMatch ^/h(.*)$ {root}/other/x', '<Directory "{root}/other">', IP, '</Directory>'].join('\n'),
  },
  {
    name: 'ProxyPass passes Directory by',
    config: ['ProxyPass /hook {upstream}/x', '<Directory />', 'Require all denied', '</Directory>'].join('\n'),
  },
  { name: 'ProxyPass and Location', config: ['ProxyPass / {upstream}/', hook(IP)].join('\n') },
  {
    name: 'ProxyPass and Proxy',
    config: ['ProxyPass / {upstream}/', '<Proxy "{upstream}/*">', IP, '</Proxy>'].join('\n'),
  },
  { name: 'Proxy *', config: ['ProxyPass / {upstream}/', '<Proxy *>', IP, '</Proxy>'].join('\n') },
  {
    name: 'Proxy of another target',
    config: ['ProxyPass / {upstream}/', '<Proxy "http://127.0.0.9/">', 'Require all denied', '</Proxy>'].join('\n'),
  },
  {
    name: 'Proxy, then Location',
    config: ['ProxyPass / {upstream}/', '<Proxy *>', 'Require all denied', '</Proxy>', hook(IP)].join('\n'),
  },
  {
    name: 'ProxyPass !',
    config: ['ProxyPass /hook !', 'ProxyPass / {upstream}/', '<Directory "{root}/www">', IP, '</Directory>'].join('\n'),
  },
  {
    name: 'ProxyPass in a Location',
    config: [hook('ProxyPass {upstream}/x'), '<Directory />', 'Require all denied', '</Directory>'].join('\n'),
  },
  {
    name: 'ProxyPassMatch',
    config: [
      'ProxyPassMatch ^/ho(.*)$ {upstream}/$1',
      '<Directory />',
      'Require all denied',
      '</Directory>',
      '<ProxyMatch "/ok$">',
      IP,
      '</ProxyMatch>',
    ].join('\n'),
  },
  {
    name: 'ProxyPass goes before Redirect',
    config: ['Redirect /hook https://example.com/', 'ProxyPass / {upstream}/'].join('\n'),
  },
  {
    name: 'SetHandler proxy keeps Directory',
    config: [hook('SetHandler "proxy:{upstream}"'), '<Directory />', 'Require all denied', '</Directory>'].join('\n'),
  },
  { name: 'Redirect comes before access', config: ['Redirect /hook https://example.com/', hook(IP)].join('\n') },
  { name: 'Redirect permanent', config: 'Redirect permanent / https://example.com/' },
  { name: 'Redirect gone', config: 'Redirect gone /hook' },
  { name: 'Redirect with a status', config: 'Redirect 403 /hook' },
  { name: 'Redirect of another path', config: 'Redirect /hooks https://example.com/' },
  { name: 'RedirectMatch', config: 'RedirectMatch 307 ^/ho https://example.com/' },
  { name: 'Redirect of a Location comes before access', config: hook('Redirect 410', IP) },
  { name: 'Redirect with a path in a Location comes after access', config: hook('Redirect 410 /hook', IP) },
  {
    name: 'Redirect in a Directory comes after access',
    config: ['<Directory "{root}/www">', 'Redirect 410 /hook', IP, '</Directory>'].join('\n'),
  },
  {
    name: 'RewriteRule [F] by address',
    config: ['RewriteEngine On', 'RewriteCond %{REMOTE_ADDR} !^127\\.0\\.0\\.2$', 'RewriteRule ^ - [F]'].join('\n'),
  },
  { name: 'RewriteRule without RewriteEngine', config: 'RewriteRule ^ - [F]' },
  {
    name: 'RewriteRule [F] with OR',
    config: [
      'RewriteEngine On',
      'RewriteCond %{REMOTE_ADDR} =127.0.0.2 [OR]',
      'RewriteCond %{REMOTE_ADDR} ^127\\.1\\.',
      'RewriteRule ^/hook - [F]',
    ].join('\n'),
  },
  {
    name: 'RewriteCond by header',
    config: ['RewriteEngine On', 'RewriteCond %{HTTP:X-Forwarded-For} !^192\\.0\\.2\\.', 'RewriteRule ^ - [F]'].join(
      '\n',
    ),
    headers: { 'X-Forwarded-For': '192.0.2.9' },
  },
  {
    name: 'RewriteCond by a header that mod_rewrite does not know',
    config: ['RewriteEngine On', 'RewriteCond %{HTTP_X_FORWARDED_FOR} !^192\\.0\\.2\\.', 'RewriteRule ^ - [F]'].join(
      '\n',
    ),
    headers: { 'X-Forwarded-For': '192.0.2.9' },
  },
  {
    name: 'RewriteCond by method, host and path',
    config: [
      'RewriteEngine On',
      'RewriteCond %{REQUEST_METHOD} POST',
      'RewriteCond %{HTTP_HOST} ^C',
      'RewriteCond %{REQUEST_URI} ^/HOOK [NC]',
      'RewriteRule ^ - [G]',
    ].join('\n'),
  },
  {
    name: 'RewriteCond %{HTTPS} off sends plain HTTP away',
    config: [
      'RewriteEngine On',
      'RewriteCond %{HTTPS} off',
      'RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]',
      hook(IP),
    ].join('\n'),
  },
  {
    name: 'RewriteCond %{HTTPS} on leaves plain HTTP alone',
    config: ['RewriteEngine On', 'RewriteCond %{HTTPS} =on', 'RewriteRule ^ - [F]', hook(IP)].join('\n'),
  },
  {
    name: 'RewriteCond NC',
    config: ['RewriteEngine On', 'RewriteCond %{REQUEST_METHOD} ^post$ [NC]', 'RewriteRule ^/hook$ - [R=404]'].join(
      '\n',
    ),
  },
  {
    name: 'RewriteCond expr',
    config: ['RewriteEngine On', 'RewriteCond expr "! -R \'127.0.0.0/16\'"', 'RewriteRule ^ - [F]'].join('\n'),
  },
  {
    name: 'RewriteRule with L ends the list',
    config: [
      'RewriteEngine On',
      'RewriteCond %{REMOTE_ADDR} ^127\\.0\\.0\\.2$',
      'RewriteRule ^ - [L]',
      'RewriteRule ^ - [F]',
    ].join('\n'),
  },
  {
    name: 'RewriteRule with S skips',
    config: [
      'RewriteEngine On',
      'RewriteCond %{REMOTE_ADDR} ^127\\.0\\.',
      'RewriteRule ^ - [S=1]',
      'RewriteRule ^ - [F]',
    ].join('\n'),
  },
  {
    name: 'RewriteRule with C chains',
    config: ['RewriteEngine On', 'RewriteRule ^/mail - [C]', 'RewriteRule ^ - [F]'].join('\n'),
  },
  {
    name: 'RewriteRule redirects',
    config: ['RewriteEngine On', 'RewriteRule ^/(.*)$ https://example.com/$1 [R=301,L]'].join('\n'),
  },
  {
    name: 'RewriteRule to another server redirects without R',
    config: ['RewriteEngine On', 'RewriteRule ^/hook$ https://example.com/'].join('\n'),
  },
  {
    name: 'RewriteRule comes before access',
    config: ['RewriteEngine On', 'RewriteRule ^/hook - [R=404]', hook(IP)].join('\n'),
  },
  {
    name: 'RewriteRule [P] passes Directory by',
    config: [
      'RewriteEngine On',
      'RewriteRule ^/hook$ {upstream}/x [P]',
      '<Directory />',
      'Require all denied',
      '</Directory>',
    ].join('\n'),
  },
  {
    name: 'RewriteRule keeps the Location of the request',
    config: ['RewriteEngine On', 'RewriteRule ^/hook$ /other', hook(IP), at('/other', 'Require all denied')].join('\n'),
  },
  {
    name: 'RewriteRule [PT] takes the Location of the target',
    config: ['RewriteEngine On', 'RewriteRule ^/hook$ /other [PT]', hook(IP), at('/other', 'Require all denied')].join(
      '\n',
    ),
  },
  {
    name: 'RewriteRule sets a variable',
    config: [
      'RewriteEngine On',
      'RewriteCond %{REMOTE_ADDR} ^127\\.0\\.0',
      'RewriteRule ^ - [E=friend:1]',
      hook('Require env friend'),
    ].join('\n'),
  },
  {
    name: 'RewriteRule in a Location comes after access',
    config: hook('RewriteEngine On', 'RewriteRule ^ - [R=404]', IP),
  },
  {
    name: 'RewriteRule in the Directory',
    config: [
      '<Directory "{root}/www">',
      'RewriteEngine On',
      'RewriteCond %{REMOTE_ADDR} !^127\\.0\\.0\\.2$',
      'RewriteRule ^hook$ - [F]',
      '</Directory>',
    ].join('\n'),
  },
  {
    name: 'RewriteRule in the Directory never sees a slash in front',
    config: ['<Directory "{root}/www">', 'RewriteEngine On', 'RewriteRule ^/hook$ - [F]', '</Directory>'].join('\n'),
  },
  {
    name: 'RewriteRule in the Directory goes round',
    config: [
      '<Directory "{root}/www">',
      'RewriteEngine On',
      'RewriteRule ^hook$ other [L]',
      '</Directory>',
      at('/other', IP),
    ].join('\n'),
  },
  {
    name: 'RewriteCond of a file',
    config: ['RewriteEngine On', 'RewriteCond %{DOCUMENT_ROOT}%{REQUEST_URI} !-f', 'RewriteRule ^ - [F]'].join('\n'),
    undecided: 'all',
  },
  {
    name: 'remoteip without proxies believes everybody',
    config: ['RemoteIPHeader X-Forwarded-For', hook('Require ip 192.0.2.0/24')].join('\n'),
    headers: { 'X-Forwarded-For': '192.0.2.9' },
  },
  {
    name: 'remoteip without proxies takes no private address',
    config: ['RemoteIPHeader X-Forwarded-For', hook('Require ip 10')].join('\n'),
    headers: { 'X-Forwarded-For': '10.0.0.1' },
  },
  {
    name: 'remoteip with a trusted proxy',
    config: ['RemoteIPHeader X-Forwarded-For', 'RemoteIPTrustedProxy 127.0.0.2', hook('Require ip 192.0.2.0/24')].join(
      '\n',
    ),
    headers: { 'X-Forwarded-For': '192.0.2.9' },
  },
  {
    name: 'remoteip with a trusted proxy takes no private address',
    config: ['RemoteIPHeader X-Forwarded-For', 'RemoteIPTrustedProxy 127.0.0.2', hook('Require ip 10.0.0.1')].join(
      '\n',
    ),
    headers: { 'X-Forwarded-For': '10.0.0.1' },
  },
  {
    name: 'remoteip with an internal proxy takes private addresses',
    config: ['RemoteIPHeader X-Forwarded-For', 'RemoteIPInternalProxy 127.0.0.2 ::1', hook('Require ip 10.0.0.1')].join(
      '\n',
    ),
    headers: { 'X-Forwarded-For': '10.0.0.1' },
  },
  {
    name: 'remoteip goes from the right',
    config: ['RemoteIPHeader X-Forwarded-For', 'RemoteIPInternalProxy 127.0.0.2', hook('Require ip 192.0.2.9')].join(
      '\n',
    ),
    headers: { 'X-Forwarded-For': '192.0.2.9, 198.51.100.1' },
  },
  {
    name: 'remoteip through two proxies',
    config: [
      'RemoteIPHeader X-Forwarded-For',
      'RemoteIPInternalProxy 127.0.0.0/24',
      'RemoteIPTrustedProxy 198.51.100.1',
      hook('Require ip 192.0.2.9'),
    ].join('\n'),
    headers: { 'X-Forwarded-For': '10.9.9.9, 192.0.2.9, 198.51.100.1' },
  },
  {
    name: 'remoteip: an internal proxy that a trusted one presents counts as external',
    config: [
      'RemoteIPHeader X-Forwarded-For',
      'RemoteIPTrustedProxy 127.0.0.2',
      'RemoteIPInternalProxy 198.51.100.1 127.0.0.1',
      hook('Require ip 10.0.0.1'),
    ].join('\n'),
    headers: { 'X-Forwarded-For': '10.0.0.1, 198.51.100.1' },
  },
  {
    name: 'remoteip joins headers that come twice',
    config: [
      'RemoteIPHeader X-Forwarded-For',
      'RemoteIPInternalProxy 127.0.0.2 198.51.100.1',
      hook('Require ip 192.0.2.9'),
    ].join('\n'),
    headers: { 'X-Forwarded-For': ['192.0.2.9', '198.51.100.1'] },
  },
  {
    name: 'remoteip with an address that is none',
    config: [
      'RemoteIPHeader X-Forwarded-For',
      'RemoteIPInternalProxy 127.0.0.2',
      hook('Require ip 127.0.0.2 192.0.2.9'),
    ].join('\n'),
    headers: { 'X-Forwarded-For': '192.0.2.9, [::1]:80' },
  },
  {
    name: 'remoteip with another header',
    config: ['RemoteIPHeader X-Real-IP', 'RemoteIPInternalProxy 127.0.0.2', hook('Require ip 192.0.2.9')].join('\n'),
    headers: { 'X-Real-IP': '192.0.2.9', 'X-Forwarded-For': '198.51.100.1' },
  },
  {
    name: 'remoteip and IPv6',
    config: [
      'RemoteIPHeader X-Forwarded-For',
      'RemoteIPTrustedProxy ::1 127.0.0.2',
      hook('Require ip 2001:db8::/32'),
    ].join('\n'),
    headers: { 'X-Forwarded-For': '2001:db8::9' },
  },
  {
    name: 'remoteip takes what it used out of the header',
    config: [
      'RemoteIPHeader X-Forwarded-For',
      'RemoteIPInternalProxy 127.0.0.2',
      'SetEnvIf X-Forwarded-For "192" spoofed',
      hook('Require env spoofed'),
    ].join('\n'),
    headers: { 'X-Forwarded-For': '192.0.2.9' },
  },
  {
    name: 'RewriteCond sees who remoteip found',
    config: [
      'RemoteIPHeader X-Forwarded-For',
      'RemoteIPInternalProxy 127.0.0.2',
      'RewriteEngine On',
      'RewriteCond %{REMOTE_ADDR} !^192\\.0\\.2\\.',
      'RewriteRule ^ - [F]',
    ].join('\n'),
    headers: { 'X-Forwarded-For': '192.0.2.9' },
  },
  { name: 'ErrorDocument keeps the status', config: ['ErrorDocument 403 "no"', hook(IP)].join('\n') },
  {
    name: 'ErrorDocument at another server redirects',
    config: ['ErrorDocument 403 https://example.com/', hook(IP)].join('\n'),
  },
  { name: 'AllowMethods', config: hook('AllowMethods GET') },
  { name: 'AllowMethods POST', config: hook('AllowMethods GET POST', IP) },
  { name: 'AuthzProviderAlias gives a Require a name of its own', config: hook('Require vendor'), undecided: 'all' },
  { name: 'Define', config: ['Define VENDOR 127.0.0.2', hook('Require ip ${VENDOR}')].join('\n') },
  {
    name: 'IfModule',
    config: [
      '<IfModule mod_authz_core.c>',
      hook(IP),
      '</IfModule>',
      '<IfModule !mod_authz_core.c>',
      hook('Order deny,allow', 'Deny from all'),
      '</IfModule>',
    ].join('\n'),
  },
  {
    name: 'IfModule that is not there',
    config: ['<IfModule mod_evasive20.c>', hook('Require all denied'), '</IfModule>', hook(IP)].join('\n'),
  },
  {
    name: 'IfDefine',
    config: [
      '<IfDefine NEVER>',
      hook('Require all denied'),
      '</IfDefine>',
      '<IfDefine !NEVER>',
      hook(IP),
      '</IfDefine>',
    ].join('\n'),
  },
  {
    name: 'IfVersion',
    config: [
      '<IfVersion >= 2.4>',
      hook(IP),
      '</IfVersion>',
      '<IfVersion < 2.4>',
      hook('Require all denied'),
      '</IfVersion>',
    ].join('\n'),
  },
  {
    name: 'Macro',
    config: [
      '<Macro Guard $path $who>',
      '<Location "$path">',
      'Require ip $who',
      '</Location>',
      '</Macro>',
      'Use Guard /hook 127.0.0.2',
      'UndefMacro Guard',
    ].join('\n'),
  },
  { name: 'IncludeOptional of nothing', config: ['IncludeOptional {root}/none/*.conf', hook(IP)].join('\n') },
  { name: 'Include', config: 'Include {root}/included.conf' },
  { name: 'Include with a wildcard, from ServerRoot', config: 'Include incl*.conf' },
  {
    name: 'a comment that goes on',
    config: ['<Location /hook>', '# Require all granted \\', 'Require all granted', IP, '</Location>'].join('\n'),
  },
  {
    name: 'a line that goes on',
    config: ['<Location /hook>', 'Require \\', '   ip 127.0.0.2 \\', ' 127.1', '</Location>'].join('\n'),
  },
  { name: 'any case', config: ['<LOCATION /hook>', 'rEQUIRE ip 127.0.0.2', '</location>'].join('\n') },
  {
    name: 'a hop to another server of the file, which admits this machine',
    config: [hook(IP), 'ProxyPass /hook http://127.0.0.1:{port}/open', '<Location /open>', '</Location>'].join('\n'),
  },
  {
    name: 'an error page of an application',
    config: [hook(IP), 'ErrorDocument 403 /error', 'ProxyPass /error {upstream}'].join('\n'),
    undecided: ['127.0.0.1', '127.1.0.2', '127.0.3.4', '::1'],
  },
  {
    name: 'an error page that is a file',
    config: [hook(IP), 'ErrorDocument 403 /error.html', 'ProxyPass /other {upstream}'].join('\n'),
  },
  {
    name: 'an error page of an application, for another status',
    config: [hook(IP), 'ErrorDocument 404 /error', 'ProxyPass /error {upstream}'].join('\n'),
  },
  {
    name: '.htaccess',
    config: ['Alias /hook {root}/access', '<Directory "{root}/access">', 'AllowOverride All', '</Directory>'].join(
      '\n',
    ),
    path: '/hook/mail',
  },
  {
    name: '.htaccess is not read',
    config: ['Alias /hook {root}/access', '<Directory "{root}/access">', 'AllowOverride None', '</Directory>'].join(
      '\n',
    ),
    path: '/hook/mail',
  },
  {
    name: '.htaccess without leave for what it says',
    config: ['Alias /hook {root}/access', '<Directory "{root}/access">', 'AllowOverride FileInfo', '</Directory>'].join(
      '\n',
    ),
    path: '/hook/mail',
  },
  {
    name: '.htaccess is looked at where AllowOverride was never said',
    config: 'Alias /hook {root}/access',
    path: '/hook/mail',
  },
  ...(
    [
      ['AuthConfig', 'options', 'FileInfo'],
      ['Options and FileInfo', 'options', 'Options FileInfo'],
      ['a class and the list of another', 'options', 'AuthConfig', 'Options'],
      ['a list alone', 'ordered', 'None', 'Require Order'],
      ['no class', 'server', 'All'],
      ['no class, and nothing breaks', 'server', 'All Nonfatal=All'],
      ['a value that is none', 'wrong', 'All'],
      ['a name that is none', 'unknown', 'All'],
    ] as const
  ).map(([what, folder, words, list = 'None']) => ({
    name: `.htaccess: ${what}`,
    config: [
      `Alias /hook {root}/access/${folder}`,
      `<Directory "{root}/access">`,
      `AllowOverride ${words}`,
      `AllowOverrideList ${list}`,
      '</Directory>',
    ].join('\n'),
    path: '/hook/mail',
  })),
  {
    name: '.htaccess replaces what its Directory requires',
    config: [
      'Alias /hook {root}/access',
      '<Directory "{root}/access">',
      'AllowOverride AuthConfig',
      'Require all denied',
      '</Directory>',
    ].join('\n'),
    path: '/hook/mail',
  },
];
