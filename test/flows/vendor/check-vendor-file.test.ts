import { expect, test } from 'vitest';
import { checkVendorFile } from '../../../src/flows/vendor/check-vendor-file.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { makeIds, seededRandom } from '../../../src/plan/ids.ts';
import { ACME, writeVendor } from '../../config/vendor-files.ts';
import { testFolder } from '../../helpers/folder.ts';
import { findVendor, VENDORS } from '../../helpers/vendors.ts';

const NOW_MS = Date.parse('2026-11-30T00:00:00Z');

async function check(content: JsonObject, nowMs = NOW_MS): Promise<Finding[]> {
  const path = writeVendor(testFolder(), 'acme.json', content);
  const clock = { now: () => nowMs, sleep: () => Promise.resolve() };
  return (await checkVendorFile(path, { workingDirectory: '/' }, clock, makeIds(seededRandom('check')))).findings;
}

/** `known-retries warn`, for all but what passes. */
const openOf = (findings: readonly Finding[]): string[] =>
  findings.flatMap(({ id, status }) => (status === 'pass' ? [] : [`${id} ${status}`]));

const signature = (change: JsonObject): JsonObject => {
  const { value } = ACME['signature'] as { value: JsonObject };
  return { ...ACME, signature: { value: { ...value, ...change } } };
};

test.each(VENDORS.map((vendor) => [vendor.id, vendor] as const))(
  '%s as a file: its samples can be made, signed and verified, and its vectors fit',
  async (_, vendor) => {
    const findings = await check(JSON.parse(JSON.stringify(vendor)) as JsonObject);
    expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(findings.filter(({ id }) => id === 'sample')).toHaveLength(vendor.events.length);
  },
);

test.each<[what: string, content: JsonObject, open: string[]]>([
  ['what says little', ACME, ['vectors warn', 'known-success warn', 'known-time-out warn', 'known-retries warn']],
  [
    'an unknown signature',
    { ...ACME, signature: { value: null, certainty: 'us' }, success: { value: { statuses: '2xx' } } },
    ['known-signature warn', 'known-time-out warn', 'known-retries warn', 'known-networks warn'],
  ],
  [
    'what says all',
    {
      ...ACME,
      success: { value: { statuses: [200] } },
      timeoutMs: { value: 5000 },
      retries: { delaysMs: { value: [] } },
      vectors: [
        {
          secret: 'whsec_x',
          timestamp: '1750000000',
          body: '{}',
          signature: 't=1750000000,v1=2d4dbd3be1bb1fa3bc0d2b4b06f2f1e5e8d5a0a2d3d1a8b51b6ef4a52fa3bd1d',
        },
      ],
    },
    ['vectors fail'],
  ],
  [
    'a vector of the second signature alone',
    {
      ...ACME,
      furtherSignatures: {
        value: [{ algorithm: 'token', message: ['secret'], at: { header: 'X-Token' }, format: '{v}' }],
      },
      vectors: [{ secret: 'abc', body: '{}', signature: 'abc' }],
    },
    ['vectors warn', 'known-success warn', 'known-time-out warn', 'known-retries warn'],
  ],
  [
    'a signature of a field that one event lacks',
    signature({ message: ['body', { json: 'total' }, 'timestamp'] }),
    ['sample fail', 'vectors warn', 'known-success warn', 'known-time-out warn', 'known-retries warn'],
  ],
  [
    'a time without tolerance and events without an id',
    { ...signature({ timestamp: { unit: 's' } }), events: [{ name: 'paid', sample: {} }] },
    [
      'vectors warn',
      'known-tolerance warn',
      'known-event-id warn',
      'known-success warn',
      'known-time-out warn',
      'known-retries warn',
    ],
  ],
  [
    'a signed name of the event, which the request does not say',
    signature({ message: ['event', 'timestamp', 'body'] }),
    ['vectors warn', 'known-event-name warn', 'known-success warn', 'known-time-out warn', 'known-retries warn'],
  ],
  [
    'an id that is the same in every event',
    { ...ACME, events: [{ name: 'paid', sample: { id: 'a1' }, idField: 'id' }] },
    ['vectors warn', 'known-event-id warn', 'known-success warn', 'known-time-out warn', 'known-retries warn'],
  ],
])('%s', async (_, content, open) => {
  const findings = await check(content);
  expect(openOf(findings)).toEqual(open);
  for (const { status, detail, fix } of findings) if (status !== 'pass') expect([detail, fix]).not.toContain(null);
});

