import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { answerOf, type AskDns, type DnsAnswer, type DnsQuestion } from './dns-answer.ts';

/** DNS over the network alone: neither /etc/hosts nor any other local source of names is asked. */
export interface Dns {
  ask: AskDns;
  /** Ends all questions, so that nothing keeps the process. */
  close(): void;
}

/** Answers are kept for the run, because a log names few callers often. The limit keeps memory from growing with it. */
const MAX_KEPT = 10_000;
/**
 * c-ares asks again after `timeout`, drops what comes late, and then waits about twice as long. A third of the time
 * leaves a slow server its chance and limits the cost of a lost packet. c-ares does not keep an overall limit, so the
 * end is ours.
 */
const TRIES = 3;
const FIRST_WAIT_SHARE = 3;

interface Nameserver {
  address: string;
  /** The server that was silent most often is asked last. */
  silences: number;
}

/**
 * @param addresses of DNS servers as `setServers` takes them; none: those of the system
 * @param timeoutMs the longest that one question may take
 */
export function openDns(addresses: readonly string[], timeoutMs: number): Dns {
  const servers = (addresses.length > 0 ? addresses : new Resolver().getServers()).map((address): Nameserver => ({
    address,
    silences: 0,
  }));
  const open = new Set<Resolver>();
  let isClosed = false;

  /** The next server is asked when one fails or is silent; c-ares does so for silence alone. */
  const askServers = async (question: DnsQuestion): Promise<DnsAnswer> => {
    const until = performance.now() + timeoutMs;
    let answer = answerOf('ETIMEOUT');
    const order = servers.toSorted((a, b) => a.silences - b.silences);
    for (const [index, server] of order.entries()) {
      const leftMs = until - performance.now();
      if (isClosed || leftMs <= 0) break;
      answer = await askNameserver(server, question, leftMs / (order.length - index), open);
      if (answer.kind !== 'unknown') break;
    }
    return answer;
  };
  const askOnce = keepAnswers(askServers);
  return {
    ask: async (question, signal) => (signal.aborted ? answerOf('ETIMEOUT') : unlessAborted(askOnce(question), signal)),
    close: () => {
      isClosed = true;
      for (const resolver of open) resolver.cancel();
    },
  };
}

/** @param open holds the resolver while it is asked, so that it can be cancelled */
async function askNameserver(
  server: Nameserver,
  { type, name }: DnsQuestion,
  withinMs: number,
  open: Set<Resolver>,
): Promise<DnsAnswer> {
  // One resolver for each question: `cancel` ends every question of a resolver.
  const resolver = new Resolver({ timeout: Math.max(1, Math.ceil(withinMs / FIRST_WAIT_SHARE)), tries: TRIES });
  resolver.setServers([server.address]);
  open.add(resolver);
  const timer = setTimeout(() => resolver.cancel(), withinMs);
  try {
    // `dns.reverse` would report every failure as ENOTFOUND, and read /etc/hosts.
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
}

type AskOnce = (question: DnsQuestion) => Promise<DnsAnswer>;

/** Asks each question once and keeps its answer, unless it is `unknown`: asked again, it may be answered. */
function keepAnswers(ask: AskOnce): AskOnce {
  const kept = new Map<string, Promise<DnsAnswer>>();
  return (question) => {
    const key = `${question.type} ${question.name}`;
    const answer =
      kept.get(key) ??
      ask(question).then((one) => {
        if (one.kind === 'unknown') kept.delete(key);
        return one;
      });
    // Reinserting moves the key to the end, so the first key is the least recently asked.
    kept.delete(key);
    kept.set(key, answer);
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value as string);
    return answer;
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

/**
 * The address of a DNS server as `Resolver.setServers` takes it: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`,
 * `[2001:db8::53]:5353`. Null for anything else; `setServers` itself takes a port of 99999 for 34463.
 */
export function readResolver(text: string): string | null {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (isIP(text) === 6) return `[${text}]:53`;
  const family = isIP(bracketed ?? plain ?? '');
  if (family !== (bracketed === undefined ? 4 : 6) || Number(port ?? 53) < 1 || Number(port ?? 53) > 65_535)
    return null;
  return `${bracketed === undefined ? plain : `[${bracketed}]`}:${port ?? 53}`;
}
