import { AppError } from '../../model/error.ts';
import { readPeer, type Address } from '../../source/address.ts';
import type { AddressLine } from '../../source/log/address-log.ts';
import type { Dns } from '../../source/reverse-dns/ask-dns.ts';
import { giveUpOnSilence } from '../../source/reverse-dns/dns-answer.ts';
import type { AcceptedSources } from './accepted-sources.ts';
import { checkAddress, type CheckedAddress } from './check-address.ts';
import { makeAddressCounter, type AddressCounter, type Tally } from './tally.ts';

export interface CheckOptions {
  sources: AcceptedSources;
  /** DNS servers, `HOST:PORT`; none: those of the system. */
  resolvers: readonly string[];
  /** For all questions about one address together. */
  timeoutMs: number;
  /** Called with each line that holds no address. */
  onUnreadable(line: AddressLine): void;
}

/** Each address takes a socket or a few, and a small DNS server must not mistake a log for an attack. */
const MAX_AT_ONCE = 32;

/** The results as they come, and the counts, which are complete after the last result. */
export interface CheckedAddresses {
  results: AsyncGenerator<CheckedAddress, void>;
  tally: Tally;
}

/**
 * Checks every address once, in the order of its first appearance, and gives the results in that order. Errors, with
 * the first result: AppError `usage` for a DNS server that is no address, and what reading the input throws.
 */
export function checkAddresses(
  batches: AsyncIterable<readonly AddressLine[]>,
  options: CheckOptions,
): CheckedAddresses {
  const counter = makeAddressCounter();
  return { tally: counter.tally, results: checkEach(batches, options, counter) };
}

async function* checkEach(
  batches: AsyncIterable<readonly AddressLine[]>,
  options: CheckOptions,
  { tally, isNew, note }: AddressCounter,
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
      (address) => checkAddress(address, options.sources, askAbout, options.timeoutMs),
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
async function openDnsFor({ sources, resolvers, timeoutMs }: CheckOptions): Promise<Dns | null> {
  if (asksNobody(sources) && resolvers.length === 0) return null;
  const { openDns, readResolver } = await import('../../source/reverse-dns/ask-dns.ts');
  const addresses = resolvers.map((text) => {
    const address = readResolver(text);
    if (address === null)
      throw new AppError('usage', `--resolver ${text} is not the address of a DNS server`, {
        hint:
          'write an IP address and a port: 127.0.0.1:5353, [::1]:5353, or 192.0.2.53 for port 53; a name would ' +
          'itself need a resolver',
      });
    return address;
  });
  return asksNobody(sources) ? null : openDns(addresses, timeoutMs);
}

async function* readCallers(
  batches: AsyncIterable<readonly AddressLine[]>,
  isNew: AddressCounter['isNew'],
  onUnreadable: (line: AddressLine) => void,
): AsyncGenerator<Address> {
  for await (const batch of batches) {
    for (const line of batch) {
      const address = line.reason === undefined ? isNew(line.text, () => readPeer(line.text)) : null;
      if (address === null) onUnreadable(line);
      else if (address !== 'known') yield address;
    }
  }
}

/**
 * Starts work on items as they come, on at most `atOnce` of them, and gives the results in the order of the items. Each
 * result comes as soon as it can, even while the next item is waited for.
 */
export async function* doInOrder<Item, Result>(
  items: AsyncIterable<Item>,
  start: (item: Item) => Promise<Result>,
  atOnce: number,
): AsyncGenerator<Result> {
  const iterator = items[Symbol.asyncIterator]();
  const underWay: Promise<{ result: Result }>[] = [];
  const readNext = (): Promise<{ item: IteratorResult<Item> }> => iterator.next().then((item) => ({ item }));
  let next: ReturnType<typeof readNext> | null = readNext();
  try {
    while (next !== null || underWay.length > 0) {
      const first = await Promise.race([
        ...underWay.slice(0, 1),
        ...(next !== null && underWay.length < atOnce ? [next] : []),
      ]);
      if ('result' in first) {
        void underWay.shift();
        yield first.result;
      } else if (first.item.done) next = null;
      else {
        const work = start(first.item.value).then((result) => ({ result }));
        // Its failure is looked at when its turn comes; until then it must not count as unhandled.
        work.catch(() => undefined);
        underWay.push(work);
        next = readNext();
      }
    }
  } finally {
    // The next item may never come, so nobody waits for the iterator to end.
    void iterator.return?.()?.catch(() => undefined);
  }
}

const asksNobody = ({ suffixes, hosts }: AcceptedSources): boolean => suffixes.length + hosts.length === 0;
