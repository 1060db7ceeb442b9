import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { FROM_FLAG } from '../../config/secrets.ts';
import { captureOf, verifyCaptures, type VerifiedCapture } from '../../flows/receive/verify-capture.ts';
import { AppError } from '../../model/error.ts';
import { displayUrl, hideQuerySecrets, parseHttpUrl } from '../../model/http-url.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import type { CapturedRequest } from '../../receive/capture/captured-request.ts';
import { withPublicUrl } from '../../receive/capture/called-urls.ts';
import { MAX_CAPTURE_BYTES, readCaptures } from '../../receive/capture/read-capture.ts';
import type { SignatureDiagnosis } from '../../sign/diagnosis.ts';
import { painter } from '../terminal/color.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { tolerance, moment, momentMs, type Moment } from '../terminal/flag-values.ts';
import { addWebhookFlag, addSecretFlags, addStoreFlags, jsonFlag, type StoreFlags } from '../terminal/flags.ts';
import { addMaskFlag } from '../terminal/mask-flag.ts';
import { answer, answerJson, warn } from '../terminal/output.ts';
import { readInput } from '../terminal/read-input.ts';
import { plainLine, wrapText } from '../terminal/text.ts';
import { screenOf } from '../terminal/stdio.ts';

interface VerifyFlags extends SecretOptions, StoreFlags {
  delivery?: string;
  body?: string;
  vendor?: string;
  to?: string;
  publicUrl?: string;
  at?: Moment;
  tolerance?: number;
  json?: boolean;
}

const EXAMPLES: [command: string, meaning: string][] = [
  [
    'webhook verify --delivery request.http --secret-env M2M_SECRET',
    'raw HTTP as a server or proxy logged it; the vendor is recognised',
  ],
  [
    'webhook verify --delivery last --webhook shop',
    'the newest delivery in the history, with the secret of a configured webhook',
  ],
  [
    'webhook listen --json > seen.ndjson; webhook verify --delivery seen.ndjson --secret-file s.txt',
    'every received request',
  ],
  [
    'webhook verify --delivery curl.txt --body body.json --vendor mailkite --secret-file s.txt ' +
      '--at 2026-11-01T09:00:00Z',
    'what curl -v wrote, judged at that time',
  ],
];

const WHICH_REQUEST =
  '--delivery FILE, - for standard input, or the id of a delivery (webhook history list shows them)';

/** `webhook verify` */
export function verifyCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'verify a captured request offline: valid, stale or forged, and why',
    daily: ['--delivery', '--vendor', '--to', '--secret-env', '--at', '--json'],
    topics: ['captures'],
    insteadOfArguments: WHICH_REQUEST,
    flagFor: () => '--delivery',
    examples: EXAMPLES,
  })
    .option('--delivery <file|id>', 'the capture: a file, - for stdin, or a delivery from the history')
    .option('--body <file>', 'the bytes of the body, for a capture without it; - for stdin')
    .option('--vendor <id|file>', 'the vendor that sent it (default: recognised by the request)');
  addWebhookFlag(command, 'to', 'the configured webhook it was sent to, with its vendor and secret')
    .option(
      '--public-url <url>',
      'the URL that the vendor called, if a proxy changed it, for vendors that sign it; path and query come ' +
        'from the capture unless it has its own',
    )
    .option('--at <when>', 'judge as of this time, or this long ago (10m); default: when it arrived', moment)
    .option('--tolerance <duration>', "tolerance for its time, 0 for any (default: the vendor's rule)", tolerance)
    .addOption(jsonFlag());
  return addStoreFlags(addMaskFlag(addSecretFlags(command))).action(act(verify));
}

async function verify(flags: VerifyFlags): Promise<ExitCode> {
  checkStandardInput(flags);
  if (flags.secret !== undefined)
    warn(
      'every user of this machine can read --secret in the process list; use --secret-env or --secret-file ' +
        'instead',
    );
  const environment = await openEnvironment(flags);
  const requests = await readRequests(flags, environment);
  const nowMs = environment.clock.now();
  const { at, tolerance: toleranceMs, ...options } = flags;
  const verified = await verifyCaptures(
    requests,
    {
      ...options,
      atMs: at && momentMs(at, nowMs),
      toleranceMs,
    },
    environment.config,
    environment.vendors,
    environment,
    nowMs,
  );
  for (const warning of new Set(verified.flatMap(({ warnings }) => warnings))) warn(warning);
  for (const one of verified) {
    if (flags.json) answerJson(verifiedDocument(one));
    else answer(renderVerified(one));
  }
  if (!flags.json && verified.length > 1) answer(renderVerifiedCounts(verified));
  return verified.every(({ diagnosis }) => diagnosis.verdict === 'valid') ? 0 : 1;
}

