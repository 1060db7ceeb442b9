import { makeFinding, type Finding } from '../../model/finding.ts';
import type { JsonValue } from '../../model/json.ts';
import type { Report } from '../../model/report.ts';
import type { Address } from '../../source/address.ts';
import type { CallerVerdict } from '../../source/reverse-dns/confirm-reverse-dns.ts';
import type { CheckedAddress } from './check-address.ts';

/** The counts of a run. */
export interface Tally {
  /** Of different addresses. */
  addresses: Record<CallerVerdict, number>;
  /** Of lines: an address counts as often as it called. */
  lines: Record<CallerVerdict, number>;
  /** Lines without an address. */
  unreadable: number;
}

interface CountedAddress {
  verdict: CallerVerdict | null;
  /** Lines that came before the verdict. */
  lines: number;
}

/** An older address is checked, shown and counted again, so that memory does not grow with the log. */
const MAX_REMEMBERED = 50_000;

const none = (): Record<CallerVerdict, number> => ({ pass: 0, fail: 0, temperror: 0, permerror: 0 });

export interface AddressCounter {
  tally: Tally;
  /** `read` is called for a text that is new; null: it holds no address. */
  isNew(text: string, read: () => Address | null): Address | 'known' | null;
  note(address: string, verdict: CallerVerdict): void;
}

/** Counts each address once, and each line of a known address under the verdict of that address. */
export function makeAddressCounter(): AddressCounter {
  const tally: Tally = { addresses: none(), lines: none(), unreadable: 0 };
  const { recall, remember } = makeMemory();
  /** Addresses without a verdict yet: few, and never forgotten. */
  const waiting = new Map<string, CountedAddress>();
  const begin = (text: string, address: Address): Address => {
    const counted = { verdict: null, lines: 1 };
    waiting.set(address.text, counted);
    // A log has one spelling, but may have two: a socket for both families logs IPv4 as IPv6.
    for (const spelling of new Set([text, address.text])) remember(spelling, counted);
    return address;
  };
  return {
    tally,
    isNew: (text, read) => {
      let counted = recall(text);
      if (counted === undefined) {
        const address = read();
        if (address === null) return null;
        counted = recall(address.text) ?? waiting.get(address.text);
        if (counted === undefined) return begin(text, address);
      }
      remember(text, counted);
      if (counted.verdict === null) counted.lines += 1;
      else tally.lines[counted.verdict] += 1;
      return 'known';
    },
    note: (address, verdict) => {
      const counted = waiting.get(address);
      waiting.delete(address);
      tally.addresses[verdict] += 1;
      tally.lines[verdict] += counted?.lines ?? 1;
      if (counted !== undefined) counted.verdict = verdict;
    },
  };
}

interface Memory {
  recall(text: string): CountedAddress | undefined;
  remember(text: string, counted: CountedAddress): void;
}

/** Two generations: deleting the first key of one Map each time makes V8 step over all keys deleted before. */
function makeMemory(): Memory {
  let [young, old] = [new Map<string, CountedAddress>(), new Map<string, CountedAddress>()];
  return {
    recall: (text) => young.get(text) ?? old.get(text),
    remember: (text, counted) => {
      young.set(text, counted);
      if (young.size >= MAX_REMEMBERED / 2) [young, old] = [new Map(), young];
    },
  };
}

/** Makes one Report of the results of a run: a Finding for each address. */
export function reportAddresses(
  results: readonly CheckedAddress[],
  { addresses, lines, unreadable }: Tally,
  durationMs: number,
  endedAt: number,
): Report {
  const notAllowed = addresses.fail + addresses.permerror + addresses.temperror;
  const conclusion = [
    `${notAllowed === 0 ? 'all' : addresses.pass} of ${results.length} allowed`,
    ...(addresses.temperror === 0 ? [] : [`DNS did not answer for ${addresses.temperror}`]),
    ...(unreadable === 0 ? [] : [`${unreadable} lines without an address`]),
  ].join('; ');
  return {
    command: 'check-source',
    target: results.length === 1 ? (results[0]?.address ?? '') : `${results.length} addresses`,
    facts: { results: results as unknown as JsonValue, addresses, lines: { ...lines, unreadable } },
    conclusion,
    isGood: notAllowed === 0 && unreadable === 0,
    findings: results.map(toFinding),
    startedAt: endedAt - durationMs,
    durationMs,
  };
}

/** An address without an answer from DNS is not allowed either: the verdict says which of both it was. */
function toFinding({ address, verdict, matched, steps, notes }: CheckedAddress): Finding {
  const isAllowed = verdict === 'pass';
  const decisive = steps.filter(({ result }) =>
    isAllowed ? result === 'ok' || result === 'warn' : result === 'no' || result === 'unknown',
  );
  const by = matched === null ? null : matched.by === 'reverse-dns' ? matched.name : matched.entry;
  return makeFinding(
    { id: 'source', title: `${address} is allowed` },
    {
      status: isAllowed ? 'pass' : 'fail',
      detail: [
        `${verdict}${by === null ? '' : ` by ${by}`}`,
        ...new Set(decisive.map(({ detail }) => detail)),
        ...notes,
      ].join('; '),
      expected: isAllowed ? null : 'pass',
      observed: isAllowed ? null : verdict,
    },
  );
}
