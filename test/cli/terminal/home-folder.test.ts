import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram } from '../../helpers/program.ts';

test.each(['', 'home', '.'])('with HOME=%s the home folder is the one that the system knows', async (HOME) => {
  const env = { HOME, WEBHOOK_HISTORY: '~/no-such-folder/history.db' };
  const { stderr } = await runProgram('webhook', ['history', 'list'], { cwd: testFolder(), env });
  expect(stderr).toContain(`nothing in ${join(userInfo().homedir, 'no-such-folder/history.db')} yet`);
});
