import { expect, test } from 'vitest';
import { checkHost } from '../../../src/certs/create/certificate-set.ts';

test.each([
  ['localhost', 'localhost'],
  ['Hooks.Example.COM', 'hooks.example.com'],
  ['hooks.example.com.', 'hooks.example.com'],
  ['*.example.com', '*.example.com'],
  ['web_hook.internal', 'web_hook.internal'],
  ['háčky.example', 'xn--hky-ela4t.example'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['[2001:DB8::1]', '2001:db8::1'],
])('%s is %s', (given, host) => {
  expect(checkHost(given)).toBe(host);
});

test.each([
  '',
  ' ',
  '.',
  '*',
  '*.*.example',
  'a.*.example',
  '-a.example',
  'a..b',
  '127.1',
  '0x7f000001',
  '1.2.3.4.5',
  'fe80::1%eth0',
  '[::1',
  'https://a.example',
  'a b',
  'a\n',
  'a,b',
])('%j is none', (given) => {
  expect(() => checkHost(given)).toThrow(expect.objectContaining({ kind: 'usage' }));
});

test.each([
  ['a label', `${'a'.repeat(64)}.example`],
  ['a name', 'a.'.repeat(200)],
  ['a megabyte', 'x'.repeat(1e6)],
])('%s that is too long is none', (_, given) => {
  expect(() => checkHost(given)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.not.stringContaining('x'.repeat(101)) }),
  );
});
