import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { findVendor } from '../../helpers/vendors.ts';
import { openEndpoint, type Seen } from '../../helpers/endpoint.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { runSuiteAt, SECRET } from '../../helpers/run-suite.ts';

/** What answers: a bug of the reference receiver, a secret that it has, or an endpoint of another kind. */
type Receiver =
  | { bug?: string; secret?: string; byEffects?: boolean }
  | ((response: ServerResponse, seen: Seen, count: number) => void);

interface Row {
  vendor: string;
  receiver: Receiver;
  only?: readonly string[];
  /** The one cause; null: each failure stands for itself. */
  cause: Partial<Record<'id' | 'title' | 'detail' | 'fix', RegExp>> | null;
  /** What nothing in the cause may say. */
  never?: RegExp;
  explains?: readonly string[];
  /** Fails, or warns, for a reason of its own. */
  leaves?: readonly string[];
}

const answering =
  (status: number, body = ''): Receiver =>
  (response) =>
    void response.writeHead(status).end(body);

/** The header by one spelling, as PHP's getallheaders under `php -S` gives it. */
const spelling =
  (name: string): Receiver =>
  (response, { rawHeaders }) =>
    void response.writeHead(rawHeaders.includes(name) ? 200 : 401).end();

const isGenuine = ({ headers, body }: Seen): boolean =>
  headers['x-mail2many-signature'] === createHmac('sha256', SECRET).update(body).digest('hex');

