import { expect, test } from 'vitest';
import { chooseResponder } from '../../../src/flows/receive/responder.ts';
import type { SuiteOptions, SuiteResult } from '../../../src/flows/test/run-suite.ts';
import type { GeneratedTime } from '../../../src/model/generated.ts';
import type { Field, Vendor } from '../../../src/model/vendor.ts';
import { mailkit } from '../../../src/vendors/mailkit.ts';
import { mail2many } from '../../../src/vendors/mail2many.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { MADE_UP_VENDORS } from '../../helpers/made-up-vendors.ts';
import { expectedOf, openListen } from '../../helpers/open-listen.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { runSuiteAt } from '../../helpers/run-suite.ts';
import { secretOf } from '../../helpers/try-case.ts';

// The suite asks whether a receiver judges an old event by the date in its signed body, and `listen` is such a
// receiver: both must know the date of a vendor by its data, in whatever form that vendor writes times.

const SECRET = 'secret-of-tests';
const SQL = 'YYYY-MM-DD HH:mm:ss';
const FORMS: readonly [string, GeneratedTime][] = [
  ['UTC', { time: SQL }],
  ['ISO', { time: 'iso' }],
  ['ISO with ms', { time: 'iso-ms' }],
  ['ms', { time: 'ms' }],
  ['seconds', { time: 's' }],
  ['Prague', { time: SQL, zone: 'Europe/Prague' }],
];
type DateIn = 'body alone' | 'body and header';
const SHAPES = FORMS.flatMap(([name, form]) => [
  [name, 'body alone', form] as const,
  [name, 'body and header', form] as const,
]);

/** mail2many, but for the form of its dates, and whether a header repeats them. */
function vendorWith(form: GeneratedTime, dateIn: DateIn): Vendor {
  const type = form.time.length < 3 ? 'integer' : 'string';
  const dated = (field: Field): Field => (field.name === 'date' ? { ...field, type, generated: form } : field);
  return {
    ...mail2many,
    headers: mail2many.headers.filter(({ name }) => dateIn === 'body and header' || !name.endsWith('-Date')),
    events: mail2many.events.map((event) => ({ ...event, fields: event.fields.map(dated) })),
  };
}

const judge = (vendor: Vendor, url: string, options: Partial<SuiteOptions>, secret = SECRET): Promise<SuiteResult> =>
  runSuiteAt(vendor, url, { secret, ...options });

const verdicts = ({ report }: SuiteResult): string[] => report.findings.map(({ id, status }) => `${status} ${id}`);
const failing = (result: SuiteResult): string[] => verdicts(result).filter((verdict) => !verdict.startsWith('pass'));

test.each(FORMS)('dates as %s: the reference receiver passes the whole suite', async (_, form) => {
  const vendor = vendorWith(form, 'body alone');
  const server = await openReferenceServer(vendor, { secret: SECRET });
  expect(failing(await judge(vendor, server.url, { effects: { url: server.effectsUrl }, effectsWaitMs: 100 }))).toEqual(
    [],
  );
});

test.each(SHAPES)('dates as %s, %s: listen refuses an old event, and takes a late retry', async (_, dateIn, form) => {
  const vendor = vendorWith(form, dateIn);
  const { url } = await openListen(expectedOf(vendor, SECRET));
  const only = ['replay-refreshed', 'late-retry'];
  expect(failing(await judge(vendor, url, { only }))).toEqual([]);
});

test.each(
  FORMS.flatMap(([name, form]) => [
    [name, 'trusts-event-headers', 'replay-refreshed', form] as const,
    [name, 'tight-window', 'late-retry', form] as const,
  ]),
)('dates as %s: listen with the bug %s fails %s', async (_, bug, id, form) => {
  const vendor = vendorWith(form, 'body and header');
  const expected = expectedOf(vendor, SECRET);
  const { url } = await openListen(expected, { responder: chooseResponder(bug, expected) });
  const [verdict, ...others] = failing(await judge(vendor, url, { only: [id] }));
  expect([verdict?.split(' ')[1], others]).toEqual([id, []]);
});

