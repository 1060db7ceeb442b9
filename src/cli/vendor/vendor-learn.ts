import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { readFlaggedSecret } from '../../config/secrets.ts';
import type { LearnedVendor } from '../../flows/vendor/learn-vendor.ts';
import { AppError } from '../../model/error.ts';
import { parseHttpUrl } from '../../model/http-url.ts';
import type { CapturedRequest } from '../../receive/capture/captured-request.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { addSecretFlags, addStoreFlags, collect, jsonFlag, type StoreFlags } from '../terminal/flags.ts';
import { answer, answerJson, say, warn } from '../terminal/output.ts';
import { readInput } from '../terminal/read-input.ts';
import { writeWholeFile } from '../terminal/whole-file.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { learnedDocument, renderLearned } from './render-learned.ts';

interface LearnFlags extends SecretOptions, StoreFlags {
  output?: string;
  id?: string;
  event?: string;
  delivery: string[];
  body?: string;
  publicUrl?: string;
  keepValues?: boolean;
  force?: boolean;
  json?: boolean;
}

const EXAMPLES: [command: string, meaning: string][] = [
  [
    'webhook vendor learn capture.http --secret-env ACME_SECRET -o acme.vendor.json',
    'from one request as a server or proxy logged it',
  ],
  [
    'webhook vendor learn one.http two.http --secret-file secret.txt -o acme.vendor.json',
    'a second one settles what the first leaves unknown',
  ],
  [
    'webhook vendor learn --delivery last --secret-env ACME_SECRET --id acme > acme.vendor.json',
    'from what webhook listen recorded',
  ],
  ['webhook vendor learn hooks.har --secret-file public.pem --json', 'with the public key of a vendor that has one'],
];

/** `webhook vendor learn` */
export function learnCommand(): Command {
  const command = makeCommand('learn', {
    summary: 'create a vendor file from captured requests and the secret',
    daily: ['--output', '--id', '--delivery', '--secret-env', '--secret-file', '--json'],
    topics: ['learning', 'captures'],
    examples: EXAMPLES,
  })
    .argument('[capture...]', 'files with captured requests, - for stdin')
    .option('-o, --output <file>', 'write the vendor file here (default: to stdout)')
    .option('--id <id>', "the vendor's id (default: from the file name)")
    .option('--event <name>', 'the event name, if the request does not contain it')
    .option('--delivery <id>', 'a delivery from the history, by its id or "last" (repeatable)', collect, [])
    .option('--body <file>', 'the bytes of the body, for a capture without it; - for stdin')
    .option('--public-url <url>', 'the URL that the vendor called, if a proxy changed it')
    .option('--keep-values', 'keep personal data in the sample')
    .option('--force', 'replace the file')
    .addOption(jsonFlag());
  return addStoreFlags(addSecretFlags(command)).action(act(learn));
}

async function learn(files: string[], flags: LearnFlags): Promise<ExitCode> {
  checkFlags(files, flags);
  // The other subcommands are loaded with this one, and need nothing of it.
  const { learnVendor } = await import('../../flows/vendor/learn-vendor.ts');
  const environment = await openEnvironment(flags);
  const secret = await readFlaggedSecret(flags, environment);
  if (secret === null)
    throw new AppError('usage', 'the secret is missing: without it, what was signed cannot be found', {
      hint: 'add --secret-env NAME or --secret-file FILE; for a vendor with a key pair, the file with its public key',
    });
  for (const warning of secret.warnings) warn(warning);
  const named = await readAll(files, flags, environment);
  const captures = named.map(({ capture }) => capture);
  for (const note of new Set(captures.flatMap(({ notes }) => notes))) warn(note);
  const { event, keepValues } = flags;
  const names = named.map(({ name }) => name);
  const options = { id: idOf(flags), event, keepValues, names };
  const learned = learnVendor(captures, secret.value, options, environment.clock.now());
  await show(learned, names, flags);
  return learned.file === null ? 1 : 0;
}

function checkFlags(
  files: readonly string[],
  { output, force, delivery, body, secretFile, secret, publicUrl, id }: LearnFlags,
): void {
  if (files.length === 0 && delivery.length === 0)
    throw new AppError('usage', 'no request was given', {
      hint: 'give files with captured requests, or --delivery last; webhook listen --json > seen.ndjson captures',
    });
  if ([...files, body, secretFile].flat().filter((file) => file === '-').length > 1)
    throw new AppError('usage', 'standard input can be read only once', { hint: 'give the others as files' });
  if (body !== undefined && (files.length !== 1 || delivery.length > 0))
    throw new AppError('usage', '--body belongs to one capture', { hint: 'give only that one' });
  if (output !== undefined && force !== true && existsSync(output))
    throw new AppError('usage', `${output} already exists`, {
      hint: 'replace it with --force, or choose another file',
    });
  if (id !== undefined && !ID.test(id))
    throw new AppError('usage', `--id ${JSON.stringify(id)} is not an id`, {
      hint: 'lower-case letters, digits and hyphens: acme',
    });
  if (publicUrl !== undefined) parseHttpUrl(publicUrl.trim());
  if (secret !== undefined)
    warn(
      'every user of this machine can read --secret in the process list; use --secret-env or --secret-file ' +
        'instead',
    );
}

const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** `acme` of `acme.vendor.json`. */
function idOf({ id, output = '' }: LearnFlags): string {
  if (id !== undefined) return id;
  const name = basename(output)
    .replace(/(?:\.vendor)?\.json$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return name === '' ? 'learned' : name;
}

interface NamedCapture {
  name: string;
  capture: CapturedRequest;
}

async function readAll(
  files: readonly string[],
  { delivery, body, publicUrl }: LearnFlags,
  environment: CommandEnvironment,
): Promise<NamedCapture[]> {
  const { MAX_CAPTURE_BYTES, readCaptures } = await import('../../receive/capture/read-capture.ts');
  const captures: NamedCapture[] = [];
  const given = body === undefined ? undefined : await readInput(body, '--body', MAX_CAPTURE_BYTES);
  for (const file of files) {
    const inFile = await readCaptures(await readInput(file, 'capture', MAX_CAPTURE_BYTES), given);
    captures.push(...nameAll(file === '-' ? 'standard input' : file, inFile));
  }
  if (delivery.length > 0) {
    const { captureOf } = await import('../../flows/receive/verify-capture.ts');
    const history = await environment.openReader();
    try {
      for (const id of delivery) captures.push(...nameAll(`delivery ${id}`, [captureOf(await history.find(id))]));
    } finally {
      await history.close();
    }
  }
  const url = publicUrl?.trim();
  if (url === undefined) return captures;
  const { withPublicUrl } = await import('../../receive/capture/called-urls.ts');
  return captures.map(({ name, capture }) => ({ name, capture: withPublicUrl(capture, url) }));
}

/** `hooks.har, request 2` where a file holds several. */
const nameAll = (file: string, captures: readonly CapturedRequest[]): NamedCapture[] =>
  captures.map((capture, index) => ({
    name: captures.length === 1 ? file : `${file}, request ${index + 1}`,
    capture,
  }));

/** The file goes where it was asked for; what is to be said of it, where it is in nobody's way. */
async function show(learned: LearnedVendor, names: readonly string[], { output, json }: LearnFlags): Promise<void> {
  if (learned.file !== null && output !== undefined)
    await writeWholeFile(output, Buffer.from(learned.file.text), interruptSignal());
  if (json === true) return answerJson(learnedDocument(learned, output ?? null));
  const report = renderLearned(learned, names, output ?? null);
  if (learned.file === null || output !== undefined) return answer(report);
  say(report);
  answer(learned.file.text);
}
