import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram } from '../../helpers/program.ts';

const SEND = ['send', '--vendor', 'mail2many', '--url', 'http://127.0.0.1:1/', '--dry-run', '--secret-env', 'S'];

test.each([
  [['--event', 'optin', '--event', 'optout'], 'note: --event was given twice: only the last one counts\n'],
  [
    ['--event', 'optin', '--max-time', '1s', '--event=x', '--max-time', '2s', '--event', 'optout'],
    'note: --event was given 3 times: only the last one counts\n' +
      'note: --max-time was given twice: only the last one counts\n',
  ],
  [['--event', 'optout', '--event', 'optout'], ''],
  [['--event', 'optout', '--color', 'never', '--no-color'], ''],
  [
    [
      '--event',
      'optout',
      '--set',
      'firstname=A',
      '--set',
      'lastname=B',
      '-H',
      'A: 1',
      '-H',
      'B: 2',
      '--secret-env',
      'T',
    ],
    '',
  ],
  [['--event', 'optout', '--mask', 'x-one', '--mask', 'x-two'], ''],
])('%j: of a flag with one value the last one counts, and that is said', async (args, said) => {
  const { code, stdout, stderr } = await runProgram('webhook', [...SEND, ...args], {
    cwd: testFolder(),
    env: { S: 'one-secret', T: 'another-secret' },
  });
  expect([code, stderr, stdout]).toEqual([0, said, expect.stringContaining('"event":"optout"')]);
});

test('flags of a subcommand too, and no value is shown: it may be a password', async () => {
  const args = ['history', 'list', '--history', '/a-secret-place', '--history', 'history.db', '--limit', '1'];
  const { stderr } = await runProgram('webhook', args, { cwd: testFolder() });
  expect(stderr).toMatch(/^note: --history was given twice: only the last one counts\n/);
  expect(stderr).not.toContain('secret');
});
