import type { Outcome } from '../model/attempt.ts';
import type { LoadSecond } from '../model/load-report.ts';
import { LatencyHistogram } from './latency.ts';

/** Ten minutes by the second. In a longer run the parts become twice as long, and again: memory stays bounded. */
const MOST_PARTS = 600;
const FIRST_WIDTH_MS = 1000;

/** What ended when. Times go forward: what is told now belongs to the last part, or to a new one. */
export class LoadSeries {
  #widthMs = FIRST_WIDTH_MS;
  #parts: LoadSecond[] = [];
  /** Response times of the last part. */
  readonly #times = new LatencyHistogram();

  /** @param responseMs null without an answer */
  end(atMs: number, outcome: Outcome, responseMs: number | null): void {
    this.#partAt(atMs)[outcome]++;
    if (responseMs !== null) this.#times.record(responseMs);
  }

  drop(atMs: number): void {
    this.#partAt(atMs).dropped++;
  }

  list(): LoadSecond[] {
    this.#measureLast();
    return this.#parts.map((part) => ({ ...part }));
  }

  #partAt(atMs: number): OpenPart {
    while (atMs >= MOST_PARTS * this.#widthMs) this.#halve();
    const last = Math.max(0, Math.floor(atMs / this.#widthMs));
    while (this.#parts.length <= last) {
      this.#measureLast();
      this.#times.clear();
      this.#parts.push(emptyPart(this.#parts.length, this.#widthMs));
    }
    return this.#parts.at(-1) as OpenPart;
  }

  #measureLast(): void {
    const last = this.#parts.at(-1);
    if (last !== undefined) this.#parts[this.#parts.length - 1] = measured(last, this.#times);
  }

  #halve(): void {
    this.#measureLast();
    this.#times.clear();
    this.#widthMs *= 2;
    const pairs = this.#parts.filter((_, index) => index % 2 === 0);
    this.#parts = pairs.map((part, index) => join(part, this.#parts[2 * index + 1], this.#widthMs));
  }
}

type OpenPart = { -readonly [Name in keyof LoadSecond]: LoadSecond[Name] };

const emptyPart = (index: number, widthMs: number): LoadSecond => ({
  atMs: index * widthMs,
  widthMs,
  delivered: 0,
  refused: 0,
  unreachable: 0,
  dropped: 0,
  p50Ms: null,
  p99Ms: null,
  maxMs: null,
});

/** With the times that are not in it yet: a part that was halved has some. */
function measured(part: LoadSecond, times: LatencyHistogram): LoadSecond {
  return {
    ...part,
    p50Ms: longer(part.p50Ms, times.percentileMs(50)),
    p99Ms: longer(part.p99Ms, times.percentileMs(99)),
    maxMs: longer(part.maxMs, times.percentileMs(100)),
  };
}

function join(part: LoadSecond, next: LoadSecond | undefined, widthMs: number): LoadSecond {
  if (next === undefined) return { ...part, widthMs };
  return {
    atMs: part.atMs,
    widthMs,
    delivered: part.delivered + next.delivered,
    refused: part.refused + next.refused,
    unreachable: part.unreachable + next.unreachable,
    dropped: part.dropped + next.dropped,
    p50Ms: longer(part.p50Ms, next.p50Ms),
    p99Ms: longer(part.p99Ms, next.p99Ms),
    maxMs: longer(part.maxMs, next.maxMs),
  };
}

const longer = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other);
