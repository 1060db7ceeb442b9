import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askServer, type ServerAnswer } from '../../../src/source/rules/ask-server.ts';
import { hasApache } from '../../helpers/apache.ts';
import { testFolder } from '../../helpers/folder.ts';
import { hasNginx } from '../../helpers/nginx.ts';
import { titleOf } from '../../helpers/server-process.ts';

type Row = [what: string, text: string, kind: ServerAnswer['kind'], said: RegExp, line: number | null];

async function askOf(server: 'nginx' | 'apache', text: string): Promise<ServerAnswer> {
  const folder = testFolder();
  const file = join(folder, 'main.conf');
  writeFileSync(file, text.replaceAll('FOLDER', folder));
  return askServer(server, file, process.env);
}

const nginx = (server: string): string =>
  `pid FOLDER/a.pid; error_log FOLDER/error.log;\nevents { }\nhttp { access_log off;\nserver { listen 127.0.0.1:18080;\n${server}\n} }\n`;

describe.skipIf(!hasNginx)(titleOf('nginx', hasNginx), () => {
  test.each<Row>([
    ['what it takes', nginx('location /hook { allow 192.0.2.1; deny all; }'), 'takes', /syntax is ok/, null],
    ['a place', nginx('if ($http_x) { deny all; }'), 'refuses', /"deny" directive is not allowed here/, 5],
    ['a name', nginx('denny all;'), 'refuses', /unknown directive "denny"/, 5],
    ['a name that says otherwise', nginx('"syntax is ok" on;'), 'refuses', /unknown directive "syntax is ok"/, 5],
    ['a value', nginx('satisfy some;'), 'refuses', /invalid value "some"/, 5],
    [
      'a certificate that is not here',
      nginx('listen 127.0.0.1:18443 ssl; ssl_certificate a.pem; ssl_certificate_key a.pem;'),
      'unsure',
      /cannot load certificate/,
      null,
    ],
    [
      'a name that is not known here',
      nginx('location / { proxy_pass http://app.invalid; }'),
      'unsure',
      /host not found/,
      5,
    ],
    ['a file that is not here', nginx('include missing.conf;'), 'unsure', /open\(\) .* failed/, 5],
    ['a module that is not here', 'load_module modules/missing.so;\nevents { }', 'unsure', /dlopen\(\)/, 1],
    [
      'a folder that is not here',
      nginx('').replace('FOLDER/a.pid', 'FOLDER/missing/a.pid'),
      'takes',
      /syntax is ok/,
      null,
    ],
  ])('is asked: %s', async (_, text, kind, said, line) => {
    const answer = await askOf('nginx', text);
    expect(answer).toMatchObject({ kind, said: expect.stringMatching(said) });
    expect(answer.place?.line ?? null).toBe(line);
  });
});

const MODULES = ['mpm_event', 'authz_core', 'authz_host', 'ssl'];
const apache = (text: string): string =>
  [
    ...MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
    'ServerRoot FOLDER\nServerName a.test\nDefaultRuntimeDir FOLDER\nErrorLog error.log',
    text,
    '',
  ].join('\n');

describe.skipIf(!hasApache)(titleOf('Apache', hasApache), () => {
  test.each<Row>([
    ['what it takes', apache('<Location /hook>\nRequire ip 192.0.2.1\n</Location>'), 'takes', /Syntax OK/, null],
    ['a place', apache('Require ip 192.0.2.1'), 'refuses', /Require not allowed here/, 9],
    ['a name', apache('Requires ip 192.0.2.1'), 'refuses', /Invalid command 'Requires'/, 9],
    [
      'a module that is not loaded',
      apache('<Location />\nOrder deny,allow\n</Location>'),
      'refuses',
      /Invalid command 'Order'/,
      10,
    ],
    ['a section that is not closed', apache('<Location /hook>'), 'refuses', /<Location> was not closed/, 9],
    ['a certificate that is not here', apache('SSLCertificateFile a.pem'), 'unsure', /does not exist/, 9],
    ['a file that is not here', apache('Include missing.conf'), 'unsure', /Could not open|No such file/, 9],
    ['a module that is not here', apache('LoadModule a_module modules/missing.so'), 'unsure', /Cannot load/, 9],
  ])('is asked: %s', async (_, text, kind, said, line) => {
    const answer = await askOf('apache', text);
    expect(answer).toMatchObject({ kind, said: expect.stringMatching(said) });
    expect(answer.place?.line ?? null).toBe(line);
  });
});

test('the first program that is there is asked, with the main file as a whole path', async () => {
  const folder = testFolder();
  mkdirSync(join(folder, 'bin'));
  writeFileSync(
    join(folder, 'bin', 'apachectl'),
    '#!/bin/sh\necho "apache2: Syntax error on line 3 of /a b.conf: $*" >&2\nexit 1\n',
  );
  chmodSync(join(folder, 'bin', 'apachectl'), 0o755);
  const answer = await askServer('apache', join(folder, 'x.conf'), { PATH: `${join(folder, 'bin')}:/bin` });
  expect(answer).toEqual({
    kind: 'refuses',
    command: `apachectl -t -f ${folder}/x.conf`,
    said: `-t -f ${folder}/x.conf`,
    place: { file: '/a b.conf', line: 3 },
  });
});
