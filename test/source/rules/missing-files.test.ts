import { expect, test } from 'vitest';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import type { Note } from '../../../src/source/rules/server-rules.ts';

const nginx = (file: string): readonly Note[] | undefined =>
  openNginx(
    { file: '/etc/nginx/nginx.conf', text: `events { }\nhttp { server { listen 80;\ninclude ${file}; } }` },
    () => [],
  ).notes;
const apache = (file: string): readonly Note[] | undefined =>
  openApache(
    {
      file: '/etc/apache2/apache2.conf',
      text: `LoadModule ssl_module a.so\n<VirtualHost *:443>\nInclude ${file}\n</VirtualHost>`,
    },
    () => [],
  ).notes;

test.each([
  ['nginx', nginx, 'mime.types', false],
  ['nginx', nginx, 'fastcgi_params', false],
  ['nginx', nginx, '/etc/letsencrypt/options-ssl-nginx.conf', true],
  ['nginx', nginx, 'snippets/ssl-params.conf', true],
  ['nginx', nginx, 'gzip.conf', true],
  ['Apache', apache, '/etc/letsencrypt/options-ssl-apache.conf', true],
  ['Apache', apache, 'conf/mime.conf', false],
])('%s: a missing file that hardly decides is told, and the rest is read: %3$s', (_, notesOf, file, isOpen) => {
  const notes = notesOf(file) ?? [];
  expect(notes).toEqual([
    {
      text: expect.stringContaining(`${file} is missing`) as string,
      place: expect.objectContaining({ line: 3 }) as object,
      ...(isOpen ? { isOpen } : {}),
    },
  ]);
});

test.each([
  ['nginx', nginx, 'snippets/allow.conf'],
  ['nginx', nginx, 'vendors.conf'],
  ['nginx', nginx, 'catalogs.conf'],
  ['Apache', apache, 'conf/rules.conf'],
])('%s: any other missing file ends it: %3$s', (_, notesOf, file) => {
  expect(() => notesOf(file)).toThrow(/no such file|no file matches/);
});
