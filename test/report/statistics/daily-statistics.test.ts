import { join } from 'node:path';
import { expect, test } from 'vitest';
import { summariseDays } from '../../../src/report/statistics/daily-statistics.ts';
import type { OutcomeFilter } from '../../../src/history/history.ts';
import type { Attempt, Delivery } from '../../../src/model/attempt.ts';
import { seededRandom } from '../../../src/plan/ids.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory, type TestHistory } from '../../helpers/open-history.ts';
import { runCommandLine } from '../../helpers/program.ts';
import { makeAttempt, makeRecord, REFUSED } from '../../helpers/record.ts';
import { historyOf } from '../../flows/history/exported.ts';

const [SHOP, NEWS] = ['123e4567-e89b-12d3-a456-426614174000', '00000000-0000-4000-8000-000000000001'];
const UNREACHABLE = { outcome: 'unreachable', status: null, errorCode: 'TIMEOUT', error: 'no answer' } as const;
const STARTED = Date.parse('2026-10-30T00:00:00.000Z');

/** Deliveries of two webhooks over three days, of each kind, every third with up to two retries. */
function* randomRecords(count: number): Generator<[Delivery, Attempt]> {
  const random = seededRandom('statistics');
  const below = (bound: number): number => Math.floor((Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32) * bound);
  const pick = <One>(...among: readonly One[]): One => among[below(among.length)] as One;
  for (let index = 0; index < count; index++) {
    const [delivery] = makeRecord(index, {
      delivery: {
        webhookUuid: pick(SHOP, NEWS) as string,
        vendor: pick('mailkit', 'mail2many'),
        event: pick('optin', 'optout', 'bounce'),
        direction: pick('out', 'out', 'in'),
        purpose: pick('event', 'event', 'event', 'test'),
        createdAt: STARTED + below(3 * 86_400_000),
      },
    });
    const attempts = delivery.direction === 'in' ? 1 : 1 + (index % 3 === 0 ? below(3) : 0);
    for (let number = 1; number <= attempts; number++) {
      const totalMs = Math.round(10 ** (below(7000) / 1000)) / 1000;
      const timings = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs };
      yield [delivery, makeAttempt(delivery, { number, timings, ...pick({}, {}, {}, REFUSED, UNREACHABLE) })];
    }
  }
}

const FILTERS: readonly (readonly [what: string, filter: OutcomeFilter, sql: string])[] = [
  ['everything but tests', { purpose: 'event' }, `purpose = 'event'`],
  ['tests', { purpose: 'test' }, `purpose = 'test'`],
  ['one webhook', { webhookUuid: NEWS }, `webhook_uuid = '${NEWS}'`],
  [
    'a vendor, an event, a direction',
    { vendor: 'mailkit', event: 'bounce', direction: 'out' },
    `vendor = 'mailkit' and event = 'bounce' and direction = 'out'`,
  ],
  [
    'some days',
    { sinceMs: Date.parse('2026-10-31T00:00:00Z'), untilMs: Date.parse('2026-10-31T12:00:00Z') },
    `timestamp between '2026-10-31T00:00:00.000Z' and '2026-10-31T12:00:00.000Z'`,
  ],
  [
    'what was not delivered in the end',
    { failed: true },
    `delivery_id in (select delivery_id from
       (select delivery_id, outcome, max(attempt) from attempt group by delivery_id) where outcome <> 'delivered')`,
  ],
];

test('days are counted as the sqlite3 shell counts them, percentiles by sorting', async () => {
  const history = await historyOf(() => openHistory(join(testFolder(), 'history.db')), randomRecords(4000));
  for (const [what, filter, sql] of FILTERS) {
    const { days, totals } = await summariseDays(history.outcomes(filter));
    expect(days.length, what).toBeGreaterThan(0);
    expect(days.map(toRow), what).toEqual(await askSqlite(history, sql, KEYS));
    const sums = totals.map((total) => toRow({ day: '', webhookUuid: '', vendor: '', event: '', ...total }));
    expect(sums, what).toEqual(await askSqlite(history, sql, `'' as k1, '' as k2, direction, '' as k4, '' as k5`));
  }
});

const KEYS = 'substr(timestamp, 1, 10), webhook_uuid, direction, vendor, event';

type Days = Awaited<ReturnType<typeof summariseDays>>['days'];

function toRow({ day, webhookUuid, direction, vendor, event, ...totals }: Days[number]): unknown[] {
  const { sent, delivered, refused, unreachable, retries, p50Ms, p95Ms } = totals;
  return [day, webhookUuid, direction, vendor, event, sent, delivered, refused, unreachable, retries, p50Ms, p95Ms];
}

/** All of it by SQLite's own arithmetic: every response time of a group, sorted, one of them picked. */
async function askSqlite(history: TestHistory, where: string, keys: string): Promise<unknown[][]> {
  const { stdout, stderr } = await runCommandLine('sqlite3', [
    '-json',
    '-cmd',
    '.timeout 10000',
    history.path,
    `select ${keys}, count(*) as sent, sum(outcome = 'delivered') as d, sum(outcome = 'refused') as r,
       sum(outcome = 'unreachable') as u, sum(case when direction = 'out' then attempt > 1 end) as retries,
       json_group_array(duration_ms) filter (where outcome <> 'unreachable') as times
     from attempt where ${where} group by 1, 2, 3, 4, 5 order by 1 desc, 2, 3 desc, 4, 5`,
  ]);
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as Record<string, unknown>[]).map((row) => {
    const cells = Object.values(row);
    const times = (JSON.parse(cells.at(-1) as string) as number[]).toSorted((one, other) => one - other);
    return [...cells.slice(0, -1), nearestRank(times, 0.5), nearestRank(times, 0.95)];
  });
}

function nearestRank(sorted: readonly number[], part: number): number | null {
  const exact = sorted[Math.ceil(part * sorted.length) - 1];
  // Of whole microseconds: half a unit is not half in binary.
  return exact === undefined ? null : Number(Math.round(exact * 1000).toPrecision(3)) / 1000;
}

test('an empty history has no days', async () => {
  const history = await openHistory(join(testFolder(), 'history.db'));
  expect(await summariseDays(history.outcomes({}))).toMatchObject({ days: [], totals: [], total: { sent: 0 } });
});
