import type { AddressLine } from '../../source/address/first-column.ts';
import { warn } from '../terminal/output.ts';

/** Whoever gave the wrong file need not read of each of its lines. */
const MAX_SHOWN = 10;
const MAX_SHOWN_CHARACTERS = 80;

export interface UnreadableTeller {
  tell(line: AddressLine): void;
  /** How many there were that were not told. */
  end(): void;
}

/** Lines without an address, on stderr: the others go on. */
export function makeUnreadableTeller(): UnreadableTeller {
  let count = 0;
  return {
    tell: ({ line, text }) => {
      count += 1;
      if (count <= MAX_SHOWN) warn(`line ${line}: ${text.slice(0, MAX_SHOWN_CHARACTERS)} is no address`);
    },
    end: () => {
      if (count > MAX_SHOWN) warn(`${count - MAX_SHOWN} more lines without an address`);
    },
  };
}

export const NOBODY_CHECKED = 'the input holds no address, so nobody was checked';
