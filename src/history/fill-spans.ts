import { accessSync, constants } from 'node:fs';
import type { Selection } from '../model/selection.ts';
import { connect, isBusy, type Database } from './database.ts';
import { MIGRATIONS } from './migrations.ts';
import { countingIn, skipAttempts } from './skip-attempts.ts';
import { createSpans, hasSpans, rangeOf, readStretches, type Stretch } from './spans.ts';

/** More make a page longer to find within its span, fewer make more spans to add up. */
export const SPAN_ROWS = 2048;

/** While another program holds the file. Its commit between our reading and our writing costs a try at once. */
const BUSY_TIMEOUT_MS = 50;
const TRIES = 5;
/** So many spans are made before others may do something, such as look at a signal: half a second at most. */
const AT_ONCE = 25;

/**
 * Counts the attempts up to the one at `offset` into spans, one in each transaction: other programs wait for as long
 * as a few rows take. Where the file cannot be written, or others write all the time, fewer spans or none are made: a
 * reader then counts, and meets by itself what is wrong with the file. Yields how many attempts are counted so far.
 */
export function* fillSpans(
  path: string,
  selection: Selection,
  offset: number,
  webhookUuids: readonly string[],
): Generator<number, void> {
  let database: Database | undefined;
  try {
    accessSync(path, constants.W_OK);
    database = connect(path, path, BUSY_TIMEOUT_MS);
    const [version] = database.prepare<[number]>('pragma user_version').first() ?? [];
    if (version !== MIGRATIONS.length) return;
    database.exec('pragma synchronous = normal');
    for (let made = AT_ONCE, counted = 0; made >= AT_ONCE; yield counted) {
      made = fillUpTo(database, selection, offset, webhookUuids);
      counted += made * SPAN_ROWS;
    }
  } catch {
    // See above.
  } finally {
    database?.close();
  }
}

/** Returns how many spans it made: fewer than `AT_ONCE` when it got there. */
function fillUpTo(database: Database, selection: Selection, offset: number, webhookUuids: readonly string[]): number {
  let made = 0;
  const left = webhookUuids.map((uuid) => readStretches(database, selection, uuid, rangeOf(selection)));
  // The newest attempts still get company, which would delete their spans.
  const keptUntil = new Map(webhookUuids.map((uuid) => [uuid, timestampAt(database, uuid, rangeOf(selection))]));
  const newestGap = new Map(webhookUuids.map((uuid, index) => [uuid, left[index]?.at(-1)?.begins]));
  const count = countingIn(database, selection);
  skipAttempts(left, offset, (stretches, most) => {
    const gap = stretches.at(-1) as Stretch;
    const edge = keptUntil.get(gap.webhookUuid) ?? null;
    if (!gap.isGap || edge === null || edge <= gap.begins) return count(stretches, most);
    if (edge < gap.ends) {
      stretches.splice(-1, 1, { ...gap, ends: edge }, { ...gap, begins: edge });
      return count(stretches, most);
    }
    const cut = timestampAt(database, gap.webhookUuid, [gap.begins, gap.ends]);
    // Less than a whole span of the newest attempts would only be a small one for ever.
    if (cut === null && newestGap.get(gap.webhookUuid) === gap.begins) return count(stretches, most);
    const range = [cut ?? gap.begins, gap.ends] as const;
    if (made === AT_ONCE) return false;
    if (keepSpan(database, gap.webhookUuid, range)) made += 1;
    const older = cut === null || cut === gap.begins ? [] : [{ ...gap, ends: cut }];
    stretches.splice(-1, 1, ...older, ...readStretches(database, selection, gap.webhookUuid, range));
    return stretches.at(-1)?.isGap !== true || count(stretches, most);
  });
  return made;
}

/** When the oldest of the newest `SPAN_ROWS` attempts of a range began; null where it has fewer. */
function timestampAt(
  database: Database,
  webhookUuid: string,
  [begins, ends]: readonly [string, string],
): string | null {
  return (
    database
      .prepare<[string]>(
        `select timestamp from attempt where webhook_uuid = ? and timestamp >= ? and timestamp < ?
         order by timestamp desc limit 1 offset ${SPAN_ROWS - 1}`,
      )
      .first(webhookUuid, begins, ends)?.[0] ?? null
  );
}

type KindRow = readonly [
  event: string,
  direction: string,
  purpose: string,
  failed: number,
  attempts: number,
  firstSequence: number,
  lastSequence: number,
];

const KINDS = `select event, direction, purpose, outcome <> 'delivered', count(*), min(sequence), max(sequence)
  from attempt where webhook_uuid = ? and timestamp >= ? and timestamp < ? group by 1, 2, 3, 4`;

/** Whether it is made. Counts first and writes then, so that the lock is held for the few rows of the span alone. */
function keepSpan(database: Database, webhookUuid: string, range: readonly [begins: string, ends: string]): boolean {
  const [begins, ends] = range;
  const keep = (): boolean => {
    if (!hasSpans(database)) createSpans(database);
    const overlapping = database
      .prepare('select 1 from span where webhook_uuid = ? and begins < ? and ends > ? limit 1')
      .first(webhookUuid, ends, begins);
    if (overlapping !== undefined) return false;
    const insert = database.prepare('insert into span values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    const kinds = database.prepare<KindRow>(KINDS).all(webhookUuid, begins, ends);
    for (const kind of kinds) insert.run(webhookUuid, begins, ends, ...kind);
    return kinds.length > 0;
  };
  for (let tries = 1; ; tries++) {
    try {
      return database.withSnapshot(keep);
    } catch (error) {
      if (!isBusy(error) || tries === TRIES) throw error;
    }
  }
}