const ROWS: readonly [what: string, row: Row][] = [
  [
    'another secret',
    {
      vendor: 'mailkite',
      receiver: { secret: 'whsec_YW5vdGhlcg' },
      cause: { id: /^refuses-everything$/, title: /answered 401/, detail: /"the signature is/, fix: /secret/ },
      explains: ['event-full-email.received', 'chunked', 'deep-nesting'],
    },
  ],
  [
    'a URL that is not the one called',
    {
      vendor: 'twilio',
      receiver: answering(403),
      cause: {
        id: /^refuses-everything$/,
        fix: /^the URL is signed: .*that was called, including its query\?; ./,
      },
    },
  ],
  [
    'another path',
    {
      vendor: 'mailkit',
      receiver: answering(404, 'Cannot POST /hook'),
      cause: { id: /^refuses-everything$/, detail: /"Cannot POST \/hook"/, fix: /path/ },
      never: /secret/,
    },
  ],
  [
    'a vendor that signs nothing is refused',
    {
      vendor: 'mailkit',
      receiver: answering(403, '<h1>Forbidden</h1>'),
      cause: { fix: /signs nothing/, detail: /answered 403$/ },
      never: /secret|h1/,
    },
  ],
  [
    'clocks that differ',
    { vendor: 'mailkite', receiver: answering(401, '{"error":"stale"}'), cause: { fix: /clocks/ }, never: /secret/ },
  ],
  [
    'a content type that is not taken',
    { vendor: 'mail-plus', receiver: answering(415), cause: { fix: /Content-Type/ } },
  ],
  ['not accept POST', { vendor: 'mail2many', receiver: answering(405), cause: { fix: /POST/ } }],
  [
    'a status that does not count',
    { vendor: 'mailkit', receiver: { bug: 'answers-201' }, cause: { id: /^no-success$/, title: /201.*expects 200/ } },
  ],
  ['redirects', { vendor: 'mail2many', receiver: { bug: 'redirects' }, cause: { id: /^no-success$/, title: /302/ } }],
  [
    'a receiver that is broken',
    {
      vendor: 'mail2many',
      receiver: answering(500),
      cause: { id: /^fails-at-everything$/, fix: /log/ },
      explains: ['event-full-optin', 'no-signature'],
    },
  ],
  [
    'one spelling of header names',
    {
      vendor: 'mail2many',
      receiver: spelling('X-Mail2many-Signature'),
      only: ['accept'],
      cause: { id: /^one-spelling$/, title: /only found in Title-Case/, fix: /case-insensitively/ },
      explains: ['event-full-optin', 'headers-lower-case'],
    },
  ],
  [
    'header names as the vendor writes them alone',
    {
      vendor: 'mail2many',
      receiver: spelling('X-Mail2Many-Signature'),
      only: ['accept'],
      cause: { id: /^one-spelling$/, title: /only found as the vendor writes them/, fix: /case-insensitively/ },
      explains: ['headers-lower-case', 'headers-title-case'],
    },
  ],
  [
    'a secret that is decoded',
    {
      vendor: 'mailkite',
      receiver: { bug: 'base64-decoded-secret' },
      cause: { id: /^another-form$/, title: /base64-decoded/ },
      explains: ['event-full-email.received', 'secret-base64-decoded'],
    },
  ],
  [
    'nothing is verified, by the status',
    {
      vendor: 'mailkite',
      receiver: { bug: 'no-verification' },
      cause: { id: /^nothing-verified$/, title: /before the answer/, fix: /HMAC.*--effects-url/ },
      explains: ['no-signature', 'stale', 'two-headers-both-bad', 'forged-chunked', 'replay'],
    },
  ],
  [
    'nothing is verified, by the effects',
    {
      vendor: 'mail2many',
      receiver: { bug: 'no-verification', byEffects: true },
      cause: { id: /^nothing-verified$/, detail: /are processed/ },
    },
  ],
  [
    'the work comes before the verification',
    {
      vendor: 'mail2many',
      receiver: { bug: 'processes-refused', byEffects: true },
      cause: { id: /^processed-before-verified$/ },
      explains: ['wrong-secret', 'method-put'],
    },
  ],
  [
    'refusals that look like success',
    {
      vendor: 'mail2many',
      receiver: { bug: 'answers-before-verifying', byEffects: true },
      cause: { id: /^refuses-in-silence$/ },
      explains: ['wrong-secret'],
    },
  ],
  [
    'a page that answers everything',
    {
      vendor: 'mailkit',
      receiver: answering(200, 'It works!'),
      cause: { id: /^answers-alike$/, title: /every request is answered 200/ },
      never: /HMAC|secret/,
      explains: ['malformed-json'],
    },
  ],
  [
    'a limit on the rate',
    {
      vendor: 'mail2many',
      receiver: answering(429, 'slow down'),
      cause: { id: /^rate-limited$/, detail: /"slow down"/ },
      explains: ['event-full-optin', 'no-signature', 'wrong-secret'],
    },
  ],
  [
    'a limit that forgeries alone meet',
    {
      vendor: 'mail2many',
      receiver: (response, seen) => void response.writeHead(isGenuine(seen) ? 200 : 429).end(),
      cause: {
        id: /^refuses-with-429$/,
        title: /^requests that do not verify are/,
        detail: /good ones none$/,
        fix: /^answer 401/,
      },
      never: /raise the limit|limits the rate/,
      explains: ['no-signature', 'wrong-secret'],
    },
  ],
  [
    'a wrong secret, answered as a limit is',
    {
      vendor: 'mail2many',
      receiver: answering(429, 'bad signature'),
      cause: { id: /^limited-or-refused$/, detail: /"bad signature"/, fix: /secret.*401/ },
      never: /limits the rate/,
      explains: ['event-full-optin', 'no-signature', 'wrong-secret'],
    },
  ],
  [
    'a limit, or a wrong secret: nothing tells',
    {
      vendor: 'mail2many',
      receiver: answering(429, 'Too Many Requests'),
      cause: { id: /^limited-or-refused$/, title: /a rate limit, or a wrong secret/, fix: /secret.*limit/ },
    },
  ],
  [
    'a limit that says nothing, by good requests of one kind',
    {
      vendor: 'mail2many',
      receiver: (response, seen, count) =>
        void response.writeHead(count > 50 ? 429 : isGenuine(seen) ? 200 : 401).end(),
      cause: { id: /^rate-limited$/, fix: /raise the limit/ },
      explains: ['malformed-json'],
    },
  ],
  [
    'no answer to anything',
    {
      vendor: 'mailkit',
      receiver: (response, { method }) => void (method === 'HEAD' ? response.end() : response.destroy()),
      only: ['chunked', 'malformed-json'],
      cause: { id: /^no-answer$/, detail: /2 of 2/ },
      never: /secret|again/,
      explains: ['chunked', 'malformed-json'],
    },
  ],
  [
    'whoever drops everything',
    {
      vendor: 'mail2many',
      receiver: (response) => void response.destroy(),
      cause: { id: /^not-tried$/, title: /^nothing was answered/, fix: /crashed.*is the secret the same/ },
      explains: ['event-full-optin', 'no-signature'],
    },
  ],
  [
    'another secret, and whatever does not verify is dropped',
    {
      vendor: 'mail2many',
      receiver: (response, { method }) => void (method === 'HEAD' ? response.end() : response.destroy()),
      cause: { id: /^no-answer$/, fix: /is the secret the same/ },
      explains: ['event-full-optin', 'no-signature'],
    },
  ],
  [
    'connections that are cut',
    {
      vendor: 'mailkit',
      receiver: (response, { body, method }) =>
        void (method === 'HEAD' || /^\{[^]*\}$/.test(body.toString('latin1')) ? response.end() : response.destroy()),
      only: ['malformed-json', 'empty-body', 'chunked'],
      cause: { id: /^no-answer$/, title: /closed/ },
      explains: ['malformed-json', 'empty-body'],
    },
  ],
  [
    'connections of what does not verify that are cut',
    {
      vendor: 'mail2many',
      receiver: (response, seen) => void (isGenuine(seen) ? response.end() : response.destroy()),
      cause: { id: /^cuts-off-forgeries$/, title: /^requests that do not verify are cut off/, fix: /401/ },
      never: /crashed|https/,
      explains: ['no-signature', 'wrong-secret'],
    },
  ],
  [
    'connections of what is not signed that are cut',
    {
      vendor: 'mail2many',
      receiver(response, seen) {
        if (seen.headers['x-mail2many-signature'] === undefined) response.destroy();
        else response.writeHead(isGenuine(seen) ? 200 : 401).end();
      },
      cause: { id: /^cuts-off-forgeries$/, title: /^some requests that do not verify are cut off/ },
      explains: ['no-signature'],
    },
  ],
  [
    'an endpoint that breaks',
    {
      vendor: 'mailkite',
      receiver: { bug: 'broken-by-bad-input' },
      cause: { id: /^broken-in-between$/, detail: /malformed-json/ },
      explains: ['empty-body', 'deep-nesting'],
      leaves: ['malformed-json'],
    },
  ],
  [
    'the letters beyond ASCII',
    {
      vendor: 'mail2many',
      receiver: { bug: 'latin1-body' },
      cause: { id: /^beyond-ascii$/ },
      explains: ['event-full-optin', 'unicode'],
    },
  ],
  [
    'one event of several',
    {
      vendor: 'mailkit',
      receiver: { bug: 'knows-one-event' },
      cause: { id: /^some-events$/, title: /except subscribe/, fix: /--events subscribe$/ },
    },
  ],
  [
    'a signature that is only looked for',
    {
      vendor: 'mail2many',
      receiver: { bug: 'presence-only', byEffects: true },
      cause: { id: /^presence-only$/, title: /checked$/ },
      explains: ['wrong-secret', 'other-body'],
    },
  ],
  [
    'a signature that may be left out',
    {
      vendor: 'mailkite',
      receiver: { bug: 'skips-without-signature' },
      cause: { id: /^unsigned-passes$/ },
      explains: ['no-signature', 'empty-signature'],
    },
  ],
  [
    'forgeries that break something',
    {
      vendor: 'mailkite',
      receiver: { bug: 'server-error-on-bad-signature' },
      cause: { id: /^fails-at-forgeries$/, fix: /401/ },
      explains: ['no-signature', 'wrong-secret', 'stale'],
    },
  ],
  // What the pattern does not prove is not said.
  [
    'verified after the answer, which effects alone can tell',
    {
      vendor: 'mail2many',
      receiver: { bug: 'answers-before-verifying' },
      cause: { id: /^nothing-verified$/, title: /^nothing is verified before the answer/ },
    },
  ],
  ['a good receiver', { vendor: 'mailkite', receiver: {}, cause: null }],
  [
    'one kind of forgery alone was tried',
    {
      vendor: 'mailkite',
      receiver: { bug: 'no-verification' },
      only: ['wrong-secret', 'body-changed'],
      cause: null,
      leaves: ['wrong-secret', 'body-changed'],
    },
  ],
  [
    'one case alone',
    { vendor: 'mailkite', receiver: answering(404), only: ['chunked'], cause: null, leaves: ['chunked'] },
  ],
];

/** Megabytes and bursts show nothing more of the pattern. */
const SLOW = ['large-*', 'burst', 'quick-answer'];

test.each(ROWS)('%s', async (_, { vendor, receiver, only = [], cause, never = /(?!)/, explains = [], leaves = [] }) => {
  const { url, effects } = await open(vendor, receiver);
  const { report } = await runSuiteAt(vendor, url, { only, skip: SLOW, effects, effectsWaitMs: 100 });
  const { causes = [], findings } = report;
  const [found] = causes;
  expect(causes.map(({ id }) => id)).toHaveLength(cause === null ? 0 : 1);
  for (const [key, pattern] of Object.entries(cause ?? {})) expect(found?.[key as 'id']).toMatch(pattern);
  expect(causes.map(({ title, detail, fix }) => `${title}\n${detail}\n${fix}`).join('')).not.toMatch(never);
  expect(found?.explains ?? []).toEqual(expect.arrayContaining([...explains]));
  const idsOf = (isMeant: (finding: (typeof findings)[number]) => boolean): string[] =>
    findings.filter(isMeant).map(({ id }) => id);
  expect(idsOf((one) => one.cause !== null)).toEqual(found?.explains ?? []);
  expect(idsOf(({ status }) => status === 'pass')).toEqual(expect.arrayContaining([...(found?.voids ?? [])]));
  expect(idsOf(({ status, cause: named }) => (status === 'fail' || status === 'warn') && named === null)).toEqual(
    expect.arrayContaining([...leaves]),
  );
});

async function open(vendor: string, receiver: Receiver): Promise<{ url: string; effects: { url: string } | null }> {
  if (typeof receiver === 'function') return { url: (await openEndpoint(receiver)).url, effects: null };
  const { byEffects = false, ...options } = receiver;
  const server = await openReferenceServer(findVendor(vendor), options);
  return { url: server.url, effects: byEffects ? { url: server.effectsUrl } : null };
}
