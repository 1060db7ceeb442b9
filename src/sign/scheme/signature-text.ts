import { separatorOf, type Signature, type SignatureTime } from '../../model/signature.ts';

/** The text at the signature's place: `t=1750000000000,v1=3d79…`, or the value alone. Several only where it may. */
export function formatSignature(spec: Signature, values: string | readonly string[], timestamp?: string): string {
  const [first = '', ...others] = typeof values === 'string' ? [values] : values;
  const text = fill(spec.format, first, timestamp);
  if (others.length === 0 || spec.several === undefined) return text;
  const separator = separatorOf(spec.several);
  if (spec.several.repeat !== 'part')
    return [text, ...others.map((value) => fill(spec.format, value, timestamp))].join(separator);
  const piece = repeatedPiece(spec.format, separator);
  const pieces = [first, ...others].map((value) => fill(piece, value, timestamp)).join(separator);
  return fill(
    spec.format.replace(piece, () => pieces),
    '',
    timestamp,
  );
}

const repeatedPiece = (format: string, separator: string): string =>
  format.split(separator).find((one) => one.includes('{v}')) ?? '{v}';

function fill(format: string, value: string, timestamp: string | undefined): string {
  if (format === '{v}') return value;
  return format.replaceAll(/\{([vt])\}/g, (_, slot) => (slot === 'v' ? value : (timestamp ?? '')));
}

export interface SignatureText {
  /** In their order; more than one only where the vendor may send several. */
  values: readonly string[];
  /** Absent where the format has none. */
  timestamp?: string;
}

/** Reads the text by the format; `reason` completes a sentence on what is wrong with it. */
export function parseSignature(spec: Signature, text: string): SignatureText | { reason: string } {
  const { several, format } = spec;
  // The part that repeats is the whole format.
  const isRepeated = several !== undefined && (several.repeat !== 'part' || !format.includes(separatorOf(several)));
  if (!isRepeated) return parseOne(spec, text);
  const all = text.split(separatorOf(several)).map((one) => parseOne(spec, one.trim()));
  // One of another scheme or version is no concern of this one.
  const fitting = all.filter((one): one is SignatureText => 'values' in one);
  const [first] = fitting;
  if (first === undefined) return all[0] ?? { reason: 'it is empty' };
  return { ...first, values: fitting.flatMap(({ values }) => values) };
}

function parseOne(spec: Signature, text: string): SignatureText | { reason: string } {
  const separator = partSeparator(spec.format);
  return separator === null ? parseWhole(spec, text) : parseParts(spec, text, separator);
}

/** What stands between `key=` parts: of `t={t},v1={v}` the comma; null where the format is no list of them. */
export function partSeparator(format: string): ',' | ';' | null {
  const separator = ([',', ';'] as const).find((one) => format.includes(one));
  if (separator === undefined) return null;
  return format.split(separator).every((part) => /^\s*[\w-]+=/.test(part)) ? separator : null;
}

function parseParts(spec: Signature, text: string, separator: string): SignatureText | { reason: string } {
  const values: string[] = [];
  let timestamp: string | undefined;
  for (const part of spec.format.split(separator).map((one) => one.trim())) {
    const at = part.indexOf('=');
    const [key, template] = [part.slice(0, at), part.slice(at + 1)];
    const texts = readParts(text, key, separator);
    if (texts.length === 0) return { reason: `the part ${key}= is missing` };
    if (texts.length > 1 && !(template.includes('{v}') && spec.several?.repeat === 'part'))
      return { reason: `it has ${texts.length} parts ${key}=, which is ambiguous` };
    const read = texts.map((one) => readTemplate(template, one)).filter((slots) => slots !== null);
    if (read.length === 0) return { reason: `the part ${key}= does not have the form ${template}` };
    values.push(...read.flatMap(({ v = [] }) => v));
    timestamp ??= read[0]?.t;
  }
  return { values, timestamp };
}

/** What stands behind `key=` in a header with such parts, as often as it stands there. */
export function readParts(text: string, key: string, separator = ','): string[] {
  const parts = text.split(separator).map((part) => part.trim());
  return parts.filter((part) => part.startsWith(`${key}=`)).map((part) => part.slice(key.length + 1));
}

/** Every value and every time that stands in the text, however often: as receivers read that do not look closely. */
export function readSignature(spec: Signature, text: string): { values: readonly string[]; times: readonly string[] } {
  const separator = partSeparator(spec.format);
  if (separator === null) {
    const parsed = parseSignature(spec, text);
    if ('reason' in parsed) return { values: [], times: [] };
    return { values: parsed.values, times: parsed.timestamp === undefined ? [] : [parsed.timestamp] };
  }
  const standingAt = (slot: 'v' | 't'): string[] =>
    spec.format
      .split(separator)
      .map((part) => part.trim())
      .flatMap((part) => {
        const at = part.indexOf('=');
        const texts = readParts(text, part.slice(0, at), separator);
        return texts.flatMap((one) => readTemplate(part.slice(at + 1), one)?.[slot] ?? []);
      });
  return { values: standingAt('v'), times: standingAt('t') };
}

function parseWhole({ format, several }: Signature, text: string): SignatureText | { reason: string } {
  const slots = readTemplate(format, text);
  if (slots === null) return { reason: `it does not have the form ${format}` };
  const { v = '', t } = slots;
  const separator = several && separatorOf(several);
  if (separator === undefined || !format.includes(separator)) return { values: [v], timestamp: t };
  const piece = repeatedPiece(format, separator);
  const [first = '', ...others] = v.split(separator);
  return { values: [first, ...others.flatMap((one) => readTemplate(piece, one.trim())?.v ?? [])], timestamp: t };
}

/** By hand, from one literal text of the format to the next: an expression could be made to try every place. */
function readTemplate(template: string, text: string): { v?: string; t?: string } | null {
  const [before = '', ...pieces] = template.split(/\{([vt])\}/);
  if (!text.startsWith(before)) return null;
  let rest = text.slice(before.length);
  const slots: Record<string, string> = {};
  for (let at = 0; at < pieces.length; at += 2) {
    const [slot = '', literal = ''] = [pieces[at], pieces[at + 1]];
    const end = at + 2 === pieces.length ? endBefore(rest, literal) : rest.indexOf(literal);
    if (end === -1) return null;
    slots[slot] = rest.slice(0, end);
    rest = rest.slice(end + literal.length);
  }
  return rest === '' ? slots : null;
}

const endBefore = (text: string, end: string): number => (text.endsWith(end) ? text.length - end.length : -1);

/** A time in the signature's own unit. */
export function writeTimestamp({ unit }: Pick<SignatureTime, 'unit'>, ms: number): string {
  if (unit === 's') return String(Math.floor(ms / 1000));
  if (unit === 'ms') return String(Math.floor(ms));
  const iso = new Date(ms).toISOString();
  return unit === 'iso-ms' ? iso : iso.replace(/\.\d+Z$/, 'Z');
}

/** Milliseconds since the epoch; null for a text that is no such time. */
export function readTimestamp({ unit }: Pick<SignatureTime, 'unit'>, text: string): number | null {
  if (unit === 's' || unit === 'ms') return /^\d{1,16}$/.test(text) ? Number(text) * (unit === 's' ? 1000 : 1) : null;
  // Without a zone a time would be read as one of this machine's.
  const ms = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
