import type { SentDelivery } from '../flows/send-event.ts';
import type { Attempt, Outcome } from '../model/attempt.ts';
import { formatDuration } from './duration.ts';
import type { ExitCode } from './exit.ts';
import { answer, answerJson, say } from './output.ts';
import { startProgress, type Progress } from './progress.ts';
import { renderAttempt, renderSent } from './render/sent.ts';
import { exitCodeOfSent, sentDocument } from './sent.ts';

const MAX_SHOWN_FAILURES = 5;

export interface SentReporter {
  attempt(attempt: Attempt): void;
  wait(waitMs: number, nextNumber: number): void;
  sent(sent: SentDelivery): void;
  /** The sums, where there were many, and the exit code of all. */
  end(): ExitCode;
}

export interface ReportStyle {
  json: boolean;
  /** How many deliveries there will be. */
  total: number;
  /** Whether each may take several attempts: they are then told one by one. */
  retry: boolean;
}

/**
 * Tells of deliveries as they end: one JSON object a line, or one rendered delivery; of many, only the first
 * failures and the sums. Keeps no delivery, so memory does not grow with `--count`.
 */
export async function makeSentReporter({ json, total, retry }: ReportStyle): Promise<SentReporter> {
  const many = total > 1;
  const progress: Progress = await startProgress(many || retry);
  const sums: Record<Outcome, number> = { delivered: 0, refused: 0, unreachable: 0 };
  let code: ExitCode = 0;
  let shown = 0;
  return {
    attempt(attempt) {
      if (json || !retry || many) return;
      progress.clear();
      say(renderAttempt(attempt));
    },
    wait(waitMs, nextNumber) {
      if (!many) progress.tell(`attempt ${nextNumber} after ${formatDuration(waitMs)}`);
    },
    sent(sent) {
      const ofThis = exitCodeOfSent([sent]);
      if (ofThis > code) code = ofThis;
      sums[sent.attempts.at(-1)?.outcome ?? 'unreachable'] += 1;
      const showIt = json || !many || (ofThis !== 0 && shown++ < MAX_SHOWN_FAILURES);
      if (showIt) {
        progress.clear();
        if (json) answerJson(sentDocument(sent));
        else answer(renderSent(sent));
      }
      if (many) progress.tell(`${sums.delivered + sums.refused + sums.unreachable} of ${total}`);
    },
    end() {
      progress.clear();
      if (many && !json) answer(`${sums.delivered} delivered, ${sums.refused} refused, ${sums.unreachable} unreachable`);
      return code;
    },
  };
}
