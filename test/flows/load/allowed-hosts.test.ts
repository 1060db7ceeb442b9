import { expect, test } from 'vitest';
import { parseConnectToRule, parseResolveRule } from '../../../src/deliver/connect-rules.ts';
import { guardTransport, makeHostRule, requireAllowed } from '../../../src/flows/load/allowed-hosts.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { openTestTransport, requestTo } from '../../helpers/send-once.ts';

interface Rules {
  allow?: string[];
  resolve?: string;
  connectTo?: string;
}

test.each<[url: string, rules: Rules, isAllowed: boolean]>([
  ['http://127.0.0.1:3000/', {}, true],
  ['http://localhost:3000/', {}, true],
  ['http://[::1]:3000/', {}, true],
  ['http://2130706433/', {}, true],
  ['http://hooks.example.com/', {}, false],
  ['http://192.168.1.5/', {}, false],
  ['http://localhost.example.com/', {}, false],
  ['http://hooks.example.com/', { allow: ['hooks.example.com'] }, true],
  ['http://hooks.example.com/', { allow: ['HOOKS.example.com'] }, true],
  ['http://hooks.example.com:8443/', { allow: ['hooks.example.com'] }, true],
  ['http://bücher.example/', { allow: ['bücher.example'] }, true],
  ['http://[2001:db8::1]/', { allow: ['2001:db8::1'] }, true],
  ['http://[2001:db8::1]/', { allow: ['[2001:db8:0::1]'] }, true],
  ['http://www.hooks.example.com/', { allow: ['hooks.example.com'] }, false],
  ['http://example.com/', { allow: ['hooks.example.com'] }, false],
  // Where the connection goes counts.
  ['https://hooks.example.com/', { resolve: 'hooks.example.com:443:127.0.0.1' }, true],
  ['https://hooks.example.com/', { resolve: 'hooks.example.com:443:127.0.0.1,192.0.2.1' }, false],
  ['https://hooks.example.com/', { connectTo: '::localhost:8443' }, true],
  ['http://127.0.0.1:3000/', { connectTo: '::hooks.example.com:80' }, false],
  ['http://localhost:3000/', { resolve: 'localhost:3000:192.0.2.1' }, false],
  ['http://127.0.0.1:3000/', { connectTo: '::hooks.example.com:80', allow: ['hooks.example.com'] }, true],
])('%s with %j: %s', (url, { allow = [], resolve, connectTo }, isAllowed) => {
  const rule = makeHostRule(allow, {
    resolve: resolve === undefined ? [] : [parseResolveRule(resolve)],
    connectTo: connectTo === undefined ? [] : [parseConnectToRule(connectTo)],
  });
  expect(rule(new URL(url))).toBe(isAllowed);
});

test.each(['http://hooks.example.com', 'a/b', 'user@host', ''])('--allow-host %j is no host', (text) => {
  expect(() => makeHostRule([text], {})).toThrow('--allow-host is the name or address of a host');
});

test('what is not allowed says how to allow it', () => {
  const url = new URL('https://hooks.example.com/x');
  expect(() => requireAllowed(url, makeHostRule([], {}))).toThrow(
    expect.objectContaining({
      kind: 'usage',
      message: 'load goes to hooks.example.com, which is not this machine',
      hint: expect.stringContaining('--allow-host hooks.example.com'),
    }),
  );
});

test('a redirect leads nowhere else', async () => {
  const endpoint = await openEndpoint();
  const transport = guardTransport(await openTestTransport(), makeHostRule([], {}));
  expect(await transport.send(requestTo(endpoint.url))).toMatchObject({ status: 200 });
  await expect(transport.send(requestTo('http://hooks.example.com/'))).rejects.toThrow(
    'redirects to hooks.example.com',
  );
});
