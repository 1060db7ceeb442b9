import type { SentDelivery } from '../../flows/send/send-event.ts';
import type { Attempt, Outcome } from '../../model/attempt.ts';
import { plural } from '../../model/wording.ts';
import { painter } from '../terminal/color.ts';
import { fitLines, plainLine, plainText, formatDuration } from '../terminal/text.ts';
import { inOwnName, programName } from '../terminal/program-name.ts';
import { screenOf, type Screen } from '../terminal/stdio.ts';

const MAX_RESPONSE_LINES = 12;

/** A delivery as a person reads it: the verdict first, then what one needs to find it again. */
export function renderSent(sent: SentDelivery): string {
  const { delivery, attempts, ended, queued } = sent;
  const attempt = lastOf(attempts);
  const paint = painter(screenOf(1));
  const lines = [
    renderSentLine(sent),
    paint.dim(`  webhook   ${delivery.webhookUuid}`),
    paint.dim(`  delivery  ${delivery.id}`),
    ...(delivery.eventId === null ? [] : [paint.dim(`  event     ${plainLine(delivery.eventId)}`)]),
    paint.dim(`  ${timingsText(attempt)}`),
  ];
  if (attempt.control.length > 0) lines.push(`  the endpoint asks for: ${attempt.control.map(plainLine).join(', ')}`);
  if (attempt.error !== null) lines.push(`  ${attempt.errorCode}: ${plainLine(attempt.error)}`);
  if (attempt.hint !== null) lines.push(`  ${plainText(inOwnName(attempt.hint))}`);
  if (ended === 'deactivated')
    lines.push(`  after these ${attempts.length} attempts the vendor deactivates the whole webhook`);
  if (ended === 'dropped')
    lines.push('  after such an answer the vendor discards the event for good: it is never retried');
  if (queued)
    lines.push(
      `  attempt ${queued.number} is queued for ${new Date(queued.dueAt).toISOString()}: ` +
        `${plainLine(delivery.vendor)} tries again after ${formatDuration(attempt.timings.retryInMs ?? 0)}`,
    );
  else if (ended === 'aborted') lines.push(`  ${stoppedText(sent)}`);
  if (attempt.outcome === 'refused') lines.push(...responseLines(attempt));
  return fitLines(lines.join('\n'), screenOf(1));
}

/** A walk that was interrupted is no final failure. */
function stoppedText({ delivery, attempts }: SentDelivery): string {
  const waitMs = lastOf(attempts).timings.retryInMs;
  const next =
    waitMs === undefined ? '' : `: ${plainLine(delivery.vendor)} tries again after ${formatDuration(waitMs)}`;
  return `stopped after ${plural(attempts.length, 'attempt')}, and not given up${next}`;
}

/** The verdict alone, on one line. */
export function renderSentLine({ delivery, attempts }: SentDelivery): string {
  const attempt = lastOf(attempts);
  const what = `${plainLine(delivery.vendor)} ${plainLine(delivery.event)} → ${plainLine(delivery.url)}`;
  const answer = `${statusText(attempt)} in ${formatDuration(attempt.timings.totalMs)}`;
  return `${paintOutcome(attempt.outcome)}  ${what}  ${answer}`;
}

/** One attempt of several on one line, as it ends. */
export function renderAttempt(attempt: Attempt): string {
  const reason = attempt.error === null ? '' : `  ${plainLine(attempt.error)}`;
  const outcome = paintOutcome(attempt.outcome, screenOf(2));
  const time = new Date(attempt.startedAt).toISOString();
  return `attempt ${attempt.number}  ${time}  ${outcome}  ${statusText(attempt)}${reason}`;
}

export function paintOutcome(outcome: Outcome, stream: Screen = screenOf(1)): string {
  const paint = painter(stream);
  return { delivered: paint.green, refused: paint.red, unreachable: paint.yellow }[outcome](outcome);
}

export function statusText(attempt: Attempt): string {
  if (attempt.outcome !== 'unreachable') return String(attempt.status);
  const code = attempt.errorCode ?? 'no answer';
  return attempt.status === null ? code : `${code} (after ${attempt.status})`;
}

function timingsText({ timings, remoteAddress, tls }: Attempt): string {
  const stages = [
    ['dns', timings.dnsMs],
    ['connect', timings.connectMs],
    ['tls', timings.tlsMs],
    ['first byte', timings.firstByteMs],
    ['total', timings.totalMs],
  ] as const;
  const shown = stages.flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${formatDuration(ms)}`]));
  // The endpoint had closed the connection it was kept open on.
  const resent =
    timings.resentAfterMs === undefined ? [] : [`sent again after ${formatDuration(timings.resentAfterMs)}`];
  return [[...shown, ...resent].join(' · '), remoteAddress, tls?.protocol].filter(Boolean).join('  ');
}

function responseLines(attempt: Attempt): string[] {
  const text = plainText(Buffer.from(attempt.responseBody).toString('utf8').replaceAll('\r\n', '\n')).trim();
  if (text === '') return [];
  const lines = text.split('\n');
  const more =
    lines.length > MAX_RESPONSE_LINES || attempt.responseTruncated
      ? [`  │ … (${programName()} history show ${attempt.deliveryId})`]
      : [];
  return [
    '  the endpoint said:',
    ...lines.slice(0, MAX_RESPONSE_LINES).map((line) => `  │ ${line.slice(0, 200)}`),
    ...more,
  ];
}

export function lastOf(attempts: readonly Attempt[]): Attempt {
  return attempts.at(-1) as Attempt;
}
