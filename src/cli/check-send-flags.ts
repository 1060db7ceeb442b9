import type { Target } from '../flows/choose-targets.ts';
import { AppError } from '../model/error.ts';
import type { AckMode } from '../model/vendor.ts';

interface CheckedFlags {
  url?: string;
  uuid?: string;
  eml?: string;
  rcpt: readonly string[];
  inlineAttachments?: boolean;
  serveAttachments?: object;
  retry?: boolean;
  timeScale: number;
  ackMode?: AckMode;
}

/** A flag that would do nothing is a mistake, and told: never silently ignored. Throws AppError `usage`. */
export function checkSendFlags(flags: CheckedFlags, targets: readonly Target[]): void {
  needs('--rcpt', flags.rcpt.length > 0, '--eml', flags.eml !== undefined);
  needs('--inline-attachments', flags.inlineAttachments === true, '--eml', flags.eml !== undefined);
  needs('--time-scale', flags.timeScale !== 1, '--retry', flags.retry === true);
  needs('--uuid', flags.uuid !== undefined, '--url', flags.url !== undefined);
  for (const { vendor } of targets) {
    if (flags.ackMode !== undefined && vendor.success.ackModes === undefined) throw new AppError('usage', `${vendor.id} knows no --ack-mode`);
    if (flags.serveAttachments !== undefined && vendor.attachments === undefined) {
      throw new AppError('usage', `${vendor.id} sends no links to attachments, so there is nothing to serve`, { hint: 'leave out --serve-attachments' });
    }
  }
}

function needs(flag: string, isGiven: boolean, needed: string, isThere: boolean): void {
  if (isGiven && !isThere) throw new AppError('usage', `${flag} does nothing without ${needed}`, { hint: `add ${needed}, or leave out ${flag}` });
}
