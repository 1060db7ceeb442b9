import { setImmediate } from 'node:timers/promises';
import type { Selection } from '../model/selection.ts';
import type { Database, SqlValue } from './database.ts';
import { fillSpans, SPAN_ROWS } from './fill-spans.ts';
import { mergeKeyed } from './merge-keyed.ts';
import { compareKeys, whereOf, type AttemptKey, type PageEnds } from './select-attempts.ts';
import { countingIn, skipAttempts } from './skip-attempts.ts';
import { rangeOf, readStretches, type Stretch } from './spans.ts';
import { readWebhookUuids } from './webhook-uuids.ts';

/** The newest and the oldest attempt of the page; null when the page is empty. */
export function findPageEnds(database: Database, selection: Selection): PageEnds | null {
  const { limit, page } = selection;
  const [first, last] = limit === null ? [0, ALL] : [(page - 1) * limit, page * limit - 1];
  return askFar(database, selection, last, (way) => {
    const newest = findNth(database, selection, { ...way, offset: first });
    if (newest === null) return null;
    const oldest = last === ALL ? null : findNth(database, selection, way);
    return { newest, oldest: oldest ?? findOldest(database, selection, way) ?? newest };
  });
}

export function newestTimestamp(database: Database, selection: Selection): string | null {
  const { page, limit } = selection;
  const offset = limit === null ? 0 : (page - 1) * limit;
  return askFar(database, selection, offset, (way) => findNth(database, selection, way))?.timestamp ?? null;
}

/** More than there are: SQLite has no number for infinitely many. */
const ALL = 1e15;

/** So many attempts are passed in less time than spans are read. */
const NEAR = 4 * SPAN_ROWS;

const CHUNK_KEYS = 500;

/** Which attempt is looked for, and where. */
interface FarQuestion {
  webhookUuids: readonly string[];
  /** How many attempts of the selection are newer. */
  offset: number;
  /** Spans shorten the way. */
  isFar: boolean;
}

/** Asks about one state of the file; first has spans made where the way up to `offset` would be long without. */
function askFar<Answer>(
  database: Database,
  selection: Selection,
  offset: number,
  ask: (way: FarQuestion) => Answer,
): Answer {
  const way = wayTo(database, selection, offset);
  // To the end, whatever it yields.
  for (const _ of countUpTo(database, selection, way));
  return database.withSnapshot(() => ask(way));
}

function wayTo(database: Database, selection: Selection, offset: number): FarQuestion {
  const { webhookUuid } = selection;
  const webhookUuids = webhookUuid === null ? readWebhookUuids(database) : [webhookUuid];
  // Of all attempts, without a filter, the last one is found from the other end.
  const isFar = isFiltered(selection) || (offset >= NEAR && offset < ALL);
  return { webhookUuids, offset, isFar };
}

function* countUpTo(database: Database, selection: Selection, way: FarQuestion): Generator<number, void> {
  if (way.isFar && isUncounted(database, selection, way))
    yield* fillSpans(database.path, selection, way.offset, way.webhookUuids);
}

/**
 * Counts what the page must pass, where that takes long: who asks for the page then finds it soon. Yields how many
 * attempts are counted so far, and leaves time for a signal and for showing it.
 */
export async function* countAhead(database: Database, selection: Selection): AsyncGenerator<number, void> {
  const { limit, page } = selection;
  const last = limit === null ? ALL : page * limit - 1;
  for (const counted of countUpTo(database, selection, wayTo(database, selection, last))) {
    await setImmediate();
    yield counted;
  }
}

const isFiltered = ({ event, failedOnly, direction }: Selection): boolean =>
  event !== null || failedOnly || direction !== undefined;

/** Whether on the way there are more than a few attempts outside all spans. */
function isUncounted(database: Database, selection: Selection, way: FarQuestion): boolean {
  const count = countingIn(database, selection);
  let seen = 0;
  skipAttempts(stretchesOf(database, selection, way), way.offset, (stretches, most) => {
    seen += countRows(database, stretches.at(-1) as Stretch, NEAR - seen);
    return seen < NEAR && count(stretches, most);
  });
  return seen >= NEAR;
}

function countRows(database: Database, { webhookUuid, begins, ends }: Stretch, most: number): number {
  const sql = `select count(*) from (
    select 1 from attempt where webhook_uuid = ? and timestamp >= ? and timestamp < ? limit ?)`;
  return database.prepare<[number]>(sql).first(webhookUuid, begins, ends, most)?.[0] ?? 0;
}

