export interface DnsQuestion {
  type: 'PTR' | 'A' | 'AAAA';
  name: string;
}

/** `nothing` is an answer that will be the same tomorrow; `unknown` is no answer. `why` is in plain words. */
export type DnsAnswer =
  | { kind: 'records'; records: readonly string[] }
  | { kind: 'nothing'; why: string }
  | { kind: 'unknown'; why: string };

/** Never rejects: `unknown` when `signal` aborts first, which leaves the question to others who wait for it. */
export type AskDns = (question: DnsQuestion, signal: AbortSignal) => Promise<DnsAnswer>;

const SILENCE = 'the DNS server did not answer in time';

const NOTHING: Record<string, string> = {
  ENOTFOUND: 'no such name (NXDOMAIN)',
  ENODATA: 'the name has no such record',
};

const UNKNOWN: Record<string, string> = {
  ESERVFAIL: 'the DNS server failed (SERVFAIL)',
  EREFUSED: 'the DNS server refused to answer (REFUSED)',
  ENOTIMP: 'the DNS server does not support the query (NOTIMP)',
  EFORMERR: 'the DNS server could not read the query (FORMERR)',
  EBADRESP: 'the DNS server sent an invalid answer',
  ECONNREFUSED: 'no DNS server is listening there',
  ETIMEOUT: SILENCE,
  // We cancel a question ourselves when its time is over.
  ECANCELLED: SILENCE,
};

/** No server answered at all, not even with an error. */
const isSilence = (answer: DnsAnswer): boolean => answer.kind === 'unknown' && answer.why === SILENCE;

/** Translates an error code of node:dns. An unknown code counts as no answer, so that it admits nobody. */
export function answerOf(code: string): DnsAnswer {
  const nothing = NOTHING[code];
  return nothing === undefined
    ? { kind: 'unknown', why: UNKNOWN[code] ?? `DNS failed (${code})` }
    : { kind: 'nothing', why: nothing };
}

/** A server that runs answers at least one of so many, however busy it is. */
const MAX_SILENT = 64;
const GAVE_UP = {
  kind: 'unknown',
  why: `the DNS server did not answer for the last ${MAX_SILENT} addresses, so it is no longer asked`,
} as const;

/**
 * Wraps work that asks DNS about addresses, one at a time or several at once. After 64 addresses in a row without any
 * answer, DNS is not asked again and every answer is `unknown` at once. Otherwise a long log would wait out the timeout
 * of each of its addresses.
 */
export function giveUpOnSilence(ask: AskDns): <Result>(work: (ask: AskDns) => Promise<Result>) => Promise<Result> {
  let silent = 0;
  return async (work) => {
    if (silent >= MAX_SILENT) return work(async () => GAVE_UP);
    let isAnswered = false;
    const result = await work(async (question, signal) => {
      const answer = await ask(question, signal);
      isAnswered ||= !isSilence(answer);
      return answer;
    });
    // An earlier question may still be answered, but the run has already given up: that does not change.
    if (silent < MAX_SILENT) silent = isAnswered ? 0 : silent + 1;
    return result;
  };
}
