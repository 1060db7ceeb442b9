import { expect, test } from 'vitest';
import { readVendorFile } from '../../../src/config/read-vendor-file.ts';
import type { JsonObject, JsonValue } from '../../../src/model/json.ts';
import type { Vendor } from '../../../src/model/vendor.ts';
import { builtInVendors } from '../../../src/vendors/registry.ts';
import { ACME, writeVendor } from '../../config/vendor-files.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram } from '../../helpers/program.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { runSuiteAt } from '../../helpers/run-suite.ts';

const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';

async function load(content: JsonObject | string): Promise<Vendor> {
  const path = writeVendor(testFolder(), 'v.json', content);
  return (await readVendorFile(path, path, { kind: 'config', builtIn: builtInVendors })).vendor;
}

test.each(['mail2many', 'mailkite'])(
  '%s from `vendor show > file` passes the whole suite, and a bug is found',
  async (id) => {
    const { stdout } = await runProgram('webhook', ['vendor', 'show', id]);
    const vendor = await load(stdout);
    const good = await openReferenceServer(vendor, { secret: SECRET });
    const passed = await runSuiteAt(vendor, good.url, { secret: SECRET });
    expect(passed.report.findings.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(passed.report.isGood).toBe(true);
    expect(passed.report.findings.length).toBeGreaterThan(40);
    const bad = await openReferenceServer(vendor, { secret: SECRET, bug: 'no-verification' });
    expect((await runSuiteAt(vendor, bad.url, { secret: SECRET, only: ['no-signature'] })).report.isGood).toBe(false);
  },
);

test.each<[what: string, content: JsonObject, isGood: boolean, unsigned: string[]]>([
  ["a user's vendor that signs", ACME, false, ['fail must']],
  ['one of which nothing is known', { ...ACME, signature: { value: null, certainty: 'us' } }, true, []],
])('an endpoint that takes everything, and %s', async (_, content, isGood, unsigned) => {
  const endpoint = await openEndpoint((response) => response.writeHead(200).end());
  const { report } = await runSuiteAt(await load(content), endpoint.url, {
    secret: SECRET,
    only: ['no-signature', 'event-full-*'],
  });
  const found = report.findings.filter(({ id }) => id === 'no-signature');
  expect(found.map(({ status, severity }) => `${status} ${severity}`)).toEqual(unsigned);
  expect(report.isGood).toBe(isGood);
});

test('a receiver that processes each id once, and a sample whose id is always the same: no forgery counts as processed', async () => {
  const vendor = await load({ ...ACME, events: [{ name: 'paid', sample: { id: 'a1' }, idField: 'id' }] });
  const { url, effectsUrl } = await openReferenceServer(vendor, { secret: SECRET });
  const only = ['no-signature', 'wrong-secret', 'event-full-*'];
  const { report } = await runSuiteAt(vendor, url, { secret: SECRET, only, effects: { url: effectsUrl } });
  expect(report.findings.map(({ id, status }) => `${id} ${status}`)).toEqual([
    'event-full-paid pass',
    'no-signature pass',
    'wrong-secret pass',
  ]);
});

const KIND = { name: 'paid', sample: { id: '', kind: '' }, idField: 'id' };
const NAMED = { ...KIND, generated: { id: { id: 'uuid' }, kind: 'event-name' } };
const SIGNED_NAME = { algorithm: 'hmac-sha256', at: { header: 'X-Acme' }, format: '{v}' };

test.each<[what: string, message: JsonValue]>([
  ['in the message', ['event', 'body']],
  ['in a claim', [{ jwt: { claims: { name: { text: ['event'] }, body: { text: ['body'] } } } }]],
  [
    'in a part of a claim',
    [{ jwt: { claims: { name: { text: [{ text: 'x-' }, 'event'] }, body: { text: ['body'] } } } }],
  ],
])('the name of the event is signed %s: a receiver reads it from the body', async (_, message) => {
  const vendor = await load({ ...ACME, events: [NAMED], signature: { value: { ...SIGNED_NAME, message } } });
  const { url } = await openReferenceServer(vendor, { secret: SECRET });
  const only = ['event-full-*', 'unknown-event', 'wrong-secret'];
  const { report } = await runSuiteAt(vendor, url, { secret: SECRET, only });
  expect(report.findings.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass']);
});
