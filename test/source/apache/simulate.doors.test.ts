import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPeer } from '../../../src/source/address.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { makeReadIncluded } from '../../../src/source/rules/read-included.ts';
import type { ServerRules } from '../../../src/source/rules/server-rules.ts';
import { hasApache } from '../../helpers/apache.ts';
import { startApacheRules, type ApacheCall, type RulesServer } from '../../helpers/apache-rules.ts';

const LIST = 'Require ip 127.0.0.2';
const at = (address: string, rules: string, more = ''): string =>
  `${address === '*' ? '' : `Listen ${address}:{port}`}
<VirtualHost ${address}:{port}>
ServerName hooks.test
${more}
<Location /hook>
${rules}
</Location>
</VirtualHost>`;
const byText = (pattern: string): string => `Require expr "%{REMOTE_ADDR} =~ m#${pattern}#"`;

const MAIN = [
  at('127.0.9.1', LIST),
  at('127.0.9.2', 'Require all granted'),
  at('127.0.9.3', LIST, 'RemoteIPProxyProtocol On'),
  at('127.0.9.4', LIST, 'RemoteIPProxyProtocol On\nRemoteIPProxyProtocolExceptions 127.0.0.9 127.0.0.2'),
  at(
    '127.0.9.5',
    String.raw`Require expr "%{REMOTE_ADDR} =~ /^127\.0\.0\.2$/ && %{CONN_REMOTE_ADDR} == '127.0.0.9'"`,
    'RemoteIPProxyProtocol On',
  ),
  at('127.0.9.6', byText(String.raw`^127\.0\.0\.(2|9)$`)),
  at('127.0.9.7', `Require expr "%{REMOTE_ADDR} -strmatch '127.0.1.*'"`),
  at('127.0.9.8', LIST, 'RemoteIPProxyProtocol On\nRemoteIPHeader X-Forwarded-For'),
  'Listen 127.0.9.20:{port}',
  at('*', LIST),
].join('\n');

const CALLERS = ['127.0.0.2', '127.0.0.9', '127.0.1.7'];
const rows = (call: Omit<ApacheCall, 'from'>): ApacheCall[] => CALLERS.map((from) => ({ ...call, from }));
const CALLS = [
  ...['127.0.9.1', '127.0.9.2', '127.0.9.6', '127.0.9.7', '127.0.9.20'].flatMap((one) => rows({ at: one })),
  ...['127.0.9.1', '127.0.9.3', '127.0.9.4', '127.0.9.5', '127.0.9.8'].flatMap((one) => [
    ...rows({ at: one, proxied: '127.0.0.2' }),
    ...rows({ at: one, proxied: '198.51.100.7', headers: { 'X-Forwarded-For': '127.0.0.2' } }),
    ...rows({ at: one }),
  ]),
];

describe.skipIf(!hasApache)(`every socket of Apache${hasApache ? '' : ' (skipped: apache2 is not installed)'}`, () => {
  let apache: RulesServer;
  let rules: ServerRules;
  beforeAll(async () => {
    apache = await startApacheRules({ hosts: {}, main: MAIN });
    rules = openApache(apache, makeReadIncluded());
  });
  afterAll(() => apache?.stop());

  test('each virtual host with an address is a door, and so is every other address', () => {
    const names = rules.doors?.('/hook', 'hooks.test', apache.port).map(({ name }) => name);
    expect(names).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((last) => `127.0.9.${last}`).concat('*'));
  });

  test.each(CALLS.map((call) => [JSON.stringify(call), call] as const))('%s', async (_, call) => {
    const status = await apache.ask('hooks.test', '/hook', call);
    const peer = readPeer(call.from);
    const proxied = readPeer(call.proxied ?? '');
    if (peer === null) throw new Error(`${call.from} is not an address`);
    const { outcome } = rules.decide({
      path: '/hook',
      host: 'hooks.test',
      port: apache.port,
      peer,
      door: call.at === '127.0.9.20' ? '*' : (call.at ?? '*'),
      ...(proxied === null ? {} : { proxied }),
      headers: Object.entries(call.headers ?? {}) as [string, string][],
    });
    expect(outcome).toBe(status > 0 && status < 300 ? 'admitted' : 'refused');
  });
});