/** Of each webhook, the oldest first. */
function stretchesOf(database: Database, selection: Selection, { isFar, webhookUuids }: FarQuestion): Stretch[][] {
  const [begins, ends] = rangeOf(selection);
  return webhookUuids.map((webhookUuid) =>
    isFar
      ? readStretches(database, selection, webhookUuid, [begins, ends])
      : [{ webhookUuid, begins, ends, matches: null, isGap: true }],
  );
}

/** The attempt before which `offset` are newer. */
function findNth(database: Database, selection: Selection, way: FarQuestion): AttemptKey | null {
  const left = stretchesOf(database, selection, way);
  const [only, ...others] = left;
  const isOne = others.length === 0;
  const count = countingIn(database, selection);
  // One that is looked into anyway need not be counted.
  const isSkipped = (stretches: Stretch[]): boolean => (isOne ? stretches.length > 1 : way.offset >= NEAR);
  const rest = skipAttempts(left, way.offset, (stretches, most) => isSkipped(stretches) && count(stretches, most));
  if (isOne) {
    const head = only?.at(-1);
    return head === undefined ? null : (readKeys(database, selection, head, { offset: rest, limit: 1 })[0] ?? null);
  }
  const limit = Math.min(rest + 1, CHUNK_KEYS);
  let passed = 0;
  for (const [timestamp, id] of mergeKeyed(
    left.map((stretches) => keysOf(database, selection, stretches, limit)),
    -1,
  ))
    if (passed++ === rest) return { timestamp, id };
  return null;
}

/** The keys of one webhook, the newest first. */
function* keysOf(
  database: Database,
  selection: Selection,
  stretches: readonly Stretch[],
  limit: number,
): Generator<readonly [string, string]> {
  for (const stretch of stretches.toReversed()) {
    for (let before: AttemptKey | undefined; stretch.matches !== 0;) {
      const keys = readKeys(database, selection, stretch, { limit, before });
      for (const { timestamp, id } of keys) yield [timestamp, id];
      if (keys.length < limit) break;
      before = keys.at(-1);
    }
  }
}

function findOldest(database: Database, selection: Selection, way: FarQuestion): AttemptKey | null {
  const keys = stretchesOf(database, selection, way).flatMap((stretches) => {
    for (const stretch of stretches) {
      const [key] = stretch.matches === 0 ? [] : readKeys(database, selection, stretch, { order: 'asc', limit: 1 });
      if (key !== undefined) return [key];
    }
    return [];
  });
  return keys.toSorted(compareKeys)[0] ?? null;
}

interface KeyQuestion {
  order?: Selection['order'];
  offset?: number;
  limit: number;
  /** Only what is older; the end of the stretch where it is absent. */
  before?: AttemptKey | undefined;
}

/** Of a stretch: the bound where the walk starts is a whole key, or SQLite would start at another one. */
function readKeys(
  database: Database,
  selection: Selection,
  { webhookUuid, begins, ends }: Stretch,
  { order = 'desc', offset = 0, limit, before = { timestamp: ends, id: '' } }: KeyQuestion,
): AttemptKey[] {
  const { sql, values } = whereOf({ ...selection, webhookUuid }, { withRange: false });
  const range: SqlValue[] = [begins, before.timestamp, before.id];
  return database
    .prepare<[string, string]>(
      `select timestamp, id from attempt where ${sql} and timestamp >= ? and (timestamp, id) < (?, ?)
       order by timestamp ${order}, id ${order} limit ? offset ?`,
    )
    .all(...values, ...range, limit, offset)
    .map(([timestamp, id]) => ({ timestamp, id }));
}

/** The parts of a page that may hold rows of one webhook: all of it, or, with a filter, what spans leave of it. */
export function partsOf(database: Database, selection: Selection, webhookUuid: string, ends: PageEnds): PageEnds[] {
  if (!isFiltered(selection)) return [ends];
  const { from, to } = { from: ends.oldest.timestamp, to: ends.newest.timestamp };
  const parts: PageEnds[] = [];
  for (const stretch of readStretches(database, selection, webhookUuid, rangeOf({ ...selection, from, to }))) {
    if (stretch.matches === 0) continue;
    const part = {
      oldest: later(ends.oldest, { timestamp: stretch.begins, id: '' }),
      newest: earlier(ends.newest, { timestamp: stretch.ends, id: '' }),
    };
    const last = parts.at(-1);
    if (last !== undefined && compareKeys(last.newest, part.oldest) === 0) last.newest = part.newest;
    else parts.push(part);
  }
  return selection.order === 'asc' ? parts : parts.toReversed();
}

const later = (a: AttemptKey, b: AttemptKey): AttemptKey => (compareKeys(a, b) > 0 ? a : b);
const earlier = (a: AttemptKey, b: AttemptKey): AttemptKey => (compareKeys(a, b) < 0 ? a : b);
