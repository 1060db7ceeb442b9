import type { Database } from './database.ts';

/**
 * The webhooks that have an attempt and whose uuids begin so, at most `most` of them (negative: all). It jumps from one
 * to the next in the index instead of reading all attempts.
 */
export function readWebhookUuids(database: Database, beginning = '', most = -1): string[] {
  return database
    .prepare<[string]>(
      `with recursive known (uuid) as (
         select min(webhook_uuid) from attempt where webhook_uuid >= ?1 and webhook_uuid < ?1 || '~'
         union all
         select (
           select min(webhook_uuid) from attempt where webhook_uuid > uuid and webhook_uuid < ?1 || '~'
         ) from known where uuid is not null
       )
       select uuid from known where uuid is not null limit ?2`,
    )
    .all(beginning, most)
    .map(([uuid]) => uuid);
}
