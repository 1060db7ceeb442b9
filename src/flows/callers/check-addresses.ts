import { setMaxListeners } from 'node:events';
import { AppError } from '../../model/error.ts';
import type { Certainty } from '../../model/vendor.ts';
import type { Address } from '../../source/address/address.ts';
import { readPeer } from '../../source/address/address.ts';
import type { AddressLine } from '../../source/address/first-column.ts';
import { noteOnAddress } from '../../source/address/note-on-address.ts';
import type { AskDns, Dns } from '../../source/reverse-dns/ask-dns.ts';
import { confirmReverseDns } from '../../source/reverse-dns/confirm-reverse-dns.ts';
import { giveUpOnSilence } from '../../source/reverse-dns/give-up-on-silence.ts';
import { readResolver } from '../../source/reverse-dns/read-resolver.ts';
import type { Step, Verdict } from '../../source/reverse-dns/verdict.ts';
import { networksText, type ListWay, type Ways } from './choose-ways.ts';
import { makeTally, type Counter, type Tally } from './count-callers.ts';
import { doInOrder } from './do-in-order.ts';

/** By what an address is allowed. */
export type Matched =
  | { by: 'list'; entry: string; file: string | null; line: number | null; comment: string | null }
  | { by: 'network'; entry: string; vendor: string; certainty: Certainty }
  | { by: 'reverse-dns'; name: string; suffix: string };

export interface CheckedAddress {
  /** Canonical, without a zone; IPv4 within IPv6 as IPv4. */
  address: string;
  verdict: Verdict;
  /** Of several the first; null unless `pass`. */
  matched: Matched | null;
  /** Of all ways, one after the other. */
  steps: readonly Step[];
  notes: readonly string[];
}

export interface CheckOptions {
  ways: Ways;
  /** DNS servers, `HOST:PORT`; none: those of the system. */
  resolvers: readonly string[];
  /** For all questions about one address together. */
  timeoutMs: number;
  /** Of a line that holds no address. */
  onUnreadable(line: AddressLine): void;
}

/** Each takes a socket or a few; a small DNS server must not take a log for an attack. */
const MAX_AT_ONCE = 32;

/** Results as they come, and the counts, which are whole when the last one came. */
export interface Checking {
  results: AsyncGenerator<CheckedAddress, void>;
  tally: Tally;
}

/**
 * Checks every address once, in the order of its first appearance, and gives the results in that order. Errors, with the
 * first result: AppError `usage` for a DNS server that is no address, and what reading the input throws.
 */
export function checkAddresses(batches: AsyncIterable<readonly AddressLine[]>, options: CheckOptions): Checking {
  const counter = makeTally();
  return { tally: counter.tally, results: checkEach(batches, options, counter) };
}

async function* checkEach(
  batches: AsyncIterable<readonly AddressLine[]>,
  options: CheckOptions,
  { tally, isNew, note }: Counter,
): AsyncGenerator<CheckedAddress, void> {
  const dns = await openDnsFor(options);
  const askAbout = dns === null ? null : giveUpOnSilence(dns.ask);
  try {
    const callers = readCallers(batches, isNew, (line) => {
      tally.unreadable += 1;
      options.onUnreadable(line);
    });
    for await (const checked of doInOrder(
      callers,
      (address) => checkAddress(address, options.ways, askAbout, options.timeoutMs),
      MAX_AT_ONCE,
    )) {
      note(checked.address, checked.verdict);
      yield checked;
    }
  } finally {
    dns?.close();
  }
}

/** Null where nothing is asked. */
async function openDnsFor({ ways, resolvers, timeoutMs }: CheckOptions): Promise<Dns | null> {
  const addresses = resolvers.map((text) => {
    const address = readResolver(text);
    if (address === null)
      throw new AppError('usage', `--resolver ${text} is no address of a DNS server`, {
        hint: 'an IP address and a port: 127.0.0.1:5353, [::1]:5353, or 192.0.2.53 for port 53; a name would need a resolver itself',
      });
    return address;
  });
  if (ways.suffixes.length === 0) return null;
  const { openDns } = await import('../../source/reverse-dns/ask-dns.ts');
  return openDns(addresses, timeoutMs);
}

