import { Option, type Command } from 'commander';
import type { EventContent } from '../../flows/send/make-event.ts';
import type { Target } from '../../flows/session/choose-targets.ts';
import { JSON_STYLES, type JsonStyle } from '../../model/body-format.ts';
import { AppError } from '../../model/error.ts';
import type { GivenTexts } from '../../model/webhook.ts';
import type { AckMode } from '../../model/vendor.ts';
import { builtInVendors, eventNames } from '../../vendors/registry.ts';
import { collect, commaList } from '../terminal/flags.ts';
import { warn } from '../terminal/output.ts';
import { mailSource, readInput } from '../terminal/read-input.ts';
import { addMailFlags } from './mail-flags.ts';

/** Flags that say which event, and what is changed in it. */
export interface EventFlags {
  vendor?: string;
  event?: string;
  minimal?: boolean;
  variant?: string;
  set: string[];
  add: string[];
  remove: string[];
  select?: string[];
  jsonStyle?: JsonStyle;
  data?: string;
  eml?: string;
  rcpt: string[];
  inlineAttachments?: boolean;
  header: string[];
}

export function addEventFlags(command: Command): Command {
  command
    .optionsGroup('Event:')
    .option('--vendor <id|file>', 'the vendor to play; leave it out if the event name is unique')
    .option('--event <name>', 'the event to send');
  addSampleFlags(command);
  command
    .addOption(
      new Option('--data <file>', 'send these bytes unchanged, - for stdin').conflicts([
        'eml',
        'set',
        'add',
        'remove',
        'select',
      ]),
    )
    .option('--eml <file>', 'make the event from this mail, - for stdin')
    .addOption(headerFlag());
  return addMailFlags(command);
}

export const headerFlag = (): Option =>
  new Option('-H, --header <line>', "add or replace a header, 'Name: value'; 'Name:' leaves it out (repeatable)")
    .argParser(collect)
    .default([]);

/** Which sample, and what is changed in it. */
export function addSampleFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--minimal', 'the smallest sample: every optional field blank or missing').conflicts([
        'variant',
        'data',
        'eml',
      ]),
    )
    .addOption(new Option('--variant <name>', 'a named variant of the sample').conflicts(['data', 'eml']))
    .option('--set <path=value>', 'change a field, typed as the vendor types it (repeatable)', collect, [])
    .option('--add <path=value>', 'add a field that the vendor does not know (repeatable)', collect, [])
    .option('--remove <path>', 'leave a field out (repeatable)', collect, [])
    .option('--select <elements>', 'Mail-Plus data selection: only these elements, comma-separated', commaList)
    .addOption(new Option('--json-style <style>', 'write JSON as others do').choices(JSON_STYLES));
}

/** The part of an event that the flags decide; its target decides the rest. Reads files and standard input. */
export async function readEventContent(flags: EventFlags): Promise<EventContent> {
  return {
    sample: flags.variant === undefined ? { sample: flags.minimal ? 'minimal' : 'full' } : { variant: flags.variant },
    overrides: { set: flags.set, add: flags.add, remove: flags.remove },
    headers: flags.header,
    jsonStyle: flags.jsonStyle,
    select: flags.select,
    data: flags.data === undefined ? undefined : await readData(flags.data),
    mail: flags.eml === undefined ? undefined : await mailSource(flags.eml),
    inlineAttachments: flags.inlineAttachments,
  };
}

/** An empty body can be what is wanted, and is more often a file that nothing was written to. */
async function readData(file: string): Promise<Uint8Array> {
  const data = await readInput(file, '--data');
  if (data.length === 0) warn(`--data ${file} is empty: the request goes out without a body`);
  return data;
}

