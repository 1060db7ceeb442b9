import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { VendorKey } from '../../flows/vendor/make-vendor-key.ts';
import { AppError } from '../../model/error.ts';
import { readReason, writeReason } from '../../model/file-error.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openCommandVendors, processEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { answer, say } from '../terminal/output.ts';
import { configText } from '../terminal/flags.ts';
import { plainLine } from '../terminal/text.ts';

interface KeyFlags {
  output?: string;
  from?: string;
  config?: string;
}

/** `webhook vendor key ID` */
export function keyCommand(): Command {
  return makeCommand('key', {
    summary: 'create a key pair, to sign in place of a vendor that signs with one',
    examples: [
      [
        'webhook vendor key sendgrid -o sendgrid.pem',
        'writes the private key for --secret-file, and prints the public one as SendGrid shows it',
      ],
      ['webhook vendor key sendgrid --from sendgrid.pem', 'prints the public one again'],
    ],
  })
    .argument('<vendor>', 'its id, or a vendor file')
    .option('-o, --output <file>', 'write the private key here (PEM, readable only by you); never overwrites a file')
    .option('--from <file>', 'show the public key of this private key, and create none')
    .option('--config <file>', configText('read'))
    .action(act(key));
}

async function key(reference: string, { output, from, config }: KeyFlags): Promise<ExitCode> {
  if ((output === undefined) === (from === undefined))
    throw new AppError('usage', 'no file was given for the private key', {
      hint: 'create a key with -o FILE, or show the public key of one with --from FILE: use one of them',
    });
  const environment = processEnvironment();
  const vendor = await openCommandVendors(environment, config).load(reference);
  const given = from === undefined ? null : readKey(from);
  const { makeVendorKey } = await import('../../flows/vendor/make-vendor-key.ts');
  const made = await makeVendorKey(vendor, given, environment.recordClock.now());
  if (output !== undefined) {
    writeKey(output, made);
    const file = plainLine(quoteForShell(output));
    say(`${file} holds the private key: --secret-file ${file}. The receiver gets the public one:`);
  }
  answer(made.shown);
  return 0;
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('input', `${file} cannot be read: ${readReason(cause)}`, {
      cause,
      hint: '--from names a file with a private key',
    });
  }
}

const OWNER_ALONE = 0o600;

/** A key that is there may be in use: it is never replaced. One that cannot be written whole is not left behind. */
function writeKey(file: string, { privateKey }: VendorKey): void {
  let opened: number | null = null;
  try {
    opened = openSync(file, 'wx', OWNER_ALONE);
    writeFileSync(opened, privateKey);
  } catch (cause) {
    if (opened !== null) rmSync(file, { force: true });
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const problem = isThere
      ? `${file} already exists`
      : `cannot write ${file}: ${writeReason(cause) ?? (cause as Error).message}`;
    throw new AppError('usage', problem, {
      cause,
      hint: isThere
        ? 'choose another file, or show its public key with --from'
        : 'choose a file in a folder that you can write to',
    });
  } finally {
    if (opened !== null) closeSync(opened);
  }
}