async function* readCallers(
  batches: AsyncIterable<readonly AddressLine[]>,
  isNew: Counter['isNew'],
  onUnreadable: (line: AddressLine) => void,
): AsyncGenerator<Address> {
  for await (const batch of batches) {
    for (const line of batch) {
      const address = isNew(line.text, () => readPeer(line.text));
      if (address === null) onUnreadable(line);
      else if (address !== 'known') yield address;
    }
  }
}

interface Found {
  verdict: Verdict;
  steps: readonly Step[];
  matched: Matched | null;
}

type AskAbout = ReturnType<typeof giveUpOnSilence>;

async function checkAddress(
  address: Address,
  { lists, suffixes }: Ways,
  askAbout: AskAbout | null,
  timeoutMs: number,
): Promise<CheckedAddress> {
  const found = [
    ...lists.map((way) => tryList(way, address)),
    ...(askAbout === null ? [] : await askAbout((ask) => tryReverseDns(suffixes, address, ask, timeoutMs))),
  ];
  const note = noteOnAddress(address);
  return {
    address: address.text,
    verdict: joinVerdicts(found.map(({ verdict }) => verdict)),
    matched: found.find(({ matched }) => matched !== null)?.matched ?? null,
    steps: found.flatMap(({ steps }) => steps),
    notes: note === null ? [] : [note],
  };
}

/** One way is enough; and as long as one of them gave no answer, the address is not refused for good. */
function joinVerdicts(verdicts: readonly Verdict[]): Verdict {
  return (['pass', 'temperror', 'fail'] as const).find((one) => verdicts.includes(one)) ?? 'permerror';
}

/** One deadline for all domains together. */
async function tryReverseDns(
  suffixes: readonly string[],
  address: Address,
  ask: AskDns,
  timeoutMs: number,
): Promise<Found[]> {
  const deadline = new AbortController();
  // Each domain listens.
  setMaxListeners(0, deadline.signal);
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  const found = await Promise.all(
    suffixes.map(async (suffix): Promise<Found> => {
      const { name, ...judged } = await confirmReverseDns(address, suffix, ask, deadline.signal);
      return { ...judged, matched: name === null ? null : { by: 'reverse-dns', name, suffix } };
    }),
  );
  clearTimeout(timer);
  return found;
}

function tryList(way: ListWay, address: Address): Found {
  const entry = way.match(address);
  const step =
    way.kind === 'list'
      ? ({ step: 'list', subject: 'allowed addresses' } as const)
      : ({ step: 'network', subject: `network of ${way.vendor.title}` } as const);
  if (entry === null) {
    const among =
      way.kind === 'list'
        ? `in none of ${way.entries.length} ${way.entries.length === 1 ? 'entry' : 'entries'}`
        : `not in ${networksText(way)} [${way.certainty}]`;
    return { verdict: 'fail', matched: null, steps: [{ ...step, result: 'no', found: [], detail: among }] };
  }
  const { text, file, line, comment, network } = entry;
  const isEverybody = network.prefixLength === 0;
  const place =
    way.kind === 'list' ? [file === null ? '' : `${file}:${line}`, comment ?? ''].filter(Boolean).join(', ') : '';
  const detail = `${text}${way.kind === 'network' ? ` [${way.certainty}]` : place === '' ? '' : ` (${place})`}${isEverybody ? ': which is everybody' : ''}`;
  const matched: Matched =
    way.kind === 'list'
      ? { by: 'list', entry: text, file, line, comment }
      : { by: 'network', entry: text, vendor: way.vendor.id, certainty: way.certainty };
  return { verdict: 'pass', matched, steps: [{ ...step, result: isEverybody ? 'warn' : 'ok', found: [text], detail }] };
}
