import { InvalidArgumentError, Option, type Command } from 'commander';
import type { MailSource } from '../../flows/send/make-event.ts';
import type { ListenEnd } from '../../flows/receive/listen.ts';
import type { PreparedListening, PrepareOptions } from '../../flows/receive/prepare-listening.ts';
import type { Recorder } from '../../history/store/recorder.ts';
import { AppError, withUnrecorded } from '../../model/error.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { interruptSignal, outliveRunner, RUNNER_GONE, type ExitCode } from '../terminal/exit.ts';
import {
  WEBHOOK_NAMES,
  addSecretFlags,
  addStoreFlags,
  jsonFlag,
  type StoreFlags,
  noHistoryFlag,
  passphraseEnvFlag,
  passphraseFileFlag,
} from '../terminal/flags.ts';
import { addMaskFlag } from '../terminal/mask-flag.ts';
import { makeListenReporter } from './listen-reporter.ts';
import { say, warn } from '../terminal/output.ts';
import { mailSource } from '../terminal/read-input.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { durationMs, count, listenPort, statusCodes } from '../terminal/flag-values.ts';

interface ListenFlags extends StoreFlags, Omit<PrepareOptions, 'mail'> {
  serveAttachments?: string;
  exitAfter?: number;
  for?: number;
  keepRunning?: boolean;
  durable?: boolean;
  verbose?: boolean;
  quiet?: boolean;
  json?: boolean;
}

const DEFAULT_PORT = 3000;
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const FORWARD_TIMEOUT_MS = 30_000;

/** `webhook listen` */
export function listenCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'receive requests: verify, show, record and forward them, or fail on purpose',
    daily: ['--vendor', '--secret-env', '--port', '--forward-to', '--status', '--bug', '--exit-after', '--json'],
    topics: ['receiving'],
    examples: [
      [
        'webhook listen --vendor mailkite --secret-env MAILKITE_SECRET',
        `on http://127.0.0.1:${DEFAULT_PORT}: is each request genuine, and if not, why not?`,
      ],
      [
        'webhook listen shop --forward-to http://127.0.0.1:8080',
        'a configured webhook; every request is passed on to your application, unchanged',
      ],
      ['webhook listen --status 500,500,200 --delay 2s', 'fail twice, slowly, then accept: does the vendor try again?'],
      [
        'webhook listen --tls --client-ca certs/ca.pem --port 8443',
        'https with a temporary certificate; callers must send one from this CA',
      ],
      [
        'webhook listen --json --exit-after 1 --for 30s | jq .verdict',
        'for scripts: a line when it is listening, then one for each request',
      ],
    ],
  });
  command.argument('[name]', `a configured webhook: ${WEBHOOK_NAMES}`);
  addSenderFlags(command);
  addSecretFlags(command);
  addServerFlags(command);
  addAnswerFlags(command);
  addForwardFlags(command);
  addEndAndOutputFlags(command);
  addMaskFlag(addStoreFlags(command).addOption(noHistoryFlag()));
  return command.action(act(run));
}

function addSenderFlags(command: Command): void {
  command
    .optionsGroup('Who sends:')
    .option('--vendor <id|file>', "verify by this vendor's rules (default: recognised by the request)")
    .option('--no-verify', 'accept every request as it is')
    .option('--public-url <url>', 'URL that the vendor calls, if it is signed and a proxy changes it')
    .option('--uuid <uuid>', 'record under this webhook (default: the configured one)');
}

function addServerFlags(command: Command): void {
  command
    .optionsGroup('Where to listen:')
    .option('--port <port>', 'port; 0 picks a free one', listenPort, DEFAULT_PORT)
    .option('--host <host>', 'name or address; 0.0.0.0 accepts other machines', '127.0.0.1')
    .option('--tls', 'https with a temporary certificate, given in the ready line')
    .option('--tls-cert <file>', 'https with this certificate, PEM, leaf first')
    .option('--tls-key <file>', 'its private key, PEM')
    .addOption(passphraseEnvFlag())
    .addOption(passphraseFileFlag())
    .option('--client-ca <file>', 'require a client certificate from these CAs, PEM')
    .addOption(
      new Option('--max-body <size>', 'largest body, such as 500k or 8m')
        .argParser(byteSize)
        .default(MAX_BODY_BYTES, '32m'),
    );
}

function addAnswerFlags(command: Command): void {
  command
    .optionsGroup('What to answer:')
    .option('--status <list>', 'answer these statuses in turn, comma-separated; the last one repeats', statusCodes, [])
    .option('--delay <duration>', 'wait before each answer', durationMs)
    .option('--drop', 'close the connection without an answer')
    .addOption(
      new Option('--serve-attachments <file>', "serve the attachments of this mail (default: the sample's)").argParser(
        oneMail,
      ),
    )
    .option('--callbacks-at <origin>', 'for tests: also call back at this address on this machine')
    .option('--ack', 'add MailKite\'s acknowledgement, {"status":"ok"}, to a success')
    .addOption(new Option('--bug <name>', 'plant one known receiver bug').conflicts(['status', 'forwardTo', 'verify']));
}

function addForwardFlags(command: Command): void {
  command
    .optionsGroup('What to answer:')
    .option('--forward-to <url>', 'pass every request on to this URL, and return its answer')
    .option('-k, --insecure', 'accept any certificate of the application')
    .addOption(
      new Option('--max-time <duration>', 'wait this long for the application')
        .argParser(durationMs)
        .default(FORWARD_TIMEOUT_MS, '30s'),
    );
}

