import { expect, test } from 'vitest';
import { findRoute, parseConnectToRule, parseResolveRule } from '../../src/deliver/connect-rules.ts';

test.each([
  ['example.com:443:127.0.0.1', { host: 'example.com', port: 443, addresses: ['127.0.0.1'] }],
  ['+Example.COM:80:10.0.0.1,[::1]', { host: 'example.com', port: 80, addresses: ['10.0.0.1', '::1'] }],
  ['*:8443:::1', { host: '*', port: 8443, addresses: ['::1'] }],
])('--resolve %s', (text, rule) => {
  expect(parseResolveRule(text)).toEqual(rule);
});

test.each([
  'example.com',
  'example.com:443',
  'example.com:443:',
  'example.com:0:1.2.3.4',
  'example.com:443:localhost',
  ':443:1.2.3.4',
])('refuses --resolve %s', (text) => {
  expect(() => parseResolveRule(text)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining(`"${text}"`) }),
  );
});

test.each([
  ['a.example:443:localhost:8443', { fromHost: 'a.example', fromPort: 443, toHost: 'localhost', toPort: 8443 }],
  ['::localhost:8443', { fromHost: null, fromPort: null, toHost: 'localhost', toPort: 8443 }],
  ['[::1]:80:[::2]:', { fromHost: '::1', fromPort: 80, toHost: '::2', toPort: null }],
])('--connect-to %s', (text, rule) => {
  expect(parseConnectToRule(text)).toEqual(rule);
});

test.each(['localhost', 'a:1:b', 'a:1:b:70000', 'a:b:c:d'])('refuses --connect-to %s', (text) => {
  expect(() => parseConnectToRule(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
});

test('the first --connect-to that fits moves the connection, and --resolve applies to where it goes', () => {
  const rules = {
    connectTo: [
      parseConnectToRule('other:443:never:1'),
      parseConnectToRule('a.example:443:b.example:8443'),
      parseConnectToRule('::c.example:'),
    ],
    resolve: [parseResolveRule('a.example:443:10.0.0.1'), parseResolveRule('b.example:8443:10.0.0.2')],
  };
  expect(findRoute('A.example', 443, rules)).toEqual({
    host: 'b.example',
    port: 8443,
    addresses: ['10.0.0.2'],
    isLocalhost: false,
  });
  expect(findRoute('z.example', 80, rules)).toMatchObject({ host: 'c.example', port: 80, addresses: null });
  expect(findRoute('[::1]', 80, { connectTo: [], resolve: [] })).toMatchObject({
    host: '::1',
    port: 80,
    addresses: null,
  });
});

test.each([
  ['bücher.example:443:10.0.0.1', 'xn--bcher-kva.example'],
  ['xn--bcher-kva.example:443:10.0.0.1', 'xn--bcher-kva.example'],
  ['BÜCHER.example.:443:10.0.0.1', 'xn--bcher-kva.example'],
  ['straße.example:443:10.0.0.1', 'xn--strae-oqa.example'],
  ['hooks.example:443:10.0.0.1', 'hooks.example.'],
])('--resolve %s is for the host %s of a URL', (text, host) => {
  expect(findRoute(host, 443, { connectTo: [], resolve: [parseResolveRule(text)] }).addresses).toEqual(['10.0.0.1']);
});

test('--connect-to takes names in any letters, too', () => {
  const connectTo = [parseConnectToRule('bücher.example:443:läden.example:1')];
  expect(findRoute('xn--bcher-kva.example', 443, { connectTo, resolve: [] })).toMatchObject({
    host: 'xn--lden-loa.example',
    port: 1,
  });
});

test.each([
  ['app.localhost', ['127.0.0.1', '::1'], true],
  ['a.b.localhost.', ['127.0.0.1', '::1'], true],
  ['localhost', null, true],
  ['notlocalhost', null, false],
  ['localhost.example', null, false],
])('%s is this machine, where it is below localhost', (host, addresses, isLocalhost) => {
  expect(findRoute(host, 80, { connectTo: [], resolve: [] })).toMatchObject({ addresses, isLocalhost });
});

test('--resolve wins over what localhost means', () => {
  const resolve = [parseResolveRule('app.localhost:80:10.0.0.1')];
  expect(findRoute('app.localhost', 80, { connectTo: [], resolve })).toMatchObject({
    addresses: ['10.0.0.1'],
    isLocalhost: false,
  });
});
