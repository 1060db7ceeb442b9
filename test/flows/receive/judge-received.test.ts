import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { judgeReceived, type Expected } from '../../../src/flows/receive/judge-received.ts';
import type { Header } from '../../../src/model/plan.ts';
import { vendorOf } from '../../sign/schemes.ts';

const SIGNED = 'https://shop.example.org/hook?x=1';

/** A request that Twilio's way of signing has signed under that URL. */
function judge(publicUrl: string | undefined, headers: Header[], isSecure = false): ReturnType<typeof judgeReceived> {
  const vendor = vendorOf('twilio');
  const expected: Expected = { vendor, vendors: [vendor], verifies: true, publicUrl, secretsOf: () => ['12345'] };
  const signature = createHmac('sha1', '12345').update(`${SIGNED}a1`).digest('base64');
  const request = {
    method: 'POST',
    path: '/hook?x=1',
    remoteAddress: '',
    headers: [['x-twilio-signature', signature] as const, ...headers],
    body: Buffer.from('a=1'),
  };
  return judgeReceived(request, expected, 0, isSecure);
}

const LOCAL: Header = ['host', 'localhost:3000'];
test.each<[what: string, publicUrl: string | undefined, headers: Header[], cause: string | null]>([
  ['the origin is given', 'https://shop.example.org', [LOCAL], null],
  ['the whole URL is given', SIGNED, [LOCAL], null],
  ['the proxy passes Host on', undefined, [['host', 'shop.example.org']], null],
  [
    'a tunnel tells of it',
    undefined,
    [LOCAL, ['x-forwarded-host', 'shop.example.org'], ['x-forwarded-proto', 'https']],
    null,
  ],
  [
    'another is given, and that of the request would fit',
    'https://other.example',
    [['host', 'shop.example.org']],
    'other-url',
  ],
  ['nothing tells of it', undefined, [LOCAL], 'other-secret'],
  ['there is no Host', undefined, [], 'unknown-url'],
])('a signed URL: %s', (_, publicUrl, headers, cause) => {
  const judged = judge(publicUrl, headers);
  expect([judged.verdict === 'valid', judged.cause]).toEqual([cause === null, cause]);
  if (cause === 'other-secret') expect(judged.explanation).toContain('at a URL other than http://localhost:3000/hook');
});

test('over TLS it was called by https', () => {
  expect(judge(undefined, [['host', 'shop.example.org']], true).verdict).toBe('valid');
});
