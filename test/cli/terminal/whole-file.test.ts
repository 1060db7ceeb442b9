import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startWholeFile } from '../../../src/cli/terminal/whole-file.ts';
import { testFolder } from '../../helpers/folder.ts';
import { fillDisk, mountTinyDisk } from '../../helpers/tiny-disk.ts';

const NEVER = new AbortController().signal;
const hash = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 8);

test('what killed exports left goes with the next one; what is of others stays', async () => {
  const folder = testFolder();
  const gonePid = spawnSync('true').pid;
  const gone = [`.old.csv.${hash(hostname())}-${gonePid}-0123abcd.part`];
  const kept = [
    `.old.csv.${hash(hostname())}-${process.ppid}-0123abcd.part`,
    `.old.csv.${hash('elsewhere.example')}-${gonePid}-0123abcd.part`,
    '.of-another-program.part',
    `old.csv.${hash(hostname())}-${gonePid}-0123abcd.part`,
  ];
  for (const name of [...gone, ...kept]) writeFileSync(join(folder, name), 'x');
  // Several may be written at once.
  const [one, other] = [
    await startWholeFile(join(folder, 'a.csv'), NEVER),
    await startWholeFile(join(folder, 'b.csv'), NEVER),
  ];
  for (const file of [one, other]) {
    await file.write(Buffer.from('1'));
    await file.keep();
  }
  expect(readdirSync(folder).toSorted()).toEqual(['a.csv', 'b.csv', ...kept].toSorted());
});

test('a full disk is told with what helps', async (context) => {
  const disk = mountTinyDisk('16k');
  if (disk === undefined) return context.skip('no disk may be mounted here');
  writeFileSync(join(disk, 'a.csv'), 'before');
  const file = await startWholeFile(join(disk, 'a.csv'), NEVER);
  fillDisk(join(disk, 'filler'));
  await expect(file.write(Buffer.alloc(9000))).rejects.toMatchObject({
    message: expect.stringContaining('a.csv: the disk is full'),
    hint: 'nothing was changed; free some space, or choose a file on another disk with -o FILE',
  });
  await file.discard();
  expect([readdirSync(disk).toSorted(), readFileSync(join(disk, 'a.csv'), 'utf8')]).toEqual([
    ['a.csv', 'filler'],
    'before',
  ]);
});
