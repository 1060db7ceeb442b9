import { InvalidArgumentError, Option, type Command } from 'commander';
import type { MailSource } from '../../flows/send/make-event.ts';
import type { ListenEnd } from '../../flows/receive/listen.ts';
import type { PreparedListening, PrepareOptions } from '../../flows/receive/prepare-listening.ts';
import type { Recorder } from '../../history/recorder.ts';
import { AppError } from '../../model/error.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { addSecretFlags, addStoreFlags, jsonFlag, WEBHOOK_NAMES, type StoreFlags } from '../terminal/flags.ts';
import { addMaskFlag } from '../terminal/mask-flag.ts';
import { makeListenReporter } from './listen-reporter.ts';
import { warn } from '../terminal/output.ts';
import { mailSource } from '../terminal/read-input.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { durationMs, count, listenPort, statusCodes } from '../terminal/flag-values.ts';

interface ListenFlags extends StoreFlags, Omit<PrepareOptions, 'mail'> {
  serveAttachments?: string;
  exitAfter?: number;
  for?: number;
  verbose?: boolean;
  quiet?: boolean;
  json?: boolean;
}

const DEFAULT_PORT = 3000;
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const FORWARD_TIMEOUT_MS = 30_000;

const NOTES = `Answers as a correct receiver does: 200 for a genuine request, 401 for a signature that is forged,
stale or missing, 400 for a body that is no event of the vendor's form, 405 and 415 for another method or
content type, 413 above --max-body, 503 (Retry-After: 1) while bodies of 256 MB are under way.
--forward-to gives the endpoint's answer instead (502 when there is none), and --status goes before
both.

--forward-to URL without a path keeps the path of the request; a URL with a path is used as it is.
The query is kept either way. Method, headers and body go on unchanged, but for the headers of the
connection (Connection, Transfer-Encoding, Proxy-Authorization, …) and Host, which is the endpoint's. Of its answer
the first 64 KiB are given back.

Signed links to attachments (/att/…?exp=…&sig=…) are answered, too: 200 with the bytes, 403 tampered with, 404 no
such attachment, 410 expired. "send --attachments-at URL" makes them. Nobody but the sender knows the message id of a
link beforehand, so any leads to the same attachments, by index. Such a GET is no event: it is shown without its
signature, and neither recorded, forwarded, counted, nor answered as --status, --delay, --drop or --bug say.

A question that wants an address called (a subscription of Amazon SNS) is answered by that call, before the answer:
only when its signature fits, and only at the vendor's hosts or at --callbacks-at.

--json prints a line {"event":"ready","url":…} at once, then a line for each request ("event":
"request"), for each attachment that was asked for ("attachment"), and for each caller who was turned away before
there was a request ("rejected").

Every request is recorded, direction in, within some 10 ms: Ctrl-C and SIGTERM lose none, kill -9 and a
power failure the last batch. Exit code 1 says that a request was forged, stale or without its signature; 3 that --for
ended before --exit-after requests came. Without --exit-after and --for it listens until Ctrl-C.`;

/** `webhook listen` */
export function listenCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'a receiver that verifies, shows, records, forwards, and fails on request',
    examples: [
      [
        'webhook listen --vendor mailkite --secret-env MAILKITE_SECRET',
        `on http://127.0.0.1:${DEFAULT_PORT}: is what comes genuine, and if not, why?`,
      ],
      [
        'webhook listen shop --forward-to http://127.0.0.1:8080',
        'a configured webhook; everything goes on to your application, unchanged',
      ],
      [
        'webhook listen --status 500,500,200 --delay 2s',
        'fail twice, slowly, then take it: does the vendor try again?',
      ],
      [
        'webhook listen --tls --client-ca certs/ca.pem --port 8443',
        'https with a certificate made on the spot; callers must show one of this CA',
      ],
      [
        'webhook listen --json --exit-after 1 --for 30s | jq .verdict',
        'for scripts: a line when it listens, then one for each request',
      ],
    ],
  });
  command.argument('[name]', `a configured webhook, with its vendor, secret and uuid: ${WEBHOOK_NAMES}`);
  addSenderFlags(command);
  addSecretFlags(command);
  addServerFlags(command);
  addAnswerFlags(command);
  addForwardFlags(command);
  addEndAndOutputFlags(command);
  addMaskFlag(addStoreFlags(command).option('--no-history', 'do not record'));
  return command.addHelpText('after', `\n${NOTES}`).action(act(run));
}

function addSenderFlags(command: Command): void {
  command
    .optionsGroup('Who sends:')
    .option(
      '--vendor <id|file>',
      'verify by the rules of this vendor (default: recognised by headers and body, request by request)',
    )
    .option('--no-verify', 'take every request as it is')
    .option(
      '--public-url <url>',
      'what the vendor calls, where a tunnel or proxy changes it: for vendors that sign the URL; path and query are ' +
        'those of the request unless it has its own',
    )
    .option(
      '--uuid <uuid>',
      'record under this webhook (default: the configured one, or made from vendor and URL as send does)',
    );
}

