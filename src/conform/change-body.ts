import { percentEncode } from '../model/http-url.ts';
import { findJsonSpan } from '../model/json-span.ts';
import { appendParts, listFormParts, textOfPart } from '../model/multipart.ts';
import type { Vendor } from '../model/vendor.ts';
import { bodyFormatOf } from '../vendors/body-facts.ts';
import { addMember, flipBit, repeatFirstMember } from './change-request.ts';

// Changes of a body that are the same in whatever form the vendor writes its events.

type Change = (body: Uint8Array) => Uint8Array;

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');
const textOf = (body: Uint8Array): string => Buffer.from(body).toString('utf8');

/** The JSON changed that stands in the body, or in a field of its form. */
export function changeJson(vendor: Vendor, change: Change): Change {
  const { format, field = '' } = bodyFormatOf(vendor);
  if (format !== 'form-json') return change;
  return (body) => {
    const pairs = textOf(body).split('&');
    const changed = pairs.map((pair) => {
      const [name, value] = readPair(pair);
      return name === field ? `${encodeURIComponent(name)}=${percentEncode(change(bytesOf(value))).toString()}` : pair;
    });
    return bytesOf(changed.join('&'));
  };
}

/** A question mark before a whole query would be taken off. */
function readPair(pair: string): [name: string, value: string] {
  const [[name = '', value = ''] = []] = new URLSearchParams(`&${pair}`);
  return [name, value];
}

/** With one more field at the end; `json` is its value as JSON, which a form has as its text. */
export function addField(vendor: Vendor, name: string, json: string | Uint8Array): Change {
  const { format } = bodyFormatOf(vendor);
  if (format === 'multipart') return (body) => appendParts(body, [[name, Buffer.from(json as Uint8Array)]]);
  if (format !== 'form')
    return changeJson(vendor, (body) => changeEvent(vendor, body, (event) => addMember(event, name, json)));
  const value = percentEncode(Buffer.from(json as Uint8Array)).toString();
  return (body) => bytesOf(`${textOf(body)}&${encodeURIComponent(name)}=${value}`);
}

/** The event changed within the object around it, where the vendor puts one around. */
function changeEvent(vendor: Vendor, body: Uint8Array, change: Change): Uint8Array {
  const shape = vendor.batch?.value.shape;
  const span = typeof shape === 'object' ? findJsonSpan(body, `${shape.wrappedIn}.0`) : null;
  if (span === null) return change(body);
  return Buffer.concat([
    body.subarray(0, span.start),
    change(body.subarray(span.start, span.end)),
    body.subarray(span.end),
  ]);
}

/** With one more element behind the first, where a request holds several; others stay as they are. */
export function insertElement(vendor: Vendor, json: string): Change {
  if (bodyFormatOf(vendor).format === 'json-lines')
    return (body) => insertAt(body, body.indexOf(LINE_FEED) + 1, `${json}\n`);
  const shape = vendor.batch?.value.shape;
  const second = typeof shape === 'object' ? `${shape.wrappedIn}.1` : '1';
  return changeJson(vendor, (body) => insertAt(body, findJsonSpan(body, second)?.start ?? 0, `${json},`));
}

const LINE_FEED = 0x0a;

const insertAt = (body: Uint8Array, at: number, text: string): Uint8Array =>
  at === 0 ? body : Buffer.concat([body.subarray(0, at), bytesOf(text), body.subarray(at)]);

/** The first field once more at the end. */
export function repeatField(vendor: Vendor): Change {
  const { format } = bodyFormatOf(vendor);
  if (format === 'multipart')
    return (body) => {
      const [first] = listFormParts(body);
      return first === undefined ? body : appendParts(body, [[first.name, textOfPart(body, first)]]);
    };
  if (format !== 'form') return changeJson(vendor, repeatFirstMember);
  return (body) => bytesOf(`${textOf(body)}&${textOf(body).split('&', 1)[0] ?? ''}`);
}

/** So many fields more. */
export function addManyFields(vendor: Vendor, count: number): Change {
  const names = Array.from({ length: count }, (_, index) => `k${index}`);
  const { format } = bodyFormatOf(vendor);
  if (format === 'multipart')
    return (body) =>
      appendParts(
        body,
        names.map((name, index) => [name, String(index)]),
      );
  if (format === 'form')
    return (body) => bytesOf([textOf(body), ...names.map((name, index) => `${name}=${index}`)].join('&'));
  return addField(vendor, 'hookproof', `{${names.map((name, index) => `"${name}":${index}`).join(',')}}`);
}

/** With one bit of a letter changed in the text of this field. */
export function changeLetter(vendor: Vendor, field: string): Change {
  const { format } = bodyFormatOf(vendor);
  if (format !== 'form' && format !== 'multipart') return changeJson(vendor, (body) => flipBit(body, field));
  const find = format === 'form' ? findLetter : findLetterOfPart;
  return (body) => {
    const changed = Buffer.from(body);
    const index = find(changed, field) ?? changed.length - 1;
    changed[index] = (changed[index] ?? 0) ^ 1;
    return changed;
  };
}

/** Where the first letter stands that is no part of an escape. */
function findLetter(form: Buffer, field: string): number | null {
  let start = 0;
  for (const pair of form.toString('latin1').split('&')) {
    const valueAt = pair.indexOf('=') + 1;
    const found = readPair(pair)[0] === field ? LETTER.exec(pair.slice(valueAt)) : null;
    if (found !== null) return start + valueAt + found[0].length - 1;
    start += pair.length + 1;
  }
  return null;
}

/** The same within a part of a multipart form. */
function findLetterOfPart(form: Buffer, field: string): number | null {
  const parts = [...listFormParts(form)];
  const part = parts.find(({ name }) => name === field) ?? parts.at(-1);
  if (part === undefined) return null;
  const at = form.toString('latin1', part.start, part.end).search(/[a-zA-Z]/);
  return part.start + Math.max(at, 0);
}

const LETTER = /^(?:%[0-9A-Fa-f]{2}|[^a-zA-Z%])*[a-zA-Z]/;
