import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Handshake } from '../../../src/model/handshake.ts';
import type { Vendor } from '../../../src/model/vendor.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { runSuiteAt, SECRET } from '../../helpers/run-suite.ts';
import { findVendor } from '../../helpers/vendors.ts';

const asks = (...value: Handshake[]): Vendor => ({
  ...findVendor('mail2many'),
  handshakes: { value, certainty: 'doc' },
});

const ECHO: Handshake = {
  id: 'url-verification',
  title: 'the challenge of a new URL comes back',
  when: 'create',
  method: 'POST',
  body: { type: 'url_verification', challenge: '{challenge}' },
  answer: { statuses: [200], bodies: [{ json: { challenge: '{challenge}' } }, { text: '{challenge}' }] },
};
const QUERY: Handshake = {
  id: 'subscribe',
  title: 'the challenge in the query comes back as text',
  when: 'create',
  method: 'GET',
  query: { 'hub.mode': 'subscribe', 'hub.challenge': '{challenge}' },
  answer: { statuses: [200], bodies: [{ text: '{challenge}' }] },
};
const PROOF: Handshake = {
  id: 'crc',
  title: 'the challenge comes back signed',
  when: 'periodic',
  method: 'GET',
  query: { crc_token: '{challenge}' },
  answer: {
    statuses: '2xx',
    bodies: [{ json: { response_token: 'sha256={v}' } }],
    proof: { algorithm: 'hmac-sha256', encoding: ['base64'] },
  },
};
const HEAD: Handshake = {
  id: 'head',
  title: 'HEAD is answered',
  when: 'create',
  method: 'HEAD',
  answer: { statuses: [200] },
};
const HEADER: Handshake = {
  id: 'hook-secret',
  title: 'the header comes back',
  when: 'create',
  method: 'POST',
  headers: { 'X-Hook-Secret': '{challenge}' },
  body: {},
  answer: { statuses: '2xx', header: { name: 'X-Hook-Secret', value: '{challenge}' } },
};
const SIGNED: Handshake = {
  id: 'intent',
  title: 'a signed question is answered, and a forged one is not',
  when: 'create',
  method: 'POST',
  body: { events: [] },
  isSigned: true,
  answer: { statuses: [200] },
  forgedStatuses: [401],
};

const EVERY = [ECHO, QUERY, PROOF, HEAD, HEADER, SIGNED];

/** What each handshake comes to, by its id. */
async function ask(vendor: Vendor, url: string): Promise<Record<string, string>> {
  const { report } = await runSuiteAt(vendor, url, { only: ['handshake-*'] });
  return Object.fromEntries(report.findings.map(({ id, status }) => [id.replace('handshake-', ''), status]));
}

test('a correct receiver answers them all, does no work for them, and still takes events', async () => {
  const vendor = asks(...EVERY);
  const server = await openReferenceServer(vendor, { secret: SECRET });
  expect(await ask(vendor, server.url)).toEqual(Object.fromEntries(EVERY.map(({ id }) => [id, 'pass'])));
  expect(server.effects).toEqual([]);
  const { report } = await runSuiteAt(vendor, server.url, { only: ['event-full-optin', 'no-signature'] });
  expect(report.isGood).toBe(true);
});

test('an independent receiver, which knows of node:crypto alone, passes, too', async () => {
  const endpoint = await openEndpoint((response, { path }) => {
    const token = new URL(path, 'http://x').searchParams.get('crc_token') ?? '';
    const proof = createHmac('sha256', SECRET).update(token).digest('base64');
    response.end(JSON.stringify({ response_token: `sha256=${proof}`, more: 1 }));
  });
  expect(await ask(asks(PROOF), endpoint.url)).toEqual({ crc: 'pass' });
});

test.each<[what: string, handshake: Handshake, status: number, body: string]>([
  ['nothing comes back', ECHO, 200, ''],
  ['another challenge comes back', ECHO, 200, '{"challenge":"x"}'],
  ['it is refused', ECHO, 401, 'no signature'],
  ['another success than the one that counts', ECHO, 204, ''],
  ['the challenge comes back unsigned', PROOF, 200, '{"response_token":"sha256="}'],
  ['no JSON', PROOF, 200, 'ok'],
  ['a list', PROOF, 200, '[]'],
  ['HEAD is not known', HEAD, 405, ''],
  ['the header is missing', HEADER, 200, ''],
  ['a forged question is answered', SIGNED, 200, ''],
])('%s: a failure', async (_, handshake, status, body) => {
  const endpoint = await openEndpoint((response) => void response.writeHead(status).end(body));
  expect(await ask(asks(handshake), endpoint.url)).toEqual({ [handshake.id]: 'fail' });
});

test('what is no documented handshake fails nothing', async () => {
  const vendor = { ...asks(HEAD), handshakes: { value: [HEAD], certainty: 'us' as const } };
  const endpoint = await openEndpoint((response) => void response.writeHead(405).end());
  expect(await ask(vendor, endpoint.url)).toEqual({ head: 'warn' });
});
