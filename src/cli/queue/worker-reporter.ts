import type { GateChange } from '../../flows/queue/endpoint-gate.ts';
import type { WorkerOptions, WorkerReport } from '../../flows/queue/run-worker.ts';
import type { EndedAttempt } from '../../flows/queue/send-queued.ts';
import type { ClaimedDelivery, QueueCounts } from '../../history/queue.ts';
import type { Outcome } from '../../model/attempt.ts';
import { plural } from '../../model/wording.ts';
import { attemptDocument, deliveryNames } from '../send/sent-reporter.ts';
import { paintOutcome, statusText } from '../send/render-sent.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { answer, answerJson, say, warn } from '../terminal/output.ts';
import { inOwnName, programName } from '../terminal/program-name.ts';
import { fitLines, formatDuration, plainLine } from '../terminal/text.ts';
import { screenOf } from '../terminal/stdio.ts';

export interface WorkerReporter extends WorkerReport {
  /**
   * The sums, what is left, and the exit code of all.
   * @param until `once`: what is left of what was due is no success; `empty`: nor is what is left at all
   */
  end(left: readonly QueueCounts[], until: WorkerOptions['until']): ExitCode;
}

type FailedOutcome = Exclude<Outcome, 'delivered'>;

/** What came of the deliveries of a run, each counted once: by its last attempt. */
interface DeliveryTally {
  note(deliveryId: string, outcome: Outcome, isOver: boolean): void;
  sums(): Record<Outcome, number>;
}

/** Keeps the ids of those that are tried again, and of no others: a worker may run for months. */
function makeTally(): DeliveryTally {
  const ended: Record<Outcome, number> = { delivered: 0, refused: 0, unreachable: 0 };
  const failing = new Map<string, FailedOutcome>();
  return {
    note(deliveryId, outcome, isOver) {
      failing.delete(deliveryId);
      if (outcome === 'delivered' || isOver) ended[outcome] += 1;
      else failing.set(deliveryId, outcome);
    },
    sums() {
      const sums = { ...ended };
      for (const outcome of failing.values()) sums[outcome] += 1;
      return sums;
    },
  };
}

/** Prints each attempt on a line of stdout, or as one JSON object; everything else is said on stderr. */
export function makeWorkerReporter(json: boolean): WorkerReporter {
  const tally = makeTally();
  let missing = false;
  return {
    attempt(item, ended) {
      tally.note(item.delivery.id, ended.attempt.outcome, 'ended' in ended.step);
      if (json) answerJson(workedDocument(item, ended));
      else answer(fitLines(workedLine(item, ended), screenOf(1)));
    },
    unknown({ delivery, number }) {
      tally.note(delivery.id, 'unreachable', false);
      warn(
        `a worker ended before the answer to attempt ${number} of ${delivery.id} was recorded: the request may have ` +
          'reached the endpoint, and is sent again',
      );
    },
    unopened({ delivery }, { message, hint }) {
      missing = true;
      warn(`delivery ${delivery.id} to ${delivery.url} waits: ${message}`);
      if (hint !== undefined) say(`  ${inOwnName(hint)}`);
    },
    gate: ({ delivery }, change) => say(`${plainLine(delivery.url)} ${gateText(change)}`),
    warning: warn,
    end(left, until) {
      const { delivered, refused, unreachable } = tally.sums();
      const sums = `${delivered} delivered, ${refused} refused, ${unreachable} unreachable`;
      if (!json) answer(fitLines(sums, screenOf(1)));
      leftLines(left).forEach(say);
      if (missing) return 2;
      if (unreachable > 0) return 3;
      return refused > 0 || unfinishedIn(left, until) > 0 ? 1 : 0;
    },
  };
}

const gateText = (change: NonNullable<GateChange>): string =>
  change === 'resumed'
    ? 'is called as usual again'
    : `is spared for ${formatDuration(change.pausedForMs)}: ${plural(change.failures, 'failure')} in a row; what is ` +
      'due waits, and counts as no failure';

/** One attempt as `worker --json` prints it. */
function workedDocument({ delivery }: ClaimedDelivery, { attempt, step }: EndedAttempt): Record<string, unknown> {
  return {
    ...deliveryNames(delivery),
    ...attemptDocument(attempt),
    ...('ended' in step ? { ended: step.ended } : { retryInMs: step.waitMs }),
  };
}

function workedLine({ delivery }: ClaimedDelivery, { attempt, step }: EndedAttempt): string {
  const { id, vendor, event, url } = delivery;
  const what = `${plainLine(vendor)} ${plainLine(event)} → ${plainLine(url)}`;
  const answered = `${statusText(attempt)} in ${formatDuration(attempt.timings.totalMs)}`;
  const outcome = paintOutcome(attempt.outcome);
  return `${outcome}  ${what}  attempt ${attempt.number}: ${answered}${nextText({ attempt, step })}  ${id}`;
}

const ENDS = {
  delivered: '',
  exhausted: ', given up',
  dropped: ', given up: the vendor discards it after such an answer',
  deactivated: ', given up: the vendor deactivates the webhook',
};

const nextText = ({ step }: EndedAttempt): string =>
  'ended' in step ? ENDS[step.ended] : `, the next in ${formatDuration(step.waitMs)}`;

type Left = Pick<QueueCounts, 'due' | 'later' | 'underWay'>;

const sumOf = (counts: readonly QueueCounts[], of: (one: Left) => number): number =>
  counts.reduce((total, one) => total + of(one), 0);

/** How much of what the run was to deal with is left. */
const unfinishedIn = (left: readonly QueueCounts[], until: WorkerOptions['until']): number =>
  until === 'stopped' ? 0 : sumOf(left, ({ due, later, underWay }) => due + underWay + (until === 'empty' ? later : 0));

function leftLines(left: readonly QueueCounts[]): string[] {
  const free = left.filter(({ held }) => held === null);
  const held = left.flatMap(({ webhookUuid, url, due, later, held: since }) =>
    since === null
      ? []
      : [
          `${url === '' ? webhookUuid : plainLine(url)} is held (${since.reason}): ${due + later} wait for ` +
            `${programName()} enable ${webhookUuid}`,
        ],
  );
  const due = sumOf(free, (one) => one.due);
  const underWay = sumOf(left, (one) => one.underWay);
  const later = sumOf(free, (one) => one.later);
  return [
    ...(due === 0 ? [] : [due === 1 ? '1 is still due' : `${due} are still due`]),
    ...(underWay === 0
      ? []
      : [`${underWay === 1 ? '1 is' : `${underWay} are`} under way at another worker: the outcome is not known here`]),
    ...(later === 0 ? [] : [later === 1 ? '1 waits for its time' : `${later} wait for their time`]),
    ...held,
  ];
}
