import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPeer, type Address } from '../../../src/source/address.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { testFolder } from '../../helpers/folder.ts';
import { hasApache } from '../../helpers/apache.ts';

const DUMP = `AH00558: apache2: Could not reliably determine the server's fully qualified domain name
# In file: /etc/apache2/ports.conf
#   5:
Listen 8080
# In file: /etc/apache2/sites-enabled/hooks.conf
#   1:
<VirtualHost *:8080>
  #   2:
  ServerName hooks.test
  #   3:
  <Location /hook>
    #   4:
    Require ip 185.136.200.0/22
  </Location>
</VirtualHost>
Syntax OK
`;
const module = (name: string): string => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`;
const stranger = readPeer('203.0.113.66') as Address;
const ask = (text: string) => {
  const rules = openApache({ file: 'dump.txt', text }, () => []);
  const decision = rules.decide({ path: '/hook', host: null, port: 8080, peer: stranger, headers: [] });
  return { part: rules.part, unknown: rules.unknown?.directives, place: decision.place, outcome: decision.outcome };
};

test.each([
  ['as it is', DUMP],
  ['with CR at the ends', DUMP.replaceAll('\n', '\r\n')],
])('what Apache dumped is whole, and names the lines of its files: %s', (_, text) => {
  expect(ask(text)).toEqual({
    part: null,
    unknown: [],
    outcome: 'refused',
    place: { file: '/etc/apache2/sites-enabled/hooks.conf', line: 4, text: 'Require ip 185.136.200.0/22' },
  });
});

describe.skipIf(!hasApache)(`the real program${hasApache ? '' : ' (skipped: Apache is not installed)'}`, () => {
  test('what apachectl -t -D DUMP_CONFIG wrote decides as the files do', () => {
    const folder = testFolder();
    const file = join(folder, 'apache.conf');
    writeFileSync(
      file,
      `${['mpm_event', 'authz_core', 'authz_host', 'info'].map(module).join('')}ServerRoot ${folder}
ErrorLog ${folder}/error.log
PidFile ${folder}/pid
Include ${folder}/site.conf
`,
    );
    writeFileSync(
      join(folder, 'site.conf'),
      'Define WHO 185.136.200.0/22\nListen 8080\n<Location /hook>\n  <IfModule authz_host_module>\n    Require ip ${WHO}\n' +
        '  </IfModule>\n</Location>\n',
    );
    const { stdout } = spawnSync('apache2', ['-t', '-D', 'DUMP_CONFIG', '-f', file], { encoding: 'utf8' });
    expect(ask(stdout)).toMatchObject({
      part: null,
      outcome: 'refused',
      place: { file: join(folder, 'site.conf'), line: 5 },
    });
  });
});
