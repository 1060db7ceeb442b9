import { arrayText, type PostgresConnection } from './connection.ts';
import { uuidsFrom } from './uuid-range.ts';

/** Short forms are those of a SQLite file: the piece of an id behind the digits that change every three days. */
const FROM = 5;
const ENDS = [13, 18, 23];
const MOST = 1000;
const SHORT = /^[0-9a-f]{3}-[0-9a-f-]*$/;
/** Without its hyphens a piece is digits, which a range of uuids is made of. */
const digitsOf = (piece: string): string => piece.replaceAll('-', '');

/** Every beginning of an id that is left out in short forms, each once: it jumps from one to the next in the index. */
const BEGINNINGS = `with recursive beginning (text) as (
    (select left(id::text, ${FROM}) from hookproof.delivery order by id limit 1)
    union all
    select (select left(d.id::text, ${FROM}) from hookproof.delivery d
      where d.id > rpad(beginning.text, 32, 'f')::uuid order by d.id limit 1)
    from beginning where beginning.text is not null
  )`;

const WITH_PIECE = (piece: string): string => `d.id between rpad(beginning.text || ${piece}, 32, '0')::uuid
  and rpad(beginning.text || ${piece}, 32, 'f')::uuid`;

/** The shortest form of each id that no other delivery has; of a long list, and where there is none, the whole id. */
export async function shortIds(connection: PostgresConnection, ids: readonly string[]): Promise<string[]> {
  if (ids.length > MOST) return [...ids];
  const found = new Map<string, string>();
  for (const end of ENDS) {
    const open = ids.filter((id) => !found.has(id));
    if (open.length === 0) break;
    const single = new Set(await findSingle(connection, [...new Set(open.map((id) => id.slice(FROM, end)))]));
    for (const id of open) if (single.has(id.slice(FROM, end))) found.set(id, id.slice(FROM, end));
  }
  return ids.map((id) => found.get(id) ?? id);
}

async function findSingle(connection: PostgresConnection, pieces: readonly string[]): Promise<string[]> {
  const rows = await connection.rows<[string]>(
    `${BEGINNINGS}
     select wanted.piece from unnest($1::text[], $2::text[]) as wanted (piece, digits), beginning
       join lateral (select from hookproof.delivery d where ${WITH_PIECE('wanted.digits')} limit 2) one on true
     where beginning.text is not null group by wanted.piece having count(*) = 1`,
    [arrayText(pieces), arrayText(pieces.map(digitsOf))],
  );
  return rows.map(([piece]) => piece);
}

/** The ids, `limit` at most, that begin so, or whose short form does. */
export async function findIds(connection: PostgresConnection, wanted: string, limit: number): Promise<string[]> {
  if (SHORT.test(wanted)) {
    // Hyphens stand where those of an id do.
    if (uuidsFrom(`00000${wanted}`) === null) return [];
    const rows = await connection.rows<[string]>(
      `${BEGINNINGS}
       select d.id from beginning join hookproof.delivery d on ${WITH_PIECE('$1::text')}
       where beginning.text is not null limit $2`,
      [digitsOf(wanted), limit],
    );
    return rows.map(([id]) => id);
  }
  const range = uuidsFrom(wanted);
  if (range === null) return [];
  const rows = await connection.rows<[string]>(
    'select id from hookproof.delivery where id between $1 and $2 order by id limit $3',
    [...range, limit],
  );
  return rows.map(([id]) => id);
}
