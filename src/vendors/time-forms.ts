import type { GeneratedTime, NamedTimeForm } from '../model/generated.ts';

// Times in the forms that vendors write: how they are written, read and recognised, from one description of each.

const NUMBERS = {
  s: { write: (ms: number) => Math.floor(ms / 1000), read: (number: number) => number * 1000 },
  ms: { write: (ms: number) => ms, read: (number: number) => number },
  's-decimal': { write: (ms: number) => ms / 1000, read: (number: number) => Math.round(number * 1000) },
} satisfies Partial<Record<NamedTimeForm, object>>;

const TEMPLATES: Record<Exclude<NamedTimeForm, keyof typeof NUMBERS>, string> = {
  iso: 'YYYY-MM-DDTHH:mm:ssZ',
  'iso-ms': 'YYYY-MM-DDTHH:mm:ss.SSSZ',
  rfc5322: 'ddd, DD MMM YYYY HH:mm:ss +hhmm',
};

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const digits = (value: number, length = 2): string => String(value).padStart(length, '0');

/** What a piece of a template stands for. `wall`: the time that the clock shows, as if that clock were in UTC. */
interface Slot {
  pattern: string;
  write(wall: Date, offsetMinutes: number): string;
}

const OFFSET = String.raw`[+-]\d{2}:?\d{2}`;

const SLOTS: Record<string, Slot> = {
  YYYY: { pattern: String.raw`\d{4}`, write: (wall) => digits(wall.getUTCFullYear(), 4) },
  MMM: { pattern: MONTHS.join('|'), write: (wall) => MONTHS[wall.getUTCMonth()] ?? '' },
  MM: { pattern: String.raw`\d{2}`, write: (wall) => digits(wall.getUTCMonth() + 1) },
  DD: { pattern: String.raw`\d{2}`, write: (wall) => digits(wall.getUTCDate()) },
  ddd: { pattern: DAYS.join('|'), write: (wall) => DAYS[wall.getUTCDay()] ?? '' },
  HH: { pattern: String.raw`\d{2}`, write: (wall) => digits(wall.getUTCHours()) },
  mm: { pattern: String.raw`\d{2}`, write: (wall) => digits(wall.getUTCMinutes()) },
  ss: { pattern: String.raw`\d{2}`, write: (wall) => digits(wall.getUTCSeconds()) },
  SSSSSS: { pattern: String.raw`\d{6}`, write: (wall) => `${digits(wall.getUTCMilliseconds(), 3)}000` },
  SSS: { pattern: String.raw`\d{3}`, write: (wall) => digits(wall.getUTCMilliseconds(), 3) },
  Z: { pattern: `Z|${OFFSET}`, write: (_, offset) => (offset === 0 ? 'Z' : offsetText(offset, ':')) },
  '+hh:mm': { pattern: OFFSET, write: (_, offset) => offsetText(offset, ':') },
  '+hhmm': { pattern: OFFSET, write: (_, offset) => offsetText(offset, '') },
};

const TOKENS = /YYYY|MMM|MM|DD|ddd|HH|mm|ss|SSSSSS|SSS|Z|\+hh:?mm/g;
const NEEDED = ['YYYY', 'DD', 'HH', 'mm'];

