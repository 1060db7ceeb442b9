import { expect, test } from 'vitest';
import { AppError } from '../../src/model/error.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { Plan } from '../../src/model/plan.ts';
import { makeIds, seededRandom, systemRandom } from '../../src/plan/ids.ts';
import { makePlan, preparePlan } from '../../src/plan/make-plan.ts';
import type { PlanOptions } from '../../src/plan/make-plan.ts';
import { findVendor, VENDORS } from '../helpers/vendors.ts';
import { hasFixedId } from '../../src/vendors/facts.ts';
import { clockAt, listSamples, NOW_MS, planAt } from '../vendors/fixtures.ts';

const plan = (vendorId: string, event: string, options: Partial<PlanOptions> = {}): Plan =>
  planAt(findVendor(vendorId), { event, ...options });
const bodyOf = ({ body }: Plan): JsonObject => JSON.parse(Buffer.from(body).toString());
const headerOf = (made: Plan, name: string): string | undefined => made.headers.find(([other]) => other === name)?.[1];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ['mailkit', 'subscribe', ['Content-Type: application/json', 'User-Agent: Mailkit-Webhook']],
  ['mailkite', 'email.received', ['content-type: application/json', 'User-Agent: MailKite-Webhook']],
  [
    'mailkite-selfhost',
    'inbound',
    ['content-type: application/json', 'x-mailkite-event: inbound', 'user-agent: MailKite-Server/1.0'],
  ],
  ['mail-plus', 'inbound', ['Content-Type: application/json', 'User-Agent: Mail-Plus']],
])('%s %s has exactly the headers of its vendor', (vendor, event, expected) => {
  expect(plan(vendor, event).headers.map((header) => header.join(': '))).toEqual(expected);
});

test("mail2many's headers agree with the body", () => {
  const made = plan('mail2many', 'optout', {
    overrides: { set: ['accountId=42', 'date=2020-01-01 00:00:00'], add: [], remove: [] },
  });
  expect(made.headers.map((header) => header.join(': '))).toEqual([
    'Content-Type: application/json',
    'User-Agent: mail2many-Webhook',
    'X-Mail2Many-Account-Id: 42',
    'X-Mail2Many-Event: optout',
    'X-Mail2Many-Event-Date: 2020-01-01 00:00:00',
    `X-Mail2Many-Event-Id: ${made.eventId}`,
  ]);
  expect(made.eventId).toMatch(/^[0-9a-f-]{36}$/);
});

test.each([
  ['mailkite', 'email.received', 'id'],
  ['mailkite', 'email.opened', 'id'],
  ['mailkite-selfhost', 'inbound', 'uid'],
])('the event id of %s %s is its %s', (vendor, event, field) => {
  const made = plan(vendor, event);
  expect(made.eventId).toBe(String(bodyOf(made)[field]));
});

test.each([
  ['mailkit', 'subscribe'],
  ['mail-plus', 'inbound'],
])('%s has no event id', (vendor, event) => {
  expect(plan(vendor, event).eventId).toBeNull();
});

test('an event id that was set or replaced is the event id', () => {
  expect(plan('mailkite', 'email.received', { overrides: { set: ['id=msg_mine'], add: [], remove: [] } }).eventId).toBe(
    'msg_mine',
  );
  expect(plan('mail2many', 'optin', { headers: ['x-mail2many-event-id: mine'] }).eventId).toBe('mine');
});

const events = VENDORS.flatMap((vendor) => vendor.events.map((event) => ({ vendor, event: event.name })));

test.each(events)('$vendor.id $event: one seed and one clock give one plan, to the byte', ({ vendor, event }) => {
  expect(planAt(vendor, { event }, 'a')).toEqual(planAt(vendor, { event }, 'a'));
  expect(planAt(vendor, { event }, 'b')).not.toEqual(planAt(vendor, { event }, 'a'));
});

test.each(events)('$vendor.id $event: without a seed every event is unique', ({ vendor, event }) => {
  const options = {
    event,
    url: new URL('https://example.com/'),
    webhookUuid: '123e4567-e89b-12d3-a456-426614174000',
    deliveryId: '019ac4f5-6e2c-7000-8000-000000000001',
  };
  const ids = makeIds(systemRandom());
  const made = Array.from({ length: 100 }, () => makePlan(options, vendor, clockAt(NOW_MS), ids));
  const requests = made.map(({ headers, body }) => JSON.stringify([headers, Buffer.from(body).toString()]));
  expect(new Set(requests).size).toBe(100);
});

