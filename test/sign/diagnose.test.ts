import { expect, test } from 'vitest';
import type { Header } from '../../src/model/plan.ts';
import { diagnoseRequest } from '../../src/sign/diagnose.ts';
import { findVendor } from '../helpers/vendors.ts';
import { NOW_MS, signedHeaders } from '../vendors/fixtures.ts';
import { diagnose, JSON_BODY, mailkite, over, SECRET, T } from './signed-body.ts';

test('valid says when it was signed; one of several secrets is enough', () => {
  expect(diagnose(over(JSON_BODY), JSON_BODY, { nowMs: NOW_MS + 2000, secrets: ['other', SECRET] })).toEqual({
    verdict: 'valid',
    byMs: null,
    cause: null,
    fix: null,
    explanation: 'MailKite signed exactly these bytes with this secret, 2 s ago',
  });
});

test.each([
  [600_000, 'too-old', /signed 10 min ago/],
  [-600_000, 'in-the-future', /10 min in the future/],
])('%i ms off is stale, and why', (byMs, cause, explanation) => {
  expect(diagnose(over(JSON_BODY), JSON_BODY, { nowMs: NOW_MS + byMs })).toMatchObject({
    verdict: 'stale',
    byMs,
    cause,
    explanation: expect.stringMatching(explanation),
  });
});

test('a time in the other unit is stale by decades: the unit is named, and whose it may be', () => {
  const body =
    '{"event":"inbound","domain":"example.org","rcpt":"a@example.org","mailfrom":"","from":"",' +
    '"subject":"","uid":1,"receivedAt":"","raw_url":""}';
  const headers = [...signedHeaders(findVendor('mailkite-selfhost'), [], Buffer.from(body), SECRET, NOW_MS)];
  expect(diagnose(headers, body)).toMatchObject({
    verdict: 'stale',
    cause: 'seconds-for-milliseconds',
    explanation: expect.stringContaining('--vendor mailkite-selfhost'),
  });
  const hosted = diagnose(over(JSON_BODY), JSON_BODY, { vendor: 'mailkite-selfhost' });
  expect(hosted).toMatchObject({ verdict: 'stale', cause: 'milliseconds-for-seconds' });
  expect(hosted.byMs).toBeLessThan(-1e12);
});

test.each<[cause: string, headers: Header[], body: string, explanation: RegExp]>([
  ['missing-header', [['content-type', 'application/json']], JSON_BODY, /anyone could have sent this/],
  [
    'renamed-header',
    [['HTTP_X_MAILKITE_SIGNATURE', `t=${T},v1=${'0'.repeat(64)}`]],
    JSON_BODY,
    /HTTP_X_MAILKITE_SIGNATURE holds a signature/,
  ],
  ['renamed-header', [['X-Signature', '0'.repeat(64)]], JSON_BODY, /X-Signature holds/],
  ['other-vendor', [['X-Mail2Many-Signature', '0'.repeat(64)]], '{"accountId":1}', /signature header of mail2many/],
  ['other-vendor', [['User-Agent', 'Mailkit-Webhook']], '{}', /looks like a Mailkit request/],
])('missing, %s', (cause, headers, body, explanation) => {
  expect(diagnose(headers, body)).toMatchObject({
    verdict: 'missing',
    cause,
    explanation: expect.stringMatching(explanation),
  });
});

test.each(['mailkit', 'mail-plus'])('%s signs nothing, and how to trust it is said', (vendor) => {
  expect(diagnose([], '{}', { vendor, secrets: [] })).toMatchObject({
    verdict: 'unsigned',
    cause: null,
    fix: expect.stringMatching(/^trust .*(client certificate|reverse DNS)/),
  });
  expect(diagnose(over('{}'), '{}', { vendor })).toMatchObject({ verdict: 'unsigned', cause: 'other-vendor' });
});

test('a vendor that signs needs a secret', () => {
  expect(() => diagnose(over('{}'), '{}', { secrets: [] })).toThrow(/no secret to verify with/);
});

test('a tolerance of one’s own, and 0 for none', () => {
  const verdicts = [4999, 5000, 0].map(
    (toleranceMs) =>
      diagnoseRequest(
        mailkite,
        [SECRET],
        { method: 'POST', headers: over('{}'), body: Buffer.from('{}') },
        NOW_MS + 5000,
        { toleranceMs },
      ).verdict,
  );
  expect(verdicts).toEqual(['stale', 'valid', 'valid']);
});
