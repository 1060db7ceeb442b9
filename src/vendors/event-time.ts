import type { JsonObject } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import type { GeneratedTime } from '../model/generated.ts';
import type { Vendor, VendorEvent } from '../model/vendor.ts';
import { readHeader, readScalar } from './event-key.ts';
import { dateFieldOf, dateHeaderFormOf, dateHeaderOf, datesOf } from './facts.ts';
import { readTimeText } from './time-forms.ts';

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
export function readTime(form: GeneratedTime, text: string | null): number | null {
  return text === null || text.trim() === '' ? null : readTimeText(form, text);
}
