import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { startListening } from '../../helpers/listening.ts';
import { runProgram } from '../../helpers/program.ts';

const env = { NEW: 'the-new-secret-of-the-shop', OLD: 'the-old-secret-of-the-shop' };
const BOTH = ['--secret-env', 'NEW', '--secret-env', 'OLD'];
const MAIL2MANY = ['--vendor', 'mail2many'];

interface Part {
  target: string;
  secret: string;
  findings: { id: string; status: string }[];
}

test.each([
  ['accepts both', BOTH, 0, 'all 2 runs passed'],
  ['knows the new one alone', ['--secret-env', 'NEW'], 1, '1 of 2 runs failed'],
])('with two secrets an endpoint that %s', async (_, known, exit, conclusion) => {
  const cwd = testFolder();
  const { url } = await startListening([...MAIL2MANY, ...known, '--no-history'], { cwd, env });
  const args = ['test', '--url', url, ...MAIL2MANY, ...BOTH, '--skip', 'burst,large-*,quick-answer'];
  const { code, stdout } = await runProgram('webhook', [...args, '--json', '--reporter', 'tap=all.tap'], { cwd, env });
  const { results } = JSON.parse(stdout) as { results: [Part, Part] };
  const [whole, further] = results;
  expect([code, whole.secret, further.secret]).toEqual([exit, 'the variable NEW', 'the variable OLD']);
  expect(whole.findings.length).toBeGreaterThan(40);
  expect(further.findings.map(({ id }) => id)).toEqual(expect.arrayContaining(['event-full-optin']));
  expect(
    further.findings.every(({ id, status }) => id.startsWith('event-full-') && (status === 'pass') === (exit === 0)),
  ).toBe(true);
  expect(stdout).not.toMatch(/the-(?:new|old)-secret/);
  const text = await runProgram('webhook', [...args, '--only', 'event-full-optin'], { cwd, env });
  expect(text.stdout.trimEnd().split('\n').at(-1)).toBe(conclusion);
});

test('listen says which of several secrets fits, by its name; send signs with the first', async () => {
  const cwd = testFolder();
  const shop = { uuid: '0b7c6a52-5c46-4c7a-9a53-0d5f2f1c0a01', name: 'shop', vendor: 'mail2many', events: ['optin'] };
  const secret = [{ env: 'NEW' }, { env: 'OLD' }];
  const webhooks = [{ ...shop, url: 'http://127.0.0.1:1/', secret }];
  writeFileSync(join(cwd, 'webhook.config.json'), JSON.stringify({ webhooks }));
  const listening = await startListening(['shop', '--no-history'], { cwd, env });
  const send = async (...flags: string[]): Promise<number | null> => {
    const args = ['send', '--event', 'optin', '--url', listening.url, '--no-history', ...MAIL2MANY, ...flags];
    return (await runProgram('webhook', args, { cwd, env })).code;
  };
  expect([await send(...BOTH), await send('--secret-env', 'OLD')]).toEqual([0, 0]);
  const lines = await listening.until(2);
  expect(lines.map(({ secretFrom }) => secretFrom)).toEqual([
    'the webhook "shop", variable NEW',
    'the webhook "shop", variable OLD',
  ]);
});
