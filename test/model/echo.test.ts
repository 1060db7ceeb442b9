import { expect, test } from 'vitest';
import { makeEchoHider } from '../../src/model/echo.ts';
import { hideSecretHeader } from '../../src/model/header.ts';
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
  ['in JSON', (secret) => JSON.stringify({ secret })],
  ['in JSON of PHP', (secret) => JSON.stringify(secret).replaceAll('/', String.raw`\/`)],
  ['in a URL', (secret) => encodeURIComponent(secret)],
  ['in HTML', (secret) => secret.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')],
];

const SECRETS = [PASSWORD, `user:${PASSWORD}`, Buffer.from(`user:${PASSWORD}`).toString('base64'), TOKEN, 'swordfish'];
const HEADERS: Header[] = [['X-Api-Key', 'swordfish']];
const URL_WITH = new URL('http://127.0.0.1/hook?list=1');
URL_WITH.username = 'user';
URL_WITH.password = PASSWORD;
URL_WITH.searchParams.set('token', TOKEN);

test.each(ECHOES)('secrets of a request are taken out of an answer that repeats them %s', (_, spell) => {
  const echo = makeEchoHider([{ url: URL_WITH, headers: HEADERS }], hideSecretHeader);
  const answers = SECRETS.map(spell);
  const shown = answers.map((text) => Buffer.from(echo?.body(Buffer.from(`<${text}>`), false) ?? []).toString());
  expect(shown.filter((text, index) => text.includes(answers[index] as string))).toEqual([]);
  expect(echo?.headers([['X-Echo', answers[4] as string]])).toEqual([['X-Echo', expect.stringContaining('***')]]);
});

test('a secret that the end of what is kept cuts in two is no exception; what holds none stays the same', () => {
  const echo = makeEchoHider([{ url: 'http://h/', headers: HEADERS }], hideSecretHeader, [null, 'whsec_abcdefgh']);
  expect(Buffer.from(echo?.body(Buffer.from('it is swordf'), true) ?? []).toString()).toBe('it is ***');
  expect(Buffer.from(echo?.body(Buffer.from('whsec_abcdefgh'), true) ?? []).toString()).toBe('***');
  const plain = Buffer.from([0, 255, 128, 10]);
  expect(echo?.body(plain, true)).toBe(plain);
  expect(makeEchoHider([{ url: 'http://h/?page=1', headers: [['Accept', '*/*']] }], hideSecretHeader)).toBeNull();
});

test('an answer is judged as it came and kept without the secrets of the request', async () => {
  const endpoint = await openEndpoint((response, { headers, path }) => {
    response.writeHead(200, { 'x-echo': path, location: `http://h.example${path}` });
    response.end(JSON.stringify({ status: 'ok', headers, path }));
  });
  const attempt = await attemptTo(`${endpoint.url.replace('//', '//user:pass-word@')}?token=${TOKEN}&a=1`, {
    request: { headers: HEADERS },
    secret: 'whsec_c2VjcmV0',
  });
  const kept = JSON.stringify([attempt.responseHeaders, Buffer.from(attempt.responseBody).toString()]);
  const secrets = ['swordfish', TOKEN, btoa('user:pass-word'), 'pass-word'];
  expect(secrets.filter((secret) => kept.includes(secret))).toEqual([]);
  expect([kept.includes('***'), kept.includes('a=1'), endpoint.seen[0]?.headers['x-api-key']]).toEqual([
    true,
    true,
    'swordfish',
  ]);
});

test('listen gives the answer of the application back as it is, and keeps it without the secrets', async () => {
  const folder = testFolder();
  const endpoint = await openEndpoint((response, { headers }) => void response.end(JSON.stringify(headers)));
  const listening = await startListening(['--vendor', 'mailkit', '--forward-to', endpoint.url], { cwd: folder });
  const headers = { authorization: 'Bearer open-sesame', 'x-api-key': 'swordfish' };
  const answer = await fetch(listening.url, { method: 'POST', body: '{}', headers });
  expect(await answer.json()).toMatchObject(headers);
  await listening.until(1);
  listening.kill('SIGTERM');
  await listening.ended;
  const env = { HOME: folder, WEBHOOK_HISTORY: `${folder}/history.db` };
  const { stdout } = await runProgram('webhook', ['history', 'show', 'last', '--response-body'], { cwd: folder, env });
  expect(JSON.parse(stdout)).toMatchObject({ authorization: '***', 'x-api-key': '***' });
}, 30_000);
