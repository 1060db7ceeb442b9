import { Option, type Command } from 'commander';
import type { EventOptions } from '../../flows/send/make-event.ts';
import { collect, commaList } from '../terminal/flags.ts';
import { mailSource, readInput } from '../terminal/read-input.ts';

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
  jsonStyle?: 'compact' | 'php';
  data?: string;
  eml?: string;
  rcpt: string[];
  inlineAttachments?: boolean;
  header: string[];
}

export function addEventFlags(command: Command): Command {
  return command
    .optionsGroup('Event:')
    .option('--vendor <id>', 'the vendor to play; not needed where the event name is unique')
    .option('--event <name>', 'the event to send')
    .addOption(
      new Option('--minimal', 'the smallest sample: blank or missing what may be').conflicts([
        'variant',
        'data',
        'eml',
      ]),
    )
    .addOption(new Option('--variant <name>', 'a named variant of the sample').conflicts(['data', 'eml']))
    .option('--set <path=value>', 'change a field, typed as the vendor types it (repeatable)', collect, [])
    .option('--add <path=value>', 'add a field the vendor does not know (repeatable)', collect, [])
    .option('--remove <path>', 'leave a field out (repeatable)', collect, [])
    .option('--select <elements>', 'Mail-Plus data selection: only these elements, by comma', commaList)
    .addOption(
      new Option('--json-style <style>', 'compact, or php: / and non-ASCII escaped as PHP does').choices([
        'compact',
        'php',
      ]),
    )
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
    .option('--rcpt <address>', 'with --eml: the recipient whose copy it is (repeatable: one event each)', collect, [])
    .option('--inline-attachments', 'with --eml: attachments as base64 in the body (zero retention)')
    .option(
      '-H, --header <line>',
      "add or replace a header, 'Name: value'; 'Name:' leaves it out (repeatable)",
      collect,
      [],
    );
}

/** What the event flags say, with the files they name at hand. */
export type EventFlagsRead = Omit<
  EventOptions,
  'event' | 'url' | 'webhookUuid' | 'deliveryId' | 'recipient' | 'attachmentOrigin'
>;

/** The part of a plan that the flags decide; the target decides the rest. Reads files and stdin. */
export async function eventOptionsOf(flags: EventFlags): Promise<EventFlagsRead> {
  return {
    sample: flags.variant === undefined ? { sample: flags.minimal ? 'minimal' : 'full' } : { variant: flags.variant },
    overrides: { set: flags.set, add: flags.add, remove: flags.remove },
    headers: flags.header,
    ...(flags.jsonStyle === undefined ? {} : { jsonStyle: flags.jsonStyle }),
    ...(flags.select === undefined ? {} : { select: flags.select }),
    ...(flags.data === undefined ? {} : { data: await readInput(flags.data, '--data') }),
    ...(flags.eml === undefined ? {} : { mail: await mailSource(flags.eml) }),
    ...(flags.inlineAttachments === undefined ? {} : { inlineAttachments: flags.inlineAttachments }),
  };
}
