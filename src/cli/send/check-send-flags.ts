import type { Target } from '../../flows/session/choose-targets.ts';
import type { OpenTarget } from '../../flows/session/open-target.ts';
import { AppError } from '../../model/error.ts';
import type { AckMode } from '../../model/vendor.ts';
import { namesHeader } from '../../plan/headers.ts';
import { missingSecret } from '../../sign/missing-secret.ts';

interface CheckedFlags extends ReplayCheckedFlags {
  url?: string;
  to?: string;
  data?: string;
  secretFile?: string;
  passphraseFile?: string;
  count: number;
  connections: number;
  uuid?: string;
  eml?: string;
  rcpt: readonly string[];
  inlineAttachments?: boolean;
  serveAttachments?: object;
  attachmentsAt?: string;
}

interface ReplayCheckedFlags {
  retry?: boolean;
  timeScale: number;
  ackMode?: AckMode;
}

/** A flag that would do nothing is a mistake, and told: never silently ignored. Throws AppError `usage`. */
export function checkSendFlags(flags: CheckedFlags, targets: readonly Target[]): void {
  checkStandardInput(flags);
  needs('--rcpt', flags.rcpt.length > 0, '--eml', flags.eml !== undefined);
  needs('--inline-attachments', flags.inlineAttachments === true, '--eml', flags.eml !== undefined);
  if (flags.inlineAttachments && flags.serveAttachments !== undefined) {
    throw new AppError('usage', 'attachments in the body need no server', {
      hint: 'leave out --inline-attachments or --serve-attachments',
    });
  }
  needs('--connections', flags.connections !== 1, '--count', flags.count !== 1);
  needs('--uuid', flags.uuid !== undefined, '--url', flags.url !== undefined);
  if (flags.uuid !== undefined && flags.to !== undefined) {
    throw new AppError('usage', 'a configured webhook has its own uuid, so --uuid has nothing to name', {
      hint: 'leave out --uuid or --to',
    });
  }
  for (const target of targets) {
    checkReplayFlags(flags, target);
    const { vendor } = target;
    if (flags.inlineAttachments && vendor.attachments === undefined)
      throw new AppError('usage', `${vendor.id} sends no attachments`, { hint: 'leave out --inline-attachments' });
    if (flags.serveAttachments !== undefined && vendor.attachments === undefined) {
      throw new AppError('usage', `${vendor.id} sends no links to attachments, so there is nothing to serve`, {
        hint: 'leave out --serve-attachments',
      });
    }
    if (flags.attachmentsAt !== undefined && vendor.attachments === undefined) {
      throw new AppError(
        'usage',
        `${vendor.id} sends no links to attachments, so none can begin with ${flags.attachmentsAt}`,
        { hint: 'leave out --attachments-at' },
      );
    }
  }
}

/** The same for the flags that `replay` shares with `send`. */
export function checkReplayFlags(flags: ReplayCheckedFlags, { vendor }: Target): void {
  needs('--time-scale', flags.timeScale !== 1, '--retry', flags.retry === true);
  if (flags.ackMode !== undefined && vendor.success.value.ackModes === undefined)
    throw new AppError('usage', `${vendor.id} knows no --ack-mode`);
}

/**
 * Found before the first of several is sent. A signature header of the user's own (`-H`) needs no secret. Throws
 * AppError `usage`.
 */
export function requireSecrets(targets: readonly OpenTarget[], headerLines: readonly string[]): void {
  for (const { vendor, name, signingSecret } of targets) {
    if (
      vendor.signature.value === null ||
      signingSecret !== null ||
      namesHeader(headerLines, vendor.signature.value.header)
    )
      continue;
    throw missingSecret(vendor, 'sign', { webhook: name });
  }
}

/** Standard input can be read once: the second reader would find it empty. */
function checkStandardInput({ data, eml, secretFile, passphraseFile }: CheckedFlags): void {
  const readers = Object.entries({
    '--data': data,
    '--eml': eml,
    '--secret-file': secretFile,
    '--passphrase-file': passphraseFile,
  });
  const [first, second] = readers.filter(([, file]) => file === '-').map(([flag]) => flag);
  if (second !== undefined)
    throw new AppError('usage', `${first} and ${second} cannot both read standard input`, {
      hint: 'give one of them as a file',
    });
}

function needs(flag: string, isGiven: boolean, needed: string, isThere: boolean): void {
  if (isGiven && !isThere)
    throw new AppError('usage', `${flag} does nothing without ${needed}`, {
      hint: `add ${needed}, or leave out ${flag}`,
    });
}
