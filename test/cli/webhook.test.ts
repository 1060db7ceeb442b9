import { cpSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { COMMANDS } from '../../src/cli/commands.ts';
import { openEndpoint } from '../helpers/endpoint.ts';
import { testFolder } from '../helpers/folder.ts';
import { bin, runCommandLine, runProgram } from '../helpers/program.ts';

const VERSION = new RegExp(`^hookproof ${packageJson.version} \\(Node ${process.versions.node}, .*\\)\\n$`);

test.each([['-v'], ['-V'], ['--version']])('%s of every program says what a report of a bug needs', async (flag) => {
  for (const program of ['webhook', 'hookproof', 'mp-export', 'verify-cert'] as const)
    expect(await runProgram(program, [flag])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(VERSION),
    });
});

const REFUSED: readonly (readonly [args: string[], words: string])[] = [
  [['--versin'], 'did you mean --version?'],
  [['--hlep'], 'did you mean --help?'],
  [['--no-colour'], 'did you mean --no-color'],
  [['--url', 'http://127.0.0.1:1/', 'send'], 'put the command first: webhook send --url …'],
  [['--secret=hidden-text', 'send'], 'put the command first: webhook send --secret …'],
  [['--color', 'never', 'sned'], 'did you mean send?'],
  [['--url', 'http://127.0.0.1:1/'], 'unknown flag --url\n  list the commands: webhook --help'],
];

test.each(REFUSED)('webhook %j is refused, and told what to type', async (args, words) => {
  const { code, stdout, stderr } = await runProgram('webhook', args);
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(words)]);
  expect(stderr).not.toContain('hidden-text');
});

test.each([
  [['--no-color', 'events', 'mailkit']],
  [['--color=never', 'events', 'mailkit']],
  [['--color', 'never', 'events', 'mailkit']],
  [['events', 'mailkit', '--no-color']],
  [['events', '--color', 'never', 'mailkit']],
])('webhook %j: a flag of colour is as good before the command as behind it', async (args) => {
  const env = { FORCE_COLOR: '1' };
  const plain = await runProgram('webhook', ['events', 'mailkit']);
  expect(await runProgram('webhook', args, { env })).toEqual(plain);
});

/** A command of ours under the usual name. `@types/webhook test` and "a configured webhook" are none. */
const USUAL = new RegExp(`(?<![\\w./-])webhook (?:${COMMANDS.map(({ name }) => name).join('|')}|--help|<)`);

test('called hookproof, through a link too, it prints its commands under that name', async () => {
  const cwd = testFolder();
  const endpoint = await openEndpoint();
  symlinkSync(bin('hookproof'), join(cwd, 'hookproof'));
  const lines = [
    ...COMMANDS.map(({ name }) => [name, '--help']),
    ['--help'],
    ['list'],
    ['lst'],
    ['history', 'list'],
    ['history'],
    ['replay', 'nothing', '--history', join(cwd, 'none.db')],
    ['send', 'shop', 'optin'],
    ['test', '--url', endpoint.url, '--vendor', 'mail2many', '--secret', 's', '--only', 'refuse', '--curl'],
  ];
  const env = { HOME: cwd, XDG_DATA_HOME: cwd };
  for (const line of lines) {
    const { stdout, stderr } = await runCommandLine(join(cwd, 'hookproof'), line, { cwd, env });
    expect(USUAL.exec(stdout + stderr)?.[0] ?? null, line.join(' ')).toBe(null);
    expect(stdout + stderr, line.join(' ')).toContain('hookproof ');
  }
});

test('what others wrote is not taken for a command', async () => {
  const cwd = testFolder();
  const { stdout } = await runProgram(
    'hookproof',
    [
      'send',
      '--event',
      'optin',
      '--url',
      'http://127.0.0.1:1/',
      '--secret',
      's',
      '--set',
      'email=webhook send me',
      '--dry-run',
    ],
    { cwd, env: { HOME: cwd } },
  );
  expect(stdout).toContain('webhook send me');
});

test('no command loads the database before it needs it', async () => {
  const folder = testFolder();
  // A bundle without node_modules has no libsql; this hidden command loads the file of every command.
  for (const name of ['bin', 'dist'])
    cpSync(resolve(import.meta.dirname, '../..', name), join(folder, name), { recursive: true });
  const webhook = join(folder, 'bin', 'webhook.js');
  expect(await runCommandLine(process.execPath, [webhook, '__reference', folder])).toMatchObject({
    code: 0,
    stderr: '',
  });
});
