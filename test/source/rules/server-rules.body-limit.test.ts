import { expect, test } from 'vitest';
import { readPeer, type Address } from '../../../src/source/address.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import type { ServerRules } from '../../../src/source/rules/server-rules.ts';

const doubtsOf = (rules: ServerRules): string[] => {
  const peer = readPeer('185.136.200.1') as Address;
  const decision = rules.decide({ path: '/hook', host: null, port: null, peer, headers: [] });
  expect(decision.outcome).toBe('admitted');
  return decision.doubts.map(({ text }) => text);
};
const nginx = (http: string, location = ''): ServerRules =>
  openNginx(
    {
      file: 'conf',
      text: `events { } http { ${http} server { location /hook { ${location} proxy_pass http://a; } } }`,
    },
    () => [],
  );
const apache = (limit: string): ServerRules =>
  openApache({ file: 'conf', text: `<Location /hook>\n${limit}\nRequire all granted\n</Location>` }, () => []);

test.each<[what: string, rules: ServerRules]>([
  ['nginx: client_max_body_size 100k', nginx('client_max_body_size 100k;')],
  ['nginx: client_max_body_size 4M', nginx('client_max_body_size 30m;', 'client_max_body_size 4M;')],
  ['nginx: client_max_body_size 1000', nginx('', 'client_max_body_size 1000;')],
  ['Apache: LimitRequestBody 102400', apache('LimitRequestBody 102400')],
])('%s is said', (what, rules) => {
  expect(doubtsOf(rules)).toEqual([
    `${what.replace(/^.*: /, '')} refuses larger events with 413, and webhook test sends one of 5 MiB`,
  ]);
});

test.each<[what: string, rules: ServerRules]>([
  ['nginx: none', nginx('')],
  ['nginx: none at all', nginx('client_max_body_size 1k;', 'client_max_body_size 0;')],
  ['nginx: enough', nginx('', 'client_max_body_size 5m;')],
  ['Apache: none', apache('')],
  ['Apache: none at all', apache('LimitRequestBody 0')],
  ['Apache: enough', apache('LimitRequestBody 10485760')],
])('nothing is said of a limit that is none: %s', (_, rules) => {
  expect(doubtsOf(rules).filter((text) => text.includes('413'))).toEqual([]);
});
