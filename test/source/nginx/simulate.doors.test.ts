import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasNginx } from '../../helpers/nginx.ts';
import { decideCall, outcomeOf, startRules, type Call, type RulesServer } from '../../helpers/nginx-rules.ts';

const APP = 'proxy_pass http://UPSTREAM;';
const LIST = 'allow 127.0.0.2; deny all;';
const text = (pattern: string): string => `if ($remote_addr !~ "${pattern}") { return 403; }`;
const hook = (name: string, rules: string, server = ''): string =>
  `server { ${name} ${server} location /hook { ${rules} ${APP} } }`;

/** One server for all: each has a socket of its own, so that a row says which one is called. */
const HTTP = [
  hook('listen 127.0.9.1:PORT; server_name hooks.test;', LIST),
  hook('listen 127.0.9.2:PORT; server_name hooks.test;', ''),
  hook('listen PORT; server_name hooks.test;', LIST),
  hook('listen PORT; server_name other.test;', ''),
  hook('listen 127.0.9.3:PORT proxy_protocol;', LIST),
  hook('listen 127.0.9.4:PORT proxy_protocol;', LIST, 'set_real_ip_from 127.0.0.9; real_ip_header proxy_protocol;'),
  hook('listen 127.0.9.5:PORT proxy_protocol;', LIST, 'set_real_ip_from 0.0.0.0/0; real_ip_header proxy_protocol;'),
  hook('listen 127.0.9.6:PORT proxy_protocol;', 'if ($proxy_protocol_addr !~ "^127\\.0\\.0\\.2$") { return 403; }'),
  hook('listen 127.0.9.7:PORT;', text('^127\\.0\\.0\\.(2|9)$')),
  hook('listen 127.0.9.8:PORT;', 'set $both "$host $remote_addr"; if ($both ~ "test 127\\.0\\.0\\.2") { return 403; }'),
  `map $remote_addr $isIn { hostnames; 127.0.0.2 1; 127.0.1.* 1; }`,
  hook('listen 127.0.9.9:PORT;', 'if ($isIn = "") { return 403; }'),
  hook('listen [::]:OTHER ipv6only=off;', text('^127\\.')),
  hook('listen 127.0.9.10:PORT;', 'if ($remote_addr ~ "^127\\.0\\.0\\.(\\d+)$") { return 403; }'),
].join('\n');

const CALLERS = ['127.0.0.2', '127.0.0.9', '127.0.1.7'];
const at = (address: string, door = `${address}:PORT`): Pick<Call, 'at'> => ({ at: { address, door } });
const rows = (where: Partial<Call>): Call[] => CALLERS.map((from) => ({ host: 'hooks.test', ...where, from }));
const CALLS: Call[] = [
  ...['127.0.9.1', '127.0.9.2', '127.0.9.7', '127.0.9.8', '127.0.9.9', '127.0.9.10'].flatMap((one) => rows(at(one))),
  ...rows(at('127.0.9.20', '*:PORT')),
  ...['127.0.9.3', '127.0.9.4', '127.0.9.5', '127.0.9.6', '127.0.9.1'].flatMap((one) => [
    ...rows({ ...at(one), proxied: '127.0.0.2' }),
    ...rows({ ...at(one), proxied: '198.51.100.7' }),
    ...rows(at(one)),
  ]),
  ...rows({ ...at('127.0.0.1', '[::]:PORT'), other: true }),
];

describe.skipIf(!hasNginx)(`every socket of nginx${hasNginx ? '' : ' (skipped: nginx is not installed)'}`, () => {
  let server: RulesServer;
  beforeAll(async () => {
    server = await startRules(HTTP);
  });
  afterAll(() => server?.stop());

  test.each(CALLS.map((call) => [JSON.stringify(call), call] as const))('%s', async (_, call) => {
    expect(decideCall(server, call).outcome).toBe(outcomeOf(await server.post(call)));
  });
});
