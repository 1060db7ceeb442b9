import type { AskDns } from './ask-dns.ts';
import { isSilence } from './dns-answer.ts';

/** A server that is there answers one of so many, however busy it is. */
const MAX_SILENT = 64;
const GAVE_UP = {
  kind: 'unknown',
  why: `the DNS server gave no answer to the last ${MAX_SILENT} addresses: not asked any more`,
} as const;

/**
 * For work that asks DNS about one address at a time or about several at once. After 64 addresses in a row about which DNS
 * said nothing at all, it is not asked any more, and every answer is `unknown` at once: a long log would else wait out the
 * time of each of its addresses.
 */
export function giveUpOnSilence(ask: AskDns): <Result>(work: (ask: AskDns) => Promise<Result>) => Promise<Result> {
  let silent = 0;
  return async (work) => {
    if (silent >= MAX_SILENT) return work(async () => GAVE_UP);
    let isHeard = false;
    const result = await work(async (question, signal) => {
      const answer = await ask(question, signal);
      isHeard ||= !isSilence(answer);
      return answer;
    });
    // Who was asked about before may still be heard of; the run has been told that nobody else is.
    if (silent < MAX_SILENT) silent = isHeard ? 0 : silent + 1;
    return result;
  };
}