function addServerFlags(command: Command): void {
  command
    .optionsGroup('Where to listen:')
    .option('--port <port>', 'port; 0 takes any free one', listenPort, DEFAULT_PORT)
    .option('--host <host>', 'name or address to listen on; 0.0.0.0 lets other machines in', '127.0.0.1')
    .option('--tls', 'https, with a certificate made on the spot: send -k, or trust the one in the ready line')
    .option('--tls-cert <file>', 'https, with this certificate, PEM, leaf first')
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--passphrase-env <name>', 'environment variable with the passphrase of the key')
    .option('--passphrase-file <file>', 'file with the passphrase of the key')
    .option('--client-ca <file>', 'let only callers in who show a certificate of these CAs, PEM')
    .addOption(
      new Option('--max-body <size>', 'largest body, such as 500k or 8m')
        .argParser(byteSize)
        .default(MAX_BODY_BYTES, '32m'),
    );
}

function addAnswerFlags(command: Command): void {
  command
    .optionsGroup('What to answer:')
    .option('--status <list>', 'these statuses in turn, by comma; the last one repeats', statusCodes, [])
    .option('--delay <duration>', 'wait so long before each answer', durationMs)
    .option('--drop', 'close the connection without an answer')
    .addOption(
      new Option(
        '--serve-attachments <file>',
        "what signed links to attachments lead to: those of this mail (default: the sample's)",
      ).argParser(oneMail),
    )
    .option(
      '--callbacks-at <origin>',
      "for tests: call back at this address of this machine, too, not only at the vendor's own hosts",
    )
    .option('--ack', 'add MailKite\'s acknowledgement, {"status":"ok"}, to a success')
    .addOption(
      new Option('--bug <name>', 'be wrong on purpose in one way, as receivers are known to be').conflicts([
        'status',
        'forwardTo',
        'verify',
      ]),
    );
}

function addForwardFlags(command: Command): void {
  command
    .optionsGroup('Forward:')
    .option('--forward-to <url>', 'pass every request on, and give back what is answered')
    .option('-k, --insecure', 'accept any certificate of that endpoint')
    .addOption(
      new Option('--max-time <duration>', 'give it this long').argParser(durationMs).default(FORWARD_TIMEOUT_MS, '30s'),
    );
}

function addEndAndOutputFlags(command: Command): void {
  command
    .optionsGroup('When to end:')
    .option('--exit-after <n>', 'after so many requests', count)
    .option('--for <duration>', 'after so long', durationMs)
    .optionsGroup('Output:')
    .option('-v, --verbose', 'show all headers, and more of the body')
    .addOption(
      new Option('-q, --quiet', 'tell of no single request, for load tests: history has them').conflicts(['verbose']),
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
    throw new InvalidArgumentError('expected a size such as 500k or 8m, 256m at most');
  return bytes;
}

/**
 * A link has an index and a message id that nobody knows beforehand: of two mails it could not be told which is meant.
 */
function oneMail(value: string, before: string | undefined): string {
  if (before !== undefined)
    throw new InvalidArgumentError('a link tells the index of an attachment, not of which mail: give one mail');
  return value;
}

async function run(name: string | undefined, flags: ListenFlags): Promise<ExitCode> {
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
  const recorder = await openRecording(environment, (error) => failing.abort(error));
  try {
    const end = await listenAndReport(flags, prepared, environment, recorder, failing);
    failing.signal.throwIfAborted();
    if (end.endedBy === 'time' && flags.exitAfter !== undefined) return 3;
    return end.suspicious > 0 ? 1 : 0;
  } catch (error) {
    throw recorder === null ? error : withUnrecorded(error, recorder.unstored());
  } finally {
    await Promise.all([recorder?.close().catch(() => undefined), prepared.close()]);
  }
}

/** What was answered is done, whether it is recorded or not: nobody should run this again for it. */
function withUnrecorded(error: unknown, unrecorded: number): unknown {
  if (!(error instanceof AppError) || error.kind !== 'history' || unrecorded === 0) return error;
  const requests = unrecorded === 1 ? '1 request was' : `${unrecorded} requests were`;
  return new AppError('history', `${error.message}; ${requests} answered and not recorded`, {
    hint: error.hint,
    cause: error,
  });
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
  return end;
}

async function mailOf({ serveAttachments, secretFile, passphraseFile }: ListenFlags): Promise<MailSource | undefined> {
  if (serveAttachments === '-' && [secretFile, passphraseFile].includes('-')) {
    throw new AppError('usage', '--serve-attachments and a secret cannot both be read from standard input', {
      hint: 'give one of them as a file',
    });
  }
  return serveAttachments === undefined ? undefined : mailSource(serveAttachments, '--serve-attachments');
}

/** Opened before anything listens: a history that cannot be written is reported at once. */
async function openRecording(
  environment: CommandEnvironment,
  onFailure: (error: Error) => void,
): Promise<Recorder | null> {
  const file = environment.historyFile();
  if (file === null) return null;
  const { openRecorder } = await import('../../history/recorder.ts');
  return openRecorder(file, { onFailure });
}
