import { AppError } from '../../model/error.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import type { AddressList, ListProblem } from '../../source/list/address-list.ts';
import { REFUSES } from '../../source/list/read-as.ts';
import { readList } from '../../source/list/read-list.ts';

/** A hundred thousand entries with a comment each have less. */
export const MAX_LIST_BYTES = 8 * 1024 * 1024;

export interface ListBytes {
  /** As messages name it: a path, or `standard input`. */
  name: string;
  bytes: Uint8Array;
}

/** Reads a list that has no problem. Throws AppError `input` for the first problem, and for what is no text. */
export function readUsableList(given: ListBytes): AddressList {
  const list = readList(decodeList(given), given.name);
  refuseProblems(list, given.name);
  return list;
}

/** Throws AppError `input` for what is no text. */
export function decodeList({ bytes, name }: ListBytes): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Reported below.
  }
  throw new AppError('input', `${name} is not UTF-8 text`, {
    hint: 'a list has an address or network on each line',
  });
}

/** Throws AppError `input` for the first problem: a line that was skipped could be the one in question. */
export function refuseProblems({ problems: [first, ...others] }: AddressList, name: string): void {
  if (first === undefined) return;
  const { file, line, text, reason, readings, form } = first;
  const place = [file, line].filter((part) => part !== null).join(':');
  const more = others.length === 0 ? [] : [`${others.length} more like this`];
  throw new AppError('input', [place, text, reason].filter((part) => part !== '').join(': '), {
    hint: [
      ...readings.map(({ program, reading }) => `${program} ${reading === REFUSES ? reading : `reads ${reading}`}`),
      ...adviseForm(form, name),
      ...more,
      `webhook allowlist lint ${name === 'standard input' ? '-' : name} shows every error`,
    ].join('\n'),
  });
}

/** Names `convert` rather than `--from`, which not every command has. */
function adviseForm(form: ListProblem['form'], name: string): string[] {
  if (form === undefined) return [];
  const file = name === 'standard input' ? '-' : quoteForShell(name);
  return [`webhook allowlist convert ${file} --from ${form} --to list converts it to a list`];
}
