import { expect, test } from 'vitest';
import { AppError } from '../../src/model/error.ts';
import { findVendor, VENDORS } from '../helpers/vendors.ts';
import { delaysOf } from '../../src/vendors/retry-rule.ts';
import { findEvent } from '../../src/vendors/find-event.ts';

test("Mailkit's last attempt falls on the end of the 24 hours after which it deactivates the webhook", () => {
  const { retries } = findVendor('mailkit');
  expect(delaysOf(retries).reduce((sum, delay) => sum + delay, 0)).toBe(retries.deactivatesAfterMs?.value);
});

test('Mailkit subscribe has its 54 keys in the documented order', () => {
  const names = findEvent(findVendor('mailkit'), 'subscribe').fields.map((field) => field.name);
  expect(names.slice(0, 33).join(' ')).toBe(
    'EMAIL ID_EMAIL DATE IP IP_ORIG ID_ML CHANNEL UA DATE_REQUEST UA_REQUEST IP_REQUEST IP_ORIG_REQUEST URL_CODE ' +
      'FIRST_NAME LAST_NAME FAX GENDER MOBILE NICK_NAME PHONE PREFIX REPLY_TO STATE STREET VOCATIVE ZIP CITY COMPANY ' +
      'COUNTRY CUSTOM1 CUSTOM2 CUSTOM3 CUSTOM4',
  );
  expect(names).toHaveLength(54);
  expect(names.at(-1)).toBe('CUSTOM25');
});

test.each([
  [
    'mailkit',
    'unsubscribe',
    'EMAIL ID_EMAIL DATE IP IP_ORIG ID_ML ID_SEND ID_MESSAGE ID_TOPIC_ACTIVE ID_TOPIC_INACTIVE TIMEOUT EXPIRE METHOD UNSUBSCRIBE_ANSWER UNSUBSCRIBE_NOTE',
  ],
  [
    'mailkite',
    'email.received',
    'id type from to subject text html threadId receivedAt receivedAtIso auth attachments',
  ],
  ['mailkite', 'email.clicked', 'id type createdAt createdAtIso data'],
  ['mailkite-selfhost', 'inbound', 'event domain rcpt mailfrom from subject uid receivedAt raw_url'],
  [
    'mail2many',
    'optin',
    'accountId event date email title firstname lastname genderId ip channelIds newsletterId newsletterSubject',
  ],
  ['mail-plus', 'inbound', 'timestamp header body subject from to bcc spf dkim spam_score ip_address'],
])('%s %s has its keys in the documented order', (id, event, names) => {
  expect(
    findEvent(findVendor(id), event)
      .fields.map((field) => field.name)
      .join(' '),
  ).toBe(names);
});

test('every METHOD has a variant, for unsubscribe and topics_change', () => {
  for (const name of ['unsubscribe', 'topics_change']) {
    const event = findEvent(findVendor('mailkit'), name);
    const methods = event.fields.find((field) => field.name === 'METHOD')?.values?.value;
    expect(Object.keys(event.variants ?? {})).toEqual(methods);
    for (const [variant, values] of Object.entries(event.variants ?? {})) expect(values['METHOD']).toBe(variant);
  }
});

test('ids are unique, and every vendor names its documentation', () => {
  expect(new Set(VENDORS.map((vendor) => vendor.id)).size).toBe(VENDORS.length);
  for (const vendor of VENDORS) expect(vendor.documentation).toMatch(/^https:\/\//);
});

test.each([
  ['a vendor', () => findVendor('mailkitt'), { given: 'mailkitt', among: VENDORS.map((vendor) => vendor.id) }],
  [
    'an event',
    () => findEvent(findVendor('mailkit'), 'subscrib'),
    { given: 'subscrib', among: ['subscribe', 'unsubscribe', 'topics_change'] },
  ],
])('%s that is not known is a usage error with what it could have been', (_, act, unknown) => {
  expect(act).toThrow(expect.objectContaining({ kind: 'usage', unknown }));
  expect(act).toThrow(AppError);
});
