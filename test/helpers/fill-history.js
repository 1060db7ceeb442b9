import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Libsql from 'libsql';
import { bundleModule } from './bundle.js';

export const FILLED_WEBHOOK = '123e4567-e89b-12d3-a456-426614174000';

/**
 * Makes a history of `rows` attempts of one webhook, 1.7 s apart, every tenth refused with an error text that CSV
 * must quote. The tables are the program's own; the rows are made by SQLite, since a million appends take minutes.
 * @param {string} file
 * @param {number} rows
 * @param {{ isWhole?: boolean }} options whole: each attempt with its delivery and its exchange, and only the oldest
 *   thousandth refused or of the event `optout`. Otherwise there is the last exchange alone: a page takes its number for
 *   that of the newest attempt.
 */
export async function fillHistory(file, rows, { isWhole = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-fill-'));
  try {
    const module = join(folder, 'writer.mjs');
    await bundleModule('src/history/writer.ts', module);
    const { openWriter } = await import(pathToFileURL(module).href);
    const history = await openWriter(file);
    await history.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  new Libsql(file).exec(`pragma synchronous = off; ${INSERT(rows, isWhole)}; pragma wal_checkpoint(truncate)`);
}

const INSERT = (rows, isWhole) => `
  insert into attempt (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, event_id, url,
    outcome, status, error_code, error, duration_ms, request_bytes, response_bytes, remote_address, sequence)
  with recursive
    number (i) as (select 0 union all select i + 1 from number where i < ${Number(rows) - 1}),
    moment as (select i, 1767225600000 + i * 1700 as ms, 
      ${isWhole ? `i < ${Math.ceil(rows / 1000)}` : 'i % 10 = 0'} as bad from number),
    named as (select *, format('%012x', ms) as hex from moment),
    whole as (
      select *, format('%s-%s-7%03x-8%03x-%012x', substr(hex, 1, 8), substr(hex, 9), i % 4096, i % 4096, i) as uuid
      from named
    )
  select '${FILLED_WEBHOOK}', strftime('%Y-%m-%dT%H:%M:%fZ', ms / 1000.0, 'unixepoch'), uuid, uuid, 1, 'out',
    'mail2many', ${isWhole ? `iif(bad, 'optout', 'optin')` : `'optin'`}, 'evt_' || i, 'http://127.0.0.1:3000/hook?x=' || (i % 7), iif(bad, 'refused', 'delivered'),
    iif(bad, 500, 200), iif(bad, 'HTTP_500', null), iif(bad, 'the endpoint answered 500, "not" accepted', null),
    (i % 1000) / 10.0 + 1.5, 200 + i % 50, i % 64, '127.0.0.1', i + 1
  from whole;
  ${isWhole ? WHOLE : LAST_EXCHANGE}`;

const LAST_EXCHANGE = `insert into exchange
    select sequence, delivery_id, id, timestamp, '[]', '[]', x'', 0, '{}', null, '[]' from attempt
    order by timestamp desc limit 1`;

/** Headers and bodies as long as those of a sample of mail2many. */
const HEADERS = JSON.stringify([
  ['content-type', 'application/json'],
  ['x-signature', '*'.repeat(64)],
]);
const WHOLE = `insert into delivery
    select delivery_id, webhook_uuid, vendor, event, event_id, direction, url, 'POST', timestamp, zeroblob(300)
    from attempt order by webhook_uuid, timestamp, id;
  insert into exchange
    select sequence, delivery_id, id, timestamp, '${HEADERS}', '${HEADERS}', x'', 0, '{}', null, '[]' from attempt
    order by webhook_uuid, timestamp, id`;
