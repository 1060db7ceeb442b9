import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../src/model/error.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import { parseNginxConfig, type NginxDirective } from '../../../src/source/nginx/parse.ts';
import type { ReadIncluded } from '../../../src/source/rules/server-rules.ts';
import { hasNginx, nginxSyntaxError } from '../../helpers/nginx.ts';
import { cpuMsOf } from '../../helpers/cpu-time.ts';

const read = (text: string, files: Record<string, string> = {}): readonly NginxDirective[] =>
  parseNginxConfig({ file: '/etc/nginx/nginx.conf', text }, readFrom(files));
const readFrom =
  (files: Record<string, string>): ReadIncluded =>
  (pattern) =>
    Object.entries(files)
      .filter(([file]) => (pattern.includes('*') ? file.startsWith(pattern.split('*')[0] ?? '') : file === pattern))
      .map(([file, text]) => ({ file, text }));
/** Words alone, blocks within brackets. */
const shape = (directives: readonly NginxDirective[]): unknown[] =>
  directives.map(({ name, args, block }) => (block === null ? [name, ...args] : [name, ...args, shape(block)]));

test.each([
  ['a b;', [['a', 'b']]],
  ['a "b c" \'d;e\';', [['a', 'b c', 'd;e']]],
  [
    String.raw`a \; b\ c "\"" '\'' \n "\t" \d\.;`,
    [['a', String.raw`\;`, String.raw`b\ c`, '"', "'", '\n', '\t', String.raw`\d\.`]],
  ],
  ['a ${b}c $d{ e; }', [['a', '${b}c', '$d', [['e']]]]],
  ['a#b c; # d;\ne;', [['a#b', 'c'], ['e']]],
  ['a\r\n b;\r\n', [['a', 'b']]],
  [
    'a { } b{c;}',
    [
      ['a', []],
      ['b', [['c']]],
    ],
  ],
  ['if ($a = "b") { c; }', [['if', '($a', '=', 'b', ')', [['c']]]]],
  ['"a" "";', [['a', '']]],
  ['a "b\nc";', [['a', 'b\nc']]],
  [
    'access_by_lua_block { if "}" == \'{\' then --[[ } ]] x = [==[ } ]==] -- }\n t = {} end } a;',
    [['access_by_lua_block', []], ['a']],
  ],
])('%j reads as %j', (text, expected) => {
  expect(shape(read(text))).toEqual(expected);
});

test.each([
  ['a', 1, 'unexpected end of file'],
  ['a;\n{ }', 2, 'unexpected "{"'],
  ['a;\n\n;', 3, 'unexpected ";"'],
  ['a {\n b;', 1, 'never closed'],
  ['a { b; }\n}', 2, 'unexpected "}"'],
  ['a }', 1, 'unexpected'],
  ['a;\nb "c', 2, 'never closed'],
  ['a "b"c;', 1, 'after a closing quote'],
  ['x_by_lua_block { "', 1, 'Lua'],
  ['\uFEFFa;', 1, 'byte order mark'],
  [`a ${'x'.repeat(5000)};`, 1, 'too long'],
  [`${'a{'.repeat(100)}`, 1, 'blocks are nested more than 64 levels'],
  ['http {\n include none.conf;\n}', 2, 'no such file'],
  ['http {\n include a b;\n}', 2, 'number of arguments'],
  ['http { server {\n allow 10.1; } }', 2, 'accepts'],
  ['http { server {\n deny 192.0.2.0/255.255.255.0; } }', 2, 'accepts'],
  [
    'http { server {\n allow 192.0.2.0/24 # the vendor\n deny all; } }',
    2,
    'a ";" seems to be missing at the end of line 2',
  ],
  ['http { server {\n allow 192.0.2.0/24 192.0.2.1; } }', 2, 'accepts one address'],
  ['http { geo $a {\n 10.1 1; } server { } }', 2, 'accepts'],
  ['http { }', null, 'no server'],
])('%j is refused in line %s', (text, line, message) => {
  const place = line === null ? '/etc/nginx/nginx.conf' : `/etc/nginx/nginx.conf:${line}:`;
  expect(() => openNginx({ file: '/etc/nginx/nginx.conf', text }, () => [])).toThrow(
    expect.objectContaining({ kind: 'input', message: expect.stringContaining(message) }) as Error,
  );
  expect(() => openNginx({ file: '/etc/nginx/nginx.conf', text }, () => [])).toThrow(place);
});