interface CheckedFlags extends ReplayCheckedFlags {
  url?: string;
  to?: string;
  data?: string;
  secretFile?: GivenTexts;
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

/** Refuses a flag that would do nothing: it is a mistake, and never silently ignored. Throws AppError `usage`. */
export function checkSendFlags(flags: CheckedFlags, targets: readonly Target[]): void {
  checkStandardInput(flags);
  requireFlag('--rcpt', flags.rcpt.length > 0, '--eml', flags.eml !== undefined);
  requireFlag('--inline-attachments', flags.inlineAttachments === true, '--eml', flags.eml !== undefined);
  if (flags.inlineAttachments && flags.serveAttachments !== undefined) {
    throw new AppError('usage', 'attachments in the body need no server', {
      hint: 'leave out --inline-attachments or --serve-attachments',
    });
  }
  requireFlag('--connections', flags.connections !== 1, '--count', flags.count !== 1);
  checkUuid(flags);
  for (const target of targets) {
    checkReplayFlags(flags, target);
    const { vendor } = target;
    if (flags.inlineAttachments && vendor.attachments === undefined)
      throw new AppError('usage', `${vendor.id} sends no attachments`, { hint: 'leave out --inline-attachments' });
    if (flags.serveAttachments !== undefined && vendor.attachments === undefined) {
      throw new AppError('usage', `${vendor.id} sends no attachment links, so there is nothing to serve`, {
        hint: 'leave out --serve-attachments',
      });
    }
    if (flags.attachmentsAt !== undefined && vendor.attachments === undefined) {
      throw new AppError(
        'usage',
        `${vendor.id} sends no attachment links, so none can start with ${flags.attachmentsAt}`,
        { hint: 'leave out --attachments-at' },
      );
    }
  }
}

/** Of an ad-hoc URL. Throws AppError `usage`. */
export function checkUuid({ uuid, url, to }: Pick<CheckedFlags, 'uuid' | 'url' | 'to'>): void {
  requireFlag('--uuid', uuid !== undefined, '--url', url !== undefined);
  if (uuid !== undefined && to !== undefined) {
    throw new AppError('usage', 'a configured webhook has its own uuid, so --uuid has no effect', {
      hint: 'leave out --uuid or --to',
    });
  }
}

/** The same for the flags that `replay` shares with `send`. */
export function checkReplayFlags(flags: ReplayCheckedFlags, target: Target): void {
  requireFlag('--time-scale', flags.timeScale !== 1, '--retry', flags.retry === true);
  checkAckMode(flags, target);
}

export function checkAckMode({ ackMode }: { ackMode?: AckMode }, { vendor }: Target): void {
  if (ackMode !== undefined && vendor.success.value.ackModes === undefined)
    throw new AppError('usage', `${vendor.id} has no --ack-mode`);
}

/** Standard input can be read once: the second reader would find it empty. */
export function checkStandardInput({
  data,
  eml,
  secretFile,
  passphraseFile,
}: Pick<CheckedFlags, 'data' | 'eml' | 'secretFile' | 'passphraseFile'>): void {
  const readers = Object.entries({
    '--data': data,
    '--eml': eml,
    '--secret-file': secretFile,
    '--passphrase-file': passphraseFile,
  });
  const [first, second] = readers.filter(([, file]) => [file].flat().includes('-')).map(([flag]) => flag);
  if (second !== undefined)
    throw new AppError('usage', `${first} and ${second} cannot both read standard input`, {
      hint: 'give one of them as a file',
    });
}

/** Throws AppError `usage`. */
export function requireFlag(flag: string, isGiven: boolean, needed: string, isThere: boolean): void {
  if (isGiven && !isThere)
    throw new AppError('usage', `${flag} has no effect without ${needed}`, {
      hint: `add ${needed}, or leave out ${flag}`,
    });
}

/** The flag that a word belongs to which was typed without one, as `shop optin`. */
export function flagForWord(word: string): string {
  if (word.includes('://')) return '--url';
  const { entries } = builtInVendors;
  if (eventNames(entries).includes(word)) return '--event';
  return entries.some(({ id }) => id === word) ? '--vendor' : '--to';
}