test('the clock is read once: everything in an event is the same instant', () => {
  let nowMs = NOW_MS;
  const clock = { now: () => nowMs++, sleep: () => Promise.resolve() };
  const options = {
    event: 'email.received',
    url: new URL('https://example.com/'),
    webhookUuid: '123e4567-e89b-12d3-a456-426614174000',
    deliveryId: '019ac4f5-6e2c-7000-8000-000000000001',
  };
  const made = makePlan(options, findVendor('mailkite'), clock, makeIds(systemRandom()));
  const { receivedAt, receivedAtIso } = bodyOf(made);
  expect(receivedAt).toBe(made.createdAt);
  expect(Date.parse(receivedAtIso as string)).toBe(receivedAt);
});

test.each([
  ['2025-07-01T10:00:00Z', '2025-07-01 12:00:00'],
  ['2025-12-31T23:30:00Z', '2026-01-01 00:30:00'],
])('Mailkit writes %s in the wall clock of Prague: %s', (now, expected) => {
  const options = {
    event: 'subscribe',
    url: new URL('https://example.com/'),
    webhookUuid: '123e4567-e89b-12d3-a456-426614174000',
    deliveryId: '019ac4f5-6e2c-7000-8000-000000000001',
  };
  const made = makePlan(options, findVendor('mailkit'), clockAt(Date.parse(now)), makeIds(systemRandom()));
  expect(bodyOf(made)['DATE']).toBe(expected);
});

test('attachment ids, links and the bytes behind them agree with the message id', () => {
  const made = plan('mailkite', 'email.received', { linkAttachment: (id, index) => `http://127.0.0.1/${id}/${index}` });
  const [attachment] = bodyOf(made)['attachments'] as JsonObject[];
  expect(attachment).toMatchObject({ id: `${made.eventId}:0`, url: `http://127.0.0.1/${made.eventId}/0` });
  expect(made.attachments).toHaveLength(1);
  expect(made.attachments[0]).toMatchObject({ messageId: made.eventId, index: 0 });
  expect(made.attachments[0]?.attachment.content.length).toBe(attachment?.['size']);
});

test.each<[string, Partial<PlanOptions>]>([
  ['nobody links', {}],
  ['they are inline', { sample: { variant: 'inline-attachments' }, linkAttachment: () => 'http://127.0.0.1/' }],
  ['there are none', { sample: { sample: 'minimal' }, linkAttachment: () => 'http://127.0.0.1/' }],
])('no attachment is to be served when %s', (_, options) => {
  expect(plan('mailkite', 'email.received', options).attachments).toEqual([]);
});

test('the inline attachment holds the bytes of its size', () => {
  const [attachment] = bodyOf(plan('mailkite', 'email.received', { sample: { variant: 'inline-attachments' } }))[
    'attachments'
  ] as JsonObject[];
  expect(Buffer.from(attachment?.['content'] as string, 'base64').length).toBe(attachment?.['size']);
});

test('an unknown event or variant is a usage error with what it could have been', () => {
  expect(() => plan('mailkit', 'subscibe')).toThrow(
    expect.objectContaining({ unknown: { given: 'subscibe', among: ['subscribe', 'unsubscribe', 'topics_change'] } }),
  );
  expect(() => plan('mailkit', 'unsubscribe', { sample: { variant: 'spam' } })).toThrow(
    expect.objectContaining({
      kind: 'usage',
      unknown: { given: 'spam', among: expect.arrayContaining(['spam_report']) },
    }),
  );
  expect(() => plan('mailkit', 'unsubscribe', { sample: { variant: 'toString' } })).toThrow(AppError);
});

