import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import { readPeer, type Address } from '../../../src/source/address.ts';
import type { Decision } from '../../../src/source/rules/server-rules.ts';
import { testFolder } from '../../helpers/folder.ts';
import { hasNginx } from '../../helpers/nginx.ts';

const FILES: Record<string, string> = {
  '/etc/nginx/nginx.conf':
    'events { }\nhttp {\ninclude mime.types;\ninclude sites/*;\ninclude conf.d/[!b]?.conf;\nserver { listen 80; }\n}',
  '/etc/nginx/mime.types': 'types { text/html html; }\n',
  '/etc/nginx/sites/hooks':
    'server {\nlisten 80; server_name hooks.test;\nlocation /hook {\ninclude allow.conf;\nproxy_pass http://127.0.0.1:9; } }',
  '/etc/nginx/allow.conf': 'allow 185.136.200.0/22;\ndeny all;',
  '/etc/nginx/conf.d/aa.conf': 'server { listen 80; server_name a.test; return 200; }\n',
};
const dumpOf = (files: Record<string, string>): string =>
  Object.entries(files)
    .map(([file, text]) => `# configuration file ${file}:\n${text}\n`)
    .join('');
const noDisk = (): never => {
  throw new Error('the disk was asked');
};
const stranger = readPeer('203.0.113.66') as Address;
const ask = (text: string, host: string): Decision =>
  openNginx({ file: 'dump.txt', text }, noDisk).decide({
    path: '/hook',
    host,
    port: null,
    peer: stranger,
    headers: [],
  });

test.each([
  ['as it is', dumpOf(FILES)],
  ['with what nginx says before', `nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n${dumpOf(FILES)}`],
  ['with CR at the ends', dumpOf(FILES).replaceAll('\n', '\r\n')],
  ['with a byte order mark', `\uFEFF${dumpOf(FILES)}`],
])('every file of a dump counts, and its own lines were given: %s', (_, text) => {
  expect(ask(text, 'hooks.test')).toMatchObject({
    outcome: 'refused',
    place: { file: '/etc/nginx/allow.conf', line: 2 },
  });
  expect(ask(text, 'a.test')).toMatchObject({ outcome: 'admitted', place: { file: '/etc/nginx/conf.d/aa.conf' } });
});

test('a dump is a whole configuration', () => {
  const rules = openNginx({ file: 'dump.txt', text: dumpOf(FILES) }, noDisk);
  expect([rules.part, rules.refused]).toEqual([null, []]);
});

test.each([
  [
    'a file that is missing in it',
    dumpOf({ ...FILES, '/etc/nginx/sites/hooks': 'include other.conf;' }),
    'no such file',
  ],
  ['two dumps', `${dumpOf(FILES)}${dumpOf(FILES)}`, '/etc/nginx/nginx.conf appears twice in this dump'],
])('%s is refused', (_, text, message) => {
  expect(() => openNginx({ file: 'dump.txt', text }, noDisk)).toThrow(message);
});

test('a comment of the kind within a file is a comment', () => {
  const text = 'events { } http {\n# configuration file /a:\nserver { listen 80; return 403; } }';
  expect(ask(text, 'x.test')).toMatchObject({ outcome: 'refused', place: { file: 'dump.txt', line: 3 } });
});

describe.skipIf(!hasNginx)(`the real program${hasNginx ? '' : ' (skipped: nginx is not installed)'}`, () => {
  test('what nginx -T wrote decides as the files do', () => {
    const folder = testFolder();
    const files: Record<string, string> = {
      'nginx.conf': `pid ${folder}/nginx.pid; events { } http { access_log off; include sites/*; }`,
      'sites/b': 'server {\nlisten 127.0.0.1:0; listen unix:a.sock; server_name b.test;\nreturn 403; }',
      'sites/a': 'server { listen unix:b.sock; server_name a.test; return 200; }',
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(
        join(folder, name),
        text.replaceAll('listen 127.0.0.1:0; ', '').replaceAll('unix:', `unix:${folder}/`),
      );
    }
    const { stdout } = spawnSync('nginx', ['-T', '-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], {
      encoding: 'utf8',
    });
    expect(ask(stdout, 'b.test').place).toMatchObject({ file: join(folder, 'sites/b'), line: 3 });
    expect(ask(stdout, 'a.test').outcome).toBe('admitted');
  });
});
