import { expect, test } from 'vitest';
import { selectFields } from '../../src/plan/payload.ts';
import { findVendor } from '../helpers/vendors.ts';
import { findEvent } from '../../src/vendors/find-event.ts';

const inbound = findEvent(findVendor('mail-plus'), 'inbound');
const PAYLOAD = Object.fromEntries(inbound.fields.map((field) => [field.name, field.name]));

test.each([
  ['timestamp', 'timestamp'],
  ['header', 'header'],
  ['body', 'body'],
  ['subject', 'subject'],
  ['from', 'from'],
  ['to', 'to'],
  ['bcc', 'bcc'],
  ['spf', 'spf'],
  ['dkim', 'dkim'],
  ['spam', 'spam_score'],
  ['ip', 'ip_address'],
])('%s selects only %s', (element, key) => {
  expect(Object.keys(selectFields(PAYLOAD, inbound, [element]))).toEqual([key]);
});

test('the documented order stays, and what the vendor does not know stays, too', () => {
  const selected = selectFields({ ...PAYLOAD, novelty: 1 }, inbound, ['ip', 'timestamp']);
  expect(Object.keys(selected)).toEqual(['timestamp', 'ip_address', 'novelty']);
});

test.each(['spam_score', 'Subject', ''])('"%s" is no element', (name) => {
  expect(() => selectFields(PAYLOAD, inbound, [name])).toThrow(
    expect.objectContaining({
      kind: 'usage',
      unknown: {
        given: name,
        among: ['timestamp', 'header', 'body', 'subject', 'from', 'to', 'bcc', 'spf', 'dkim', 'spam', 'ip'],
      },
    }),
  );
});

test('a vendor without data selection refuses it', () => {
  const optin = findEvent(findVendor('mail2many'), 'optin');
  expect(() => selectFields({}, optin, ['email'])).toThrow(/no data selection/);
});
