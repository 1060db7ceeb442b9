import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine, runProgram } from '../../helpers/program.ts';

const SOURCE = join(import.meta.dirname, '../../../src/cli/terminal/stdio.ts');

test('a pipe that takes a part and does not wait gets the whole text, in order', async () => {
  const cwd = testFolder();
  const bundle = await rolldown({ input: SOURCE, platform: 'node' });
  await bundle.write({ file: join(cwd, 'stdio.cjs'), format: 'cjs' });
  // Node makes a pipe that it gets wait again: what one that does not wait answers is said in its place.
  const program = `const fs = require('node:fs');
    const { writeSync } = fs;
    fs.writeSync = (fd, bytes, at) => {
      if (at > 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
      return writeSync(fd, bytes, 0, 1000);
    };
    const { afterWriting, writeText } = require('./stdio.cjs');
    writeText(1, 'x'.repeat(300_000));
    writeText(1, 'y'.repeat(300_000));
    afterWriting(1, () => process.exit());`;
  writeFileSync(join(cwd, 'program.cjs'), program);
  const { code, stdout } = await runCommandLine(process.execPath, ['program.cjs'], { cwd });
  expect(code).toBe(0);
  expect(stdout === 'x'.repeat(300_000) + 'y'.repeat(300_000)).toBe(true);
});

test.each(['--help', '--version'])('a full disk under %s is an error', async (flag) => {
  const command = `"$0" "$1" ${flag} >/dev/full; echo $?`;
  const { stdout, stderr } = await runCommandLine('sh', ['-c', command, process.execPath, bin('webhook')]);
  expect([stdout.trim(), stderr]).toEqual(['2', expect.stringContaining('the disk is full (ENOSPC)')]);
  expect((await runProgram('webhook', [flag])).code).toBe(0);
});
