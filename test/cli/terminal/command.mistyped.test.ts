import { expect, test } from 'vitest';
import { askCommand } from '../../helpers/ask-command.ts';
import { runProgram } from '../../helpers/program.ts';

const MISTYPED: readonly (readonly [args: string[], words: string])[] = [
  [['certs', 'snippet', '--serve', 'nginx'], 'did you mean --server?\n  webhook certs snippet --help shows'],
  [['certs', 'watch'], 'webhook certs watch needs <dir>: folder with the copies\n  webhook certs watch --help shows'],
  [['allowlist', 'check', 'empty.txt'], 'webhook allowlist check needs <addresses> after <list>: addresses'],
  [['export', '--format', 'xlsx'], 'write CSV, which spreadsheets open: --format csv --csv-dialect excel'],
  [['completion'], 'webhook completion needs <shell>: the shell that you use'],
  [['history', 'list', '--limt', '3'], 'webhook history list --help shows'],
  [['config', 'show', '--jsno'], 'webhook config show --help shows'],
  [['certs', 'inspct'], 'webhook certs --help shows'],
  [['certs'], 'a subcommand is needed: create, inspect, watch or snippet\n  webhook certs --help shows'],
  [['export', '--formt', 'csv'], 'webhook export --help shows'],
  [['verify', 'request.http', '--secret-env', 'S'], '--delivery FILE, - for standard input'],
  [['verify', '-'], '--delivery FILE, - for standard input'],
  [['send', 'shop', '--event', 'optin'], '--to NAME for a configured webhook or --url URL'],
  [['retries', 'mailkite'], '--url URL for any endpoint, or --vendor ID with --table\n  webhook retries --help shows'],
  [['route', 'support@example.org'], '--to ADDRESS, or --eml FILE'],
  [['export', '123e4567-e89b-12d3-a456-426614174000'], '--webhook NAME names the webhook'],
];

test.each(MISTYPED)('webhook %j: the hint names the command whose help has the answer', async (args, words) => {
  const { code, stderr } = await askCommand(args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
});

const WRONG_CHOICES: readonly (readonly [args: string[], nearest: string])[] = [
  [['certs', 'snippet', '--server', 'ngnix'], 'nginx'],
  [['verify-cert', 'https://127.0.0.1:1/', '--server', 'hproxy'], 'haproxy'],
  [['certs', 'create', '--key-type', 'ed2551'], 'ed25519'],
  [['export', '--order', 'dsc'], 'desc'],
  [['history', 'list', '--color', 'nevr'], 'never'],
];

test.each(WRONG_CHOICES)('webhook %j: the nearest choice is suggested', async (args, nearest) => {
  const { code, stderr } = await askCommand(args);
  expect(code).toBe(2);
  expect(stderr).toMatch(new RegExp(`${args.at(-1)}: expected one of .*[^.]\\n  did you mean ${nearest}\\b`));
});

test('the program says the same', async () => {
  for (const [args] of [MISTYPED[0], MISTYPED[5], WRONG_CHOICES[0]].filter((one) => one !== undefined))
    expect(await runProgram('webhook', args)).toEqual(await askCommand(args));
});