function addEndAndOutputFlags(command: Command): void {
  command
    .optionsGroup('While it runs:')
    .option('--exit-after <n>', 'stop after this many requests', count)
    .option('--for <duration>', 'stop after this long', durationMs)
    .option('--durable', 'answer each request only once its record is on disk')
    .option('--keep-running', 'keep running after the npx or npm script that started this has ended')
    .option('-v, --verbose', 'show all headers, and more of the body')
    .addOption(
      new Option('-q, --quiet', 'do not show requests, for load tests; the history has them').conflicts(['verbose']),
    )
    .addOption(jsonFlag());
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 * 1024, g: 1024 * 1024 * 1024 };
/** The largest size at which both the buffer and its base64 fit. */
const LARGEST_BODY = 256 * 1024 * 1024;

function byteSize(value: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,10})([kmg]?)(?:i?b)?$/i.exec(value) ?? [];
  const bytes = Number(digits) * (UNITS[unit.toLowerCase()] as number);
  if (digits === '' || bytes > LARGEST_BODY)
    throw new InvalidArgumentError('expected a size such as 500k or 8m, at most 256m');
  return bytes;
}

/**
 * A link has an index and a message id that nobody knows beforehand: of two mails it could not be told which is meant.
 */
function oneMail(value: string, before: string | undefined): string {
  if (before !== undefined)
    throw new InvalidArgumentError(
      "a link contains an attachment's index, but not which mail it is from: give one mail",
    );
  return value;
}

async function run(name: string | undefined, flags: ListenFlags): Promise<ExitCode> {
  if (flags.keepRunning) outliveRunner();
  const environment = await openEnvironment(flags);
  const { prepareListening } = await import('../../flows/receive/prepare-listening.ts');
  const prepared = await prepareListening(
    { ...flags, webhook: name, mail: await mailOf(flags) },
    environment.config,
    environment.vendors,
    environment,
    environment.recordClock,
  );
  for (const warning of new Set(prepared.warnings)) warn(warning);
  const failing = new AbortController();
  const recorder = await openRecording(flags, environment, (error) => failing.abort(error));
  try {
    const end = await listenAndReport(flags, prepared, environment, recorder, failing);
    failing.signal.throwIfAborted();
    if (end.endedBy === 'time' && flags.exitAfter !== undefined) return 3;
    return end.suspicious > 0 ? 1 : 0;
  } catch (error) {
    throw recorder === null ? error : lossOf(error, recorder.unstored(), flags);
  } finally {
    await Promise.all([recorder?.close().catch(() => undefined), prepared.close()]);
  }
}

function lossOf(error: unknown, unrecorded: number, { durable }: ListenFlags): unknown {
  if (!(error instanceof AppError) || error.kind !== 'history') return error;
  const done = durable ? 'answered with 503 and not recorded' : 'answered but not recorded';
  return withUnrecorded(error, unrecorded, 'request', done);
}

/** Ends when interrupted, or when history or stdout can no longer be written. */
async function listenAndReport(
  flags: ListenFlags,
  prepared: PreparedListening,
  environment: CommandEnvironment,
  recorder: Recorder | null,
  failing: AbortController,
): Promise<ListenEnd> {
  const { listen } = await import('../../flows/receive/listen.ts');
  const reporter = makeListenReporter({
    json: flags.json === true,
    verbose: flags.verbose === true,
    onLost: (error) => failing.abort(error),
  });
  const receiver = { ...prepared.options.receiver, onRejected: reporter.rejected };
  const end = await listen(
    { ...prepared.options, exitAfter: flags.exitAfter ?? null, forMs: flags.for ?? null, receiver },
    {
      recorder,
      answersStored: flags.durable === true,
      clock: environment.recordClock,
      ids: environment.recordIds,
      signal: AbortSignal.any([interruptSignal(), failing.signal]),
      onReady: (origin) => reporter.ready(origin, prepared),
      onReceived: flags.quiet ? () => undefined : reporter.received,
      onFetched: flags.quiet ? () => undefined : reporter.fetched,
      onError: reporter.error,
    },
  );
  await reporter.end(end);
  const { reason } = interruptSignal() as { reason?: unknown };
  if (reason instanceof AppError && reason.message === RUNNER_GONE)
    say(`${RUNNER_GONE}; to keep running, use --keep-running`);
  return end;
}

async function mailOf({ serveAttachments, secretFile, passphraseFile }: ListenFlags): Promise<MailSource | undefined> {
  if (serveAttachments === '-' && [secretFile, passphraseFile].flat().includes('-')) {
    throw new AppError('usage', '--serve-attachments and a secret cannot both be read from standard input', {
      hint: 'give one of them as a file',
    });
  }
  return serveAttachments === undefined ? undefined : mailSource(serveAttachments, '--serve-attachments');
}

/** Opened before anything listens: a history that cannot be written is reported at once. */
async function openRecording(
  { durable }: ListenFlags,
  environment: CommandEnvironment,
  onFailure: (error: Error) => void,
): Promise<Recorder | null> {
  const file = environment.historyFile();
  if (file === null && durable)
    throw new AppError('usage', '--durable records and --no-history does not', { hint: 'leave out one of them' });
  if (file === null) return null;
  const { openRecorder } = await import('../../history/store/recorder.ts');
  // Who waits for his answer is not kept waiting for others: those that come meanwhile are the next batch.
  return openRecorder(file, durable ? { onFailure, pauseMs: 0, survives: 'power-failure' } : { onFailure });
}
