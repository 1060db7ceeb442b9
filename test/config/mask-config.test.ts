import { expect, test } from 'vitest';
import { maskConfig } from '../../src/config/mask-config.ts';
import { maskUrl } from '../../src/model/http-url.ts';
import { BLOG, INBOX, SHOP } from './known.ts';

test('literals are masked, references are shown', () => {
  const masked = maskConfig({
    path: '/w.json',
    history: 'postgres://me:hunter2@db/hooks',
    webhooks: [
      { ...SHOP, secret: 'hunter2', tls: { pfx: 'c.p12', passphrase: 'hunter2' } },
      { ...BLOG, secret: [{ env: 'S' }, 'hunter2'], tls: { cert: 'c.pem', passphrase: { file: 'p.txt' } } },
      INBOX,
    ],
  });
  expect(masked).toEqual({
    path: '/w.json',
    history: 'postgres://***@db/hooks',
    webhooks: [
      { ...SHOP, secret: '***', tls: { pfx: 'c.p12', passphrase: '***' } },
      { ...BLOG, secret: [{ env: 'S' }, '***'], tls: { cert: 'c.pem', passphrase: { file: 'p.txt' } } },
      INBOX,
    ],
  });
});

test.each([
  ['https://user:hunter2@example.org/a?b=c', 'https://***@example.org/a?b=c'],
  ['https://hunter2@example.org', 'https://***@example.org'],
  ['HTTP://a:b@c@[::1]:80/', 'HTTP://***@[::1]:80/'],
  ['https://example.org/users/@me', 'https://example.org/users/@me'],
  ['https://example.org?to=a@b', 'https://example.org?to=a@b'],
  ['./history@home.db', './history@home.db'],
])('%s is shown as %s', (url, shown) => {
  expect(maskUrl(url)).toBe(shown);
});
