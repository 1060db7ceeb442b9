import type { AttemptOutcome } from '../../model/attempt.ts';
import type { OutcomeFilter } from '../history.ts';
import { OUTCOMES_AT_ONCE, toOutcome, type OutcomeRow } from '../outcome-row.ts';
import { isoTime } from '../stored-values.ts';
import type { PostgresConnection } from './connection.ts';
import { addColumns, lastOutcome } from './list-deliveries.ts';
import { isoText, makeConditions, whereSql } from './select-attempts.ts';
import { readWebhookUuids } from './webhook-uuids.ts';

/** The attempts of one webhook after the other, each webhook's in the order of time; holds one chunk of them. */
export async function* streamOutcomes(
  connection: PostgresConnection,
  filter: OutcomeFilter,
): AsyncGenerator<AttemptOutcome[]> {
  const { webhookUuid } = filter;
  const uuids = webhookUuid === undefined ? await readWebhookUuids(connection) : [webhookUuid];
  for (const uuid of uuids) yield* outcomesOf(connection, uuid, { ...filter, webhookUuid: uuid });
}

async function* outcomesOf(
  connection: PostgresConnection,
  webhookUuid: string,
  filter: OutcomeFilter,
): AsyncGenerator<AttemptOutcome[]> {
  for (let last: OutcomeRow | undefined; ;) {
    const conditions = makeConditions();
    const { sql, put } = conditions;
    addColumns(conditions, filter, 'o');
    const { sinceMs, untilMs, failed } = filter;
    if (sinceMs !== undefined) sql.push(`o.started_at >= ${put(isoTime(sinceMs))}::timestamptz`);
    if (untilMs !== undefined) sql.push(`o.started_at <= ${put(isoTime(untilMs))}::timestamptz`);
    if (failed) sql.push(`${lastOutcome('o.webhook_uuid', 'o.delivery_id')} <> 'delivered'`);
    if (last !== undefined) sql.push(`(o.started_at, o.id) > (${put(last[0])}::timestamptz, ${put(last[1])}::uuid)`);
    const rows: OutcomeRow[] = await connection.rows<OutcomeRow>(
      `select ${isoText('o.started_at')}, o.id, o.direction, o.vendor, o.event, o.outcome, o.status, o.error_code,
         o.error, o.number, o.duration_ms
       from hookproof.attempt o where ${whereSql(conditions)}
       order by o.started_at, o.id limit ${OUTCOMES_AT_ONCE}`,
      conditions.values,
    );
    last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map((row) => toOutcome(webhookUuid, row));
    if (rows.length < OUTCOMES_AT_ONCE) return;
  }
}
