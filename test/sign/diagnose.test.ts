import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Header } from '../../src/model/plan.ts';
import { diagnoseRequest } from '../../src/sign/diagnose.ts';
import type { SignatureDiagnosis } from '../../src/sign/diagnosis.ts';
import { recogniseVendors } from '../../src/sign/recognise-vendors.ts';
import { findVendor, VENDORS } from '../../src/vendors/index.ts';
import { NOW_MS, listSamples, planAt, signedHeaders } from '../vendors/fixtures.ts';

const SECRET = 'whsec_c2VjcmV0IG9mIGhvb2twcm9vZg==';
const T = String(NOW_MS);
const mailkite = findVendor('mailkite');
const JSON_BODY =
  '{"type":"email.received","id":"msg_1","subject":"Grüße / <b>",' +
  '"to":[{"address":"a@example.org"}],"text":"a\\r\\nb"}';

const hmac = (
  message: string | Uint8Array,
  {
    key = SECRET,
    algorithm = 'sha256',
    encoding = 'hex',
  }: { key?: string | Uint8Array; algorithm?: string; encoding?: 'hex' | 'base64' } = {},
): string => createHmac(algorithm, key).update(message).digest(encoding);
const header = (digest: string, t = T): Header[] => [['x-mailkite-signature', `t=${t},v1=${digest}`]];
const over = (body: string | Uint8Array): Header[] =>
  header(hmac(Buffer.concat([Buffer.from(`${T}.`), Buffer.from(body)])));

function diagnose(
  headers: readonly Header[],
  body: string | Uint8Array = JSON_BODY,
  {
    vendor = 'mailkite',
    secrets = [SECRET],
    nowMs = NOW_MS,
  }: { vendor?: string; secrets?: string[]; nowMs?: number } = {},
): SignatureDiagnosis {
  return diagnoseRequest(findVendor(vendor), secrets, { method: 'POST', headers, body: Buffer.from(body) }, nowMs, {
    vendors: VENDORS,
  });
}

test('valid says when it was signed; one of several secrets is enough', () => {
  expect(diagnose(over(JSON_BODY), JSON_BODY, { nowMs: NOW_MS + 2000, secrets: ['other', SECRET] })).toEqual({
    verdict: 'valid',
    byMs: null,
    cause: null,
    fix: null,
    explanation: 'MailKite signed exactly these bytes with this secret, 2 s ago',
  });
});

const value = JSON.parse(JSON_BODY) as Record<string, unknown>;
const ascii = JSON_BODY.replace('ü', '\\u00fc').replace('ß', '\\u00df');
const t2 = `${T.slice(0, -3)}.${JSON_BODY}`;

