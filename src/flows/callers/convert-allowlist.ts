import { AppError } from '../../model/error.ts';
import { convertList } from '../../source/list/convert-list.ts';
import type { Format } from '../../source/list/convert/format.ts';
import { warnOfEntries } from '../../source/list/warn-of-entries.ts';
import { findFormat, readUsableAllowlist, type GivenList } from './read-allowlist.ts';

export interface ConvertedAllowlist {
  text: string;
  /** What must not go into a server without a word. */
  warnings: readonly string[];
  format: Format;
}

/** A list as configuration of a server. Throws AppError `input` for a list with a problem, or without an entry. */
export function convertAllowlist(given: GivenList, to: string, collapses: boolean): ConvertedAllowlist {
  const list = readUsableAllowlist(given);
  if (list.entries.length === 0)
    throw new AppError('input', `${given.name} has no entry`, {
      hint: 'a configuration made of it would refuse everybody',
    });
  const format = findFormat(to);
  return { text: convertList(list, format, collapses), format, warnings: warnOfEntries(list.entries) };
}