test('lines are counted through comments, quotes, Lua and CRLF', () => {
  const text = '# one\r\na "\n";\nb_by_lua_block {\n "\\\n"\n}\nc { # d\n\n e;\n}\nf\n g;';
  const lines = (directives: readonly NginxDirective[]): unknown[] =>
    directives.flatMap(({ name, place, block }) => [[name, place.line], ...lines(block ?? [])]);
  expect(lines(read(text))).toEqual([
    ['a', 2],
    ['b_by_lua_block', 4],
    ['c', 8],
    ['e', 10],
    ['f', 12],
  ]);
});

test('an include is relative to the folder of the main file, and keeps its own lines', () => {
  const found = read('http { include sites/*; include b.conf; }', {
    '/etc/nginx/sites/a': '\nserver { }',
    '/etc/nginx/b.conf': 'x;\ny;',
  });
  expect(found[0]?.block?.map(({ name, place }) => [name, place.file, place.line])).toEqual([
    ['server', '/etc/nginx/sites/a', 2],
    ['x', '/etc/nginx/b.conf', 1],
    ['y', '/etc/nginx/b.conf', 2],
  ]);
});

test('what a file of sites-available includes is relative to the folder above', () => {
  const found = parseNginxConfig(
    { file: '/etc/nginx/sites-available/a', text: 'server { include snippets/x; }' },
    readFrom({ '/etc/nginx/snippets/x': 'deny all;' }),
  );
  expect(shape(found)).toEqual([['server', [['deny', 'all']]]]);
});

test.each([
  ['itself', 'include nginx.conf;', {}],
  ['each other', 'include a;', { '/etc/nginx/a': 'include b;', '/etc/nginx/b': 'include a;' }],
])('files that include %s are refused', (_, text, files) => {
  expect(() => read(`http { ${text} }`, { '/etc/nginx/nginx.conf': 'x;', ...files })).toThrow('includes itself');
});

test.each([
  ['server { location /hook { allow 192.0.2.1; deny all; } }', 'no http'],
  ['location /hook { allow 192.0.2.1; deny all; proxy_pass http://a; }', 'no server'],
])('%j is read as if it stood where it belongs, and that is said', (text, said) => {
  const rules = openNginx({ file: '/etc/nginx/hook.conf', text }, () => []);
  expect(rules.part?.text).toContain(said);
  expect(
    rules.decide({
      path: '/hook',
      host: null,
      port: null,
      peer: { family: 4, value: 1n, text: '0.0.0.1' },
      headers: [],
    }),
  ).toMatchObject({ outcome: 'refused', status: 403, place: { line: 1, text: 'deny all' } });
});

const PIECES = constantFrom(
  'a',
  ' ',
  ';',
  '{',
  '}',
  '"',
  "'",
  '\\',
  '$',
  '#',
  '\n',
  '\r',
  'server',
  'location',
  '/hook',
  '~',
  '(',
  ')*',
  'if',
  '($a',
  '=',
  'return 200',
  'allow',
  'all',
  'include',
  'nginx.conf',
  'map $a $b',
  'geo $c',
  'default',
  'rewrite ^ /',
  'last',
  'error_page 403 =200 /',
  'try_files',
  'x_by_lua_block',
  '--[[',
  '[[',
  'listen',
  '80-90',
  'server_name',
  '~(a+)+$',
  'satisfy any',
  'set $a',
  '${',
  'limit_except',
  'set_real_ip_from',
  '::/0',
);