/** The captured requests, under the URL that the vendor called where that is given. */
async function readRequests(flags: VerifyFlags, environment: CommandEnvironment): Promise<CapturedRequest[]> {
  const publicUrl = flags.publicUrl?.trim();
  if (publicUrl !== undefined) parseHttpUrl(publicUrl);
  const requests = await readDelivery(flags, environment);
  return publicUrl === undefined ? requests : requests.map((request) => withPublicUrl(request, publicUrl));
}

async function readDelivery(
  { delivery, body }: VerifyFlags,
  environment: CommandEnvironment,
): Promise<CapturedRequest[]> {
  if (delivery === undefined) throw new AppError('usage', 'no request was given', { hint: WHICH_REQUEST });
  const given =
    body === undefined
      ? undefined
      : await readInput(
          body,
          '--body',
          MAX_CAPTURE_BYTES,
          'no vendor sends this much: give the body of this request only',
        );
  const isFile = delivery === '-' || existsSync(delivery) || !/^(last|[0-9a-f]{3}[0-9a-f-]{1,33})$/i.test(delivery);
  if (isFile)
    return readCaptures(
      await readInput(
        delivery,
        '--delivery',
        MAX_CAPTURE_BYTES,
        'give a part of it: some lines of webhook listen --json (head -n 100), or a single request',
      ),
      given,
    );
  if (given !== undefined)
    throw new AppError('usage', `delivery ${delivery} in the history already has its body, so --body has no effect`, {
      hint: 'leave out --body',
    });
  const history = await environment.openReader();
  try {
    return [captureOf(await history.find(delivery))];
  } finally {
    await history.close();
  }
}

/** Standard input can be read once: the second reader would find it empty. */
function checkStandardInput({ delivery, body, secretFile }: VerifyFlags): void {
  const [first, second] = Object.entries({ '--delivery': delivery, '--body': body, '--secret-file': secretFile })
    .filter(([, file]) => [file].flat().includes('-'))
    .map(([flag]) => flag);
  if (second !== undefined)
    throw new AppError('usage', `${first} and ${second} cannot both read standard input`, {
      hint: 'give one of them as a file',
    });
}

function verifiedDocument({
  request,
  vendor,
  isRecognised,
  judgedAtMs,
  secretFrom,
  diagnosis,
}: VerifiedCapture): Record<string, unknown> {
  const { source, method, path, url, receivedAtMs, body, notes } = request;
  return {
    verdict: diagnosis.verdict,
    byMs: diagnosis.byMs,
    cause: diagnosis.cause,
    explanation: diagnosis.explanation,
    fix: diagnosis.fix,
    vendor: vendor?.id ?? null,
    recognised: isRecognised,
    secretFrom,
    source,
    method,
    path: hideQuerySecrets(path),
    url: url === null ? null : displayUrl(url),
    receivedAt: receivedAtMs === null ? null : new Date(receivedAtMs).toISOString(),
    judgedAt: new Date(judgedAtMs).toISOString(),
    bodyBytes: body.byteLength,
    notes,
  };
}

/** A captured request as a person reads it: the verdict, why, and what to change. */
function renderVerified({ request, vendor, isRecognised, secretFrom, diagnosis }: VerifiedCapture): string {
  const { verdict, cause, explanation, fix } = diagnosis;
  const paint = painter(screenOf(1));
  const head = [
    paintVerdict(verdict),
    vendor === null ? 'unknown' : `${vendor.title}${isRecognised ? ' (recognised)' : ''}`,
    plainLine(`${request.method} ${hideQuerySecrets(request.path)}`).slice(0, 200),
    ...(cause === null ? [] : [cause]),
  ];
  return [
    head.join('  '),
    ...wrapText(plainLine(explanation), '  '),
    ...(secretFrom === null || secretFrom === FROM_FLAG ? [] : [paint.dim(`  secret  of ${plainLine(secretFrom)}`)]),
    ...(fix === null ? [] : wrapText(plainLine(fix), '  fix     ')),
    // A signature that fits has proved what they doubt.
    ...(verdict === 'valid' ? [] : request.notes.flatMap((note) => wrapText(plainLine(note), '  note    '))),
  ].join('\n');
}

/** `3 valid, 1 forged` */
function renderVerifiedCounts(verified: readonly VerifiedCapture[]): string {
  const counts = new Map<string, number>();
  for (const { diagnosis } of verified) counts.set(diagnosis.verdict, (counts.get(diagnosis.verdict) ?? 0) + 1);
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
}

function paintVerdict(verdict: SignatureDiagnosis['verdict']): string {
  const paint = painter(screenOf(1));
  return { valid: paint.green, stale: paint.yellow, forged: paint.red, missing: paint.red, unsigned: paint.yellow }[
    verdict
  ](verdict);
}
