import { runClosedLoop, type LoopEnd } from '../../load/closed-loop.ts';
import { beginNext, splitLoad, type LoadPart } from '../../load/load-part.ts';
import { judgeGenerator, LoadTally, type LoadProgress, type LoadSpan } from '../../load/load-tally.ts';
import { runOpenLoop, type Turns } from '../../load/open-loop.ts';
import { makeTimetable, type NextDue } from '../../load/timetable.ts';
import type { Attempt } from '../../model/attempt.ts';
import { stopwatchMs, type Random } from '../../model/clock.ts';
import type { Arrival, LoadReport } from '../../model/load-report.ts';
import { watchGenerator } from './generator-watch.ts';
import { LoadSender, type LoadContent, type LoadEnvironment, type NewEvent } from './load-sender.ts';
import { RetryStorm, type LoadEvent } from './retry-storm.ts';

/** What a run is to be. */
export interface LoadPlan extends LoadContent {
  arrival: Arrival;
  /** No event starts after that, in milliseconds from the start; infinite without a bound. */
  durationMs: number;
  /** No more events than that; infinite without a bound. */
  count: number;
  /** Failed events come again as the vendor does it, so many times faster; null: they do not. */
  burst: { timeScale: number } | null;
}

/** How many the transport of a run opens at most. */
export const connectionsOf = (arrival: Arrival): number =>
  arrival.kind === 'closed' ? arrival.connections : (arrival.connections ?? arrival.maxInFlight);

/** A run that goes on. */
export interface LoadRun {
  progress(): LoadProgress;
  /** The first attempt that had no answer, with what to do about it; null: each had one. */
  unreachable(): Attempt | null;
  /** What was done until now, as a run that is interrupted; null: nothing is known. */
  soFar(): LoadReport | null;
  /** Rejects with what no attempt can be blamed for: a header that cannot be sent, a bug. */
  ended: Promise<LoadReport>;
}

/** When a run began: what its times count from. */
export interface LoadStart {
  /** On the stopwatch, which is the same in all threads. */
  stopwatchMs: number;
  /** Milliseconds since the epoch. */
  epochMs: number;
}

/** The run of one thread. */
export interface PartRun extends LoadRun {
  soFar(): LoadReport;
  span(): LoadSpan | null;
}

/** What a run needs besides; left out, it is all of the run, and begins now. */
export interface PartOptions {
  random: Random;
  part?: LoadPart;
  start?: LoadStart;
}

/** How long those in flight may take once the run is interrupted. */
const GRACE_MS = 2000;

/**
 * Sends events as the plan says, and measures. Interrupted, it starts no more, gives those in flight two seconds and
 * reports what was done.
 */
export function startLoad(plan: LoadPlan, environment: LoadEnvironment & PartOptions): PartRun {
  const { signal, recordClock, recordIds, part = splitLoad(1)[0] as LoadPart } = environment;
  const { start = { stopwatchMs: stopwatchMs(), epochMs: recordClock.now() } } = environment;
  const elapsedMs = (): number => stopwatchMs() - start.stopwatchMs;
  const begun = { ...start, id: recordIds.uuidV7(start.epochMs) };
  const { vendor, timeoutMs: waitedMs } = plan.target;
  const tally = new LoadTally({ timeoutMs: vendor.timeoutMs.value, waitedMs });
  const storm = plan.burst === null ? null : new RetryStorm(vendor, plan.burst.timeScale, part.of);
  const patience = endAfter(signal, GRACE_MS);
  const sender = new LoadSender(plan, { ...environment, signal: patience.signal }, { tally, storm, elapsedMs });
  const readGenerator = watchGenerator();
  const runIt = async (): Promise<LoadReport> => {
    const loops = { plan, part, sender, storm, tally, elapsedMs, signal };
    const end =
      plan.arrival.kind === 'closed'
        ? await runClosed(loops, plan.arrival.connections)
        : await runOpen(loops, plan.arrival.maxInFlight, makeTimetable(plan.arrival, environment.random));
    const generator = readGenerator();
    patience.end();
    tally.counts.unrecorded = await countUnrecorded(environment);
    if (end.failures.length > 0) throw end.failures[0];
    return reportOf(plan, begun, signal.aborted, tally, generator);
  };
  return {
    progress: () => ({
      elapsedMs: elapsedMs(),
      counts: { ...tally.counts },
      inFlight: sender.inFlight,
      waiting: storm?.size ?? 0,
      p99Ms: tally.responseP99Ms(),
    }),
    unreachable: () => sender.unreachable,
    span: () => tally.span(),
    soFar: () => reportOf(plan, begun, true, tally, readGenerator()),
    ended: runIt(),
  };
}