test('whatever the text is: it is read or refused, and answered', () => {
  const peer = { family: 4 as const, value: 0xcb007142n, text: '203.0.113.66' };
  assert(
    property(
      oneof(
        array(PIECES, { maxLength: 60 }).map((pieces) => pieces.join(' ')),
        array(PIECES, { maxLength: 60 }).map((pieces) => `server { location /hook { ${pieces.join(' ')}; } }`),
        array(PIECES, { maxLength: 40 }).map((pieces) => pieces.join('')),
        string({ unit: 'binary', maxLength: 200 }),
      ),
      (text) => {
        const file = { file: '/etc/nginx/nginx.conf', text };
        try {
          const rules = openNginx(file, (pattern) => (pattern.endsWith('nginx.conf') ? [file] : []));
          rules.decide({
            path: `/hook${'a'.repeat(40)}b`,
            host: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab',
            port: null,
            peer,
            headers: [],
          });
          rules.findTraps('/hook', null, null);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  [
    'an expression that never ends',
    'server { location ~ ^/(a+)+$ { deny all; } location / { return 200; } }',
    `/${'a'.repeat(60)}b`,
  ],
  [
    'many of them',
    `server { ${Array.from({ length: 200 }, (_, index) => `location ~ ^/(a+)+${index}$ { deny all; }`).join(' ')} }`,
    `/${'a'.repeat(60)}b`,
  ],
  [
    'maps of each other',
    'map $b $a { default $b; } map $a $b { default $a; } server { if ($a) { return 403; } }',
    '/hook',
  ],
  [
    'a variable that grows',
    `server { set $a aaaaaaaaaa; ${Array.from({ length: 40 }, () => 'set $a $a$a$a$a;').join(' ')} if ($a = b) { return 403; } return 200; }`,
    '/hook',
  ],
  ['a rewrite in a circle', 'server { location / { rewrite ^ / last; } }', '/hook'],
  [
    'error pages in a circle',
    'server { recursive_error_pages on; error_page 403 = @a; location / { return 403; } location @a { return 403; } }',
    '/hook',
  ],
  ['Lua that never ends', `a_by_lua_block { ${'--[[ '.repeat(200_000)}`, '/hook'],
  ['a word that is not an address', `server { ${`allow ::${'1.'.repeat(2000)}x;`.repeat(500)} }`, '/hook'],
  [
    'a list of all lines',
    `server { ${Array.from({ length: 8000 }, (_, index) => `deny 10.${index >> 8}.${index & 255}.0/24; allow 11.${index >> 8}.${index & 255}.1;`).join('\n')} }`,
    '/hook',
  ],
  ['ranges of ports', 'server { listen 1-1000; location / { return 200; } }'.repeat(1000), '/hook'],
  [
    'very many servers',
    Array.from(
      { length: 10_000 },
      (_, index) => `server { server_name s${index}.test; location / { deny all; proxy_pass http://a; } }`,
    ).join('\n'),
    '/hook',
  ],
  [
    'many questions',
    `server { ${Array.from({ length: 40 }, (_, index) => `if (-f /x${index}) { set $a ${index}; }`).join(' ')} return 200; }`,
    '/hook',
  ],
])('%s is answered or refused soon', (_, text, path) => {
  const cpuMs = cpuMsOf(() => {
    try {
      const rules = openNginx({ file: '/etc/nginx/nginx.conf', text }, () => []);
      rules.decide({ path, host: null, port: null, peer: { family: 4, value: 1n, text: '0.0.0.1' }, headers: [] });
      rules.findTraps(path, null, null);
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
    }
  });
  expect(cpuMs).toBeLessThan(30_000);
});

describe.skipIf(!hasNginx)(`nginx reads the same texts${hasNginx ? '' : ' (skipped: nginx is not installed)'}`, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hookproof-nginx-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // Within http {}, and with directives that nginx knows: what is left to refuse is the writing.
  test.each([
    'set $a "b"c;',
    'set $a b',
    'set $a ${b}c;',
    'set $a "b',
    "set $a 'b\\'c';",
    'set $a "b"; }',
    'if ($host = "b") { return 403; }',
    'set $a b\\ c;',
    'set $a b\\;c;',
    '{ }',
    ';',
    'set $a b; # }',
    'set $a "}";',
    'allow 10.1;',
    'allow 010.0.0.1;',
    'allow 10.0.0.256;',
    'allow 10.0.0.1/33;',
    'allow 10.0.0.1/;',
    'allow 255.255.255.255;',
    'allow ::1.2.3.4;',
    'allow 1..2.3;',
    'allow 1:2;',
    'deny unix:;',
    'deny all all;',
    'deny ::/129;',
    'allow ::ffff:1.2.3.4/120;',
    `set $a ${'x'.repeat(4090)};`,
    `set $a ${'x'.repeat(4200)};`,
  ])('%j', (text) => {
    const content = `server { listen 127.0.0.1:1; set $b c; ${text}\n}`;
    const isFine = nginxSyntaxError(folder, content) === null;
    const open = (): unknown => openNginx({ file: join(folder, 'nginx.conf'), text: `http { ${content} }` }, () => []);
    if (isFine) expect(open).not.toThrow();
    else expect(open).toThrow(AppError);
  });
});
