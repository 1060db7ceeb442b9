import type { Selection } from '../model/selection.ts';
import type { Database, SqlValue } from './database.ts';

/**
 * A span says how many attempts of each kind one webhook has from one time up to another, so that a far page is found
 * without walking over all rows before it, and rare events without reading the others. Spans are a cache beside the
 * tables: made by a reader that has a long way to go, and deleted by triggers as soon as an attempt inside them comes,
 * goes or changes, whichever program does that. Where a span is, it is true; where none is, rows are counted.
 *
 * `begins` belongs to the span, `ends` to the next. A small history, or one of which nobody asks for far pages, has
 * neither the table nor the triggers. https://www.sqlite.org/lang_createtrigger.html
 */
const TABLE = `create table span (
    webhook_uuid text not null,
    begins text not null,
    ends text not null,
    event text not null,
    direction text not null,
    purpose text not null,
    failed integer not null,
    attempts integer not null,
    first_sequence integer not null,
    last_sequence integer not null,
    primary key (webhook_uuid, begins, event, direction, purpose, failed)
  ) without rowid;`;

/** Most attempts are newer than every span: they cost one look at the newest. */
const dropAround = (row: 'new' | 'old'): string => `
  delete from span where webhook_uuid = ${row}.webhook_uuid and ends > ${row}.timestamp and begins = (
    select max(begins) from span where webhook_uuid = ${row}.webhook_uuid and begins <= ${row}.timestamp);`;
const isInside = (row: 'new' | 'old'): string => `${row}.timestamp < (
  select ends from span where webhook_uuid = ${row}.webhook_uuid order by begins desc limit 1)`;

const TRIGGERS: Readonly<Record<string, string>> = {
  span_of_new: `after insert on attempt when ${isInside('new')} begin ${dropAround('new')} end`,
  span_of_old: `after delete on attempt when ${isInside('old')} begin ${dropAround('old')} end`,
  span_of_changed: `after update on attempt begin ${dropAround('old')} ${dropAround('new')} end`,
};

/** Spans are true only where every trigger stands guard. */
export function hasSpans(database: Database): boolean {
  const names = ['span', ...Object.keys(TRIGGERS)];
  const found = database
    .prepare<[number]>('select count(*) from main.sqlite_schema where name in (select value from json_each(?))')
    .first(JSON.stringify(names))?.[0];
  return found === names.length;
}

/** Inside a transaction: without one a write could come between the table and its triggers. */
export function createSpans(database: Database): void {
  const names = Object.keys(TRIGGERS);
  database.exec(`drop table if exists span; ${names.map((name) => `drop trigger if exists ${name};`).join(' ')}`);
  database.exec(TABLE);
  for (const [name, rule] of Object.entries(TRIGGERS)) database.exec(`create trigger ${name} ${rule}`);
}

/** One webhook's attempts from `begins` up to, not including, `ends`. */
export interface Stretch {
  webhookUuid: string;
  begins: string;
  ends: string;
  /** How many of them are in the selection; null: not known without counting. */
  matches: number | null;
  /** No span covers it. */
  isGap: boolean;
}

/** Before and behind every timestamp. */
const [START, END] = ['', '~'];

type SpanRow = readonly [
  begins: string,
  ends: string,
  matches: number,
  firstSequence: number | null,
  lastSequence: number | null,
];

/** A time and the first one behind it. */
type Range = readonly [begins: string, ends: string];

/** Both days of the selection belong to it; all timestamps are of one length. */
export const rangeOf = ({ from, to }: Selection): Range => [from ?? START, to === null ? END : `${to}${END}`];

/** What one webhook has in the range, without a hole, the oldest stretch first. */
export function readStretches(
  database: Database,
  selection: Selection,
  webhookUuid: string,
  [begins, ends]: Range,
): Stretch[] {
  const stretches: Stretch[] = [];
  let from = begins;
  const addGap = (until: string): void => {
    if (from < until) stretches.push({ webhookUuid, begins: from, ends: until, matches: null, isGap: true });
  };
  for (const row of readSpans(database, selection, webhookUuid, [begins, ends])) {
    addGap(row[0]);
    const isCut = row[0] < begins || row[1] > ends;
    const until = row[1] < ends ? row[1] : ends;
    const matches = isCut ? null : matchesOf(row, selection.asOf);
    stretches.push({ webhookUuid, begins: row[0] < begins ? begins : row[0], ends: until, matches, isGap: false });
    from = until;
  }
  addGap(ends);
  return stretches;
}

function readSpans(
  database: Database,
  { event, failedOnly, direction, includeTests }: Selection,
  webhookUuid: string,
  [begins, ends]: Range,
): SpanRow[] {
  if (!hasSpans(database)) return [];
  const kinds: [sql: string, ...values: SqlValue[]][] = [['true']];
  if (event !== null) kinds.push(['event = ?', event]);
  if (failedOnly) kinds.push(['failed']);
  if (direction !== undefined) kinds.push(['direction = ?', direction]);
  if (!includeTests) kinds.push([`purpose = 'event'`]);
  return database
    .prepare<SpanRow>(
      `select begins, max(ends), sum(iif(is_asked, attempts, 0)), min(iif(is_asked, first_sequence, null)),
         max(iif(is_asked, last_sequence, null))
       from (select *, ${kinds.map(([sql]) => sql).join(' and ')} as is_asked from span
         where webhook_uuid = ? and begins < ? and ends > ?)
       group by begins order by begins`,
    )
    .all(...kinds.flatMap(([, ...values]) => values), webhookUuid, ends, begins);
}

/** Of attempts that were recorded at different times `asOf` may part them: then they must be counted. */
function matchesOf([, , matches, first, last]: SpanRow, asOf: number | null): number | null {
  if (asOf === null || first === null || last === null || last <= asOf) return matches;
  return first > asOf ? 0 : null;
}
