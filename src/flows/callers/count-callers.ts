import type { Address } from '../../source/address/address.ts';
import type { Verdict } from '../../source/reverse-dns/verdict.ts';

/** What a run came to. */
export interface Tally {
  /** Of different addresses. */
  addresses: Record<Verdict, number>;
  /** Of lines: an address counts as often as it called. */
  lines: Record<Verdict, number>;
  /** Lines without an address. */
  unreadable: number;
}

interface Caller {
  verdict: Verdict | null;
  /** That came before the verdict. */
  lines: number;
}

/** An address behind so many others is checked, shown and counted again: memory must not grow with the log. */
const MAX_REMEMBERED = 50_000;

const none = (): Record<Verdict, number> => ({ pass: 0, fail: 0, temperror: 0, permerror: 0 });

export interface Counter {
  tally: Tally;
  /** `read` is called for a text that was not seen; null: it holds no address. */
  isNew(text: string, read: () => Address | null): Address | 'known' | null;
  note(address: string, verdict: Verdict): void;
}

/** Tells whether an address is new, and counts: of addresses that came before, each line goes to the verdict they had. */
export function makeTally(): Counter {
  const tally: Tally = { addresses: none(), lines: none(), unreadable: 0 };
  // Two generations: to take the first out of one Map each time makes V8 step over all that were taken out before.
  let [young, old] = [new Map<string, Caller>(), new Map<string, Caller>()];
  /** Those who wait for their verdict: few, and not to be forgotten. */
  const waiting = new Map<string, Caller>();

  const recall = (text: string): Caller | undefined => young.get(text) ?? old.get(text);
  const remember = (text: string, caller: Caller): void => {
    young.set(text, caller);
    if (young.size >= MAX_REMEMBERED / 2) [young, old] = [new Map(), young];
  };
  const begin = (text: string, address: Address): Address => {
    const caller = { verdict: null, lines: 1 };
    waiting.set(address.text, caller);
    // A log has one spelling, but may have two: as the address of a socket that takes both families.
    for (const spelling of new Set([text, address.text])) remember(spelling, caller);
    return address;
  };
  return {
    tally,
    isNew: (text, read) => {
      let caller = recall(text);
      if (caller === undefined) {
        const address = read();
        if (address === null) return null;
        caller = recall(address.text) ?? waiting.get(address.text);
        if (caller === undefined) return begin(text, address);
      }
      remember(text, caller);
      if (caller.verdict === null) caller.lines += 1;
      else tally.lines[caller.verdict] += 1;
      return 'known';
    },
    note: (address, verdict) => {
      const caller = waiting.get(address);
      waiting.delete(address);
      tally.addresses[verdict] += 1;
      tally.lines[verdict] += caller?.lines ?? 1;
      if (caller !== undefined) caller.verdict = verdict;
    },
  };
}
