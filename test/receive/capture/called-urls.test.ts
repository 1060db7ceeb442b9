import { expect, test } from 'vitest';
import { calledUrl, listCalledUrls, targetOf, withPublicUrl } from '../../../src/receive/capture/called-urls.ts';
import { UNSAID, type CapturedRequest } from '../../../src/receive/capture/captured-request.ts';
import type { Header } from '../../../src/model/plan.ts';

const request = (headers: readonly Header[], path = '/in?a=1', url: string | null = null): CapturedRequest => ({
  ...UNSAID,
  source: 'http',
  method: 'POST',
  path,
  url,
  headers,
  body: new Uint8Array(),
});

test.each<[url: string, called: string | null, target: string]>([
  ['https://User:p%40ss@Example.org:443/a/../b?x=%7E#rc=3', 'https://User:p%40ss@Example.org:443/a/../b?x=%7E', ''],
  ['http://h', 'http://h/', ''],
  ['http://h?a', 'http://h/?a', ''],
  ['http://h#a', 'http://h/', ''],
  ["http://[::1]:8/'|", "http://[::1]:8/'|", ''],
  ['/in', null, '/'],
  ['http://', null, '/'],
  ['http://h:x/', null, ''],
])('%s is called as %s', (url, called) => {
  expect(calledUrl(url)).toBe(called);
  if (called !== null) expect(targetOf(url)).toBe(called.replace(/^\w+:\/\/[^/]+/, ''));
});

const https = (...hosts: string[]): string[] =>
  hosts.flatMap((host) => [`https://${host}/in?a=1`, `http://${host}/in?a=1`]);
test.each<[what: string, headers: Header[], urls: string[]]>([
  ['nothing', [], []],
  ['Host', [['HOST', 'a.example']], https('a.example')],
  ['Host of this machine', [['Host', '127.0.0.1:80']], ['http://127.0.0.1:80/in?a=1', 'https://127.0.0.1:80/in?a=1']],
  ['a Host that is none', [['Host', 'a b/c']], []],
  [
    'X-Forwarded-*',
    [
      ['Host', 'app:8080'],
      ['X-Forwarded-Host', 'a.example, b'],
      ['X-Forwarded-Proto', 'HTTP, https'],
    ],
    https('a.example', 'app:8080').map((_, index, all) => all[index ^ 1] as string),
  ],
  [
    'Forwarded',
    [
      ['Host', 'app'],
      ['Forwarded', 'for=1.2.3.4;host="a.example:8443";proto=https, for=x;host=b'],
    ],
    https('a.example:8443', 'app'),
  ],
])('%s tells what may have been called', (_, headers, urls) => {
  expect(listCalledUrls(request(headers))).toEqual(urls);
});

test('a URL that is known is the only one', () => {
  expect(listCalledUrls(request([['Host', 'x']], '/in', 'https://u:p@a.example/in'))).toEqual([
    'https://u:p@a.example/in',
  ]);
});

test.each<[publicUrl: string, path: string, url: string]>([
  ['https://a.example/hook?t=1', '/in?a=1', 'https://a.example/hook?t=1'],
  ['https://a.example', '/in?a=1', 'https://a.example/in?a=1'],
  ['https://u:p@a.example:8443/', '/in?a=1', 'https://u:p@a.example:8443/in?a=1'],
  ['https://a.example/?x', '/in?a=1', 'https://a.example/?x'],
  ['https://a.example', 'http://app/in?a=1', 'https://a.example/in?a=1'],
])('under the public URL %s the request %s is one to %s', (publicUrl, path, url) => {
  expect(withPublicUrl(request([], path), publicUrl).url).toBe(url);
});
