import type { AttemptOutcome } from '../model/attempt.ts';
import type { Database, SqlValue } from './database.ts';
import type { OutcomeFilter } from './history.ts';
import { OUTCOMES_AT_ONCE, toOutcome, type OutcomeRow } from './outcome-row.ts';
import { isoTime } from './stored-values.ts';
import { readWebhookUuids } from './webhook-uuids.ts';

const LAST_OUTCOME = `select l.outcome from exchange e join attempt l
  on l.webhook_uuid = a.webhook_uuid and l.timestamp = e.timestamp and l.id = e.attempt_id
  where e.delivery_id = a.delivery_id order by l.attempt desc, l.timestamp desc limit 1`;

/**
 * The attempts of one webhook after the other, each webhook's in the order of time. Reads `attempt` alone, in the order
 * in which it is stored, and holds one chunk of it.
 */
export async function* streamOutcomes(database: Database, filter: OutcomeFilter): AsyncGenerator<AttemptOutcome[]> {
  const { webhookUuid } = filter;
  if (webhookUuid !== undefined) yield* outcomesOf(database, webhookUuid, filter);
  else for (const uuid of readWebhookUuids(database)) yield* outcomesOf(database, uuid, filter);
}

function* outcomesOf(database: Database, webhookUuid: string, filter: OutcomeFilter): Generator<AttemptOutcome[]> {
  const { sql, values } = whereOf(filter);
  const statement = database.prepare<OutcomeRow>(
    `select timestamp, id, direction, vendor, event, outcome, status, error_code, error, attempt, duration_ms
     from attempt a where webhook_uuid = ? and (timestamp, id) > (?, ?) ${sql} order by timestamp, id
     limit ${OUTCOMES_AT_ONCE}`,
  );
  // Behind the time there is an id: none is before the time itself.
  let key: [timestamp: string, id: string] = [filter.sinceMs === undefined ? '' : isoTime(filter.sinceMs), ''];
  for (;;) {
    const rows = statement.all(webhookUuid, ...key, ...values);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map((row) => toOutcome(webhookUuid, row));
    if (rows.length < OUTCOMES_AT_ONCE) return;
    key = [last[0], last[1]];
  }
}

function whereOf(filter: OutcomeFilter): { sql: string; values: SqlValue[] } {
  const { vendor, event, direction, purpose, failed, untilMs } = filter;
  const conditions: [sql: string, ...values: SqlValue[]][] = [];
  if (untilMs !== undefined) conditions.push(['timestamp <= ?', isoTime(untilMs)]);
  if (vendor !== undefined) conditions.push(['vendor = ?', vendor]);
  if (event !== undefined) conditions.push(['event = ?', event]);
  if (direction !== undefined) conditions.push(['direction = ?', direction]);
  if (purpose !== undefined) conditions.push(['purpose = ?', purpose]);
  if (failed) conditions.push([`(${LAST_OUTCOME}) <> 'delivered'`]);
  return {
    sql: conditions.map(([sql]) => `and ${sql}`).join(' '),
    values: conditions.flatMap(([, ...values]) => values),
  };
}
