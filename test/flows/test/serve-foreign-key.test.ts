import { createPublicKey, verify } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:http';
import { expect, test } from 'vitest';
import { chooseResponder } from '../../../src/flows/receive/responder.ts';
import { makePrivateKey } from '../../../src/sign/scheme/keys.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { expectedOf, openListen } from '../../helpers/open-listen.ts';
import { runSuiteAt } from '../../helpers/run-suite.ts';
import { findVendor } from '../../helpers/vendors.ts';

const SES = findVendor('amazon-ses');
/** One for all tests: to make it takes longer than most of them. */
const KEY = makePrivateKey('rsa-sha1');
const FIELDS = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];

const fetchText = (url: string): Promise<string> =>
  new Promise((done, fail) => {
    get(url, async (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      done(Buffer.concat(chunks).toString());
    }).on('error', fail);
  });

/** A receiver of SNS that knows of node:crypto alone, and fetches the certificate from where `isOurs` lets it. */
async function openReceiver(key: string, isOurs: (url: URL) => boolean): Promise<string> {
  const judge = async (body: Buffer): Promise<number> => {
    const message = JSON.parse(body.toString()) as Record<string, string>;
    const url = new URL(message['SigningCertURL'] ?? '');
    if (!isOurs(url)) return 403;
    // The real host is nobody's to serve: its key is at hand.
    const pem = url.hostname.endsWith('.amazonaws.com') ? createPublicKey(key) : await fetchText(url.href);
    const text = FIELDS.flatMap((name) => (message[name] === undefined ? [] : `${name}\n${message[name]}\n`)).join('');
    return verify('sha1', Buffer.from(text), pem, Buffer.from(message['Signature'] ?? '', 'base64')) ? 200 : 403;
  };
  const { url } = await openEndpoint((response, { body }) => {
    void judge(body)
      .catch(() => 400)
      .then((status) => response.writeHead(status).end());
  });
  return url;
}

const AWS_HOST = /^sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com$/;

test.each<[what: string, isOurs: (url: URL) => boolean, status: string, label: RegExp]>([
  ['looks at the whole host', ({ protocol, host }) => protocol === 'https:' && AWS_HOST.test(host), 'pass', /^/],
  ['fetches from anywhere', () => true, 'fail', /with the key from http:\/\/127\.0\.0\.1:\d+\/certificate\.pem/],
  ['looks for the host anywhere', ({ href }) => href.includes('.amazonaws.com'), 'fail', /amazonaws\.com/],
  [
    'looks for it in the path',
    ({ pathname, host }) => AWS_HOST.test(host) || pathname.includes('.amazonaws'),
    'fail',
    /\d\/sns/,
  ],
  [
    'takes the user for the host',
    ({ href }) => /^https?:\/\/sns\.[\w-]+\.amazonaws\.com/.test(href),
    'fail',
    /com@127/,
  ],
])('a receiver that %s', async (_, isOurs, status, label) => {
  const url = await openReceiver(KEY, isOurs);
  const { report } = await runSuiteAt(SES, url, { only: ['foreign-key-url', 'event-full-Delivery'], secret: KEY });
  const found = Object.fromEntries(report.findings.map((finding) => [finding.id, finding]));
  expect(found['event-full-Delivery']).toMatchObject({ status: 'pass' });
  expect(found['foreign-key-url']).toMatchObject({ status, detail: expect.stringMatching(label) });
});

test.each([
  ['trusts-any-key-url', 'fail'],
  [undefined, 'pass'],
])('listen --bug %s: %s', async (bug, status) => {
  const expected = expectedOf(SES, KEY);
  const { url } = await openListen(expected, { responder: chooseResponder(bug, expected) });
  const { report } = await runSuiteAt(SES, url, { only: ['foreign-key-url', 'event-full-Delivery'], secret: KEY });
  expect(report.findings.map((finding) => finding.status)).toEqual(['pass', status]);
});

test.each([
  ['what is no key', (url: string) => url],
  ['another machine, which is not asked', () => 'https://sns.eu-central-1.amazonaws.com/certificate.pem'],
  ['no address', () => 'file:///etc/passwd'],
])('listen --bug trusts-any-key-url, with a key from %s: refused, and no error', async (_, addressOf) => {
  const expected = expectedOf(SES, KEY);
  const listening = await openListen(expected, { responder: chooseResponder('trusts-any-key-url', expected) });
  const keys = await openEndpoint((response) => response.end('no key'));
  const message = { Type: 'Notification', Message: 'x', Signature: 'AAAA', SigningCertURL: addressOf(keys.url) };
  const headers = { 'Content-Type': 'text/plain' };
  const { status } = await fetch(listening.url, { method: 'POST', headers, body: JSON.stringify(message) });
  expect(status).toBe(401);
});
