import { isMultipart, listFormParts, textOfPart } from '../../model/multipart.ts';
import type { Header } from '../../model/plan.ts';

/** A body that may be a form of either kind. */
export interface FormRequest {
  headers: readonly Header[];
  body: Uint8Array;
}

/**
 * The pairs of a form body, decoded one by one: anybody may have sent it, and a parser of the whole makes millions of
 * texts of a body of `&a&a&a`.
 */
export function* listFormPairs(form: FormRequest): Generator<[name: string, value: string]> {
  const { body } = form;
  if (isMultipart(form)) {
    for (const part of listFormParts(body)) yield [part.name, textOfPart(body, part)];
    return;
  }
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  for (let start = 0; start < text.length;) {
    const next = text.indexOf('&', start);
    const end = next === -1 ? text.length : next;
    if (end > start) yield readPair(text.slice(start, end));
    start = end + 1;
  }
}

/** All pairs of a form body; null of more than `max`. */
export function listFewPairs(body: FormRequest, max: number): [name: string, value: string][] | null {
  const pairs: [string, string][] = [];
  for (const pair of listFormPairs(body)) {
    if (pairs.length === max) return null;
    pairs.push(pair);
  }
  return pairs;
}

/** The values of every field of this name. */
export function readFormField(body: FormRequest, name: string): string[] {
  const values: string[] = [];
  for (const [other, value] of listFormPairs(body)) if (other === name) values.push(value);
  return values;
}

/** The name alone: of a body of millions of pairs one is looked for. */
export const nameOfPair = (pair: string): string => decode(pair.split('=', 1)[0] ?? '');

function readPair(pair: string): [name: string, value: string] {
  const [name, value] = splitPair(pair);
  return [decode(name), decode(value)];
}

/** As it stands there, not decoded. */
export function splitPair(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=');
  return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

/** As every parser of forms does. */
const decode = (text: string): string => (/[%+]/.test(text) ? (new URLSearchParams(`x=${text}`).get('x') ?? '') : text);
