import { expect, test } from 'vitest';
import { readPeer, type Address } from '../../../src/source/address.ts';
import { COMMANDS } from '../../../src/source/apache/commands.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { scopeOf } from '../../../src/source/apache/scope.ts';
import type { Decision } from '../../../src/source/rules/server-rules.ts';

test('every directive of Apache is in exactly one list of the scope', () => {
  const wrong = [...COMMANDS.keys()].filter((key) => scopeOf(key).length !== 1);
  expect(wrong.map((key) => `${key}: ${scopeOf(key).join(', ')}`)).toEqual([]);
});

const decide = (text: string, from: string): Decision =>
  openApache({ file: 'apache2.conf', text }, () => []).decide({
    path: '/hook',
    host: 'hooks.test',
    port: null,
    peer: readPeer(from) as Address,
    headers: [],
  });
const RULES = '<Location /hook>\nRequire ip 185.136.200.0/22\n</Location>';

test.each<[what: string, line: string, vendor: Decision['outcome'], stranger: Decision['outcome']]>([
  ['a program that may refuse', 'LuaHookAccessChecker a.lua check', 'undecided', 'refused'],
  ['a program that may answer', 'LuaQuickHandler a.lua handle', 'undecided', 'undecided'],
  ['a program in another language', 'PerlTransHandler My::Trans', 'undecided', 'undecided'],
  ['ModSecurity', 'SecRuleEngine On', 'undecided', 'refused'],
  ['ModSecurity that only looks', 'SecRuleEngine DetectionOnly', 'admitted', 'refused'],
  ['another module for the address of the caller', 'RPAF_Enable On', 'undecided', 'undecided'],
  ['headers that are changed early', 'RequestHeader set X-Real-IP 192.0.2.1 early', 'undecided', 'undecided'],
  ['headers that are changed late', 'RequestHeader set X-Real-IP 192.0.2.1', 'admitted', 'refused'],
  ['rules of the main server', 'RewriteOptions InheritDown', 'undecided', 'undecided'],
  ['a folder by the host', 'VirtualDocumentRoot /srv/%0', 'undecided', 'undecided'],
  ['a module that nobody here knows', 'TKTAuthLoginURL /login', 'undecided', 'undecided'],
  ['a login that may be left out', 'OIDCUnAuthAction pass', 'undecided', 'undecided'],
  ['a session', 'ShibRequestSetting requireSession 1', 'undecided', 'refused'],
  ['rules about requests', 'QS_DenyPath +a deny "/hook"', 'undecided', 'undecided'],
  ['a module without a word about callers', 'php_admin_value a b', 'admitted', 'refused'],
  ['one of Apache', 'DeflateCompressionLevel 5', 'admitted', 'refused'],
])('%s', (_, line, vendor, stranger) => {
  expect(decide(`${line}\n${RULES}`, '185.136.200.1').outcome).toBe(vendor);
  expect(decide(`${line}\n${RULES}`, '203.0.113.66').outcome).toBe(stranger);
});

test('what stands in a section of another path is not asked', () => {
  const other = '<Location /admin>\nLuaHookAccessChecker a.lua check\n</Location>';
  expect(decide(`${other}\n${RULES}`, '185.136.200.1').outcome).toBe('admitted');
});

const twoHosts = (inner: string, outer = RULES): string =>
  [
    '<VirtualHost *:443>\nServerName hooks.test',
    outer,
    'ProxyPass / http://127.0.0.1:8080/\n</VirtualHost>',
    `<VirtualHost *:8080>\n${inner}\nProxyPass / http://192.0.2.50/\n</VirtualHost>`,
  ].join('\n');

test.each<[what: string, text: string, vendor: Decision['outcome'], stranger: Decision['outcome']]>([
  ['that admits everybody', twoHosts(''), 'admitted', 'refused'],
  ['that admits this machine', twoHosts('<Location />\nRequire local\n</Location>'), 'admitted', 'refused'],
  ['with the list', twoHosts(RULES), 'undecided', 'refused'],
  ['with the list alone', twoHosts(RULES, ''), 'undecided', 'undecided'],
  ['that takes the caller from a header', twoHosts(`RemoteIPHeader X-Forwarded-For\n${RULES}`), 'undecided', 'refused'],
  ['that is none', twoHosts(RULES).replace('127.0.0.1:8080', '192.0.2.9:8080'), 'admitted', 'refused'],
  [
    'that it leads round to',
    twoHosts('').replace('http://192.0.2.50/', 'http://localhost:8080/'),
    'undecided',
    'refused',
  ],
])('a hop to another server of the file: one %s', (_, text, vendor, stranger) => {
  expect(decide(text, '185.136.200.1').outcome).toBe(vendor);
  expect(decide(text, '203.0.113.66').outcome).toBe(stranger);
});

test('a variable that another module sets may let somebody in', () => {
  const text = 'MaxMindDBEnv LAND DB/country\n<Location /hook>\nRequire env LAND\n</Location>';
  expect(decide(text, '203.0.113.66').outcome).toBe('undecided');
  expect(decide(text.replace('MaxMindDBEnv', 'SetEnv'), '203.0.113.66').outcome).toBe('refused');
});
