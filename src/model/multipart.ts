import type { Header } from './plan.ts';

// multipart/form-data (RFC 7578), as vendors write it: no text before the first part, and a name for each.

/** A field of such a form; its content stands from `start` to `end`. */
export interface FormPart {
  name: string;
  start: number;
  end: number;
}

const LINE = Buffer.from('\r\n');
const BLANK_LINE = Buffer.from('\r\n\r\n');
/** RFC 2046 allows no longer one. */
const MAX_BOUNDARY = 70;
const MAX_HEAD = 8192;

/** What stands between the parts, by the first line; null for a body that begins otherwise. */
export function boundaryOf(body: Uint8Array): string | null {
  if (body[0] !== 0x2d || body[1] !== 0x2d) return null;
  const line = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, MAX_BOUNDARY + 4)).toString('latin1');
  return /^--([\w'()+,./:=? -]*[\w'()+,./:=?-])\r\n/.exec(line)?.[1] ?? null;
}

/** Is the body such a form? Its Content-Type decides where there is one. */
export function isMultipart({ headers, body }: { headers: readonly Header[]; body: Uint8Array }): boolean {
  const boundary = boundaryOf(body);
  if (boundary === null) return false;
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (type === undefined) return true;
  const given = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(type);
  return /^\s*multipart\/form-data\b/i.test(type) && (given?.[1] ?? given?.[2]) === boundary;
}

/** Its fields in their order; of a body that breaks off, those before. */
export function* listFormParts(body: Uint8Array): Generator<FormPart> {
  const boundary = boundaryOf(body);
  if (boundary === null) return;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  let at = delimiter.length - LINE.length;
  while (bytes.subarray(at, at + 2).equals(LINE)) {
    const headEnd = bytes.indexOf(BLANK_LINE, at);
    if (headEnd === -1 || headEnd - at > MAX_HEAD) return;
    const start = headEnd + BLANK_LINE.length;
    const end = bytes.indexOf(delimiter, start);
    if (end === -1) return;
    const name = nameIn(bytes.toString('utf8', at, headEnd));
    if (name !== null) yield { name, start, end };
    at = end + delimiter.length;
  }
}

/** Browsers escape a quote as `%22`, others by a backslash. */
function nameIn(head: string): string | null {
  const found = /\r\ncontent-disposition:\s*form-data\s*;(?:[^\r\n]*;)?\s*name="((?:[^"\\\r\n]|\\.)*)"/i.exec(
    head,
  )?.[1];
  return found === undefined ? null : found.replaceAll(/\\(.)/g, '$1').replaceAll('%22', '"');
}

/** The field's content as text. */
export const textOfPart = (body: Uint8Array, { start, end }: FormPart): string =>
  Buffer.from(body.buffer, body.byteOffset + start, end - start).toString('utf8');

/** A form with these fields. Its boundary is the same for the same fields, and stands in none of them. */
export function writeMultipart(pairs: readonly (readonly [name: string, value: string])[]): Buffer {
  let boundary = 'hookproof';
  while (pairs.some((pair) => pair.join('\n').includes(`--${boundary}`))) boundary += '-0';
  return Buffer.concat([
    ...pairs.flatMap(([name, value]) => partBytes(boundary, name, value)),
    Buffer.from(`--${boundary}--\r\n`, 'latin1'),
  ]);
}

const partBytes = (boundary: string, name: string, value: string | Uint8Array): Uint8Array[] => [
  Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name.replaceAll('"', '%22')}"\r\n\r\n`, 'utf8'),
  typeof value === 'string' ? Buffer.from(value, 'utf8') : value,
  LINE,
];

/** With these fields behind the others. */
export function appendParts(
  body: Uint8Array,
  pairs: readonly (readonly [name: string, value: string | Uint8Array])[],
): Buffer {
  const bytes = Buffer.from(body);
  const boundary = boundaryOf(body) ?? '';
  const last = bytes.lastIndexOf(`--${boundary}--`);
  const at = last === -1 ? bytes.length : last;
  const added = pairs.flatMap(([name, value]) => partBytes(boundary, name, value));
  return Buffer.concat([bytes.subarray(0, at), ...added, bytes.subarray(at)]);
}

/** With this text in the first field of the name; null: left blank. All other bytes stay. */
export function setPart(body: Uint8Array, name: string, text: string | null): Buffer {
  const bytes = Buffer.from(body);
  const found = [...listFormParts(body)].find((part) => part.name === name);
  if (found === undefined) return text === null ? bytes : appendParts(body, [[name, text]]);
  return Buffer.concat([bytes.subarray(0, found.start), Buffer.from(text ?? '', 'utf8'), bytes.subarray(found.end)]);
}

/** The Content-Type with the boundary of this body, where it lacks one. */
export function withBoundary(headers: readonly Header[], body: Uint8Array): readonly Header[] {
  const boundary = boundaryOf(body);
  if (boundary === null) return headers;
  return headers.map(([name, value]): Header => {
    const lacksIt = /^multipart\/form-data\s*$/i.test(value) && name.toLowerCase() === 'content-type';
    return lacksIt ? [name, `${value.trim()}; boundary=${boundary}`] : [name, value];
  });
}
