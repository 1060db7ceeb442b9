import { AppError } from '../../model/error.ts';
import { readPeer } from '../../source/address/address.ts';
import type { AddressLine } from '../../source/address/first-column.ts';
import type { ListEntry } from '../../source/list/list-entry.ts';
import { makeMatcher } from '../../source/list/match-list.ts';
import { readUsableAllowlist, type GivenList } from './read-allowlist.ts';

export interface CheckedAddress {
  /** As it was given. */
  address: string;
  /** The narrowest entry that holds it. */
  entry: ListEntry | null;
}

/** What a run came to, as far as it has come: of lines, an address counts as often as it came. */
export interface AllowlistTally {
  allowed: number;
  refused: number;
  /** Lines without an address. */
  unreadable: number;
}

export interface CheckedAllowlist {
  entryCount: number;
  answers: AsyncGenerator<CheckedAddress, void>;
  tally: AllowlistTally;
}

/**
 * Asks a list about addresses as they come, each read as that of a connection's peer: `::ffff:192.0.2.1` is 192.0.2.1.
 * `onUnreadable` is told each line that holds no address; the others go on. Throws AppError `input` for a list with a problem.
 */
export function checkAllowlist(
  given: GivenList,
  asked: AsyncIterable<readonly AddressLine[]>,
  onUnreadable: (line: AddressLine) => void,
): CheckedAllowlist {
  const { entries } = readUsableAllowlist(given);
  const tally = { allowed: 0, refused: 0, unreadable: 0 };
  return { entryCount: entries.length, answers: answer(asked, makeMatcher(entries), tally, onUnreadable), tally };
}

async function* answer(
  asked: AsyncIterable<readonly AddressLine[]>,
  match: ReturnType<typeof makeMatcher>,
  tally: AllowlistTally,
  onUnreadable: (line: AddressLine) => void,
): AsyncGenerator<CheckedAddress, void> {
  for await (const batch of asked) {
    for (const line of batch) {
      const address = readPeer(line.text);
      const entry = address === null ? null : match(address);
      tally[address === null ? 'unreadable' : entry === null ? 'refused' : 'allowed'] += 1;
      if (address === null) onUnreadable(line);
      else yield { address: line.text, entry };
    }
  }
}

/** Words of a command line, of which none may be wrong. Throws AppError `input`. */
export function refuseWrongAddress(words: readonly string[]): void {
  const wrong = words.find((word) => readPeer(word) === null);
  if (wrong === undefined) return;
  const shown = wrong.length > 100 ? `${wrong.slice(0, 100)}…` : wrong;
  throw new AppError('input', `${shown} is no address, or another one to another program`, {
    hint: 'four numbers without leading zeros, or IPv6; one address each, no network',
  });
}
