import { AppError } from '../model/error.ts';
import { readPeer, type Address } from '../source/address/address.ts';
import type { ListEntry } from '../source/list/list-entry.ts';
import { makeMatcher } from '../source/list/match-list.ts';
import { readUsableAllowlist, type GivenList } from './read-allowlist.ts';

export interface CheckedAddress {
  /** As it was given. */
  address: string;
  /** The narrowest entry that holds it. */
  entry: ListEntry | null;
}

export interface CheckedAllowlist {
  entryCount: number;
  answers: Iterable<CheckedAddress>;
}

/** An address, and where it stands when it comes from standard input. */
export interface AskedAddress {
  text: string;
  line: number | null;
}

/**
 * Asks a list about addresses, each read as that of a connection's peer: `::ffff:192.0.2.1` is 192.0.2.1. `asked` is gone
 * through twice: nothing is answered unless all can be. Throws AppError `input` for a list with a problem and for a text
 * that is no address.
 */
export function checkAllowlist(given: GivenList, asked: Iterable<AskedAddress>): CheckedAllowlist {
  const { entries } = readUsableAllowlist(given);
  const match = makeMatcher(entries);
  for (const one of asked) readAsked(one);
  return { entryCount: entries.length, answers: answer(asked, match) };
}

function* answer(asked: Iterable<AskedAddress>, match: ReturnType<typeof makeMatcher>): Iterable<CheckedAddress> {
  for (const one of asked) yield { address: one.text, entry: match(readAsked(one)) };
}

function readAsked({ text, line }: AskedAddress): Address {
  const address = readPeer(text);
  if (address !== null) return address;
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  throw new AppError('input', `${line === null ? '' : `standard input:${line}: `}${shown} is no address, or another one to another program`, { hint: 'four numbers without leading zeros, or IPv6; one address each, no network' });
}

/** The addresses of a text, one a line; `#` begins a comment. */
export function askedLines(text: string): Iterable<AskedAddress> {
  return {
    *[Symbol.iterator]() {
      for (let line = 1, start = 0; start < text.length; line += 1) {
        const found = text.indexOf('\n', start);
        const end = found === -1 ? text.length : found;
        const content = text.slice(start, end).replace(/#.*$/s, '').trim();
        if (content !== '') yield { text: content, line };
        start = end + 1;
      }
    },
  };
}
