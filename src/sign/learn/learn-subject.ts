import type { Header } from '../../model/plan.ts';
import type { Signature, SignatureTime } from '../../model/signature.ts';
import type { SignedSubject } from '../scheme/message.ts';
import { verifyRequest } from '../verify.ts';

/** A captured request, as far as a signature may be about it. */
export interface LearnSubject {
  method: string;
  /** How it may have been called, letter by letter, likeliest first; empty where nobody can know. */
  urls: readonly string[];
  headers: readonly Header[];
  body: Uint8Array;
}

/** The ways to read the request, one for each URL that it may have been called by. */
export function readingsOf({ urls, ...request }: LearnSubject): SignedSubject[] {
  return urls.length === 0
    ? [{ ...request, url: null }]
    : urls.map((urlText) => ({ ...request, url: new URL(urlText), urlText }));
}

/** Does the signature belong to the request, whenever it was made? Asked of the code that verifies for everybody. */
export function fitsSubject(spec: Signature, secret: string, subject: LearnSubject): boolean {
  return readingsOf(subject).some((one) => verifyRequest(spec, secret, one, 0, 0).verdict === 'valid');
}

/** Between these a number is taken for a time: 2001 to 2100. */
const EARLIEST_MS = 978_307_200_000;
const LATEST_MS = 4_102_444_800_000;

export const ISO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)/;
const WHOLE_ISO_TIME = new RegExp(`^${ISO_TIME.source}$`);

/** The unit of a text that is a time; null for what is none. */
export function timeUnitOfText(text: string): SignatureTime['unit'] | null {
  if (/^\d{10}$/.test(text) && isTime(Number(text) * 1000)) return 's';
  if (/^\d{12,13}$/.test(text) && isTime(Number(text))) return 'ms';
  if (!WHOLE_ISO_TIME.test(text) || !isTime(Date.parse(text))) return null;
  return text.includes('.') ? 'iso-ms' : 'iso';
}

const isTime = (ms: number): boolean => ms >= EARLIEST_MS && ms <= LATEST_MS;
