import { execFileSync } from 'node:child_process';
import { APPLICATION_ID, MIGRATIONS } from '../../src/history/migrations.ts';

const WEBHOOK = '123e4567-e89b-12d3-a456-426614174000';

/**
 * A history as version 0.1.0 left it, with so many deliveries of one attempt each; made by the shell of SQLite, since a
 * program appends slower, and only as a file of that version: the newest is what the program makes of it.
 */
export function makeOldHistory(file: string, rows: number): void {
  const sql = `
    pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = off;
    begin; ${MIGRATIONS[0]} pragma application_id = ${APPLICATION_ID}; pragma user_version = 1; ${fill(rows)} commit;
    pragma wal_checkpoint(truncate);`;
  execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 10000', file], {
    input: sql,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
}

/** The `i`-th delivery is 1.7 s younger than the one before; ids are of version 7. */
const fill = (rows: number): string => `
  create temp table made as
    with recursive number (i) as (select 0 union all select i + 1 from number where i < ${rows - 1}),
      moment as (select i, 1767225600000 + i * 1700 as ms from number),
      named as (select *, format('%012x', ms) as hex from moment)
    select i, format('%s-%s-7%03x-8%03x-%012x', substr(hex, 1, 8), substr(hex, 9), i % 4096, i % 4096, i) as id,
      strftime('%Y-%m-%dT%H:%M:%fZ', ms / 1000.0, 'unixepoch') as time from named;
  insert into delivery (id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at, body)
    select id, '${WEBHOOK}', 'mail2many', 'optin', 'evt_' || i, 'out', 'http://127.0.0.1:3000/hook', 'POST', time,
      cast(format('{"n":%d,"text":"%.*c"}', i, 300, 'x') as blob) from made;
  insert into exchange (sequence, delivery_id, attempt_id, timestamp, request_headers, response_headers, response_body,
    response_truncated, timings, tls, control)
    select i + 1, id, id, time, '[]', '[]', x'6f6b', 0, '{"totalMs":1.5}', null, '[]' from made;
  insert into attempt (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, event_id, url,
    outcome, status, error_code, error, duration_ms, request_bytes, response_bytes, remote_address, sequence)
    select '${WEBHOOK}', time, id, id, 1, 'out', 'mail2many', 'optin', 'evt_' || i, 'http://127.0.0.1:3000/hook',
      'delivered', 200, null, null, 1.5, 320, 2, '127.0.0.1', i + 1 from made;`;
