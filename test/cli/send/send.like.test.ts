import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { startListening } from '../../helpers/listening.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

const SECRET = ['--secret-env', 'SECRET'];

function place(): { folder: string; run: (...args: string[]) => Promise<Ended> } {
  const folder = testFolder();
  const env = { HOME: folder, WEBHOOK_HISTORY: join(folder, 'history.db'), SECRET: 'whsec_like' };
  return { folder, run: (...args) => runProgram('webhook', args, { cwd: folder, env }) };
}

test('an event like one that was sent: the same bytes where it went, signed afresh, as a new event', async () => {
  const { run } = place();
  const { url, seen } = await openEndpoint();
  expect((await run('send', '--event', 'optin', '--url', url, '--json-style', 'php', ...SECRET)).code).toBe(0);
  const like = await run('send', '--like', 'last', ...SECRET);
  expect({ code: like.code, stderr: like.stderr }).toEqual({ code: 0, stderr: '' });
  expect((await run('verify', '--delivery', 'last', ...SECRET)).stdout).toMatch(/^valid/);
  expect((await run('send', '--like', 'last', '--set', 'lastname=Grüße', '--remove', 'title', ...SECRET)).code).toBe(0);
  expect((await run('verify', '--delivery', 'last', ...SECRET)).stdout).toMatch(/^valid/);
  const [first, same, changed] = seen.map(({ headers, body }) => ({ headers, body: body.toString() }));
  expect(same?.body).toBe(first?.body);
  expect(changed?.body).toBe(
    first?.body.replace(String.raw`"M\u00fcller"`, String.raw`"Gr\u00fc\u00dfe"`).replace('"title":"Dr.",', ''),
  );
  const ids = [first, same, changed].map((one) => one?.headers['x-mail2many-event-id']);
  expect(new Set(ids).size).toBe(3);
});

test('what listen received is sent byte for byte, whatever wrote it; an id that is not new is said', async () => {
  const { folder, run } = place();
  const { url, seen } = await openEndpoint();
  const listening = await startListening(['--vendor', 'mailkite', ...SECRET], {
    cwd: folder,
    env: { SECRET: 'whsec_like' },
  });
  const sample = await run('sample', '--vendor', 'mailkite', '--event', 'email.bounced');
  const body = sample.stdout.trimEnd().replace(/^\{/, '{ "big" : 12345678901234567890,\n');
  await fetch(listening.url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  await listening.until(1);
  listening.kill('SIGTERM');
  await listening.ended;
  const like = ['send', '--like', 'last', '--event', 'email.bounced', ...SECRET];
  const nowhere = await run(...like);
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('--url') });
  const sent = await run(...like, '--url', url);
  expect(sent).toMatchObject({ code: 0, stderr: expect.stringMatching(/note: the id \S+ is that of the recorded/) });
  const other = await run(...like, '--url', url, '--set', 'id=evt_other');
  expect({ code: other.code, isNoted: other.stderr.includes('is that of the recorded') }).toEqual({
    code: 0,
    isNoted: false,
  });
  expect(seen.map((one) => one.body.toString())).toEqual([
    body,
    body.replace(/"id":\s*"[^"]*"/, (member) => member.replace(/"[^"]*"$/, '"evt_other"')),
  ]);
});

test.each<[what: string, flags: string[], code: number, message: RegExp]>([
  ['an unknown delivery', ['--like', 'abcd'], 1, /no delivery abcd/],
  ['another event', ['--like', 'last', '--event', 'optout'], 2, /is for the event optin, not optout/],
  ['a typing mistake', ['--like', 'last', '--set', 'emial=a'], 2, /did you mean email/],
  ['bytes of the user', ['--like', 'last', '--data', '-'], 2, /--like <delivery>' cannot be used with option '--data/],
  [
    'a body that is no JSON',
    ['--like', 'last', '--event', 'optin', '--set', 'email=a'],
    5,
    /the body of delivery .* cannot be changed/,
  ],
])('%s is an error that says what is wrong', async (what, flags, code, message) => {
  const { folder, run } = place();
  writeFileSync(join(folder, 'body.txt'), 'a=1');
  const data = what === 'a body that is no JSON' ? ['--data', 'body.txt'] : [];
  await run('send', '--event', 'optin', '--vendor', 'mail2many', '--url', 'http://127.0.0.1:1/', ...data, ...SECRET);
  expect(await run('send', ...flags, ...SECRET)).toMatchObject({ code, stderr: expect.stringMatching(message) });
});
