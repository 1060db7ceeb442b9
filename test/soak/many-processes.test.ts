import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../helpers/endpoint.ts';
import { testFolder } from '../helpers/folder.ts';
import { startListening } from '../helpers/listening.ts';
import { runCommandLine, runProgram } from '../helpers/program.ts';
import { amount, tell } from './soak.ts';

const hasSqlite = spawnSync('sqlite3', ['--version']).status === 0;

/** Attempts that miss a part. */
const ORPHANS = `select count(*) from attempt a
  left join delivery d on d.id = a.delivery_id
  left join exchange e on e.attempt_id = a.id and e.delivery_id = a.delivery_id
  where d.id is null or e.attempt_id is null`;
const ROWS = `select direction, count(*), count(distinct delivery_id) from attempt group by direction order by direction`;

test.skipIf(!hasSqlite)('16 processes write to one history at once', async (context) => {
  const cwd = testFolder();
  const history = join(cwd, 'history.db');
  const events = amount({ few: 10, many: 500 });
  const answering = await openEndpoint();
  // What two of them send, another two record as received: the history has it twice.
  const listening = await Promise.all(
    [1, 2].map(() => startListening(['--vendor', 'mailkit', '--status', '200', '--history', history], { cwd })),
  );
  const urls = [...listening.map(({ url }) => url), ...Array.from({ length: 12 }, () => answering.url)];
  const ended = await Promise.all(
    urls.map((url, nth) => {
      // Both ways to write: one at a time, and by a thread.
      const connections = String(nth % 2 === 0 ? 1 : 4);
      const to = ['--event', 'subscribe', '--url', url, '--history', history];
      return runProgram('webhook', ['send', ...to, '--count', String(events), '--connections', connections], { cwd });
    }),
  );
  for (const one of listening) one.kill('SIGTERM');
  await Promise.all(listening.map((one) => one.ended));
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(ended.map(() => ({ code: 0, stderr: '' })));
  expect(answering.seen).toHaveLength(12 * events);
  const { stdout } = await runCommandLine('sqlite3', [history, 'pragma integrity_check', ORPHANS, ROWS]);
  const [sent, received] = [14 * events, 2 * events];
  expect(stdout).toBe(`ok\n0\nin|${received}|${received}\nout|${sent}|${sent}\n`);
  tell(context, { processes: 16, rows: sent + received, lost: 0 });
});
