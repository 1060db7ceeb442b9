import { isUtf8 } from 'node:buffer';
import type { Command } from 'commander';
import { namesOf } from '../../config/select-webhook.ts';
import type { WaitingDelivery } from '../../history/queue.ts';
import { AppError } from '../../model/error.ts';
import type { Attempt, StoredDelivery } from '../../model/attempt.ts';
import { hideSecretHeader } from '../../model/header.ts';
import { hideQuerySecrets } from '../../model/http-url.ts';
import type { Header } from '../../model/plan.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addStoreFlags, jsonFlag, type StoreFlags } from '../terminal/flags.ts';
import { addMaskFlag, type MaskFlags } from '../terminal/mask-flag.ts';
import { answer, answerBytes, answerJson } from '../terminal/output.ts';
import { formatDuration, plainLine, plainText, wrapText } from '../terminal/text.ts';
import { renderAttempt } from '../send/render-sent.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { inOwnName } from '../terminal/program-name.ts';

interface ShowFlags extends StoreFlags, MaskFlags {
  body?: boolean;
  responseBody?: boolean;
  json?: boolean;
}

/** `webhook history show ID` */
export function showHistoryCommand(): Command {
  const command = makeCommand('show', {
    summary: 'show one delivery: request, answers, timings',
    examples: [
      ['webhook history show last', 'the newest'],
      ['webhook history show 3c4-1a2b --body | jq .', 'the exact bytes of its body'],
    ],
  })
    .argument('<id>', 'a delivery: its id as webhook history list shows it, the beginning of the whole id, or last')
    .option('--body', 'only the body that was sent, byte for byte')
    .option('--response-body', "only the body of the last attempt's answer, byte for byte")
    .addOption(jsonFlag());
  return addStoreFlags(addMaskFlag(command)).action(act(show));
}

async function show(id: string, flags: ShowFlags): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const history = await environment.openReader();
  try {
    const found = await history.find(id).catch((error: unknown) => explainUnknown(error, id, environment));
    const delivery = hideSecrets(found);
    if (flags.body) await answerBytes(delivery.body);
    else if (flags.responseBody) await answerBytes(delivery.attempts.at(-1)?.responseBody ?? new Uint8Array());
    else if (flags.json) answerJson(deliveryDocument(delivery));
    else {
      const isOpen = delivery.attempts.at(-1)?.timings.retryInMs !== undefined;
      const waiting = isOpen ? await findWaiting(delivery.id, environment) : null;
      answer(renderDelivery(delivery, namesOf(environment.config.webhooks)(delivery.webhookUuid), waiting));
    }
    return 0;
  } finally {
    await history.close();
  }
}

/** The only one in the queue whose id begins so; null where there is none, or this user may not see it. */
const findWaiting = (given: string, environment: CommandEnvironment): Promise<WaitingDelivery | null> =>
  readWaiting(given, environment).catch(() => null);

async function readWaiting(given: string, environment: CommandEnvironment): Promise<WaitingDelivery | null> {
  const { loadQueueReader } = await import('../../history/store/open-queue.ts');
  const queue = await loadQueueReader(environment.historyFile() as string);
  try {
    const found = await queue.list({ idBeginning: given.trim().toLowerCase(), limit: 2 });
    return found.length === 1 ? (found[0] ?? null) : null;
  } finally {
    await queue.close();
  }
}

/** What was queued is in the history with its first attempt. */
async function explainUnknown(error: unknown, given: string, environment: CommandEnvironment): Promise<never> {
  const isUnknown = error instanceof AppError && error.kind === 'refused' && given.trim() !== 'last';
  const waiting = isUnknown ? await findWaiting(given, environment) : null;
  if (waiting === null) throw error;
  throw new AppError('refused', `delivery ${waiting.id} has no attempt on record yet: ${waitingText(waiting)}`, {
    hint: 'list what waits: webhook history list --pending',
  });
}

function waitingText({ number, dueAt, isHeld }: WaitingDelivery): string {
  if (dueAt === null) return `attempt ${number} is under way`;
  const due = `attempt ${number} is due ${new Date(dueAt).toISOString()}`;
  return isHeld ? `${due}, and its webhook is held` : `${due} in the queue`;
}