const SIGNED_PATH = {
  algorithm: 'hmac-sha256',
  message: ['method', 'path', 'body'],
  at: { header: 'X-Path' },
  format: '{v}',
};
const signedBy = (change: JsonObject = {}): JsonObject => ({
  ...ACME,
  signature: { value: { ...SIGNED_PATH, ...change } },
});
const vectorOf = (url: string, sent: string): JsonObject => ({ secret: 'k', url, body: '{}', signature: sent });
// printf 'POST/hook{}' | openssl dgst -sha256 -hmac k
const OF_PATH = vectorOf(
  'https://acme.example/hook',
  '45bf22e3c68d80ab57677fac1a9113ac66a305a0e096066220fd70e1c63032bf',
);

const eventsWith = (...ids: (string | null)[]): JsonObject => ({
  ...ACME,
  events: ids.map((idField, index) => ({
    name: `event-${index}`,
    sample: { id: 'a', event: { id: 'b' }, data: { id: 'c', event_id: 'd', order: { id: 'e' } } },
    ...(idField === null ? {} : { idField }),
  })),
});

test.each<[what: string, content: JsonObject, id: string, told: string | null]>([
  ['a path without its query', signedBy(), 'signed-query', 'warn'],
  ['a path within a hash', signedBy({ message: [{ hash: 'sha256', of: ['path', 'body'] }] }), 'signed-query', 'warn'],
  ['the second signature', { ...ACME, furtherSignatures: { value: [SIGNED_PATH] } }, 'signed-query', 'warn'],
  ['a vector without a query', { ...signedBy(), vectors: [OF_PATH] }, 'signed-query', 'warn'],
  [
    'a vector with a query that is not signed',
    { ...signedBy(), vectors: [{ ...OF_PATH, url: 'https://acme.example/hook?a=1' }] },
    'signed-query',
    'pass',
  ],
  [
    'a vector with a query that is signed',
    {
      ...signedBy(),
      vectors: [
        vectorOf('https://acme.example/hook?a=1', '6163d84d62c04ea6be919f59bf6f5fc5874cb48c939d7ffd5597aaa1cda5cac2'),
      ],
    },
    'signed-query',
    'warn',
  ],
  ['path and query', signedBy({ message: ['path', 'query', 'body'] }), 'signed-query', null],
  ['path and target', signedBy({ message: ['path', 'target'] }), 'signed-query', null],
  [
    'path and the sorted query',
    signedBy({ message: ['path', { fields: 'sorted', from: 'query', each: '{name}{value}' }] }),
    'signed-query',
    null,
  ],
  ['no path', ACME, 'signed-query', null],
  ['one nested id', eventsWith('data.id', 'data.id'), 'own-event-id', 'warn'],
  ['one nested id of some', eventsWith('id', 'data.order.id', null, 'data.order.id'), 'own-event-id', 'warn'],
  ['an id each', eventsWith('data.id', 'data.order.id'), 'own-event-id', null],
  [
    'one nested id that is documented',
    JSON.parse(JSON.stringify(findVendor('mailersend'))) as JsonObject,
    'own-event-id',
    null,
  ],
  ['one id at the top', eventsWith('id', 'id'), 'own-event-id', null],
  ['the id of the event', eventsWith('event.id', 'event.id'), 'own-event-id', null],
  ['an id of the event by its name', eventsWith('data.event_id', 'data.event_id'), 'own-event-id', null],
  ['no id', eventsWith(null, null), 'own-event-id', null],
])('%s (%#): is it what the vendor does?', async (_, content, id, told) => {
  expect((await check(content)).find((finding) => finding.id === id)?.status ?? null).toBe(told);
});

const dates = (findings: Finding[]): Finding | undefined => findings.find(({ id }) => id === 'dates');

test('facts that were looked up more than a year ago are told, and what is assumed or said by the author is not', async () => {
  const old = {
    ...ACME,
    documentation: 'https://acme.example/',
    asOf: '2025-01-01',
    timeoutMs: { value: 1, certainty: 'doc' },
  };
  expect(dates(await check(old))).toMatchObject({ status: 'warn', detail: '1 were: timeoutMs (2025-01-01)' });
  expect(dates(await check(old, Date.parse('2025-12-01T00:00:00Z')))?.status).toBe('pass');
  expect(dates(await check({ ...ACME, asOf: '2020-01-01' }))?.status).toBe('pass');
});
