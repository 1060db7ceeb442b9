import { escapeUnits, type JsonValue } from '../../model/json.ts';

/** How a program writes JSON. */
export interface JsonWriting {
  name: string;
  /** Between elements and after a key's colon; with `indent` a line break stands between elements. */
  comma: string;
  colon: string;
  indent: number;
  /** `ascii`: all else as \uXXXX. `html`: < > & as \u003c. */
  escapes: 'none' | 'ascii' | 'html';
  escapesSlash: boolean;
}

/** Writes a value as another program would have. Throws RangeError on one that is nested too deep. */
export function writeJson(value: JsonValue, writing: JsonWriting, depth = 0): string {
  if (typeof value === 'string') return writeText(value, writing);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const parts = Array.isArray(value)
    ? value.map((item) => writeJson(item, writing, depth + 1))
    : Object.entries(value).map(
        ([key, item]) => `${writeText(key, writing)}${writing.colon}${writeJson(item, writing, depth + 1)}`,
      );
  if (parts.length === 0) return `${open}${close}`;
  if (writing.indent === 0) return `${open}${parts.join(writing.comma)}${close}`;
  const inner = `\n${' '.repeat(writing.indent * (depth + 1))}`;
  return `${open}${inner}${parts.join(`,${inner}`)}\n${' '.repeat(writing.indent * depth)}${close}`;
}

function writeText(text: string, { escapes, escapesSlash }: JsonWriting): string {
  let written = JSON.stringify(text);
  if (escapesSlash) written = written.replaceAll('/', '\\/');
  if (escapes === 'none') return written;
  const pattern = escapes === 'ascii' ? /[\u007f-\uffff]/g : /[<>&\u2028\u2029]/g;
  return escapeUnits(written, pattern);
}

/** With the keys of every object in the order of their code points. */
export function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  // A key like __proto__ stays a key.
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}

/** With the top-level keys in this order, the others behind them as they stood. */
export function orderKeys(value: JsonValue, order: readonly string[]): JsonValue {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  const rank = (key: string): number => order.indexOf(key) + 1 || order.length + 1;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => rank(a) - rank(b)));
}
