import type { Outcome } from '../model/attempt.ts';
import type { LoadSecond } from '../model/load-report.ts';
import { emptySecond, joinSeconds } from '../model/load-second.ts';
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
      this.#parts.push(emptySecond(this.#parts.length * this.#widthMs, this.#widthMs));
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
    this.#parts = pairs.map((part, index) => {
      const next = this.#parts[2 * index + 1];
      return { ...(next === undefined ? part : joinSeconds(part, next)), widthMs: this.#widthMs };
    });
  }
}

type OpenPart = { -readonly [Name in keyof LoadSecond]: LoadSecond[Name] };

/** With the times that are not in it yet: a part that was halved has some. */
function measured(part: LoadSecond, times: LatencyHistogram): LoadSecond {
  const own = { p50Ms: times.percentileMs(50), p99Ms: times.percentileMs(99), maxMs: times.percentileMs(100) };
  return joinSeconds(part, { ...emptySecond(part.atMs, part.widthMs), ...own });
}
