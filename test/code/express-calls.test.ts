import { sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { certifyKey } from '../../src/flows/vendor/make-vendor-key.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { makePrivateKey } from '../../src/sign/scheme/keys.ts';
import { runSuiteAt } from '../helpers/run-suite.ts';
import { findVendor } from '../helpers/vendors.ts';
import { startReceiver, writtenReceiver, type WrittenReceiver } from '../helpers/written-receiver.ts';

// What the conformance suite cannot ask: it serves one certificate, at one address of one host.

const SES = findVendor('amazon-ses');
const KEY = makePrivateKey('rsa-sha1');
const QUESTION = { Type: 'SubscriptionConfirmation' };
const OWN_TOPIC = 'arn:aws:sns:eu-central-1:000000000017:mail';

const VENDORS = new RegExp(/const VENDORS = \/(.*)\/;/.exec(writtenReceiver(SES, 'express'))?.[1] ?? 'none');

test.each<[address: string, isTheirs: boolean]>([
  ['https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-17.pem', true],
  ['https://SNS.cn-north-1.amazonaws.com.cn/?Action=ConfirmSubscription', true],
  ['https://sns.eu-central-1.amazonaws.com:443/', true],
  ['http://sns.eu-central-1.amazonaws.com/', false],
  ['https://sns.eu-central-1.amazonaws.com:8443/', false],
  ['https://sns.evil.example.amazonaws.com/', false],
  ['https://sns.eu-central-1.amazonaws.com.evil.example/', false],
  ['https://sns.eu-central-1.amazonaws.com@evil.example/', false],
  ['https://evil.example@sns.eu-central-1.amazonaws.com/', false],
  ['https://evil.example/https://sns.eu-central-1.amazonaws.com/', false],
  ['https://evil.example#sns.eu-central-1.amazonaws.com/', false],
  ['https://xsns.eu-central-1.amazonaws.com/', false],
  ['https://sns-eu-central-1.amazonaws.com/', false],
  ['https://sns.eu-central-1.amazonawsXcom/', false],
])('%s is an address of SNS: %s', (address, isTheirs) => {
  expect(VENDORS.test(new URL(address).href)).toBe(isTheirs);
});

interface Sent {
  fields?: Record<string, string>;
  hash?: string;
}

const running: { receiver?: WrittenReceiver; server?: Server } = {};
/** In their order. */
const called: string[] = [];

/** The receiver, and what plays SNS for it. */
beforeAll(async () => {
  const receiver = await startReceiver(SES, 'express', { program: process.execPath, secret: KEY });
  const certificate = await certifyKey(KEY, Date.now());
  const server = createServer(({ url = '' }, response) => {
    called.push(url);
    if (url.startsWith('/moved')) return response.writeHead(302, { location: '/key.pem' }).end();
    return response.writeHead(url.startsWith('/missing') ? 404 : 200).end(certificate);
  });
  await new Promise<void>((ready) => {
    server.listen(Number(new URL(receiver.testOrigin).port), '127.0.0.1', ready);
  });
  Object.assign(running, { receiver, server });
});

afterAll(() => {
  running.receiver?.end();
  running.server?.closeAllConnections();
  running.server?.close();
});

beforeEach(() => {
  called.length = 0;
});

test.each<[what: string, sent: Sent, status: number, fetched: string[]]>([
  ['version 1', {}, 200, ['/key.pem']],
  ['its certificate again, which is known', {}, 200, []],
  ['version 2', { fields: { SignatureVersion: '2' }, hash: 'sha256' }, 200, []],
  ['version 2, signed as version 1', { fields: { SignatureVersion: '2' } }, 401, []],
  ['version 1, signed as version 2', { hash: 'sha256' }, 401, []],
  ["a stranger's topic", { fields: { TopicArn: `${OWN_TOPIC}-of-a-stranger` } }, 403, []],
  ['a certificate behind a query', { fields: { SigningCertURL: '/?Action=Echo&text=.pem' } }, 401, []],
  ['a certificate with an error', { fields: { SigningCertURL: '/missing.pem' } }, 503, ['/missing.pem']],
  ['a redirected certificate', { fields: { SigningCertURL: '/moved.pem' } }, 503, ['/moved.pem']],
  ['a confirmation that fails', { fields: { ...QUESTION, SubscribeURL: '/missing' } }, 503, ['/missing']],
  ['a confirmation', { fields: { ...QUESTION, SubscribeURL: '/confirm' } }, 200, ['/confirm']],
])('%s', async (_, { fields = {}, hash = 'sha1' }, status, fetched) => {
  expect({ answered: await post(fields, hash), called }).toEqual({ answered: status, called: fetched });
});

const SIGNED = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'TopicArn', 'Type'];

/** Its events are signed with a secret: nothing is fetched, and a question is still answered by a call. */
const WITH_SECRET: Vendor = {
  ...SES,
  id: 'acme',
  signature: {
    value: { algorithm: 'hmac-sha256', message: ['body'], at: { header: 'X-Acme-Sign' }, format: '{v}' },
    certainty: 'us',
  },
};

test('with a secret in the place of the key: the suite finds nothing', async () => {
  const code = writtenReceiver(WITH_SECRET, 'express');
  expect([code.includes('fetchKey('), code.includes('--callbacks-at http://127.0.0.1:9911')]).toEqual([false, true]);
  const receiver = await startReceiver(WITH_SECRET, 'express', { program: process.execPath, secret: 'for-tests' });
  onTestFinished(receiver.end);
  const { report } = await runSuiteAt(WITH_SECRET, `${receiver.origin}/hook`, {
    secret: 'for-tests',
    only: ['event-*', 'handshake-*', 'callback-*', 'wrong-secret'],
    callbacksAt: receiver.testOrigin,
  });
  expect(report.findings.filter(({ status }) => status !== 'pass')).toEqual([]);
});

/** Signed by its fields, as AWS documents it. */
async function post(fields: Record<string, string>, hash: string): Promise<number> {
  const { origin = '', testOrigin = '' } = running.receiver ?? {};
  const message: Record<string, string> = {
    Type: 'Notification',
    MessageId: '5e3d0b0c-3f9b-4f9a-8f1e-6a1d5a0c7d17',
    TopicArn: OWN_TOPIC,
    Message: '{}',
    Timestamp: new Date().toISOString(),
    SignatureVersion: '1',
    SigningCertURL: '/key.pem',
    ...fields,
  };
  for (const name of ['SigningCertURL', 'SubscribeURL'])
    if (message[name] !== undefined) message[name] = testOrigin + message[name];
  const text = SIGNED.flatMap((name) => (message[name] === undefined ? [] : `${name}\n${message[name]}\n`)).join('');
  const body = JSON.stringify({ ...message, Signature: sign(hash, Buffer.from(text), KEY).toString('base64') });
  const headers = { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': message.Type ?? '' };
  return (await fetch(`${origin}/hook`, { method: 'POST', headers, body })).status;
}