interface Loops {
  plan: LoadPlan;
  part: LoadPart;
  sender: LoadSender;
  storm: RetryStorm | null;
  tally: LoadTally;
  elapsedMs: () => number;
  signal: AbortSignal;
}

/** Each connection goes on when its attempt has ended: with a retry that is due, else with a new event. */
async function runClosed(loops: Loops, connections: number): Promise<LoopEnd> {
  const { sender, storm, elapsedMs, signal } = loops;
  const takeNew = newEvents(loops);
  if (storm === null) return runClosedLoop(takeNew, connections, (event) => sender.sendNew(event), signal);
  let next: NewEvent | null = null;
  const hasNew = (): boolean => elapsedMs() < loops.plan.durationMs && (next ??= takeNew()) !== null;
  const takeNext = (): NewEvent => {
    const event = next as NewEvent;
    next = null;
    return event;
  };
  let free = connections;
  const turns: Turns<NewEvent | LoadEvent> = {
    dueMs: () => (free === 0 ? Infinity : storm.dueMs() > elapsedMs() && hasNew() ? 0 : storm.dueMs()),
    take: () => {
      free--;
      return storm.dueMs() <= elapsedMs() ? storm.take() : takeNext();
    },
  };
  const release = (): void => {
    // What was due until now has waited for this connection.
    if (free === 0) storm.holdUntil(elapsedMs());
    free++;
  };
  const sendOne = (turn: NewEvent | LoadEvent): Promise<void> => send(turn, sender).finally(release);
  return runOpenLoop(turns, { maxInFlight: connections, elapsedMs, signal }, sendOne, () => undefined);
}

/** The events of a closed loop, as far as the bounds of the run. */
function newEvents({ plan, part, elapsedMs }: Loops): () => NewEvent | null {
  return () => {
    if (elapsedMs() >= plan.durationMs) return null;
    const index = beginNext(part);
    return index < plan.count ? { index, dueMs: null } : null;
  };
}

const send = (turn: NewEvent | LoadEvent, sender: LoadSender): Promise<void> =>
  'index' in turn ? sender.sendNew(turn) : sender.sendAgain(turn);

async function runOpen(loops: Loops, maxInFlight: number, nextDue: NextDue): Promise<LoopEnd> {
  const { sender, storm, tally, elapsedMs, signal } = loops;
  return runOpenLoop<NewEvent | LoadEvent>(
    joinTurns(newTurns(loops, nextDue), storm),
    { maxInFlight, elapsedMs, signal },
    (turn) => send(turn, sender),
    (turn) => ('index' in turn ? tally.drop(elapsedMs()) : storm?.postpone(turn, elapsedMs())),
  );
}

/** The timetable as far as the bounds of the run, and of it the starts that are this part's. */
function newTurns({ plan: { durationMs, count }, part }: Loops, nextDue: NextDue): Turns<NewEvent> {
  let index = -1;
  const due = (): number => {
    let dueMs = Infinity;
    do {
      index++;
      if (index >= count) return Infinity;
      dueMs = nextDue();
    } while (index % part.of !== part.number);
    return dueMs < durationMs ? dueMs : Infinity;
  };
  let dueMs = due();
  return {
    dueMs: () => dueMs,
    take: () => {
      const event = { index, dueMs };
      dueMs = due();
      return event;
    },
  };
}

function joinTurns<One, Other>(one: Turns<One>, other: Turns<Other> | null): Turns<One | Other> {
  if (other === null) return one;
  return {
    dueMs: () => Math.min(one.dueMs(), other.dueMs()),
    take: () => (one.dueMs() <= other.dueMs() ? one.take() : other.take()),
  };
}

/** Aborts so long after `signal` does. */
function endAfter(signal: AbortSignal, graceMs: number): { signal: AbortSignal; end: () => void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => late.abort(signal.reason), graceMs);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: late.signal,
    end: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

/** Waits until all is stored. Who opened the recorder is told when that fails. */
async function countUnrecorded({ recorder }: LoadEnvironment): Promise<number> {
  await recorder?.flush().catch(() => undefined);
  return recorder?.unstored() ?? 0;
}

function reportOf(
  { target, mix, arrival }: LoadPlan,
  { id, epochMs }: LoadStart & { id: string },
  isInterrupted: boolean,
  tally: LoadTally,
  generator: ReturnType<ReturnType<typeof watchGenerator>>,
): LoadReport {
  const tallied = tally.report();
  return {
    kind: 'load',
    runs: [id],
    target: { url: target.shownUrl, vendor: target.vendor.id, webhook: target.name ?? null },
    events: Object.fromEntries(mix.map(({ name, weight }) => [name, weight])),
    arrival,
    startedAt: new Date(epochMs).toISOString(),
    isInterrupted,
    ...tallied,
    generator: judgeGenerator(tallied, generator),
  };
}
