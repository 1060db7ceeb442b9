import { expect, test } from 'vitest';
import { asksForCredential, refusalHint } from '../../src/deliver/refusal-hint.ts';
import type { Header } from '../../src/model/plan.ts';
import { findVendor } from '../helpers/vendors.ts';

const TIME = /about the time/;
const SECRET = /is the secret the same/;

test.each<[vendor: string, status: number, body: string, says: RegExp, never?: RegExp, headers?: Header[]]>([
  // What a refusal can be for hangs on what the vendor sends.
  ['mailkite', 401, '', SECRET],
  ['mail2many', 403, '', /check the secret, its IP allowlist/, /certificate/],
  ['mailkit', 401, '', /Mailkit signs nothing.*client certificate.*allowlist/, /secret/],
  ['mailkit', 403, 'Forbidden', /Mailkit signs nothing/, /secret/],
  ['mailkit', 400, '{"error":"missing signature"}', /Mailkit signs nothing/, /secret/],
  ['mail-plus', 401, 'invalid HMAC', /Mail-Plus signs nothing/, /secret/],
  // What is too old was not signed wrongly.
  ['mailkite', 401, 'the signature is stale', /about the time.*milliseconds/, /secret/],
  ['mailkite-selfhost', 401, '{"code":"timestamp_expired"}', /about the time.*seconds/, /secret/],
  ['mailkite', 400, 'Timestamp outside the tolerance zone', TIME, /secret/],
  ['mailkite', 403, '<html><body><h1>403</h1>request is too old</body></html>', TIME, /secret/],
  ['mail2many', 401, '{"error":"Event expired"}', /mail2many signs none/, /secret/],
  ['mailkit', 422, 'the event is from the future', /Mailkit signs none/, /secret/],
  ['mailkite', 401, 'bad signature or timestamp', /the secret and the clock/],
  ['mailkite', 401, 'No signatures found matching the expected signature', SECRET, TIME],
  ['mail2many', 400, 'signature mismatch', SECRET],
  // Other things expire, too.
  ['mailkite', 401, 'access token expired', SECRET, TIME],
  ['mailkite', 403, 'the SSL certificate has expired', /--cert/, TIME],
  ['mail2many', 419, 'Page Expired', /CSRF/, TIME],
  ['mailkit', 403, '<title>403</title>CSRF verification failed.', /CSRF/],
  // Some statuses say it by themselves.
  ['mailkit', 404, 'signature', /path/, /secret|signs/],
  ['mailkit', 405, '', /POST.*; it allows GET, HEAD$/, /secret/, [['Allow', 'GET, HEAD']]],
  ['mail-plus', 415, '', /application\/json/],
  ['mailkite', 429, 'timestamp', /limits the request rate/],
  ['mailkite', 429, 'bad signature', /secret/, /limits/],
  ['mailkite', 409, '', /already seen the event/],
  ['mailkite', 400, 'duplicate event', /already seen the event/],
  ['mailkit', 401, '', /user name and a password/, /secret/, [['WWW-Authenticate', 'Basic realm="x"']]],
  ['mailkite', 401, '', /Bearer, which MailKite does not send by itself/, /secret/, [['www-authenticate', 'Bearer']]],
  ['mailkite', 401, '', SECRET, undefined, [['WWW-Authenticate', 'Signature']]],
  ['mailkite', 403, 'Your IP address is not allowed', /address/, /secret/],
  ['mailkite', 503, '', /not ready/],
  ['mailkite', 500, 'stale', /failed internally/, TIME],
])('%s, answered %i %j: %s', (vendor, status, body, says, never = /^$/, headers = []) => {
  const hint = refusalHint(
    { status, headers, body: Buffer.from(body) },
    { vendor: findVendor(vendor), hasClientCertificate: false },
  );
  expect(hint).toMatch(says);
  expect(hint).not.toMatch(never);
});

test('a client certificate that was shown is a thing to compare', () => {
  const sender = { vendor: findVendor('mailkit'), hasClientCertificate: true };
  const answer = { status: 403, headers: [], body: new Uint8Array() };
  expect(refusalHint(answer, sender)).toContain('check the client certificate,');
  expect(refusalHint(answer, null)).toBe('the endpoint rejected the credentials');
});

test('a page of any length is read in time', () => {
  const body = Buffer.from('<style'.repeat(1000));
  expect(refusalHint({ status: 400, headers: [], body }, null)).toBeNull();
});

/** A replay may lack a credential that was not kept; an answer that names another reason is not for that. */
test.each([
  [401, '', true],
  [403, 'Forbidden', true],
  [401, 'the signature is stale', false],
  [403, 'CSRF token missing', false],
  [404, '', false],
])('%i %j may be for want of a credential: %s', (status, body, isSo) => {
  expect(asksForCredential({ status, headers: [], body: Buffer.from(body) })).toBe(isSo);
});
