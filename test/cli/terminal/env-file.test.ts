import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askCommand } from '../../helpers/ask-command.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram } from '../../helpers/program.ts';
import { findVendor } from '../../helpers/vendors.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';

const SECRET = 'secret-of-the-file';
const folderWith = (env: string): string => {
  const cwd = testFolder();
  writeFileSync(join(cwd, '.env'), env);
  return cwd;
};

test.each([
  ['--env-file gives it', {}, ['--env-file', '.env'], 0],
  ['what is set already stays', { HOOK_SECRET: 'another' }, ['--env-file', '.env'], 1],
  ['without it there is none', {}, [], 2],
])('a secret of a variable: %s', async (_, env, flags, exit) => {
  const cwd = folderWith(`HOOK_SECRET="${SECRET}"\n`);
  const { url } = await openReferenceServer(findVendor('mail2many'), { secret: SECRET });
  const args = ['send', '--event', 'optin', '--url', url, '--secret-env', 'HOOK_SECRET', '--no-history'];
  const ended = await runProgram('webhook', [...args, ...flags], { cwd, env });
  expect(ended.code, ended.stderr).toBe(exit);
  if (exit === 2) expect(ended.stderr).toContain('--env-file .env');
  expect(ended.stdout + ended.stderr).not.toContain(SECRET);
});

test('the configuration names one: a later flag goes before it', async () => {
  const cwd = folderWith('HOOK_SECRET=not-the-one\nOTHER_SECRET=x\n');
  writeFileSync(join(cwd, 'of-the-flag.env'), `HOOK_SECRET=${SECRET}\n`);
  const { url } = await openReferenceServer(findVendor('mail2many'), { secret: SECRET });
  const shop = { uuid: '0b7c6a52-5c46-4c7a-9a53-0d5f2f1c0a01', name: 'shop', vendor: 'mail2many', url };
  const webhooks = [{ ...shop, events: ['optin'], secret: { env: 'HOOK_SECRET' } }];
  writeFileSync(join(cwd, 'webhook.config.json'), JSON.stringify({ envFile: '.env', webhooks }));
  const send = (...flags: string[]): Promise<number | null> =>
    runProgram('webhook', ['send', '--to', 'shop', '--no-history', ...flags], { cwd }).then(({ code }) => code);
  expect([await send(), await send('--env-file', 'of-the-flag.env')]).toEqual([1, 0]);
  // As in CI, where the file is not and the variable is.
  writeFileSync(join(cwd, 'webhook.config.json'), JSON.stringify({ envFile: 'gone.env', webhooks }));
  const args = ['send', '--to', 'shop', '--no-history'];
  expect((await runProgram('webhook', args, { cwd, env: { HOOK_SECRET: SECRET } })).code).toBe(0);
});

test('the command of --effects-cmd has its variables', async () => {
  const cwd = folderWith('IDS=["msg_1"]\n');
  const { url } = await openEndpoint((response) => void response.end());
  const args = ['test', '--url', url, '--vendor', 'mailkit', '--only', 'chunked', '--effects-cmd', 'echo "$IDS"'];
  const { code, stderr } = await runProgram('webhook', [...args, '--env-file', '.env'], { cwd });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^note: events that .*\n$/)]);
});

/** Node looks for the file itself, wherever the flag stands on the command line, and ends with 9. */
test('a file that is not there is named', async () => {
  const args = ['verify', '--env-file', 'gone.env', 'captured.http'];
  const { code, stderr } = await runProgram('webhook', args, { cwd: testFolder() });
  expect([[2, 9].includes(code ?? 0), stderr]).toEqual([true, expect.stringContaining('gone.env')]);
});

test.each([
  ['send'],
  ['replay'],
  ['retries'],
  ['route'],
  ['test'],
  ['handshake'],
  ['listen'],
  ['verify'],
  ['verify-cert'],
  ['check-source'],
  ['certs', 'create'],
  ['certs', 'inspect'],
  ['vendor', 'learn'],
])('%s takes it', async (...command) => {
  expect((await askCommand([...command, '--help'])).stdout).toContain('--env-file');
});
