import { describe, expect, test } from 'vitest';
import { findNearMiss } from '../../../src/cli/terminal/names.ts';
import { DIRECTIVE_NAMES } from '../../../src/source/nginx/directive-names.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import { makeReadIncluded } from '../../../src/source/rules/read-included.ts';
import { CONFIGURATIONS } from './configurations.ts';

const unknownIn = (text: string): string[] =>
  openNginx({ file: '/etc/nginx/nginx.conf', text }, makeReadIncluded()).unknown?.directives.map(
    ({ name, place }) => `${name}:${place.line}`,
  ) ?? ['none told'];
const filled = (text: string): string =>
  text
    .replaceAll('LISTEN', 'listen 80')
    .replaceAll(/UPSTREAM|PORT|OTHER/g, '8080')
    .replaceAll(/\binclude [^;]*;/g, '');

test.each(Object.entries(CONFIGURATIONS))('every directive that nginx takes is known: %s', (_, { http }) => {
  expect(unknownIn(`events {} http { ${filled(http)}\nserver { listen 81; } }`)).toEqual([]);
});

test.each([
  ['a name that is none', 'http { server {\n alow 192.0.2.1; } }', ['alow:2']],
  ['case counts', 'http { server { Allow 192.0.2.1; } }', ['Allow:1']],
  ['a block that is none, without what is in it', 'http { server {\n locaton /hook {\n x; } } }', ['locaton:2']],
  [
    'lines of tables are no directives',
    'http { map $a $b { alow 1; } geo $c { 192.0.2.1 alow; } types { a/b alow; } split_clients $d $e { 1% x; * y; } server { } }',
    [],
  ],
  [
    'modules of others',
    "http { lua_shared_dict a 1m; brotli on; js_import a.js; server { more_set_headers 'A: b'; access_by_lua_block { alow() } modsecurity on; auth_jwt x; echo_sleep 1; } }",
    [],
  ],
  [
    'stream and mail',
    'stream { server { ssl_preread on; } } mail { auth_http a; server { smtp_auth none; } } http { server { } }',
    [],
  ],
])('%s', (_, text, unknown) => {
  expect(unknownIn(text)).toEqual(unknown);
});

describe('a typing error', () => {
  const names = [...DIRECTIVE_NAMES];

  test.each(names)('of %s is told, with the name', (name) => {
    const typed = `${name}x`;
    expect(unknownIn(`http { server { ${typed} a; } }`)).toEqual([`${typed}:1`]);
    expect(findNearMiss(typed, names)).toBe(name);
  });
});
