export interface Question {
  type: 'PTR' | 'A' | 'AAAA';
  name: string;
}

/** `nothing` is an answer that will be the same tomorrow, `unknown` is none; `why` is in plain words. */
export type DnsAnswer =
  | { kind: 'records'; records: readonly string[] }
  | { kind: 'nothing'; why: string }
  | { kind: 'unknown'; why: string };

const SILENCE = 'the DNS server did not answer in time';

const NOTHING: Record<string, string> = {
  ENOTFOUND: 'there is no such name (NXDOMAIN)',
  ENODATA: 'the name has no such record',
};

const UNKNOWN: Record<string, string> = {
  ESERVFAIL: 'the DNS server failed (SERVFAIL)',
  EREFUSED: 'the DNS server refuses to answer (REFUSED)',
  ENOTIMP: 'the DNS server does not know the question (NOTIMP)',
  EFORMERR: 'the DNS server does not understand the question (FORMERR)',
  EBADRESP: 'what the DNS server sent is no answer',
  ECONNREFUSED: 'no DNS server listens there',
  ETIMEOUT: SILENCE,
  // We cancel a question ourselves when its time is over.
  ECANCELLED: SILENCE,
};

/** Nothing came from any server: not even that it could not tell. */
export const isSilence = (answer: DnsAnswer): boolean => answer.kind === 'unknown' && answer.why === SILENCE;

/** What an error code of node:dns says. A code that is not known is no answer: nobody is let in by it. */
export function answerOf(code: string): DnsAnswer {
  const nothing = NOTHING[code];
  return nothing === undefined
    ? { kind: 'unknown', why: UNKNOWN[code] ?? `DNS failed (${code})` }
    : { kind: 'nothing', why: nothing };
}