test.each([
  ['doc', 'fail', []],
  ['us', 'warn', ['the success rule: our choice, not documented']],
] as const)('an answer of 201 where 200 alone is success [%s] is a %s', async (certainty, status, assumptions) => {
  const vendor: Vendor = { ...mailkit, success: { ...mailkit.success, certainty } };
  const server = await openReferenceServer(vendor, { bug: 'answers-201' });
  const { report } = await judge(vendor, server.url, { only: ['event-full-subscribe'] });
  expect(report.findings[0]).toMatchObject({ status, assumptions });
  expect(report.isGood).toBe(false);
});

test('a forgery that is answered 201 is a failure, whatever is known of the success rule', async () => {
  const vendor: Vendor = { ...mail2many, success: { value: { statuses: [200] }, certainty: 'us' } };
  const endpoint = await openEndpoint((response) => void response.writeHead(201).end());
  const { report } = await judge(vendor, endpoint.url, { only: ['wrong-secret'] });
  expect(report.findings[0]).toMatchObject({ status: 'fail', severity: 'must', assumptions: [] });
});

/** Who writes a vendor file is its authority: what it says is sure. */
test.each(
  MADE_UP_VENDORS.filter(({ signature }) => signature.value !== null).map((vendor) => [vendor.id, vendor] as const),
)("of a user's vendor (%s) an unsigned forgery that is accepted is a failure", async (_, vendor) => {
  const secret = secretOf(vendor);
  const server = await openReferenceServer(vendor, { bug: 'no-verification', secret });
  const only = ['no-signature', 'wrong-secret', 'event-full-*', 'body-unprotected', 'secret-elsewhere'];
  const { report } = await judge(vendor, server.url, { only }, secret);
  const sound = await openReferenceServer(vendor, { secret });
  expect(report.findings.find(({ id }) => id === 'no-signature')).toMatchObject({ status: 'fail', severity: 'must' });
  expect(report.isGood).toBe(false);
  // What is refused is shown with the command that sends it again.
  const shut = await openReferenceServer(vendor, { bug: 'not-found', secret });
  expect(JSON.stringify((await judge(vendor, shut.url, { only }, secret)).report)).not.toContain(secret);
  expect((await judge(vendor, sound.url, { only }, secret)).report.isGood).toBe(true);
});

test.each([
  ['drops-4xx', 400, 'fail', 'drops-4xx discards those for good'],
  ['drops-4xx', 503, 'pass', 'none of 2 good events is lost by its answer'],
  ['drops-406', 406, 'fail', 'drops-406 discards those for good'],
  ['drops-406', 400, 'pass', 'none of 2 good events is lost by its answer'],
])('an answer that makes a vendor (%s) throw a good event away is a finding: %i', async (id, answer, status, words) => {
  const vendor = MADE_UP_VENDORS.find((one) => one.id === id) as Vendor;
  const endpoint = await openEndpoint(
    (response, { body }) => void response.writeHead(body.includes('order.paid') ? answer : 200).end(),
  );
  const { report } = await judge(vendor, endpoint.url, { only: ['event-full-*', 'lost-for-good'] });
  expect(report.findings.find((finding) => finding.id === 'lost-for-good')).toMatchObject({
    status,
    severity: 'must',
    detail: expect.stringContaining(words),
    ...(status === 'fail' ? { reproduce: 'again event-full-order.paid' } : {}),
  });
});

test.each([
  ['bearer', /compare the whole secret in constant time before the answer/],
  ['fixed-hmac', /compare the whole secret in constant time before the answer/],
  ['ecdsa', /verify the signature with the public key before the answer/],
  ['id-alone', /compute the signature over what the vendor signs before the answer/],
  ['array', /verify the HMAC of the raw body before the answer/],
])('a page that answers everything is told what to look at, for each way to sign: %s', async (id, words) => {
  const vendor = MADE_UP_VENDORS.find((one) => one.id === id) as Vendor;
  const endpoint = await openEndpoint();
  const only = ['event-full-*', 'no-signature', 'empty-signature', 'wrong-secret', 'signature-*', 'forged-*'];
  const { report } = await judge(vendor, endpoint.url, { only }, secretOf(vendor));
  expect(report.causes).toMatchObject([{ id: 'answers-alike', fix: expect.stringMatching(words) }]);
});
