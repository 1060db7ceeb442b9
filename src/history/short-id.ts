import type { Database } from './database.ts';

/**
 * A delivery's id begins with its time (UUIDv7: https://www.rfc-editor.org/rfc/rfc9562#section-5.7), which is the same
 * in every row of a list. Its short form is the piece behind the digits that change every three days:
 * `1d6-12f4` of `01a221d6-12f4-7abc-…`, longer where another delivery has the same. The digits left out can be found
 * again by the index of ids: a year has 118 of them.
 */
const FROM = 5;
/** Where a short form may end: at the end of a group, at its shortest after that of milliseconds. */
const ENDS = [13, 18, 23];

/** More than anybody looks through, and each takes a look at every three days of the history. */
const MOST = 1000;

/** No beginning of an id looks so. */
const SHORT = /^[0-9a-f]{3}-/;

/** Every beginning of an id that is left out in short forms, each once. */
const BEGINNINGS = `beginning (text) as (
    select (select substr(id, 1, ${FROM}) from delivery order by id limit 1)
    union all
    select (select substr(id, 1, ${FROM}) from delivery where id > beginning.text || '~' order by id limit 1)
    from beginning where beginning.text is not null
  )`;
const WITH_PIECE = (piece: string): string =>
  `delivery d on d.id >= beginning.text || ${piece} and d.id < beginning.text || ${piece} || '~'`;

/** The shortest form of each id that no other delivery has; of a long list, and where there is none, the whole id. */
export function shortIds(database: Database, ids: readonly string[]): string[] {
  if (ids.length > MOST) return [...ids];
  const found = new Map<string, string>();
  for (const end of ENDS) {
    const open = ids.filter((id) => !found.has(id));
    if (open.length === 0) break;
    const single = new Set(findSingle(database, [...new Set(open.map((id) => id.slice(FROM, end)))]));
    for (const id of open) if (single.has(id.slice(FROM, end))) found.set(id, id.slice(FROM, end));
  }
  return ids.map((id) => found.get(id) ?? id);
}

function findSingle(database: Database, pieces: readonly string[]): string[] {
  return database
    .prepare<[string]>(
      `with recursive ${BEGINNINGS}
       select wanted.value from json_each(?) as wanted cross join beginning cross join ${WITH_PIECE('wanted.value')}
       where beginning.text is not null group by wanted.value having count(*) = 1`,
    )
    .all(JSON.stringify(pieces))
    .map(([piece]) => piece);
}

/** The ids, `limit` at most, that begin so, or whose short form does. */
export function findIds(database: Database, wanted: string, limit: number): string[] {
  const sql = SHORT.test(wanted)
    ? `with recursive ${BEGINNINGS}
       select d.id from beginning cross join ${WITH_PIECE('?1')} where beginning.text is not null limit ?2`
    : "select id from delivery where id >= ?1 and id < ?1 || '~' order by id limit ?2";
  return database
    .prepare<[string]>(sql)
    .all(wanted, limit)
    .map(([id]) => id);
}
