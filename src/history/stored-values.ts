import type { Attempt } from '../model/attempt.ts';
import type { Header } from '../model/plan.ts';
import { hideQuerySecrets } from '../model/url-secrets.ts';

/** Headers whose values are credentials: the last line of defence, wherever a record comes from. */
const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'cookie'];

/** Microseconds: more digits are noise, and would be written differently by SQLite and JavaScript. */
export function durationUs({ timings }: Attempt): number {
  return Math.round(timings.totalMs * 1000);
}

let lastTime: { ms: number; text: string } = { ms: 0, text: new Date(0).toISOString() };

/** ISO-8601 UTC with milliseconds. A record asks for one moment three times, and a batch holds many of one moment. */
export function isoTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}

export function redactHeaders(headers: readonly Header[]): readonly Header[] {
  if (!headers.some(isSecret)) return headers;
  return headers.map((header) => (isSecret(header) ? [header[0], '***'] : header));
}

/** Letter case takes longest, and most names differ in length already. */
function isSecret([name]: Header): boolean {
  return SECRET_HEADERS.some((secret) => secret.length === name.length && secret === name.toLowerCase());
}

/** Removes `user:password@`, and puts `***` for the secrets in the query. */
export function withoutUrlCredentials(url: string): string {
  const bare = !url.includes('@')
    ? storableText(url)
    : storableText(url).replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
  return hideQuerySecrets(bare);
}

const NOT_STORED = /[\0\p{Surrogate}]/u;

/** SQLite's text functions stop at a NUL, and half a surrogate pair is no UTF-8. */
export function storableText(value: string): string;
export function storableText(value: string | null): string | null;
export function storableText(value: string | null): string | null {
  return value === null || !NOT_STORED.test(value) ? value : value.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');
}
