import { expect, test } from 'vitest';
import { startListening } from '../../helpers/listening.ts';
import { mountTinyDisk } from '../../helpers/tiny-disk.ts';

test.for([
  { flags: [], status: 200, said: '1 request was answered but not recorded' },
  { flags: ['--durable'], status: 503, said: '1 request was answered with 503 and not recorded' },
])(
  'a history whose disk is full ends listening; $flags: answered $status, and counted',
  async ({ flags, status, said }, context) => {
    const disk = mountTinyDisk('600k');
    if (disk === undefined) return context.skip('no disk may be mounted here');
    const listening = await startListening(['--vendor', 'mailkit', ...flags], { cwd: disk, env: { HOME: disk } });
    const body = JSON.stringify({ EMAIL: 'x'.repeat(900_000) });
    const headers = { 'content-type': 'application/json' };
    const answered = await fetch(listening.url, { method: 'POST', body, headers });
    const ended = await listening.ended;
    expect([answered.status, ended.code]).toEqual([status, 4]);
    expect(ended.stderr).toContain(`cannot grow: the disk is full; ${said}\n`);
    expect(ended.stderr).toMatch(/recorded\n +free some space/);
    expect(ended.stderr).not.toMatch(/prune|run this again/);
  },
);
