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

const urlAtEnd = (order: 'asc' | 'desc'): string =>
  `select * from (select url from attempt where webhook_uuid = ?1 order by timestamp ${order}, id ${order} limit 1)`;

/** Of the first and the last attempt of a webhook, each once: the key has both at its ends, however many there are. */
export function readWebhookUrls(database: Database, uuid: string): string[] {
  return database
    .prepare<[string]>(`${urlAtEnd('asc')} union ${urlAtEnd('desc')}`)
    .all(uuid)
    .map(([url]) => url);
}
