import { expect, test } from 'vitest';
import { findIgnoredProxy } from '../../src/deliver/ignored-proxy.ts';

const PROXY = 'http://proxy.example:3128';

test.each([
  ['https://hooks.example/', { HTTPS_PROXY: PROXY }, 'HTTPS_PROXY'],
  ['https://hooks.example/', { https_proxy: PROXY, HTTPS_PROXY: PROXY }, 'https_proxy'],
  ['https://hooks.example/', { ALL_PROXY: PROXY }, 'ALL_PROXY'],
  ['http://hooks.example/', { http_proxy: PROXY }, 'http_proxy'],
  ['http://hooks.example/', { HTTP_PROXY: PROXY }, 'HTTP_PROXY'],
  ['http://hooks.example/', { HTTPS_PROXY: PROXY }, null],
  ['https://hooks.example/', { HTTP_PROXY: PROXY }, null],
  ['https://hooks.example/', { HTTPS_PROXY: '' }, null],
  ['https://hooks.example/', {}, null],
  ['https://hooks.example/', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, null],
  ['https://hooks.example/', { HTTPS_PROXY: PROXY, NO_PROXY: 'other.example, .example' }, null],
  ['https://hooks.example/', { HTTPS_PROXY: PROXY, no_proxy: 'hooks.example' }, null],
  ['https://hooks.example/', { HTTPS_PROXY: PROXY, NO_PROXY: 'ooks.example' }, 'HTTPS_PROXY'],
  ['http://127.0.0.1/', { http_proxy: PROXY }, null],
  ['http://app.localhost/', { http_proxy: PROXY }, null],
  ['http://[::1]/', { http_proxy: PROXY }, null],
])('%s with %o: %s', (url, env, name) => {
  expect(findIgnoredProxy(new URL(url), env)).toBe(name);
});
