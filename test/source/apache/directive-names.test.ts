import { expect, test } from 'vitest';
import { findNearMiss } from '../../../src/cli/terminal/names.ts';
import { DIRECTIVE_NAMES } from '../../../src/source/apache/commands.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { CASES } from './cases.ts';

const unknownIn = (text: string): string[] =>
  openApache({ file: '/etc/apache2/apache2.conf', text }, () => []).unknown?.directives.map(
    ({ name, place }) => `${name}:${place.line}`,
  ) ?? ['none told'];
const filled = (text: string): string =>
  text
    .replaceAll('{root}', '/srv')
    .replaceAll('{upstream}', 'http://127.0.0.1:1')
    .replaceAll('{port}', '80')
    .replaceAll(/^Include .*$/gm, '');

test.each(CASES)('every directive that Apache takes is known: $name', ({ config }) => {
  expect(unknownIn(`<VirtualHost *:80>\n${filled(config)}\n</VirtualHost>`)).toEqual([]);
});

test.each([
  ['a name that is none, as it was written', '<Location /hook>\nRequir ip 192.0.2.1\n</Location>', ['Requir:2']],
  ['a section that is none, without what is in it', '<Locaton /hook>\nRequir ip 192.0.2.1\n</Locaton>', ['Locaton:1']],
  ['any case', '<LOCATION /hook>\nrEQUIRE ip 192.0.2.1\n</LOCATION>', []],
  [
    'modules of others',
    'SecRuleEngine On\nDOSPageCount 2\nQS_SrvMaxConnPerIP 5\nphp_admin_value a b\nWSGIDaemonProcess a',
    [],
  ],
  ['a program', '<LuaQuickHandler handle>\nfunction handle(r)\nreturn apache2.OK\nend\n</LuaQuickHandler>', []],
  ['a section that is skipped', '<IfDefine NEVER>\nRequir ip 192.0.2.1\n</IfDefine>', []],
])('%s', (_, text, unknown) => {
  expect(unknownIn(text)).toEqual(unknown);
});

test.each(DIRECTIVE_NAMES)('a typing error of %s is found, with the name', (name) => {
  expect(findNearMiss(`${name}x`, DIRECTIVE_NAMES)).toBe(name);
});

test('nothing is listed twice', () => {
  expect(new Set(DIRECTIVE_NAMES.map((name) => name.toLowerCase())).size).toBe(DIRECTIVE_NAMES.length);
});