function offsetText(minutes: number, separator: string): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${digits(Math.floor(size / 60))}${separator}${digits(size % 60)}`;
}

const isNumber = (form: string): form is keyof typeof NUMBERS => Object.hasOwn(NUMBERS, form);
const templateOf = (form: string): string =>
  Object.hasOwn(TEMPLATES, form) ? TEMPLATES[form as keyof typeof TEMPLATES] : form;

/** What is wrong with it, to complete "…"; null where it can be written. */
export function problemOfTime({ time, zone }: GeneratedTime): string | null {
  if (zone !== undefined && !isZone(zone)) return `"${zone}" is not a time zone: write one such as Europe/Prague`;
  if (isNumber(time)) return null;
  const slots = new Set(templateOf(time).match(TOKENS));
  const lacking = NEEDED.filter((slot) => !slots.has(slot) && !(slot === 'DD' && slots.has('MMM')));
  if (lacking.length === 0) return null;
  const named = [...Object.keys(NUMBERS), ...Object.keys(TEMPLATES)].join(', ');
  return `"${time}" is not a time format: write ${named}, or a template, which here lacks ${lacking.join(', ')}`;
}

function isZone(zone: string): boolean {
  try {
    return zoneFormat(zone) !== undefined;
  } catch {
    return false;
  }
}

let last: { form: GeneratedTime | null; ms: number; text: string } = { form: null, ms: 0, text: '' };

/**
 * The time of an event that happened at `eventMs`. Of a load many happen in one millisecond, and most forms show
 * seconds: written anew, a time took 1.5 µs, in a zone 3, of the 5 that a planned event takes.
 */
export function writeTime(form: GeneratedTime, eventMs: number): string | number {
  const exactMs = eventMs + (form.offsetMs ?? 0);
  if (isNumber(form.time)) return NUMBERS[form.time].write(exactMs);
  const ms = templateOf(form.time).includes('SSS') ? exactMs : Math.floor(exactMs / 1000) * 1000;
  if (last.form !== form || last.ms !== ms) last = { form, ms, text: writeTemplate(form, ms) };
  return last.text;
}

function writeTemplate({ time, zone }: GeneratedTime, ms: number): string {
  const offset = zone === undefined ? 0 : offsetAt(zone, ms);
  const wall = new Date(ms + offset);
  return templateOf(time).replaceAll(TOKENS, (token) => SLOTS[token]?.write(wall, offset / MINUTE_MS) ?? token);
}

const MINUTE_MS = 60_000;

/** The instant that a text tells, in milliseconds; null when it is none of this form. */
export function readTimeText(form: GeneratedTime, text: string): number | null {
  const trimmed = text.trim();
  if (isNumber(form.time)) {
    const isOne = form.time === 's-decimal' ? /^-?\d+(?:\.\d+)?$/ : /^-?\d+$/;
    return isOne.test(trimmed) ? NUMBERS[form.time].read(Number(trimmed)) : null;
  }
  // Of named forms any spelling that Date reads: a vendor may leave out the milliseconds.
  const ms = Object.hasOwn(TEMPLATES, form.time) ? Date.parse(trimmed) : readTemplate(form, trimmed);
  return ms === null || Number.isNaN(ms) ? null : ms;
}

/** A template as an expression, and which of its groups is which slot. */
interface TemplateReader {
  expression: RegExp;
  groups: Readonly<Partial<Record<string, number>>>;
}

const readers = new Map<string, TemplateReader>();

function readerOf(template: string): TemplateReader {
  let reader = readers.get(template);
  if (reader === undefined) {
    const source = patternOf(template, (slot) => `(${SLOTS[slot]?.pattern})`);
    const groups = Object.fromEntries(
      (template.match(TOKENS) ?? []).map((slot, index) => [slot, index + 1]).toReversed(),
    );
    reader = { expression: new RegExp(`^${source}$`), groups };
    readers.set(template, reader);
  }
  return reader;
}

function patternOf(template: string, write: (slot: string) => string): string {
  const literals = template.split(TOKENS).map((text) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
  const slots = (template.match(TOKENS) ?? []).map(write);
  return literals.flatMap((literal, at) => [literal, slots[at] ?? '']).join('');
}

/** What a text of this form looks like, as the source of an expression. */
export function timePattern({ time, zone }: GeneratedTime): string {
  if (isNumber(time)) return time === 's-decimal' ? String.raw`-?\d+(\.\d+)?` : String.raw`-?\d+`;
  return patternOf(templateOf(time), (slot) => {
    if (slot === 'Z' && zone === undefined) return slot;
    const pattern = SLOTS[slot]?.pattern ?? '';
    return pattern.includes('|') ? `(${pattern})` : pattern;
  });
}

function readTemplate({ time, zone }: GeneratedTime, text: string): number | null {
  const { expression, groups } = readerOf(time);
  const values = expression.exec(text);
  if (values === null) return null;
  const month = groups.MMM === undefined ? numberIn(values, groups.MM) - 1 : MONTHS.indexOf(values[groups.MMM] ?? '');
  const fraction = groups.SSSSSS ?? groups.SSS;
  const milliseconds = fraction === undefined ? 0 : Number(values[fraction]?.slice(0, 3));
  const day = groups.DD === undefined ? 1 : numberIn(values, groups.DD);
  const hour = numberIn(values, groups.HH);
  const minute = numberIn(values, groups.mm);
  const second = numberIn(values, groups.ss);
  const wallMs = Date.UTC(numberIn(values, groups.YYYY), month, day, hour, minute, second, milliseconds);
  const wall = new Date(wallMs);
  // Date.UTC takes the 31st of November for the 1st of December.
  const isTime = wall.getUTCMonth() === month && wall.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isTime) return null;
  const offset = groups.Z ?? groups['+hh:mm'] ?? groups['+hhmm'];
  if (offset !== undefined) return wallMs - readOffset(values[offset] ?? '');
  return zone === undefined ? wallMs : readInZone(wallMs, zone);
}

const numberIn = (values: RegExpExecArray, group: number | undefined): number =>
  group === undefined ? 0 : Number(values[group]);

function readOffset(text: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE_MS;
}

/**
 * The instant at which clocks in the zone show this wall time, given as if it were UTC. Of the hour that autumn repeats
 * it is the second one; of the hour that spring leaves out, one beside it.
 */
const readInZone = (wallMs: number, zone: string): number => wallMs - offsetAt(zone, wallMs - offsetAt(zone, wallMs));

/** How far clocks in the zone are ahead of UTC at that instant, in milliseconds. */
function offsetAt(zone: string, ms: number): number {
  // Swedish writes dates as ISO 8601 does.
  return Date.parse(`${zoneFormat(zone).format(ms).replace(' ', 'T')}Z`) - Math.floor(ms / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Made at first use: it costs milliseconds. */
function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    formats.set(timeZone, format);
  }
  return format;
}
