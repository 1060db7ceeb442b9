import type { JsonObject } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import type { Generated, Vendor, VendorEvent } from '../model/vendor.ts';
import { readHeader, readScalar } from './event-key.ts';
import { dateFieldOf, dateHeaderFormOf, dateHeaderOf, datesOf } from './facts.ts';

/** When the event happened, as the body says; null where it says nothing that can be read. */
export function readEventTime(vendor: Vendor, payload: JsonObject | null): number | null {
  const field = dateFieldOf(vendor);
  return field === null ? null : readTime(field.form, readScalar(payload, field.path));
}

/** When the event happened, as the header says. */
export function readHeaderTime(vendor: Vendor, headers: readonly Header[]): number | null {
  const form = dateHeaderFormOf(vendor);
  return form === null ? null : readTime(form, readHeader(headers, dateHeaderOf(vendor)));
}

/** The latest date that this event carries anywhere, the Date of a mail included; null where it carries none. */
export function readLatestDate(
  vendor: Vendor,
  event: VendorEvent,
  headers: readonly Header[],
  payload: JsonObject | null,
): number | null {
  const dates = [
    ...datesOf(event).map(({ path, form }) => readTime(form, readScalar(payload, path))),
    readHeaderTime(vendor, headers),
  ].filter((time) => time !== null);
  return dates.length === 0 ? null : Math.max(...dates);
}

/** A time in one of the forms that vendors write, in milliseconds; null when the text is none. */
export function readTime(form: Generated, text: string | null): number | null {
  if (text === null || text.trim() === '') return null;
  const ms = READERS[form]?.(text) ?? Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

const readUtc = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);

const READERS: Partial<Record<Generated, (text: string) => number>> = {
  'time-iso': (text) => Date.parse(text),
  'time-iso-ms': (text) => Date.parse(text),
  'time-rfc5322': (text) => Date.parse(text),
  'time-ms': (text) => (/^-?\d+$/.test(text) ? Number(text) : Number.NaN),
  'time-utc': readUtc,
  'time-prague': (text) => readPrague(readUtc(text)),
  'time-prague-30d': (text) => readPrague(readUtc(text)),
};

/**
 * The instant at which clocks in Prague show this wall time, given as if it were UTC. Of the hour that autumn repeats
 * it is the second one; of the hour that spring leaves out, one beside it.
 */
function readPrague(wallMs: number): number {
  if (Number.isNaN(wallMs)) return wallMs;
  return wallMs - offsetAt(wallMs - offsetAt(wallMs));
}

/** How far Prague is ahead of UTC at that instant. */
const offsetAt = (ms: number): number => readUtc(formatPragueTime(ms)) - Math.floor(ms / 1000) * 1000;

let pragueFormat: Intl.DateTimeFormat | undefined;

/** `2025-11-27 10:52:31`, wall clock of Europe/Prague. The formatter is made at first use: it costs milliseconds. */
export function formatPragueTime(timeMs: number): string {
  // Swedish writes dates as ISO 8601 does.
  pragueFormat ??= new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Prague',
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return pragueFormat.format(timeMs);
}
