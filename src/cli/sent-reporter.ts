import type { SentDelivery } from '../flows/send-event.ts';
import type { Attempt, Outcome } from '../model/attempt.ts';
import type { ExitCode } from './exit.ts';
import { answer, answerJson, say } from './output.ts';
import { renderAttempt, renderSent } from './render/sent.ts';
import { exitCodeOfSent, sentDocument } from './sent.ts';

const MAX_SHOWN_FAILURES = 5;

export interface SentReporter {
  attempt(attempt: Attempt): void;
  sent(sent: SentDelivery): void;
  end(): ExitCode;
}

/**
 * Tells of deliveries as they end: one JSON object a line, or one rendered delivery; of many, only the first
 * failures and the sums. Keeps no delivery, so memory does not grow with `--count`.
 */
export function makeSentReporter({ json, many }: { json: boolean; many: boolean }): SentReporter {
  const sums: Record<Outcome, number> = { delivered: 0, refused: 0, unreachable: 0 };
  let code: ExitCode = 0;
  let shown = 0;
  return {
    attempt(attempt) {
      if (!json && attempt.number > 1) say(renderAttempt(attempt));
    },
    sent(sent) {
      const ofThis = exitCodeOfSent([sent]);
      if (ofThis > code) code = ofThis;
      sums[sent.attempts.at(-1)?.outcome ?? 'unreachable'] += 1;
      if (json) answerJson(sentDocument(sent));
      else if (!many || (ofThis !== 0 && shown++ < MAX_SHOWN_FAILURES)) answer(renderSent(sent));
    },
    end() {
      if (many && !json) answer(`${sums.delivered} delivered, ${sums.refused} refused, ${sums.unreachable} unreachable`);
      return code;
    },
  };
}
