import type { Signature, SignatureTime } from '../../model/signature.ts';

/** The text at the signature's place: `t=1750000000000,v1=3d79…`, or the value alone. Several only where it may. */
export function formatSignature(spec: Signature, values: string | readonly string[], timestamp?: string): string {
  const [first = '', ...others] = typeof values === 'string' ? [values] : values;
  const text = fill(spec.format, first, timestamp);
  if (others.length === 0 || spec.several === undefined) return text;
  const { repeat, separator } = spec.several;
  if (repeat === 'all') return [text, ...others.map((value) => fill(spec.format, value, timestamp))].join(separator);
  const piece = spec.format.split(separator).find((one) => one.includes('{v}')) ?? '{v}';
  const pieces = [first, ...others].map((value) => fill(piece, value, timestamp)).join(separator);
  return fill(
    spec.format.replace(piece, () => pieces),
    '',
    timestamp,
  );
}

function fill(format: string, value: string, timestamp: string | undefined): string {
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
  if (spec.several?.repeat !== 'all') return parseOne(spec, text);
  const all = text.split(spec.several.separator).map((one) => parseOne(spec, one.trim()));
  // One of another scheme or version is no concern of this one.
  const fitting = all.filter((one): one is SignatureText => 'values' in one);
  const [first] = fitting;
  if (first === undefined) return all[0] ?? { reason: 'it is empty' };
  return { ...first, values: fitting.flatMap(({ values }) => values) };
}

function parseOne(spec: Signature, text: string): SignatureText | { reason: string } {
  if (spec.format === '{v}') return { values: [text] };
  const separator = partSeparator(spec.format);
  return separator === null ? parseTemplate(spec.format, text) : parseParts(spec, text, separator);
}

/** What stands between `key=` parts: of `t={t},v1={v}` the comma; null where the format is no list of them. */
export function partSeparator(format: string): ',' | ';' | null {
  const separator = ([',', ';'] as const).find((one) => format.includes(one));
  if (separator === undefined) return null;
  return format.split(separator).every((part) => /^\s*[\w-]+=/.test(part)) ? separator : null;
}

function parseParts(spec: Signature, text: string, separator: string): SignatureText | { reason: string } {
  const found: Record<string, string[]> = {};
  for (const part of spec.format.split(separator).map((one) => one.trim())) {
    const at = part.indexOf('=');
    const [key, slot] = [part.slice(0, at), part.slice(at + 1)];
    const values = readParts(text, key, separator);
    if (values.length === 0) return { reason: `the part ${key}= is missing` };
    if (values.length > 1 && !(slot === '{v}' && spec.several?.repeat === 'part'))
      return { reason: `${values.length} parts ${key}=: ambiguous` };
    found[slot] = values;
  }
  return { values: found['{v}'] ?? [], timestamp: found['{t}']?.[0] };
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
  const standingAt = (slot: '{v}' | '{t}'): string[] =>
    spec.format
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part.endsWith(`=${slot}`))
      .flatMap((part) => readParts(text, part.slice(0, part.indexOf('=')), separator));
  return { values: standingAt('{v}'), times: standingAt('{t}') };
}

/** By hand, from one literal text of the format to the next: an expression could be made to try every place. */
function parseTemplate(format: string, text: string): SignatureText | { reason: string } {
  const [before = '', ...pieces] = format.split(/(?=\{[vt]\})/);
  const isWanted = { reason: `it has not the form ${format}` };
  if (!text.startsWith(before)) return isWanted;
  let rest = text.slice(before.length);
  const slots: Record<string, string> = {};
  for (const piece of pieces) {
    const [slot, literal] = [piece.slice(0, 3), piece.slice(3)];
    const end = literal === '' ? rest.length : rest.indexOf(literal);
    if (end === -1) return isWanted;
    slots[slot] = rest.slice(0, end);
    rest = rest.slice(end + literal.length);
  }
  return rest === '' ? { values: [slots['{v}'] ?? ''], timestamp: slots['{t}'] } : isWanted;
}

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
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) && text.length <= 40 ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
