import { Resolver } from 'node:dns/promises';
import { answerOf, type DnsAnswer, type Question } from './dns-answer.ts';

/** Never rejects: `unknown` when `signal` aborts first, which leaves the question to others who wait for it. */
export type AskDns = (question: Question, signal: AbortSignal) => Promise<DnsAnswer>;

/** DNS, asked over the network alone: neither /etc/hosts nor any other source of the machine's own counts. */
export interface Dns {
  ask: AskDns;
  /** Ends all questions, so that nothing keeps the process. */
  close(): void;
}

/** Answers are kept for the run: a log names few callers often. More would take memory that grows with the log. */
const MAX_KEPT = 10_000;
/**
 * c-ares asks again after `timeout`, then drops what comes late, and waits about twice as long: a third of the time leaves
 * a slow server its chance, and a lost packet costs no more. Where it all ends is our own bound: c-ares does not keep one.
 */
const TRIES = 3;
const FIRST_WAIT_SHARE = 3;

interface Server {
  address: string;
  /** Silent ones are asked last. */
  silences: number;
}

/**
 * @param addresses of DNS servers as `setServers` takes them; none: those of the system
 * @param timeoutMs the longest that one question may take
 */
export function openDns(addresses: readonly string[], timeoutMs: number): Dns {
  const servers = (addresses.length > 0 ? addresses : new Resolver().getServers()).map((address): Server => ({
    address,
    silences: 0,
  }));
  const kept = new Map<string, Promise<DnsAnswer>>();
  const open = new Set<Resolver>();
  let isClosed = false;

  const askOne = async (server: Server, { type, name }: Question, withinMs: number): Promise<DnsAnswer> => {
    // One for each question: `cancel` ends everything that a resolver was asked.
    const resolver = new Resolver({ timeout: Math.max(1, Math.ceil(withinMs / FIRST_WAIT_SHARE)), tries: TRIES });
    resolver.setServers([server.address]);
    open.add(resolver);
    const timer = setTimeout(() => resolver.cancel(), withinMs);
    try {
      // `dns.reverse` would say ENOTFOUND to all that goes wrong, and read /etc/hosts.
      const records = await (type === 'PTR'
        ? resolver.resolvePtr(name)
        : type === 'A'
          ? resolver.resolve4(name)
          : resolver.resolve6(name));
      return { kind: 'records', records };
    } catch (error) {
      const { code = 'no code' } = error as NodeJS.ErrnoException;
      if (code === 'ETIMEOUT' || code === 'ECANCELLED') server.silences += 1;
      return answerOf(code);
    } finally {
      clearTimeout(timer);
      open.delete(resolver);
    }
  };

  /** The next server is asked when one fails or is silent; c-ares does so for silence alone. */
  const askServers = async (question: Question): Promise<DnsAnswer> => {
    const until = performance.now() + timeoutMs;
    let answer = answerOf('ETIMEOUT');
    const order = servers.toSorted((a, b) => a.silences - b.silences);
    for (const [index, server] of order.entries()) {
      const leftMs = until - performance.now();
      if (isClosed || leftMs <= 0) break;
      answer = await askOne(server, question, leftMs / (order.length - index));
      if (answer.kind !== 'unknown') break;
    }
    return answer;
  };

  const askOnce = (question: Question): Promise<DnsAnswer> => {
    const key = `${question.type} ${question.name}`;
    const answer =
      kept.get(key) ??
      askServers(question).then((one) => {
        // The next one who asks may have more luck.
        if (one.kind === 'unknown') kept.delete(key);
        return one;
      });
    // The newest at the end, so that the first is the one that nobody asked for longest.
    kept.delete(key);
    kept.set(key, answer);
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value as string);
    return answer;
  };

  return {
    ask: async (question, signal) => (signal.aborted ? answerOf('ETIMEOUT') : unlessAborted(askOnce(question), signal)),
    close: () => {
      isClosed = true;
      for (const resolver of open) resolver.cancel();
    },
  };
}

function unlessAborted(answer: Promise<DnsAnswer>, signal: AbortSignal): Promise<DnsAnswer> {
  return new Promise((resolve) => {
    const giveUp = (): void => resolve(answerOf('ETIMEOUT'));
    signal.addEventListener('abort', giveUp, { once: true });
    void answer.then((one) => {
      signal.removeEventListener('abort', giveUp);
      resolve(one);
    });
  });
}
