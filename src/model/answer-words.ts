import type { Header } from './plan.ts';

/** What was answered: its head, and what was kept of its body. */
export interface AnswerText {
  headers: readonly Header[];
  body: Uint8Array;
}

const SIGNATURE = /\b(signatures?|hmac|digest|signing secret|webhook secret)\b/i;
/** The name of the status itself, which a framework writes whatever the reason was. */
const STATUS_NAME = /\b(429\s*)?too many requests\b/gi;
const LIMIT = new RegExp(
  '\\b(rate|limit(s|ed|er|ing)?|throttl\\w*|quota|slow down|too (many|fast|often|quickly)|(try|retry) again|' +
    'retry (after|in)|per (second|minute|hour))\\b',
  'i',
);
const LIMIT_HEADER = /^(retry-after|(x-)?rate-?limit\b.*)$/i;

/** What a person would read of it first; a page of a framework holds words of all kinds further down. */
export function wordsOf(body: Uint8Array): string {
  return Buffer.from(body.subarray(0, 4096))
    .toString('utf8')
    .replace(/<(style|script)\b[^]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s_-]+/g, ' ')
    .trim()
    .slice(0, 600);
}

export const namesSignature = (words: string): boolean => SIGNATURE.test(words);

/** A limit on the number of requests, by more than the name of its status. */
export const speaksOfLimit = ({ headers, body }: AnswerText): boolean =>
  headers.some(([name]) => LIMIT_HEADER.test(name)) || LIMIT.test(wordsOf(body).replace(STATUS_NAME, ' '));