test.each<[cause: string, what: string, headers: Header[], body: string | Uint8Array, explanation: RegExp]>([
  [
    'upper-case',
    'upper-case hex',
    header(hmac(`${T}.${JSON_BODY}`).toUpperCase()),
    JSON_BODY,
    /without regard to case/,
  ],
  ['base64-for-hex', 'base64', header(hmac(`${T}.${JSON_BODY}`, { encoding: 'base64' })), JSON_BODY, /read as base64/],
  [
    'malformed-signature',
    'another format',
    [['x-mailkite-signature', `sha256=${hmac(`${T}.${JSON_BODY}`)};t=${T}`]],
    JSON_BODY,
    /not in the vendor's form/,
  ],
  [
    'other-algorithm',
    'SHA-1',
    header(hmac(`${T}.${JSON_BODY}`, { algorithm: 'sha1' })),
    JSON_BODY,
    /SHA-1 instead of SHA-256/,
  ],
  [
    'other-algorithm',
    'SHA-512',
    header(hmac(`${T}.${JSON_BODY}`, { algorithm: 'sha512' })),
    JSON_BODY,
    /SHA-512 instead/,
  ],
  [
    'other-algorithm',
    'SHA-512 in base64',
    header(hmac(`${T}.${JSON_BODY}`, { algorithm: 'sha512', encoding: 'base64' })),
    JSON_BODY,
    /SHA-512 instead.*base64/,
  ],
  [
    'hash-for-hmac',
    'a hash of secret and message',
    header(createHash('sha256').update(`${SECRET}${T}.${JSON_BODY}`).digest('hex')),
    JSON_BODY,
    /plain hash over secret/,
  ],
  [
    'base64-decoded-secret',
    'the secret decoded',
    header(hmac(`${T}.${JSON_BODY}`, { key: Buffer.from(SECRET.slice(6), 'base64') })),
    JSON_BODY,
    /decoded from base64/,
  ],
  [
    'secret-without-prefix',
    'the secret without whsec_',
    header(hmac(`${T}.${JSON_BODY}`, { key: SECRET.slice(6) })),
    JSON_BODY,
    /without whsec_/,
  ],
  [
    'secret-with-newline',
    'the secret with a newline',
    header(hmac(`${T}.${JSON_BODY}`, { key: `${SECRET}\n` })),
    JSON_BODY,
    /with a line break/,
  ],
  ['other-message', 'the body alone', header(hmac(JSON_BODY)), JSON_BODY, /the body alone/],
  ['other-message', 'no dot', header(hmac(`${T}${JSON_BODY}`)), JSON_BODY, /without a dot/],
  ['seconds-for-milliseconds', 'time in seconds signed', header(hmac(t2)), JSON_BODY, /cut down to seconds/],
  ['reserialised-body', 'body spaced', over(JSON_BODY), JSON.stringify(value, null, 2), /same JSON written compact$/],
  [
    'reserialised-body',
    'signed spaced',
    over(JSON_BODY.replaceAll(/([,:])(?=["[{])/g, '$1 ')),
    JSON_BODY,
    /blanks after/,
  ],
  ['reserialised-body', 'body as PHP writes it', over(JSON_BODY), ascii.replaceAll('/', '\\/'), /written compact$/],
  [
    'reserialised-body',
    'signed as PHP writes it',
    over(ascii.replaceAll('/', '\\/')),
    JSON_BODY,
    /non-ASCII as \\u escapes, \/ as/,
  ],
  [
    'reserialised-body',
    'signed as Go writes it',
    over(JSON_BODY.replace('<b>', '\\u003cb\\u003e')),
    JSON_BODY,
    /< > & as/,
  ],
  [
    'reserialised-body',
    'signed with sorted keys',
    over(
      '{"id":"msg_1","subject":"Grüße / <b>","text":"a\\r\\nb",' +
        '"to":[{"address":"a@example.org"}],"type":"email.received"}',
    ),
    JSON_BODY,
    /keys sorted/,
  ],
  [
    'reserialised-body',
    "body sorted, signed in the vendor's order",
    over('{"id":"msg_1","type":"x","subject":"s"}'),
    '{ "subject": "s", "id": "msg_1", "type": "x" }',
    /vendor's order/,
  ],
  ['trailing-newline', 'a newline added', over(JSON_BODY), `${JSON_BODY}\n`, /without the line break/],
  ['trailing-newline', 'a newline lost', over(`${JSON_BODY}\n`), JSON_BODY, /with a line break/],
  ['line-endings', 'CRLF for LF', over('a\nb'), 'a\r\nb', /LF line ends instead/],
  ['line-endings', 'LF for CRLF', over('a\r\nb'), 'a\nb', /CRLF line ends instead/],
  [
    'line-endings',
    'line breaks that were not signed',
    over('{"a":1,"b":2}'),
    '{"a":1,\n"b":2}',
    /without its line breaks/,
  ],
  ['byte-order-mark', 'a mark added', over(JSON_BODY), `\ufeff${JSON_BODY}`, /without a byte order mark/],
  ['other-charset', 'Latin-1', over(JSON_BODY), Buffer.from(JSON_BODY, 'latin1'), /Latin-1 and written as UTF-8/],
  [
    'other-charset',
    'encoded twice',
    over(JSON_BODY),
    Buffer.from(Buffer.from(JSON_BODY).toString('latin1'), 'utf8'),
    /UTF-8 and written as Latin-1/,
  ],
  ['empty-body', 'an empty body signed', over(''), JSON_BODY, /an empty body/],
  [
    'two-signatures',
    'two headers, one right',
    [...over(JSON_BODY), ['X-Mailkite-Signature', `t=${T},v1=${'0'.repeat(64)}`]],
    JSON_BODY,
    /fits these bytes, but there are 2 x-mailkite-signature headers:/,
  ],
  [
    'two-signatures',
    'the same header again',
    [...over(JSON_BODY), ...over(JSON_BODY)],
    JSON_BODY,
    /fits these bytes, but there are 2 .* headers \(the same one again\)/,
  ],
  [
    'two-signatures',
    'joined by a proxy',
    over(JSON_BODY).map(([name, text]): Header => [name, `${text}, ${text}`]),
    JSON_BODY,
    /fits these bytes, but the .* header holds 2 signatures \(the same one again\)/,
  ],
  [
    'two-signatures',
    'one of two headers is empty',
    [['x-mailkite-signature', ''], ...over(JSON_BODY)],
    JSON_BODY,
    /fits these bytes, but there are 2 x-mailkite-signature headers:/,
  ],
  [
    'two-signatures',
    'the same wrong one again',
    [...header('0'.repeat(64)), ...header('0'.repeat(64))],
    JSON_BODY,
    /\(the same one again\), and none of them fits/,
  ],
  [
    'two-signatures',
    'two v1, both wrong',
    [['x-mailkite-signature', `t=${T},v1=${'0'.repeat(64)},v1=${'1'.repeat(64)}`]],
    JSON_BODY,
    /header holds 2 signatures, and none of them fits/,
  ],
  [
    'truncated-body',
    'the body cut short',
    [...over(JSON_BODY), ['Content-Length', String(Buffer.byteLength(JSON_BODY))]],
    JSON_BODY.slice(0, 20),
    /has 20 bytes, but Content-Length says 1/,
  ],
  [
    'altered-body',
    'the body longer than announced',
    [...over(JSON_BODY), ['Content-Length', '5']],
    `${JSON_BODY}xx`,
    /changed on the way/,
  ],
  ['empty-signature', 'an empty header', [['x-mailkite-signature', ' ']], JSON_BODY, /is empty/],
  [
    'malformed-signature',
    'a header that is no signature',
    [['x-mailkite-signature', 'hello']],
    JSON_BODY,
    /t= is missing/,
  ],
  ['other-secret', 'a digest of nothing known', header('0'.repeat(64)), JSON_BODY, /another one, or the bytes/],
])('%s: %s', (cause, _, headers, body, explanation) => {
  const found = diagnose(headers, body);
  expect(found).toMatchObject({
    verdict: 'forged',
    cause,
    byMs: null,
    explanation: expect.stringMatching(explanation),
    fix: expect.any(String),
  });
  expect(JSON.stringify(found)).not.toContain(SECRET.slice(6, 20));
});

test.each<[cause: string, secret: string]>([
  ['trimmed-secret', `${SECRET} \n`],
  ['quoted-secret', `"${SECRET}"`],
  ['secret-without-prefix', SECRET.slice(6)],
])('%s: told when the given secret is the odd one', (cause, secret) => {
  const found = diagnose(over(JSON_BODY), JSON_BODY, { secrets: [secret] });
  expect(found).toMatchObject({ verdict: 'forged', cause });
  expect(JSON.stringify(found)).not.toContain(SECRET.slice(6, 20));
});

test('two mistakes at once are both told', () => {
  const spaced = JSON.stringify(value, null, 2);
  const found = diagnose(header(hmac(`${T}.${JSON_BODY}`, { key: SECRET.slice(6) }).toUpperCase()), spaced);
  expect(found.cause).toBe('secret-without-prefix');
  expect(found.explanation).toMatch(/without whsec_, and the same JSON written compact, and when its hex digits/);
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

test('a time in the other unit is stale by decades: the unit is told, and whose it may be', () => {
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
  ['missing-header', [['content-type', 'application/json']], JSON_BODY, /anybody can have sent this/],
  [
    'renamed-header',
    [['HTTP_X_MAILKITE_SIGNATURE', `t=${T},v1=${'0'.repeat(64)}`]],
    JSON_BODY,
    /HTTP_X_MAILKITE_SIGNATURE holds a signature/,
  ],
  ['renamed-header', [['X-Signature', '0'.repeat(64)]], JSON_BODY, /X-Signature holds/],
  ['other-vendor', [['X-Mail2Many-Signature', '0'.repeat(64)]], '{"accountId":1}', /signature header of mail2many/],
  ['other-vendor', [['User-Agent', 'Mailkit-Webhook']], '{}', /looks like one of Mailkit/],
])('missing, %s', (cause, headers, body, explanation) => {
  expect(diagnose(headers, body)).toMatchObject({
    verdict: 'missing',
    cause,
    explanation: expect.stringMatching(explanation),
  });
});

test.each(['mailkit', 'mail-plus'])('%s signs nothing, and how to trust it is told', (vendor) => {
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

const samples = VENDORS.flatMap((vendor) =>
  vendor.events.flatMap((event) =>
    listSamples(event).map(({ file, sample }) => ({ id: vendor.id, vendor, file, event: event.name, sample })),
  ),
);
test.each(samples)(
  '$id is recognised by $file, and the minimal one without headers where it can be told',
  ({ vendor, event, sample }) => {
    const plan = planAt(vendor, { event, sample });
    const headers = signedHeaders(vendor, plan.headers, plan.body, SECRET, NOW_MS);
    expect(recogniseVendors({ headers, body: plan.body }, VENDORS)[0]?.id).toBe(vendor.id);
    expect(recogniseVendors({ headers: [['content-type', 'application/json']], body: plan.body }, VENDORS)[0]?.id).toBe(
      vendor.id,
    );
  },
);

test.each([
  [T, 'mailkite'],
  [T.slice(0, -3), 'mailkite-selfhost'],
])('two vendors of one header are told apart by the unit of its time: %s is of %s', (t, id) => {
  expect(recogniseVendors({ headers: header('0'.repeat(64), t), body: Buffer.from('{}') }, VENDORS)[0]?.id).toBe(id);
});

test.each<[what: string, headers: Header[], body: string | Uint8Array]>([
  ['nothing', [], ''],
  ['another body', [['content-type', 'application/json']], '{"hello":1}'],
  ['a body that shares some names', [], '{"id":1,"type":2,"from":3,"a":4,"b":5,"c":6,"d":7,"e":8}'],
  ['no JSON', [], Buffer.alloc(1000, 0xff)],
])('%s is nobody’s', (_, headers, body) => {
  expect(recogniseVendors({ headers, body: Buffer.from(body) }, VENDORS)).toEqual([]);
});

test('a chunked body that breaks off is told as such', () => {
  const request = {
    method: 'POST',
    headers: over(JSON_BODY),
    body: Buffer.from(JSON_BODY.slice(0, 9)),
    isCutOff: true,
  };
  expect(diagnoseRequest(mailkite, [SECRET], request, NOW_MS)).toMatchObject({
    verdict: 'forged',
    cause: 'truncated-body',
  });
});

test.each<[what: string, headers: Header[], body: string | Uint8Array]>([
  ['deep nesting', header('0'.repeat(64)), '['.repeat(200_000) + ']'.repeat(200_000)],
  ['a header of megabytes', [['x-mailkite-signature', `t=${T},v1=${'0'.repeat(64)},`.repeat(50_000)]], JSON_BODY],
  [
    'thousands of headers',
    Array.from({ length: 20_000 }, (): Header => ['x-mailkite-signature', '0'.repeat(64)]),
    JSON_BODY,
  ],
  ['a body of 30 MiB', header('0'.repeat(64)), Buffer.alloc(30 * 1024 * 1024, 'a')],
  [
    'a JSON of 3 MiB',
    header('0'.repeat(64)),
    JSON.stringify(Array.from({ length: 200_000 }, (_, index) => ({ index }))),
  ],
  ['line breaks before the last letter', header('0'.repeat(64)), `${'\n'.repeat(500_000)}x`],
  ['strange keys', header('0'.repeat(64)), '{"__proto__":{"a":1},"constructor":2,"10":3,"2":4}'],
])('hostile: %s', (_, headers, body) => {
  expect(diagnose(headers, body).verdict).toBe('forged');
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

test('a server looks briefly, a person who waits has it looked for thoroughly', () => {
  const signed = header(hmac(`${T}.{"b":1,"a":2}`, { key: SECRET.slice(6) }));
  const request = { method: 'POST', headers: signed, body: Buffer.from('{\n    "b": 1,\n    "a": 2\n}\n') };
  expect(diagnoseRequest(mailkite, [SECRET], request, NOW_MS, { effort: 'brief' }).cause).toBe('secret-without-prefix');
  const escaped = {
    ...request,
    headers: header(hmac(`${T}.{"a": "\\u00fc"}`, { key: SECRET.slice(6) })),
    body: Buffer.from('{"a":"ü"}'),
  };
  expect(diagnoseRequest(mailkite, [SECRET], escaped, NOW_MS, { effort: 'brief' }).cause).toBe('other-secret');
  expect(diagnoseRequest(mailkite, [SECRET], escaped, NOW_MS, { effort: 'thorough' })).toMatchObject({
    cause: 'secret-without-prefix',
    explanation: expect.stringContaining('with blanks after commas and colons, non-ASCII'),
  });
});

test('what is not looked for in a large body is told, and where it would be', () => {
  const signed = over('{"a":1}');
  const judge = (bytes: number, effort: 'brief' | 'thorough'): SignatureDiagnosis =>
    diagnoseRequest(
      mailkite,
      [SECRET],
      { method: 'POST', headers: signed, body: Buffer.from(`{"a":1${' '.repeat(bytes)}}`) },
      NOW_MS,
      { effort },
    );
  expect(judge(1024 * 1024, 'brief')).toMatchObject({
    cause: 'other-secret',
    explanation: expect.stringContaining('not looked for in bodies above 1 MiB'),
    fix: expect.stringContaining('webhook verify'),
  });
  expect(judge(1024 * 1024, 'thorough').cause).toBe('reserialised-body');
  expect(judge(1000, 'brief').cause).toBe('reserialised-body');
  const many = Buffer.from(JSON.stringify(Array.from({ length: 250_000 }, () => 1)));
  expect(
    diagnoseRequest(mailkite, [SECRET], { method: 'POST', headers: signed, body: many }, NOW_MS, { effort: 'thorough' })
      .explanation,
  ).toContain('or 200000 values');
});

test('many secrets share what one may cost: a search that one secret pays for is too long for each of twenty', () => {
  const body = Buffer.alloc(4 * 1024 * 1024, 'a');
  const headers = header(hmac(Buffer.concat([Buffer.from(`${T}.`), body]), { key: SECRET.slice(6) }));
  const causeWith = (secrets: readonly string[]): string | null =>
    diagnoseRequest(mailkite, secrets, { method: 'POST', headers, body }, NOW_MS).cause;
  expect(causeWith([SECRET])).toBe('secret-without-prefix');
  expect(causeWith([SECRET, ...Array.from({ length: 19 }, (_, index) => `other${index}`)])).toBe('other-secret');
});
