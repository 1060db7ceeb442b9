import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../helpers/endpoint.ts';
import { testFolder } from '../helpers/folder.ts';
import { startListening } from '../helpers/listening.ts';
import { runProgram } from '../helpers/program.ts';
import { expectSound, hasSqlite } from '../helpers/sqlite-shell.ts';
import { amount, tell } from './soak.ts';

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
  const [sent, received] = [14 * events, 2 * events];
  expect(await expectSound(history, ROWS)).toEqual([`in|${received}|${received}`, `out|${sent}|${sent}`]);
  tell(context, { processes: 16, rows: sent + received, lost: 0 });
});
