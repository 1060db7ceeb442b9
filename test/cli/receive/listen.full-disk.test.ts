import { expect, test } from 'vitest';
import { startListening } from '../../helpers/listening.ts';
import { mountTinyDisk } from '../../helpers/tiny-disk.ts';

test('a history whose disk is full ends listening, and what was answered but not recorded is counted', async (context) => {
  const disk = mountTinyDisk('600k');
  if (disk === undefined) return context.skip('no disk may be mounted here');
  const listening = await startListening(['--vendor', 'mailkit'], { cwd: disk, env: { HOME: disk } });
  const body = JSON.stringify({ EMAIL: 'x'.repeat(900_000) });
  const headers = { 'content-type': 'application/json' };
  const answered = await fetch(listening.url, { method: 'POST', body, headers });
  const ended = await listening.ended;
  expect([answered.status, ended.code]).toEqual([200, 4]);
  expect(ended.stderr).toMatch(
    /cannot grow: the disk is full; 1 request was answered but not recorded\n +free some space/,
  );
  expect(ended.stderr).not.toMatch(/prune|run this again/);
}, 30_000);
