import type { PostgresConnection } from './connection.ts';
import { uuidsFrom } from './uuid-range.ts';

/**
 * The webhooks that have an attempt and whose uuids begin so, at most `most` of them (negative: all). It jumps from one
 * to the next in the index instead of reading all attempts.
 */
export async function readWebhookUuids(connection: PostgresConnection, beginning = '', most = -1): Promise<string[]> {
  const range = uuidsFrom(beginning);
  if (range === null) return [];
  const rows = await connection.rows<[string]>(
    `with recursive known (uuid) as (
       (select webhook_uuid from hookproof.attempt where webhook_uuid between $1 and $2 order by webhook_uuid limit 1)
       union all
       select (select webhook_uuid from hookproof.attempt a where a.webhook_uuid > known.uuid and a.webhook_uuid <= $2
         order by webhook_uuid limit 1)
       from known where known.uuid is not null
     )
     select uuid from known where uuid is not null limit $3`,
    [...range, most < 0 ? null : most],
  );
  return rows.map(([uuid]) => uuid);
}

const urlAtEnd = (order: 'asc' | 'desc'): string =>
  `(select url from hookproof.attempt where webhook_uuid = $1 order by started_at ${order}, id ${order} limit 1)`;

/** Of the first and the last attempt of a webhook, each once. */
export async function readWebhookUrls(connection: PostgresConnection, uuid: string): Promise<string[]> {
  const rows = await connection.rows<[string]>(`${urlAtEnd('asc')} union ${urlAtEnd('desc')} order by url`, [uuid]);
  return rows.map(([url]) => url);
}
