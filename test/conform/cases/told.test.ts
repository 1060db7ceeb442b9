import { expect, test } from 'vitest';
import { listCases } from '../../../src/conform/cases/list-cases.ts';
import { settingOf } from '../../helpers/try-case.ts';
import { findVendor } from '../../helpers/vendors.ts';

test.each([
  [
    'amazon-ses',
    /^Amazon SES \(SNS\) signs Message, MessageId, .*, Type: anyone can change the rest of the body unnoticed/,
  ],
  ['mailgun', /^Mailgun does not sign the body: whoever saw one request can send any other event/],
  ['postmark', /sends a fixed secret and signs nothing: whoever saw one request can send any other event/],
])('what anybody can change in a request of %s is told as it is', (id, told) => {
  const one = listCases(settingOf(findVendor(id))).find((each) => each.id === 'body-unprotected');
  expect(one?.told).toMatch(told);
});
