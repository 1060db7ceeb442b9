import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/cli/terminal/environment.ts';
import { openSuiteSender } from '../../src/flows/test/suite-sender.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { makeIds, systemRandom } from '../../src/plan/ids.ts';
import { findVendor } from '../helpers/vendors.ts';
import { makeEchoHider } from '../../src/model/echo.ts';
import { escapeUnits } from '../../src/model/json.ts';
import type { Header } from '../../src/model/plan.ts';
import { openEndpoint } from '../helpers/endpoint.ts';
import { testFolder } from '../helpers/folder.ts';
import { startListening } from '../helpers/listening.ts';
import { runProgram } from '../helpers/program.ts';
import { attemptTo } from '../helpers/send-once.ts';

const PASSWORD = 'pä/ss"<wörd>';
const TOKEN = 'tok/en+1234';

/** As endpoints are known to repeat what they got: whole, in parts, and in other spellings. */
const ECHOES: [how: string, of: (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['in capitals', (secret) => secret.toUpperCase()],
  ['in JSON', (secret) => JSON.stringify({ secret })],
  ['in JSON within JSON', (secret) => JSON.stringify(JSON.stringify({ secret }))],
  [
    'in JSON of PHP',
    (secret) => escapeUnits(JSON.stringify(secret), /[\u0080-\uffff]/g).replaceAll('/', String.raw`\/`),
  ],
  ['in a URL', (secret) => encodeURIComponent(secret)],
  ['in a URL, in small letters', (secret) => encodeURIComponent(secret).toLowerCase()],
  ['in a form', (secret) => new URLSearchParams({ secret }).toString()],
  ['in HTML', (secret) => secret.replace(/[<>"&]/g, (mark) => `&${NAMES[mark]};`)],
  ['in HTML of Mustache', (secret) => secret.replace(/[<>"'`=/&]/g, (mark) => `&#x${hexOf(mark).toUpperCase()};`)],
  ['in HTML of Go', (secret) => secret.replace(/[<>"'+&]/g, (mark) => `&#${mark.charCodeAt(0)};`)],
  ['in hex', (secret) => Buffer.from(secret).toString('hex')],
  ['in base64', (secret) => Buffer.from(secret).toString('base64')],
  ['in base64url', (secret) => Buffer.from(secret).toString('base64url')],
  ['in base64 of JSON', (secret) => Buffer.from(`{"x":"${secret}"}`).toString('base64')],
  ['in base64 of other JSON', (secret) => Buffer.from(`{"xy":"${secret}"}`).toString('base64')],
];

const NAMES: Readonly<Record<string, string>> = { '<': 'lt', '>': 'gt', '"': 'quot', '&': 'amp' };
const hexOf = (mark: string): string => mark.charCodeAt(0).toString(16);

const SECRETS = [PASSWORD, `user:${PASSWORD}`, Buffer.from(`user:${PASSWORD}`).toString('base64'), TOKEN, 'swordfish'];
const HEADERS: Header[] = [['X-Api-Key', 'swordfish']];
const URL_WITH = new URL('http://127.0.0.1/hook?list=1');
URL_WITH.username = 'user';
URL_WITH.password = PASSWORD;
URL_WITH.searchParams.set('token', TOKEN);

test.each(ECHOES)('secrets of a request are taken out of an answer that repeats them %s', (_, spell) => {
  const echo = makeEchoHider([{ url: URL_WITH, headers: HEADERS }]);
  const answers = SECRETS.map(spell);
  const shown = answers.map((text) => Buffer.from(echo?.body(Buffer.from(`<${text}>`), false) ?? []).toString());
  expect(shown.filter((text, index) => text.includes(answers[index] as string))).toEqual([]);
  expect(echo?.headers([['X-Echo', answers[4] as string]])).toEqual([['X-Echo', expect.stringContaining('***')]]);
});

test('a secret that the end of what is kept cuts in two is no exception; what holds none stays the same', () => {
  const echo = makeEchoHider([{ url: 'http://h/', headers: HEADERS }], [null, 'whsec_abcdefgh']);
  expect(Buffer.from(echo?.body(Buffer.from('it is swordf'), true) ?? []).toString()).toBe('it is ***');
  expect(Buffer.from(echo?.body(Buffer.from('whsec_abcdefgh'), true) ?? []).toString()).toBe('***');
  const inHtml = makeEchoHider([{ url: 'http://h/', headers: [] }], ['abcd<efgh>ijk']);
  const cut = (text: string): string => Buffer.from(inHtml?.body(Buffer.from(text), true) ?? []).toString();
  expect([cut('x abcd&lt;efgh&g'), cut('x abcd<ef'), cut('x abcd and more')]).toEqual([
    'x ***',
    'x ***',
    'x abcd and more',
  ]);
  const plain = Buffer.from([0, 255, 128, 10]);
  expect(echo?.body(plain, true)).toBe(plain);
  expect(makeEchoHider([{ url: 'http://h/?page=1', headers: [['Accept', '*/*']] }])).toBeNull();
});

test('a secret that is a word like others is hidden where it stands alone, and changes nothing else', () => {
  const echo = makeEchoHider([{ url: 'http://h/', headers: [['X-Authenticated', 'true']] }], ['acme']);
  const body = (text: string): string => Buffer.from(echo?.body(Buffer.from(text), false) ?? []).toString();
  expect(body('{"ok":true,"key":"acme","host":"acmeshop"}')).toBe('{"ok":true,"key":"***","host":"acmeshop"}');
  const typed: Header[] = [['content-type', 'application/acme']];
  expect(echo?.headers(typed)).toBe(typed);
});

test('an answer is judged as it came and kept without the secrets of the request', async () => {
  const endpoint = await openEndpoint((response, { headers, path }) => {
    response.writeHead(200, { 'x-echo': path, location: `http://h.example${path}` });
    response.end(JSON.stringify({ status: 'ok', headers, path, expected: 'whsec_c2VjcmV0' }));
  });
  const attempt = await attemptTo(`${endpoint.url.replace('//', '//user:pass-word@')}?token=${TOKEN}&a=1`, {
    request: { headers: HEADERS },
    secret: 'whsec_c2VjcmV0',
  });
  const kept = JSON.stringify([attempt.responseHeaders, Buffer.from(attempt.responseBody).toString()]);
  const secrets = ['whsec_c2VjcmV0', 'swordfish', TOKEN, btoa('user:pass-word'), 'pass-word'];
  expect(secrets.filter((secret) => kept.includes(secret))).toEqual([]);
  expect([kept.includes('***'), kept.includes('a=1'), endpoint.seen[0]?.headers['x-api-key']]).toEqual([
    true,
    true,
    'swordfish',
  ]);
});

test('what is said of a redirect repeats no secret of the request', async () => {
  const endpoint = await openEndpoint((response) => {
    response.writeHead(302, { location: '/login/swordfish' });
    response.end();
  });
  const { error } = await attemptTo(endpoint.url, { request: { headers: HEADERS } });
  expect(error).toMatch(/^answered 302 to .*\*\*\*/);
});

test('a request of the suite keeps the secret that it was signed with out of what is recorded', async () => {
  const secret = 'whsec_c2VjcmV0LW9mLXRoZS1zdWl0ZQ';
  const endpoint = await openEndpoint((response) => void response.end(`expected ${secret}`));
  const kept: Attempt[] = [];
  const target = {
    vendor: findVendor('mailkite'),
    url: new URL(endpoint.url),
    webhookUuid: 'uuid',
    signingSecret: secret,
  };
  const sender = await openSuiteSender({
    target,
    transport: { timeoutMs: 5000 },
    clock: systemClock,
    ids: makeIds(systemRandom()),
    signal: new AbortController().signal,
    records: { append: async (_, attempt) => void kept.push(attempt) },
  });
  onTestFinished(() => sender.close());
  const body = Buffer.from('{}');
  await sender.send({
    event: 'email.received',
    url: target.url,
    method: 'POST',
    headers: [],
    body,
    expect: 'whatever',
    key: null,
  });
  expect(kept.map(({ responseBody }) => Buffer.from(responseBody).toString())).toEqual(['expected ***']);
});

test('listen gives the answer of the application back as it is, and keeps it without the secrets', async () => {
  const folder = testFolder();
  const secret = 'whsec_c2VjcmV0LW9mLWxpc3Rlbg';
  const endpoint = await openEndpoint(
    (response, { headers }) => void response.end(JSON.stringify({ ...headers, secret })),
  );
  const args = ['--vendor', 'mailkite', '--secret-env', 'SECRET', '--forward-to', endpoint.url];
  const listening = await startListening(args, { cwd: folder, env: { SECRET: secret } });
  const headers = { authorization: 'Bearer open-sesame', 'x-api-key': 'swordfish' };
  const answer = await fetch(listening.url, { method: 'POST', body: '{}', headers });
  expect(await answer.json()).toMatchObject(headers);
  await listening.until(1);
  listening.kill('SIGTERM');
  await listening.ended;
  const env = { HOME: folder, WEBHOOK_HISTORY: `${folder}/history.db` };
  const { stdout } = await runProgram('webhook', ['history', 'show', 'last', '--response-body'], { cwd: folder, env });
  expect(JSON.parse(stdout)).toMatchObject({ authorization: '***', 'x-api-key': '***', secret: '***' });
});
