import { expect, test } from 'vitest';
import { AppError } from '../../src/model/error.ts';
import type { JsonObject, JsonValue } from '../../src/model/json.ts';
import type { VendorEvent } from '../../src/model/vendor.ts';
import { checkPayload } from '../../src/plan/check-payload.ts';
import type { PlanOptions } from '../../src/plan/make-plan.ts';
import { selectedEvent } from '../../src/plan/payload.ts';
import { findEvent } from '../../src/vendors/find-event.ts';
import { findVendor, VENDORS } from '../helpers/vendors.ts';
import { readPayload } from '../../src/vendors/read-body.ts';
import { listSamples, planAt } from '../vendors/fixtures.ts';

const mailkite = findVendor('mailkite');
const planned = (options: Partial<PlanOptions>): JsonObject =>
  JSON.parse(Buffer.from(planAt(mailkite, { event: 'email.received', ...options }).body).toString()) as JsonObject;
const GOOD = planned({});

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

const attachment = (changes: object): JsonObject => ({ ...GOOD, attachments: [{ ...attachmentOf(GOOD), ...changes }] });
const attachmentOf = ({ attachments }: JsonObject): JsonObject => (attachments as JsonObject[])[0] ?? {};

test.each<[what: string, payload: JsonObject, message: RegExp]>([
  [
    'a type that is false',
    attachment({ contentType: false }),
    /attachments\.0\.contentType is boolean, expected string or null$/,
  ],
  ['a negative size', attachment({ size: -1 }), /attachments\.0\.size is -1, expected integer, 0 or more$/],
  ['a key too many', { ...GOOD, spam: 1 }, /spam is unknown \(number\)$/],
  ['a time without form', { ...GOOD, receivedAtIso: 'now' }, /receivedAtIso is "now", expected text of the form/],
  [
    'a Date',
    { ...GOOD, receivedAtIso: new Date(0) as unknown as JsonValue },
    /receivedAtIso is not JSON, expected string$/,
  ],
  ['everything', { id: 1 }, /^(?:[^;]*;){5} and 5 more$/],
])('from a mail, %s is not sent: the event, the path and what was expected are said', (_, payload, message) => {
  const error = caught(() => planned({ payload, payloadSource: 'the mail a.eml' }));
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ kind: 'input', message: expect.stringMatching(message) });
  expect(String(error)).toContain('email.received from the mail a.eml');
});

test('what the user changes is theirs, and what we made before it is not', () => {
  const overrides = { set: [], add: ['attachments.0.odd=1', 'extra=1'], remove: ['auth'] };
  expect(planned({ payload: GOOD, overrides })).toMatchObject({ extra: 1 });
  expect(
    caught(() => planned({ payload: { ...GOOD, extra: 1 }, overrides: { ...overrides, add: [] } })),
  ).toBeInstanceOf(AppError);
});

test('a sample that does not fit is a bug, and no fault of anything given', () => {
  const event: VendorEvent = {
    ...mailkite.events[0]!,
    fields: [{ name: 'n', type: 'integer', certainty: 'us', example: 'x' }],
  };
  const error = caught(() => planAt({ ...mailkite, events: [event] }, { event: event.name }));
  expect(error).not.toBeInstanceOf(AppError);
  expect(String(error)).toMatch(
    /the sample of email\.received does not match .*nothing was sent: n is string, expected integer$/,
  );
});

test('a variant brings back no element that is not selected', () => {
  const vendor = findVendor('mail-plus');
  const event = selectedEvent(findEvent(vendor, 'inbound'), ['subject']);
  for (const { sample } of listSamples(event))
    expect(() => planAt({ ...vendor, events: [event] }, { event: event.name, sample })).not.toThrow();
});

test('every sample of every vendor fits', () => {
  for (const vendor of VENDORS)
    for (const event of vendor.events)
      for (const { sample } of listSamples(event)) {
        const payload = readPayload(vendor, planAt(vendor, { event: event.name, sample }));
        if (payload === null)
          expect.fail(`the ${JSON.stringify(sample)} sample of ${vendor.id} ${event.name} is not read`);
        expect(() => checkPayload(payload, event, null)).not.toThrow();
      }
});
