import type { Arrival } from '../model/load-report.ts';

/** One of the parts of a run that are sent at the same time: together they send all of it, and nothing twice. */
export interface LoadPart {
  /** From 0. */
  number: number;
  of: number;
  /** How many events the closed loops of all parts have begun, in memory that they share. */
  begun: BigInt64Array;
}

export function splitLoad(parts: number): LoadPart[] {
  const begun = new BigInt64Array(new SharedArrayBuffer(8));
  return Array.from({ length: parts }, (_, number) => ({ number, of: parts, begun }));
}

/** Takes the next event of a closed loop, from 0: whichever part is free has it. */
export const beginNext = ({ begun }: LoadPart): number => Number(Atomics.add(begun, 0, 1n));

/** How many of `total` are this part's: those of all parts are `total`, and differ by one at most. */
export const shareFor = ({ number, of }: Pick<LoadPart, 'number' | 'of'>, total: number): number =>
  Math.floor(total / of) + (number < total % of ? 1 : 0);

/** Its share of what may go on at once. The timetable stays whole: the part takes every `of`-th start of it. */
export function shareArrival(arrival: Arrival, part: LoadPart): Arrival {
  if (arrival.kind === 'closed') return { ...arrival, connections: shareFor(part, arrival.connections) };
  const { connections, maxInFlight } = arrival;
  return {
    ...arrival,
    maxInFlight: shareFor(part, maxInFlight),
    ...(connections === undefined ? {} : { connections: shareFor(part, connections) }),
  };
}

/** More than that one thread that writes the history cannot follow, nor most endpoints. */
const MOST_THREADS = 4;
/** A thread takes a tenth of a second to start, and a second to become quick. */
const EVENTS_WORTH_A_THREAD = 10_000;
/** Half of what one thread sends: above it a timetable is no longer kept in every moment. */
const PER_SECOND_WORTH_A_THREAD = 5000;

/** How many parts may go on at once: each has a connection. */
export const mostParts = (arrival: Arrival): number =>
  arrival.kind === 'closed' ? arrival.connections : Math.min(arrival.maxInFlight, arrival.connections ?? Infinity);

/**
 * With how many threads a run is sent that nobody has chosen them for. A recorded run leaves a processor to the thread
 * that writes: on two processors a second sender brought 31 % more events a second without a history, 6 % with one.
 */
export function chooseThreads(
  { arrival, count, durationMs }: { arrival: Arrival; count: number; durationMs: number },
  processors: number,
  isRecorded: boolean,
): number {
  const worth =
    arrival.kind === 'closed'
      ? Math.min(count, durationMs * 10) / EVENTS_WORTH_A_THREAD
      : Math.min(count / EVENTS_WORTH_A_THREAD, Math.ceil(peakOf(arrival) / PER_SECOND_WORTH_A_THREAD));
  return Math.max(1, Math.floor(Math.min(worth, mostParts(arrival), processors - (isRecorded ? 1 : 0), MOST_THREADS)));
}

const peakOf = (arrival: Exclude<Arrival, { kind: 'closed' }>): number =>
  arrival.kind === 'ramp' ? Math.max(arrival.fromPerSecond, arrival.toPerSecond) : arrival.perSecond;
