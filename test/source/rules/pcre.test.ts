import { expect, test } from 'vitest';
import { readPeer, type Address } from '../../../src/source/address.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';

const NGINX = (lines: string): string =>
  `events {} http { server { listen 80; ${lines} location = /a { return 403; } location /a/ { proxy_pass http://127.0.0.1:9; } } }`;
const APACHE = (lines: string): string => `<VirtualHost *:80>
  RewriteEngine On
  ${lines}
  <Location /hook>
    Require all denied
  </Location>
  <Location /a>
    Require all denied
  </Location>
  <Location /a/x>
    Require all granted
  </Location>
  ProxyPass / http://127.0.0.1:9/
</VirtualHost>`;

/** How the expression takes the rest of the path: as JavaScript knows it, and in a way that PCRE alone knows. */
test.each([
  ['.*', 'admitted'],
  ['.*+', 'undecided'],
])('what a group (%s) takes decides where a rewrite leads: %s', (rest, outcome) => {
  const call = { path: '/hook/x', host: null, port: null, headers: [], peer: readPeer('127.0.0.1') as Address };
  const nginx = [
    `location /hook { rewrite ^/hook(${rest})$ /a$1 last; return 403; }`,
    `location /hook { if ($uri ~ ^/hook(?<rest>${rest})$) { rewrite ^ /a$rest last; } return 403; }`,
  ].map((lines) => openNginx({ file: '/nginx.conf', text: NGINX(lines) }, () => []));
  const apache = [
    `RewriteRule ^/hook(${rest})$ /a$1 [PT]`,
    `RewriteCond %{REQUEST_URI} ^/hook(${rest})$\nRewriteRule ^ /a%1 [PT]`,
    `SetEnvIf Request_URI ^/hook(${rest})$ rest=$1\nRewriteRule ^ /a%{ENV:rest} [PT]`,
  ].map((lines) => openApache({ file: '/apache2.conf', text: APACHE(lines) }, () => []));
  for (const rules of [...nginx, ...apache]) expect(rules.decide(call)).toMatchObject({ outcome });
});
