import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HistoryReader } from '../../src/history/history.ts';
import { openReader } from '../../src/history/reader.ts';
import { openWriter } from '../../src/history/writer.ts';
import type { Selection } from '../../src/model/selection.ts';
import { seededRandom } from '../../src/plan/ids.ts';
import { testFolder } from '../helpers/folder.ts';
import { makeRecord } from '../helpers/record.ts';
import { askSqlite, hasSqlite } from '../helpers/sqlite-shell.ts';

const ROWS = 24_000;
const START = Date.parse('2026-01-01T00:00:00.000Z');
const webhook = (number: number): string => `123e4567-e89b-12d3-a456-${String(number).padStart(12, '0')}`;

/** How attempts lie: of how many webhooks, and how many milliseconds the time of attempt `i` is after the start. */
const SHAPES: readonly (readonly [name: string, webhooks: number, ms: string])[] = [
  ['one webhook', 1, 'i * 1700'],
  ['many attempts of one moment', 1, '(i / 5000) * 60000'],
  ['three webhooks, the first with most', 3, 'i * 40 + i * 7919 % 90'],
  ['forty webhooks', 40, '(i / 3) * 1000'],
];

/** Inserts attempts without their deliveries, which an export does not read; `first` is the number of the first. */
const insertRows = (first: number, rows: number, webhooks: number, ms: string): string => `
  insert into attempt (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, url, outcome,
    duration_ms, request_bytes, response_bytes, purpose, sequence)
  with recursive number (i) as (select ${first} union all select i + 1 from number where i < ${first + rows - 1})
  select format('123e4567-e89b-12d3-a456-%012d', iif(i % 2, 0, i % ${webhooks})),
    strftime('%Y-%m-%dT%H:%M:%fZ', (${START} + ${ms}) / 1000.0, 'unixepoch'), format('%08x-%d', i * 2654435761 % 4294967296, i),
    'd' || i, 1, iif(i % 7, 'out', 'in'), 'mail2many', iif(i % 4001, iif(i % 3, 'optin', 'optout'), 'rare'),
    'http://127.0.0.1/', iif(i % 11, 'delivered', 'refused'), 1, 2, 3, iif(i % 13, 'event', 'test'),
    ifnull((select max(sequence) from attempt), 0) + i - ${first} + 1
  from number;`;

const oldest = (rows: number, order = ''): string =>
  `delete from attempt where (webhook_uuid, timestamp, id) in (
     select webhook_uuid, timestamp, id from attempt order by timestamp ${order}, id ${order} limit ${rows});`;

/** What other programs do to a history; the shell knows nothing of spans. */
const CHANGES: readonly ((webhooks: number, ms: string) => string)[] = [
  () => '',
  (webhooks) => insertRows(ROWS, 300, webhooks, 'i * 2654435761 % 20000000'),
  () => oldest(700),
  // Their numbers are given again.
  (webhooks) => oldest(900, 'desc') + insertRows(ROWS + 1000, 900, webhooks, `${ROWS} * 1700 + i`),
  () => `update attempt set outcome = 'refused', event = 'rare' where delivery_id like 'd5_1';`,
  () => `delete from attempt where delivery_id like 'd%77';`,
  () => `delete from attempt where timestamp < (select timestamp from attempt order by 1 limit 1 offset ${ROWS / 2});`,
];

/** The plain question, which walks over every row before the page. */
function plainSql({ webhookUuid, from, to, asOf, event, direction, failedOnly, ...rest }: Selection): string {
  const { includeTests, order, limit, page } = rest;
  const parts = ['true'];
  if (webhookUuid !== null) parts.push(`webhook_uuid = '${webhookUuid}'`);
  if (from !== null) parts.push(`timestamp >= '${from}'`);
  if (to !== null) parts.push(`timestamp <= '${to}'`);
  if (asOf !== null) parts.push(`sequence <= ${asOf}`);
  if (event !== null) parts.push(`event = '${event}'`);
  if (direction !== undefined) parts.push(`direction = '${direction}'`);
  if (failedOnly) parts.push(`outcome <> 'delivered'`);
  if (!includeTests) parts.push(`purpose = 'event'`);
  return `select ifnull(group_concat(delivery_id, ' '), '') from (select * from (
    select delivery_id, timestamp, id from attempt where ${parts.join(' and ')}
    order by timestamp desc, id desc limit ${limit ?? -1} offset ${limit === null ? 0 : limit * (page - 1)})
    order by timestamp ${order}, id ${order});`;
}

