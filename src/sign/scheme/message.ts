import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { readJsonText, findJsonSpan } from '../../model/json-span.ts';
import type { FieldsPart, MessagePart } from '../../model/signature.ts';
import type { Header } from '../../model/plan.ts';
import type { Vendor } from '../../model/vendor.ts';
import { idHeaderOf } from '../../vendors/facts.ts';
import { encodeValue } from './encoding.ts';

/** What a signature is made of. */
export interface SignedSubject {
  method: string;
  /** As it was called; null where that is not known. */
  url: URL | null;
  headers: readonly Header[];
  body: Uint8Array;
  /** The event's name, where it is known. */
  event?: string;
  /** The name of the header with the event's id. */
  idHeader?: string | null;
}

/** Of a request that came in. */
export function subjectOf(
  vendor: Vendor,
  { method, headers, body, url = null }: Pick<SignedSubject, 'method' | 'headers' | 'body'> & { url?: URL | null },
): SignedSubject {
  return { method, url, headers, body, idHeader: idHeaderOf(vendor) };
}

export interface MessageContext extends SignedSubject {
  /** As its text stands in the request. */
  timestamp?: string;
  /** The key's bytes, for a message that holds the secret. */
  secret: () => Uint8Array;
}

/** A part of the message that this request does not have. The message completes "the signature covers …". */
export class MissingPartError extends Error {
  override readonly name = 'MissingPartError';
}

/** The bytes that are signed, in pieces. Throws MissingPartError. */
export function collectMessage(parts: readonly MessagePart[], context: MessageContext): Uint8Array[] {
  return parts.map((part) => bytesOf(part, context));
}

function bytesOf(part: MessagePart, context: MessageContext): Uint8Array {
  if (part === 'body') return context.body;
  if (part === 'secret') return context.secret();
  if (typeof part === 'object' && 'hash' in part) return hashOf(part.hash, part.as, part.of, context);
  return Buffer.from(typeof part === 'string' ? namedText(part, context) : textOf(part, context), 'utf8');
}

function namedText(part: Exclude<MessagePart, object | 'body' | 'secret'>, context: MessageContext): string {
  switch (part) {
    case 'timestamp':
      return context.timestamp ?? missing('a time, and none was given');
    case 'id':
      return headerText(context, context.idHeader ?? missing('an id, and this vendor sends none'));
    case 'event':
      return context.event ?? missing("the event's name, and it is not known");
    case 'method':
      return context.method;
    default:
      return urlText(part, context.url ?? missing('the URL, and it is not known how it was called'));
  }
}

function urlText(part: 'url' | 'host' | 'path' | 'query' | 'target', url: URL): string {
  if (part === 'url') return writeUrl(url);
  if (part === 'host') return url.host;
  if (part === 'path') return url.pathname;
  return part === 'query' ? url.search.slice(1) : `${url.pathname}${url.search}`;
}

/** Without the fragment, which never goes on the wire. */
function writeUrl(url: URL): string {
  return url.hash === '' ? url.href : url.href.slice(0, -url.hash.length);
}

type TextPart = Exclude<MessagePart, string | { hash: unknown }>;

function textOf(part: TextPart, context: MessageContext): string {
  if ('text' in part) return part.text;
  if ('header' in part) return headerText(context, part.header);
  if ('encode' in part) return encodeValue(Buffer.concat(collectMessage(part.of, context)), part.encode);
  if ('fields' in part) return fieldsText(part, context);
  if ('form' in part)
    return formOf(context).get(part.form) ?? missing(`the form field ${part.form}, and there is none`);
  return jsonText(part, context.body) ?? missing(`the field ${part.json} of the body, and there is none`);
}

function headerText({ headers }: MessageContext, name: string): string {
  const lower = name.toLowerCase();
  const header = headers.find(([other]) => other.toLowerCase() === lower);
  return header?.[1].trim() ?? missing(`the ${name} header, and there is none`);
}

function jsonText({ json, as }: { json: string; as?: 'raw' }, body: Uint8Array): string | null {
  if (as === undefined) return readJsonText(body, json);
  const span = findJsonSpan(body, json);
  return span === null ? null : Buffer.from(body.subarray(span.start, span.end)).toString('utf8');
}

const formOf = ({ body }: MessageContext): URLSearchParams => new URLSearchParams(Buffer.from(body).toString('utf8'));

/** Every value by its name; of JSON those of the top level that are no objects. */
function valuesOf({ from }: FieldsPart, context: MessageContext): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of listPairs(from, context)) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
}

function listPairs(from: FieldsPart['from'], context: MessageContext): Iterable<[string, string]> {
  if (from === 'form') return formOf(context);
  if (from === 'query') return context.url?.searchParams ?? missing('the URL, and it is not known how it was called');
  const { body } = context;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return missing('fields of the body, and it is no JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) return missing('fields of the body, and it is no object');
  return Object.entries(parsed as Record<string, unknown>).flatMap(([name, value]) =>
    typeof value === 'object' ? [] : [[name, typeof value === 'string' ? value : String(value)]],
  );
}

function fieldsText(part: FieldsPart, context: MessageContext): string {
  const values = valuesOf(part, context);
  const names = part.fields === 'sorted' ? [...values.keys()].toSorted(byCodeUnits) : part.fields;
  const written = names.flatMap((name) => {
    const own = values.get(name) ?? (part.missing === 'empty' ? [''] : []);
    const all = part.fields === 'sorted' ? [...new Set(own)].toSorted(byCodeUnits) : own;
    return all.map((value) => part.each.replaceAll(/\{(name|value)\}/g, (_, slot) => (slot === 'name' ? name : value)));
  });
  return written.join(part.join ?? '');
}

const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function hashOf(
  hash: string,
  as: 'raw' | 'hex' | 'decimal' | undefined,
  of: readonly MessagePart[],
  context: MessageContext,
): Uint8Array {
  const chunks = collectMessage(of, context);
  if (hash === 'crc32') {
    const sum = chunks.reduce((value, chunk) => crc32(Buffer.from(chunk), value), 0);
    return Buffer.from(as === 'decimal' ? String(sum) : sum.toString(16).padStart(8, '0'));
  }
  const hashing = createHash(hash);
  for (const chunk of chunks) hashing.update(chunk);
  return as === 'raw' ? hashing.digest() : Buffer.from(hashing.digest('hex'));
}

function missing(what: string): never {
  throw new MissingPartError(what);
}