test('a ready-made body keeps its bytes, order and attachments', () => {
  const attachments = [
    { messageId: 'msg_a', index: 0, attachment: { filename: 'a', contentType: 'text/plain', content: bytes('a') } },
  ];
  const { type, ...rest } = bodyOf(plan('mailkite', 'email.received', { sample: { sample: 'minimal' } }));
  const payload = { type, ...rest, id: 'msg_a' } as JsonObject;
  const made = plan('mailkite', 'email.received', { payload, attachments });
  expect(Buffer.from(made.body).toString()).toBe(JSON.stringify(payload));
  expect(made).toMatchObject({ eventId: 'msg_a', attachments });
});

test.each([
  ['JSON', '{ "id": "msg_1" }', 'msg_1'],
  ['JSON with a byte-order mark', '\uFEFF{"id":"msg_1"}', 'msg_1'],
  ['an id that is no text', '{"id":["msg_1"]}', null],
  ['no JSON', 'not json', null],
  ['no object', '[1]', null],
  ['nothing', '', null],
])('--data with %s is sent unchanged', (_, text, eventId) => {
  const data = bytes(text);
  const made = plan('mailkite', 'email.received', { data });
  expect(made.body).toBe(data);
  expect(made.eventId).toBe(eventId);
});

test('--data that is not valid UTF-8 is sent unchanged, with the headers of the event', () => {
  const data = Uint8Array.of(0xff, 0xfe, 0x00);
  const made = plan('mail2many', 'optin', { data });
  expect(made.body).toBe(data);
  expect(headerOf(made, 'X-Mail2Many-Event')).toBe('optin');
  expect(headerOf(made, 'X-Mail2Many-Event-Date')).toBe('2025-11-27 09:52:31');
  expect(headerOf(made, 'X-Mail2Many-Event-Id')).toBe(made.eventId);
});

test('--data of the event speaks in the headers', () => {
  expect(headerOf(plan('mail2many', 'optin', { data: bytes('{"accountId":9}') }), 'X-Mail2Many-Account-Id')).toBe('9');
});

test.each<[Partial<PlanOptions>, string]>([
  [{ overrides: { set: ['email=x'], add: [], remove: [] } }, '--set'],
  [{ overrides: { set: [], add: ['x=1'], remove: [] } }, '--add'],
  [{ overrides: { set: [], add: [], remove: ['email'] } }, '--remove'],
  [{ select: ['ip'] }, '--select'],
  [{ sample: { variant: 'x' } }, '--variant'],
  [{ sample: { sample: 'minimal' } }, '--minimal'],
  [{ jsonStyle: 'php' }, '--json-style'],
])('--data beside %j is refused, not ignored', (options, flag) => {
  expect(() => plan('mail2many', 'optin', { data: bytes('{}'), ...options })).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining(flag) }),
  );
});

test('a body value cannot break out of its header', () => {
  expect(() =>
    plan('mail2many', 'optin', { overrides: { set: ['date=x\r\nX-Evil: 1'], add: [], remove: [] } }),
  ).toThrow(expect.objectContaining({ kind: 'usage', message: expect.stringContaining('X-Mail2Many-Event-Date') }));
});

test('--select and --json-style php shape the body, --set still finds what is selected', () => {
  const made = plan('mail-plus', 'inbound', {
    select: ['subject', 'spam'],
    jsonStyle: 'php',
    overrides: { set: ['subject=1/2 ü'], add: [], remove: [] },
  });
  expect(Buffer.from(made.body).toString()).toBe(String.raw`{"subject":"1\/2 \u00fc","spam_score":0.1}`);
});

test('what a prepared plan makes later is what is made alone, and each has its own id', () => {
  const whole = { url: new URL('https://example.com/hook'), webhookUuid: 'uuid', deliveryId: 'one' };
  for (const vendor of VENDORS)
    for (const event of vendor.events)
      for (const { file, sample } of listSamples(event)) {
        const options = { ...whole, event: event.name, sample };
        const next = preparePlan(options, vendor);
        const make = (seed: string): Plan => next('one', clockAt(NOW_MS), makeIds(seededRandom(seed)));
        const [first, second, third] = [make('1'), make('2'), make('1')];
        const where = `${vendor.id} ${file}`;
        expect(first, where).toEqual(makePlan(options, vendor, clockAt(NOW_MS), makeIds(seededRandom('1'))));
        expect(third, where).toEqual(first);
        if (first.eventId !== null && !hasFixedId(event)) expect(second.eventId, where).not.toBe(first.eventId);
      }
});