async function askReader(reader: HistoryReader, selection: Selection): Promise<string> {
  const found: unknown[] = [];
  for await (const rows of reader.rows(selection, ['deliveryId'])) found.push(...rows.flat());
  return found.join(' ');
}

async function askLines(reader: HistoryReader, selection: Selection): Promise<string> {
  let text = '';
  for await (const { bytes } of reader.lines(selection, { fields: ['deliveryId'], style: 'csv', separator: ' ' }))
    text += Buffer.from(bytes).toString();
  return text;
}

function makeQuestion(random: () => number, webhooks: number, latest: number): Selection {
  const oneOf = <Value>(...values: Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  const time = (): string => new Date(START + Math.floor(random() * ROWS * 1000)).toISOString();
  const limit = oneOf(1, 7, 100, 100, 2500, null);
  const direction = oneOf<Selection['direction']>(undefined, undefined, undefined, 'in');
  return {
    webhookUuid: oneOf(null, webhook(0), webhook(0), webhook(webhooks - 1)),
    from: oneOf(null, null, time()),
    to: oneOf(null, null, time()),
    asOf: oneOf(null, latest, Math.floor(latest * random())),
    event: oneOf(null, null, 'optin', 'rare', 'none'),
    ...(direction === undefined ? {} : { direction }),
    failedOnly: random() < 0.3,
    includeTests: random() < 0.5,
    order: oneOf('asc', 'desc'),
    limit,
    page: limit === null ? 1 : 1 + Math.floor((random() * oneOf(10, ROWS, ROWS)) / limit),
  };
}

/** Spans that say something else than the rows they stand for. */
const FALSE_SPANS = `select count(*) from span s where (attempts, first_sequence, last_sequence) is not (
  select count(*), min(sequence), max(sequence) from attempt a
  where a.webhook_uuid = s.webhook_uuid and timestamp >= begins and timestamp < ends and a.event = s.event
    and a.direction = s.direction and a.purpose = s.purpose and (outcome <> 'delivered') = failed);`;

test.skipIf(!hasSqlite).each(SHAPES)(
  'every page is that of the sqlite3 shell, whatever others do to the history: %s',
  async (_name, webhooks, ms) => {
    const file = join(testFolder(), 'history.db');
    await (await openWriter(file)).close();
    const seed = `pages of ${webhooks} ${ms}`;
    const { bytes } = seededRandom(seed);
    const random = (): number => Buffer.from(bytes(4)).readUInt32LE() / 2 ** 32;
    await askSqlite(file, insertRows(0, ROWS, webhooks, ms));
    const reader = await openReader(file);
    for (const [round, change] of CHANGES.entries()) {
      const [latest] = await askSqlite(file, change(webhooks, ms), 'select max(sequence) from attempt');
      const deep = { ...makeQuestion(() => 0, 1, 0), asOf: null, includeTests: true, limit: 100, page: 110 };
      const asked = [deep, ...Array.from({ length: 14 }, () => makeQuestion(random, webhooks, Number(latest)))];
      const expected = await askSqlite(file, ...asked.map((selection) => plainSql(selection)));
      for (const [index, selection] of asked.entries()) {
        const found = await (index % 2 === 0 ? askReader : askLines)(reader, selection);
        expect({ seed, round, selection, found }).toEqual({ seed, round, selection, found: expected[index] });
      }
      const [wrong, spans] = await askSqlite(file, FALSE_SPANS, 'select count(*) from span');
      expect({ seed, round, wrong, hasSpans: Number(spans) > 0 }).toEqual({ seed, round, wrong: '0', hasSpans: true });
    }
    await reader.close();
  },
);

const DEEP: Selection = {
  webhookUuid: webhook(0),
  from: null,
  to: null,
  asOf: null,
  event: null,
  failedOnly: false,
  includeTests: true,
  order: 'desc',
  limit: 5,
  page: 2400,
};

test.skipIf(!hasSqlite)('while another program holds the history pages are found without spans', async () => {
  const file = join(testFolder(), 'history.db');
  await (await openWriter(file)).close();
  await askSqlite(file, insertRows(0, ROWS, 1, 'i * 1000'));
  const [expected] = await askSqlite(file, plainSql(DEEP));
  const holder = spawn('sqlite3', ['-cmd', '.timeout 10000', file], { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdin.write("begin immediate;\nselect 'held';\n");
  await once(holder.stdout, 'data');
  const reader = await openReader(file);
  expect(await askReader(reader, DEEP)).toBe(expected);
  holder.stdin.end('rollback;\n');
  await once(holder, 'close');
  expect(await askSqlite(file, `select count(*) from sqlite_schema where name = 'span'`)).toEqual(['0']);
  expect(await askReader(reader, DEEP)).toBe(expected);
  expect(await askSqlite(file, FALSE_SPANS, 'select count(*) > 0 from span')).toEqual(['0', '1']);
  await reader.close();
});

test.skipIf(!hasSqlite)('a long count leaves time for others, and goes on where it was left', async () => {
  const file = join(testFolder(), 'history.db');
  await (await openWriter(file)).close();
  await askSqlite(file, insertRows(0, 120_000, 1, 'i * 1700'));
  const reader = await openReader(file);
  const selection = { ...DEEP, event: 'never', page: 1 };
  const spans = (): Promise<string[]> => askSqlite(file, 'select count(distinct begins) from span');
  let turns = 0;
  setImmediate(() => (turns += 1));
  for await (const counted of reader.countAhead(selection)) {
    expect([counted, turns, ...(await spans())]).toEqual([25 * 2048, 1, '25']);
    break;
  }
  const rest: number[] = [];
  for await (const counted of reader.countAhead(selection)) rest.push(counted);
  expect([rest[0], ...(await spans()), ...(await askSqlite(file, FALSE_SPANS))]).toEqual([25 * 2048, '58', '0']);
  expect(await askReader(reader, selection)).toBe('');
  await reader.close();
});

test.skipIf(!hasSqlite)('pages are true while another process inserts and deletes in the past', async () => {
  const file = join(testFolder(), 'history.db');
  await (await openWriter(file)).close();
  await askSqlite(file, insertRows(0, ROWS, 1, 'i * 1000'));
  const reader = await openReader(file);
  await askReader(reader, DEEP);
  const other = spawn('sqlite3', ['-bail', '-cmd', '.timeout 10000', file], { stdio: ['pipe', 'ignore', 'inherit'] });
  // Each transaction puts one attempt in the place of another: the number of attempts stays as it is.
  for (let i = 0; i < 120; i++) {
    const at = (i * 7919) % ROWS;
    const ofIt = `where webhook_uuid = '${webhook(0)}'`;
    other.stdin.write(
      `begin immediate; delete from attempt ${ofIt} and (timestamp, id) in (
         select timestamp, id from attempt ${ofIt} order by timestamp, id limit 1 offset ${at});
       ${insertRows(2 * ROWS + 2 * i, 1, 1, `${at} * 1000 + 1`)} commit;\n`,
    );
  }
  other.stdin.end();
  const ended = once(other, 'close');
  const wrong: number[] = [];
  let asked = 0;
  while (other.exitCode === null && other.signalCode === null) {
    // Every attempt but one: the one that is left tells that none was counted twice, or not at all.
    const rest = await reader.newestTimestamp({ ...DEEP, limit: ROWS - 1, page: 2 });
    const none = await reader.newestTimestamp({ ...DEEP, limit: ROWS, page: 2 });
    if (rest === null || none !== null) wrong.push(asked);
    asked += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await ended).toEqual([0, null]);
  expect({ wrong, asked: asked > 1 }).toEqual({ wrong: [], asked: true });
  expect(await askSqlite(file, FALSE_SPANS)).toEqual(['0']);
  await reader.close();
});

test.skipIf(!hasSqlite)('records are written as before where spans are, and prune keeps them true', async () => {
  const file = join(testFolder(), 'history.db');
  const writer = await openWriter(file);
  await askSqlite(file, insertRows(0, ROWS, 1, 'i * 1000'));
  const reader = await openReader(file);
  await askReader(reader, DEEP);
  const [delivery, attempt] = makeRecord(1, { delivery: { webhookUuid: webhook(0), createdAt: START + 5_000_000 } });
  await writer.append(delivery, attempt);
  const same = `select a.sequence = e.sequence from exchange e join attempt a on a.id = e.attempt_id`;
  expect(await askSqlite(file, same, FALSE_SPANS)).toEqual(['1', '0']);
  expect(await writer.prune({ keepLast: 0, beforeMs: Date.parse('2030-01-01T00:00:00Z') })).toEqual({
    deliveries: 1,
    attempts: 1,
  });
  expect(await askSqlite(file, FALSE_SPANS, 'select count(*) > 0 from span')).toEqual(['0', '1']);
  await reader.close();
  await writer.close();
});
