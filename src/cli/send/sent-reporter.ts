import type { SentDelivery } from '../../flows/send/send-event.ts';
import type { Attempt, Delivery, Outcome } from '../../model/attempt.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';
import { fitLines, formatDuration, roundMs } from '../terminal/text.ts';
import { lastOf, renderAttempt, renderSent, renderSentLine } from './render-sent.ts';
import { screenOf } from '../terminal/stdio.ts';

/** So many deliveries get a line each; of more, only the first failures are shown. */
const MAX_LISTED = 20;
const MAX_SHOWN_FAILURES = 5;

export interface SentReporter {
  attempt(attempt: Attempt): void;
  wait(waitMs: number, nextNumber: number): void;
  sent(sent: SentDelivery): void;
  /** Attachments are served until one of the two comes. */
  serving(allFetched: Promise<void>, patienceMs: number, outOfPatience: Promise<void>): Promise<void>;
  /** The sums, where there were many, and the exit code of all. */
  end(): ExitCode;
}

export interface ReportStyle {
  json: boolean;
  /** How many deliveries there will be. */
  total: number;
  /** Whether each may take several attempts: they are then reported one by one. */
  retry: boolean;
}

/**
 * Reports deliveries as they end: one JSON object a line, or one rendered delivery; of several, a line each; of many,
 * the first failures and the sums. Keeps no delivery, so memory does not grow with `--count`.
 */
export function makeSentReporter({ json, total, retry }: ReportStyle): SentReporter {
  const several = total > 1;
  const progress = startProgress();
  const sums: Sums = { delivered: 0, refused: 0, unreachable: 0 };
  progress.show(several ? `0 of ${total}` : 'waiting for the endpoint');
  return {
    attempt(attempt) {
      if (json || !retry || several) return;
      progress.clear();
      say(renderAttempt(attempt));
    },
    wait(waitMs, nextNumber) {
      if (!several) progress.show(`attempt ${nextNumber} after ${formatDuration(waitMs)}`);
    },
    sent(sent) {
      sums[lastOf(sent.attempts).outcome] += 1;
      progress.clear();
      showSent(sent, sums, { json, total, retry });
      const done = sums.delivered + sums.refused + sums.unreachable;
      if (done < total) progress.show(`${done} of ${total}`);
    },
    async serving(allFetched, patienceMs, outOfPatience) {
      // An endpoint that refused the event does not fetch its attachments.
      if (sums.delivered === 0) return;
      progress.show(`serving attachments until they are fetched, for at most ${formatDuration(patienceMs)}`);
      await Promise.race([allFetched, outOfPatience]);
    },
    end() {
      progress.clear();
      if (several && !json) answer(fitLines(renderSums(sums, total), screenOf(1)));
      return exitCodeOf(sums);
    },
  };
}

type Sums = Record<Outcome, number>;

function showSent(sent: SentDelivery, sums: Sums, { json, total }: ReportStyle): void {
  const isEarlyFailure =
    lastOf(sent.attempts).outcome !== 'delivered' && sums.refused + sums.unreachable <= MAX_SHOWN_FAILURES;
  if (json) answerJson(sentDocument(sent));
  else if (total === 1 || isEarlyFailure) answer(renderSent(sent));
  else if (total <= MAX_LISTED) answer(fitLines(renderSentLine(sent), screenOf(1)));
}

/** Whose a line of JSON is. */
export const deliveryNames = ({
  webhookUuid,
  id,
  vendor,
  event,
  eventId,
  url,
}: Pick<Delivery, 'webhookUuid' | 'id' | 'vendor' | 'event' | 'eventId' | 'url'>): Record<string, unknown> => ({
  webhookUuid,
  deliveryId: id,
  vendor,
  event,
  eventId,
  url,
});

/** One delivery as `send --json` and `replay --json` print it. */
function sentDocument({ delivery, attempts, ended, queued }: SentDelivery): Record<string, unknown> {
  return {
    ...deliveryNames(delivery),
    outcome: lastOf(attempts).outcome,
    ...(ended === 'deactivated' ? { deactivated: true } : {}),
    ...(ended === 'dropped' ? { dropped: true } : {}),
    ...(ended === 'aborted' ? { unfinished: true } : {}),
    ...(queued ? { queued: true, nextAttempt: queued.number, dueAt: new Date(queued.dueAt).toISOString() } : {}),
    attempts: attempts.map(attemptDocument),
  };
}

export function attemptDocument(attempt: Attempt): Record<string, unknown> {
  return {
    attempt: attempt.number,
    timestamp: new Date(attempt.startedAt).toISOString(),
    outcome: attempt.outcome,
    status: attempt.status,
    errorCode: attempt.errorCode,
    error: attempt.error,
    durationMs: roundMs(attempt.timings.totalMs),
    timings: Object.fromEntries(
      Object.entries(attempt.timings).map(([name, ms]) => [name, ms === null ? null : roundMs(ms)]),
    ),
    remoteAddress: attempt.remoteAddress,
    tls: attempt.tls,
    ...(attempt.control.length > 0 ? { control: attempt.control } : {}),
  };
}

/** What was interrupted before its turn is told, too. */
function renderSums({ delivered, refused, unreachable }: Sums, total: number): string {
  const unsent = total - delivered - refused - unreachable;
  const rest = unsent > 0 ? `, ${unsent} not sent` : '';
  return `${delivered} delivered, ${refused} refused, ${unreachable} unreachable${rest}`;
}

/** The exit code of several deliveries is the gravest: unreachable, then refused, then delivered. */
function exitCodeOf({ unreachable, refused }: Sums): ExitCode {
  if (unreachable > 0) return 3;
  return refused > 0 ? 1 : 0;
}
