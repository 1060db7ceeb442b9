import { AppError } from '../../model/error.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { readConverted } from '../../source/list/convert-list.ts';
import type { Format } from '../../source/list/convert/format.ts';
import { FORMATS } from '../../source/list/convert/index.ts';
import type { AddressList, ListProblem } from '../../source/list/list-entry.ts';
import { REFUSES } from '../../source/list/read-as.ts';
import { readList } from '../../source/list/read-list.ts';

/** A hundred thousand entries with a comment each have less. */
export const MAX_LIST_BYTES = 8 * 1024 * 1024;

export interface GivenList {
  /** As messages name it; a path, or `standard input`. */
  name: string;
  bytes: Uint8Array;
  /** Id of the form it is written in. */
  from: string;
}

export function findFormat(id: string): Format {
  const format = FORMATS.find((one) => one.id === id);
  if (format === undefined)
    throw new AppError('usage', `there is no form ${id}`, {
      unknown: { given: id, among: FORMATS.map((one) => one.id) },
    });
  return format;
}

/** Reads a list, its problems included. Throws AppError `input` for what is no text. */
export function readAllowlist({ name, bytes, from }: GivenList): AddressList {
  const text = decode(bytes, name);
  return from === 'list' ? readList(text, name) : readConverted(text, findFormat(from), name);
}

/** Reads a list that has no problem. Throws AppError `input` with the first one: a line that was skipped could be the one in question. */
export function readUsableAllowlist(given: GivenList): AddressList {
  const list = readAllowlist(given);
  const [first, ...others] = list.problems;
  if (first === undefined) return list;
  const more = others.length === 0 ? [] : [`${others.length} more of the kind`];
  throw new AppError('input', [placeOf(first), first.text, first.reason].filter((part) => part !== '').join(': '), {
    hint: [
      ...tellReadings(first),
      ...tellForm(first, given.name),
      ...more,
      `webhook allowlist lint ${given.name === 'standard input' ? '-' : given.name} shows all that is wrong with it`,
    ].join('\n'),
  });
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Told below.
  }
  throw new AppError('input', `${name} is no text in UTF-8`, { hint: 'a list has an address or network on each line' });
}

const placeOf = ({ file, line }: ListProblem): string => [file, line].filter((part) => part !== null).join(':');

/** Not every command has `--from`. */
const tellForm = ({ form }: ListProblem, name: string): string[] =>
  form === undefined
    ? []
    : [
        `webhook allowlist convert ${name === 'standard input' ? '-' : quoteForShell(name)} --from ${form} --to list makes a list of it`,
      ];

const tellReadings = ({ readings }: ListProblem): string[] =>
  readings.map(({ program, reading }) => `${program} ${reading === REFUSES ? reading : `reads ${reading}`}`);
