import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ListFilter } from '../../src/history/history.ts';
import { openReader } from '../../src/history/reader.ts';
import { openWriter } from '../../src/history/writer.ts';
import { testFolder } from '../helpers/folder.ts';
import { askSqlite, hasSqlite } from '../helpers/sqlite-shell.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const DELIVERIES = 12_000;
const webhook = (number: number): string => `123e4567-e89b-12d3-a456-${String(number).padStart(12, '0')}`;
const uuidOf = (ms: string, tail: string): string =>
  `substr(format('%012x', ${ms}), 1, 8) || '-' || substr(format('%012x', ${ms}), 9) || '-7000-8000-' || ${tail}`;
const iso = (ms: string): string => `strftime('%Y-%m-%dT%H:%M:%fZ', (${ms}) / 1000.0, 'unixepoch')`;

/** Attempts as a shell writes them: `when` chooses among the deliveries, `afterMs` is how much later each is made. */
const insertAttempts = (number: number, outcome: string, afterMs: string, when: string): string => `
  insert into exchange (delivery_id, attempt_id, timestamp, request_headers, response_headers, response_body,
      response_truncated, timings, control)
    select id, id || '-${number}', ${iso(`ms + ${afterMs}`)}, '[]', '[]', x'', 0, '{}', '[]' from made where ${when};
  insert into attempt (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, event_id, url,
      outcome, status, duration_ms, request_bytes, response_bytes, purpose, sequence)
    select webhook_uuid, ${iso(`ms + ${afterMs}`)}, id || '-${number}', id, ${number}, direction, vendor, event, 'e',
      url, ${outcome}, 1, 2, 3, 4, iif(i % 13, 'event', 'test'),
      (select sequence from exchange where delivery_id = made.id and attempt_id = made.id || '-${number}')
    from made where ${when};`;

/** Failures, retries days later, rare events, tests and two webhooks, of which one has been quiet for long. */
const FILL = `
  create table made as with recursive number (i) as (select 0 union all select i + 1 from number where i < ${DELIVERIES - 1})
    select i, ${START} + i * 60000 as ms, ${uuidOf(`${START} + i * 60000`, `format('%012x', i)`)} as id,
      iif(i < 300 and i % 3, '${webhook(1)}', '${webhook(0)}') as webhook_uuid, iif(i % 500 = 7, 'in', 'out') as direction,
      'mail2many' as vendor, iif(i % 4001 = 5, 'rare', 'optin') as event, 'http://127.0.0.1/' as url from number;
  insert into delivery (id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at, body)
    select id, webhook_uuid, vendor, event, 'e', direction, url, 'POST', ${iso('ms')}, x'00' from made;
  ${insertAttempts(1, `iif(i % 20 = 0 or i < 40 or i % 1000 = 3, 'refused', 'delivered')`, '5', 'true')}
  ${insertAttempts(2, `iif(i % 400, 'delivered', 'unreachable')`, '500000000', 'i % 20 = 0')}
  ${insertAttempts(3, `'refused'`, '900000000', 'i = 4444')}
  drop table made;`;

/** What a shell does while spans are there. */
const CHANGES = [
  '',
  `delete from attempt where delivery_id in (select id from delivery where event = 'rare' limit 1);`,
  `update attempt set outcome = 'refused' where delivery_id in (
     select id from delivery order by id limit 1 offset 3333);`,
];

/** The plain question, which asks of every delivery. */
function plainSql({ webhookUuid, event, direction, purpose, failed, sinceMs, limit }: ListFilter): string {
  const last = `(select outcome from attempt a where a.webhook_uuid = d.webhook_uuid and a.delivery_id = d.id
    order by attempt desc limit 1)`;
  const parts = [`${last} is not null`];
  if (webhookUuid !== undefined) parts.push(`webhook_uuid = '${webhookUuid}'`);
  if (event !== undefined) parts.push(`event = '${event}'`);
  if (direction !== undefined) parts.push(`direction = '${direction}'`);
  if (sinceMs !== undefined) parts.push(`created_at >= '${new Date(sinceMs).toISOString()}'`);
  const tests = `id in (select delivery_id from attempt where purpose = 'test')`;
  if (purpose !== undefined) parts.push(purpose === 'test' ? tests : `not ${tests}`);
  if (failed === true) parts.push(`${last} <> 'delivered'`);
  return `select ifnull(group_concat(id, ' '), '') from (
      select id from delivery d where ${parts.join(' and ')} order by id desc limit ${limit});`;
}

/** For the plain questions alone. */
const INDEX = 'create index plain on attempt (delivery_id, attempt, outcome)';

const FILTERS: readonly Omit<ListFilter, 'limit'>[] = [
  { failed: true },
  { failed: true, webhookUuid: webhook(1) },
  { failed: true, event: 'rare' },
  { event: 'rare' },
  { event: 'rare', webhookUuid: webhook(0), purpose: 'event' },
  { event: 'none' },
  { direction: 'in', purpose: 'event' },
  { webhookUuid: webhook(1) },
  { webhookUuid: webhook(1), purpose: 'test' },
  { direction: 'in', sinceMs: START + 300_000_000, failed: false },
  { sinceMs: START + (DELIVERIES - 3) * 60_000 },
  { failed: true, sinceMs: START + 30 * 60_000, purpose: 'event', webhookUuid: webhook(0) },
];

test.skipIf(!hasSqlite)('a list by any filter is that of the sqlite3 shell, whatever it changed', async () => {
  const file = join(testFolder(), 'history.db');
  await (await openWriter(file)).close();
  await askSqlite(file, FILL);
  const reader = await openReader(file);
  for (const [round, change] of CHANGES.entries()) {
    await askSqlite(file, change);
    const asked = FILTERS.flatMap((filter) => [3, 5000].map((limit) => ({ ...filter, limit })));
    const expected = await askSqlite(file, INDEX, ...asked.map(plainSql), 'drop index plain');
    for (const [index, filter] of asked.entries()) {
      const found = (await reader.list(filter)).map(({ id }) => id).join(' ');
      expect({ round, filter, found }).toEqual({ round, filter, found: expected[index] });
    }
    expect(expected.filter((ids) => ids !== '').length).toBeGreaterThan(16);
  }
  expect(await askSqlite(file, 'select count(*) > 0 from span')).toEqual(['1']);
  await reader.close();
});
