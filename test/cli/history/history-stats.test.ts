import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { askCommand } from '../../helpers/ask-command.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { makeAttempt, makeRecord, REFUSED, WEBHOOK } from '../../helpers/record.ts';

const DAY_MS = 86_400_000;

/** A delivery that arrived at the second attempt; a day later one that was received, and a test. */
async function place(): Promise<{ stats: (...args: string[]) => Promise<Ended>; file: string }> {
  const cwd = testFolder();
  const history = await openHistory(join(cwd, 'history.db'));
  const [retried, first] = makeRecord(0, { attempt: REFUSED });
  await history.append(retried, first);
  await history.append(retried, makeAttempt(retried, { number: 2 }));
  const tomorrow = retried.createdAt + DAY_MS;
  await history.append(...makeRecord(1, { delivery: { direction: 'in', createdAt: tomorrow } }));
  await history.append(...makeRecord(2, { delivery: { purpose: 'test', createdAt: tomorrow } }));
  return {
    stats: (...args) =>
      runProgram('webhook', ['history', 'stats', ...args], { cwd, env: { WEBHOOK_HISTORY: history.path, HOME: cwd } }),
    file: history.path,
  };
}

test('stats counts attempts by day, webhook, direction and event, the newest day first', async () => {
  const { stats, file } = await place();
  const shop = { uuid: WEBHOOK, name: 'shop', vendor: 'mail2many', url: 'https://example.test/', events: ['optin'] };
  writeFileSync(join(dirname(file), 'webhook.config.json'), JSON.stringify({ webhooks: [shop] }));
  expect((await stats()).stdout.split('\n')).toEqual([
    '              sent  delivered  refused  unreachable  retries    p50    p95',
    '2026-11-02  shop  mail2many  received',
    '  optin          1          1        0            0        –  13 ms  13 ms',
    '2026-11-01  shop  mail2many',
    '  optin          2          1        1            0        1  13 ms  13 ms',
    'all sent         2          1        1            0        1  13 ms  13 ms',
    'all received     1          1        0            0        –  13 ms  13 ms',
    '',
  ]);
  const { stdout, stderr } = await stats('--json', '--limit', '1');
  expect(JSON.parse(stdout)).toEqual({
    schemaVersion: 2,
    rows: 2,
    stats: [
      {
        day: '2026-11-02',
        webhookUuid: WEBHOOK,
        webhook: 'shop',
        direction: 'in',
        vendor: 'mail2many',
        event: 'optin',
        sent: 1,
        delivered: 1,
        refused: 0,
        unreachable: 0,
        retries: null,
        p50Ms: 12.5,
        p95Ms: 12.5,
      },
    ],
    totals: [
      { direction: 'out', sent: 2, delivered: 1, refused: 1, unreachable: 0, retries: 1, p50Ms: 12.5, p95Ms: 12.5 },
      { direction: 'in', sent: 1, delivered: 1, refused: 0, unreachable: 0, retries: null, p50Ms: 12.5, p95Ms: 12.5 },
    ],
    // As 0.1.0 had it: both in one.
    total: { sent: 3, delivered: 2, refused: 1, unreachable: 0, retries: 1, p50Ms: 12.5, p95Ms: 12.5 },
  });
  expect(stderr).toBe('the totals cover all 2 rows; to show the older ones too, add --limit 2\n');
});

test.each([
  [['--direction', 'in'], [1]],
  [['--since', '2026-11-02'], [1]],
  [['--tests'], [1]],
  [['--failed'], []],
  [
    ['--uuid', WEBHOOK, '--event', 'optin', '--vendor', 'mail2many'],
    [2, 1],
  ],
])('stats %j', async (args, sent) => {
  const { stats } = await place();
  const { code, stdout, stderr } = await stats('--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { totals } = JSON.parse(stdout) as { totals: { sent: number }[] };
  expect(totals.map((total) => total.sent)).toEqual(sent);
});

test('nothing is counted of nothing', async () => {
  const { stats, file } = await place();
  expect(await stats('--failed')).toMatchObject({ code: 0, stdout: '', stderr: `nothing in ${file} matches\n` });
  expect(await askCommand(['history', 'stats', '--event', 'optut', '--history', file])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean optout'),
  });
});
