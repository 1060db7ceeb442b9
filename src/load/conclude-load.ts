import type { JudgedExpectation, LoadReport, LoadVerdict } from '../model/load-report.ts';
import { plural } from '../model/wording.ts';
import { answersOf, ownFailuresOf, plannedOf } from './shares.ts';

export interface ConcludeOptions {
  /** Dropped events do not fail the run. */
  allowDropped: boolean;
  /** Nor are events that started late; what failed on this machine still is one. */
  allowLate: boolean;
}

/**
 * A yes is a run that was whole, on time and answered; that dropped nothing, unless it might; that delivered something,
 * unless an expectation allows none; and that met every expectation. Without one every event must be delivered, and
 * by one request each.
 */
export function concludeLoad(
  report: LoadReport,
  judged: readonly JudgedExpectation[],
  { allowDropped, allowLate }: ConcludeOptions,
): LoadVerdict {
  const { counts, generator, isInterrupted } = report;
  const { started, delivered, unrecorded, dropped, forgotten, resent } = counts;
  const isUnanswered = started > 0 && answersOf(report) === 0;
  const isExcused = allowLate && ownFailuresOf(report).length === 0;
  const isVain = started > 0 && delivered === 0 && !judged.some((one) => one.allowsNoDelivery);
  const unmet = judged.filter(({ isMet }) => !isMet).length;
  const reasons = [
    unrecorded > 0 && `${plural(unrecorded, 'answered event')} could not be recorded`,
    started === 0 && 'nothing was sent',
    isUnanswered && `none of ${plural(started, 'event')} had an answer`,
    judged.length > 0 && isVain && !isUnanswered && vainText(report),
    // A history that fails stops the run: nobody has interrupted it, and it may have sent all of it.
    isInterrupted && unrecorded === 0 && 'the run was interrupted',
    !generator.isValid && !isExcused && invalidText(report),
    dropped > 0 && !allowDropped && droppedText(report),
    forgotten > 0 && `${plural(forgotten, 'failed event')} could not be retried: too many were waiting`,
    unmet > 0 &&
      (judged.length === 1 ? 'the expectation is not met' : `${unmet} of ${judged.length} expectations not met`),
    judged.length === 0 && !isUnanswered && delivered < started && undeliveredText(report),
    judged.length === 0 && resent > 0 && resentText(resent),
  ].filter((reason) => reason !== false);
  const outcome = unrecorded > 0 ? 'unrecorded' : isUnanswered ? 'no-answer' : reasons.length > 0 ? 'no' : 'yes';
  return { outcome, reasons };
}

function invalidText(report: LoadReport): string {
  const less = report.arrival.kind === 'closed' ? 'use fewer --connections' : 'use a lower --rate';
  const accept = ownFailuresOf(report).length > 0 ? '' : ', or accept it with --allow-late';
  const reason = report.generator.reason ?? 'the generator was late';
  return `results invalid: ${reason} (${less} or another machine${accept})`;
}

function droppedText({ counts, arrival }: LoadReport): string {
  const limit = arrival.kind === 'closed' ? '' : `: ${arrival.maxInFlight} were in flight`;
  const next = 'raise --max-in-flight, or accept it with --allow-dropped';
  return `${counts.dropped} of ${plural(plannedOf(counts), 'event')} dropped${limit} (${next})`;
}

/** What the endpoint loses is seen by no answer of a second request. */
function resentText(resent: number): string {
  const what = `${plural(resent, 'request')} sent twice: the endpoint closed the connection without answering`;
  return `${what} (accept it with --expect 'delivered=100%')`;
}

/** An endpoint that refuses everything is quick. */
function vainText(report: LoadReport): string {
  return `nothing was delivered: ${undeliveredText(report)} (if that is right, add --expect 'delivered=0')`;
}

function undeliveredText({ counts: { started, delivered, refused, unreachable } }: LoadReport): string {
  const underWay = started - delivered - refused - unreachable;
  const parts = [
    [refused, 'refused'],
    [unreachable, 'unreachable'],
    [underWay, 'still under way'],
  ] as const;
  return parts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])).join(', ');
}