/** A record of before a name was known for a secret, or of before the user named it, still has its value. */
function hideSecrets(delivery: StoredDelivery): StoredDelivery {
  const attempts = delivery.attempts.map((attempt) => ({
    ...attempt,
    requestHeaders: attempt.requestHeaders.map(hideSecretHeader),
    responseHeaders: attempt.responseHeaders.map(hideSecretHeader),
  }));
  return { ...delivery, url: hideQuerySecrets(delivery.url), attempts };
}

function deliveryDocument({ id, createdAt, body, attempts, ...delivery }: StoredDelivery): Record<string, unknown> {
  return {
    deliveryId: id,
    timestamp: new Date(createdAt).toISOString(),
    ...delivery,
    outcome: attempts.at(-1)?.outcome ?? null,
    requestBody: Buffer.from(body).toString('base64'),
    attempts: attempts.map(
      ({ number, startedAt, id: attemptId, deliveryId: _same, hint: _notStored, responseBody, ...attempt }) => ({
        attempt: number,
        attemptId,
        timestamp: new Date(startedAt).toISOString(),
        ...attempt,
        responseBody: attempt.status === null ? null : Buffer.from(responseBody).toString('base64'),
      }),
    ),
  };
}

function renderDelivery(delivery: StoredDelivery, name: string | null, waiting: WaitingDelivery | null): string {
  const { id, webhookUuid, vendor, event, eventId, direction, purpose, method, url, createdAt, body, attempts } =
    delivery;
  return [
    `delivery  ${id}`,
    `webhook   ${name === null ? '' : `${plainLine(name)}  `}${webhookUuid}`,
    ...(purpose === 'test' ? [inOwnName('purpose   a request of webhook test')] : []),
    `event     ${plainLine(vendor)} ${plainLine(event)}${eventId === null ? '' : `  ${plainLine(eventId)}`}`,
    `time      ${new Date(createdAt).toISOString()}`,
    '',
    `${direction === 'in' ? '←' : '→'} ${plainLine(method)} ${plainLine(url)}`,
    ...headerLines(attempts.at(-1)?.requestHeaders ?? []),
    '',
    bodyText(body),
    ...attempts.map((attempt) => `\n${attemptLines(attempt).join('\n')}`),
    ...unfinishedLines(delivery, waiting),
  ].join('\n');
}

/** Or it would look as if the vendor had given up. */
function unfinishedLines({ id, vendor, attempts }: StoredDelivery, waiting: WaitingDelivery | null): string[] {
  if (waiting !== null) return ['', ...wrapText(waitingText(waiting), 'unfinished: ')];
  const waitMs = attempts.at(-1)?.timings.retryInMs;
  if (waitMs === undefined) return [];
  const next = `${plainLine(vendor)} tries again ${formatDuration(waitMs)} after this attempt`;
  return [
    '',
    ...wrapText(`${next}; the run was stopped, or is still waiting`, 'unfinished: '),
    inOwnName(`webhook replay ${id} --retry begins anew`),
  ];
}

function attemptLines(attempt: Attempt): string[] {
  const lines = [renderAttempt(attempt)];
  if (attempt.remoteAddress !== null)
    lines.push(
      `  from ${plainLine(attempt.remoteAddress)}${attempt.tls === null ? '' : `, ${plainLine(attempt.tls.protocol)}`}`,
    );
  if (attempt.timings.resentAfterMs !== undefined)
    lines.push('  sent again on a new connection: the kept-alive one closed before the first byte of the answer');
  if (attempt.status === null) return lines;
  const cut = attempt.responseTruncated ? [`  … (the first ${attempt.responseBody.length} bytes are kept)`] : [];
  return [...lines, ...headerLines(attempt.responseHeaders), '', bodyText(attempt.responseBody), ...cut];
}

function headerLines(headers: readonly Header[]): string[] {
  return headers.map(([name, value]) => `  ${plainLine(name)}: ${plainLine(value)}`);
}

function bodyText(body: Uint8Array): string {
  if (body.length === 0) return '  (no body)';
  if (!isUtf8(body)) return `  (${body.length} bytes that are not text)`;
  const text = plainText(Buffer.from(body).toString('utf8').replaceAll('\r\n', '\n'));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
