import type { Attempt } from '../model/attempt.ts';
import type { Header } from '../model/plan.ts';
import { hideSecretHeader, isSecretHeader } from '../model/secret-headers.ts';
import { hideQuerySecrets } from '../model/url-secrets.ts';

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

/** The last line of defence, wherever a record comes from: no credential is stored. */
export function redactHeaders(headers: readonly Header[]): readonly Header[] {
  return headers.some(([name]) => isSecretHeader(name)) ? headers.map(hideSecretHeader) : headers;
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
