import type { Attempt } from '../../model/attempt.ts';
import type { SentDelivery } from '../../flows/send/send-event.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { roundMs } from '../terminal/time.ts';

/** One delivery as `send --json` and `replay --json` print it. */
export function sentDocument({ delivery, attempts, ended }: SentDelivery): Record<string, unknown> {
  return {
    webhookUuid: delivery.webhookUuid,
    deliveryId: delivery.id,
    vendor: delivery.vendor,
    event: delivery.event,
    eventId: delivery.eventId,
    url: delivery.url,
    outcome: lastOf(attempts).outcome,
    ...(ended === 'deactivated' ? { deactivated: true } : {}),
    attempts: attempts.map(attemptDocument),
  };
}

function attemptDocument(attempt: Attempt): Record<string, unknown> {
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

export function lastOf(attempts: readonly Attempt[]): Attempt {
  return attempts.at(-1) as Attempt;
}

const CODE_OF_OUTCOME: Record<Attempt['outcome'], ExitCode> = { delivered: 0, refused: 1, unreachable: 3 };

/** The exit code of several deliveries is the gravest: no answer, then refused, then delivered. */
export function exitCodeOfSent(sent: readonly SentDelivery[]): ExitCode {
  return sent
    .map(({ attempts }) => CODE_OF_OUTCOME[lastOf(attempts).outcome])
    .reduce((worst, code) => (code > worst ? code : worst), 0 as ExitCode);
}
