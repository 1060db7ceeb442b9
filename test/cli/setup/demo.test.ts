import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine, runProgram } from '../../helpers/program.ts';

test('it ends with two commands that work as printed, in that order, in another terminal', async () => {
  const { code, stdout } = await runProgram('webhook', ['demo']);
  const commands = stdout.slice(stdout.indexOf('\nNext')).trim().split('\n').slice(1);
  expect({ code, count: commands.length }).toEqual({ code: 0, count: 2 });
  const cwd = testFolder();
  symlinkSync(bin('webhook'), join(cwd, 'webhook'));
  const env = { PATH: `${cwd}:${process.env['PATH']}`, HOME: cwd };
  for (const command of commands) {
    const ended = await runCommandLine('bash', ['-c', command.trim()], { cwd, env });
    expect({ command, code: ended.code, stderr: ended.stderr }).toEqual({ command, code: 0, stderr: '' });
  }
});
