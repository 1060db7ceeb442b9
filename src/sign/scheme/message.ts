import { createHash } from 'node:crypto';
import { findJsonSpan, listJsonMembers, readJsonSpan, readJsonText } from '../../model/json-span.ts';
import {
  describePlace,
  flattenParts,
  isBody,
  isOfRequest,
  type FieldsPart,
  type Jwt,
  type MessagePart,
} from '../../model/signature.ts';
import type { Header } from '../../model/plan.ts';
import type { Vendor } from '../../model/vendor.ts';
import { readEventName, readHeader } from '../../vendors/event-key.ts';
import { eventHeaderOf, idHeaderOf } from '../../vendors/facts.ts';
import { holdsMoreValues, MAX_UNPROVED_VALUES, readPayload } from '../../vendors/read-body.ts';
import { signsEventName } from '../../vendors/signing-facts.ts';
import { makeClaims } from './claims.ts';
import { encodeValue } from './encoding.ts';
import { listFormPairs, readFormField } from './form.ts';
import { headerValues, readPlace, writePlace } from './place.ts';

/** What a signature is made of. */
export interface SignedSubject {
  method: string;
  /** As it was called; null where that is not known. */
  url: URL | null;
  /** The same letter by letter, where that is known: a `URL` writes some of them anew, and the text was signed. */
  urlText?: string;
  headers: readonly Header[];
  body: Uint8Array;
  /** The event's name, where it is known. */
  event?: string;
  /** The name of the header with the event's id. */
  idHeader?: string | null;
  /** When it is signed, in milliseconds: of a token that has an id, no two have the same. */
  signedAtMs?: number;
}

/** The URL of a request, letter by letter, where it is known. */
export const calledUnder = (text: string | null = null): Pick<SignedSubject, 'url' | 'urlText'> =>
  text === null ? { url: null } : { url: new URL(text), urlText: text };

/** Of a request that came in. */
export function subjectOf(
  vendor: Vendor,
  {
    method,
    headers,
    body,
    url = null,
    urlText,
  }: Pick<SignedSubject, 'method' | 'headers' | 'body' | 'urlText'> & { url?: URL | null },
): SignedSubject {
  const event = signsEventName(vendor) ? readName(vendor, { headers, body, url }) : undefined;
  return { method, url, urlText, headers, body, event, idHeader: idHeaderOf(vendor) };
}

/** The event's name, as the body or a header says it. */
function readName(vendor: Vendor, request: Pick<SignedSubject, 'headers' | 'body' | 'url'>): string | undefined {
  const payload = holdsMoreValues(vendor, request, MAX_UNPROVED_VALUES) ? null : readPayload(vendor, request);
  return readEventName(vendor, payload) ?? readHeader(request.headers, eventHeaderOf(vendor)) ?? undefined;
}

export interface MessageContext extends SignedSubject {
  /** As its text stands in the request. */
  timestamp?: string;
  /** The key's bytes, for a message that holds the secret. */
  secret: () => Uint8Array;
}

/**
 * A part of the message that this request does not have, or has twice. The message completes "the signature covers …".
 */
export class MissingPartError extends Error {
  override readonly name = 'MissingPartError';
  /** It is the URL: how it was called, the request itself does not say. */
  readonly isOfUrl: boolean;

  constructor(message: string, isOfUrl = false) {
    super(message);
    this.isOfUrl = isOfUrl;
  }
}

/** The bytes that are signed, in pieces. Throws MissingPartError. */
export function collectMessage(parts: readonly MessagePart[], context: MessageContext): Uint8Array[] {
  return parts.map((part) => bytesOf(part, context));
}

/** It has none of the parts that are signed: the signature is that of any such request, whatever else stands in it. */
export function coversNothing(parts: readonly MessagePart[], subject: Omit<MessageContext, 'secret'>): boolean {
  const own = flattenParts(parts).filter(isOfRequest);
  // An empty body is covered whole.
  if (own.length === 0 || own.some(isBody)) return false;
  const context = { ...subject, secret: () => new Uint8Array() };
  return own.every((part) => bytesOf(asItCame(part), context).length === 0);
}

/** Without what is written for fields that are not there. */
const asItCame = (part: MessagePart): MessagePart =>
  typeof part === 'object' && 'fields' in part ? { ...part, missing: 'skip' } : part;

function bytesOf(part: MessagePart, context: MessageContext): Uint8Array {
  if (part === 'body') return context.body;
  if (part === 'secret') return context.secret();
  if (typeof part === 'object' && 'jwt' in part) return claimBytes(part.jwt, context);
  if (typeof part === 'object' && 'hash' in part) return hashOf(part.hash, part.as, part.of, context);
  if (typeof part === 'object' && 'bodyWith' in part) return bodyWith(part, context);
  if (typeof part === 'object' && 'json' in part && part.as === 'raw') return jsonBytes(part.json, context.body);
  return Buffer.from(typeof part === 'string' ? namedText(part, context) : textOf(part, context), 'utf8');
}

/** The claims of a token for this request, and not its signature: that of the last one cannot be made again. */
function claimBytes(jwt: Jwt, context: MessageContext): Uint8Array {
  const { body, timestamp, method, signedAtMs } = context;
  const nonce = [timestamp, signedAtMs, method, urlTextOf(context), digestOf('sha256', [body]).toString('hex')].join(
    ' ',
  );
  const signedAt = timestamp === undefined ? undefined : Number(timestamp);
  const knowsEvent = context.event !== undefined;
  const claims = makeClaims(jwt, { body, signedAt, nonce, knowsEvent, textOf: (parts) => joinText(parts, context) });
  return Buffer.from(JSON.stringify(claims));
}

/** As one text. Throws MissingPartError. */
export const joinText = (parts: readonly MessagePart[], context: MessageContext): string =>
  Buffer.concat(collectMessage(parts, context)).toString('utf8');

function namedText(part: Exclude<MessagePart, object | 'body' | 'secret'>, context: MessageContext): string {
  switch (part) {
    case 'timestamp':
      return context.timestamp ?? missing('a time, but none was given');
    case 'id':
      return headerText(context, context.idHeader ?? missing('an id, but this vendor sends none'));
    case 'event':
      return context.event ?? missing("the event's name, which is not known");
    case 'method':
      return context.method;
    default:
      return textOfUrl(part, urlTextOf(context) ?? missingUrl());
  }
}

/** Letter by letter, with its fragment. */
export const urlTextOf = ({ url, urlText }: SignedSubject): string | undefined => urlText ?? url?.href;

/** Credentials go to the whole URL alone. The fragment never goes on the wire. */
const URL_TEXT = /^[^:/?#]+:\/\/(?:[^/?#]*@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?/;

export function textOfUrl(part: 'url' | 'host' | 'path' | 'query' | 'target', text: string): string {
  const [whole = '', host = '', path = '', query] = URL_TEXT.exec(text) ?? [];
  if (part === 'url') return whole;
  if (part === 'host') return host;
  if (part === 'query') return query ?? '';
  return part === 'path' || query === undefined ? path || '/' : `${path || '/'}?${query}`;
}

type TextPart = Exclude<MessagePart, string | { hash: unknown } | { bodyWith: unknown } | { jwt: unknown }>;

function textOf(part: TextPart, context: MessageContext): string {
  if ('text' in part) return part.text;
  if ('header' in part) return headerText(context, part.header);
  if ('encode' in part) return encodeValue(Buffer.concat(collectMessage(part.of, context)), part.encode);
  if ('fields' in part) return fieldsText(part, context);
  if ('form' in part) return onlyOne(readFormField(context, part.form), `the form field ${part.form}`);
  return readJsonText(context.body, part.json) ?? missing(`the field ${part.json} of the body, which is missing`);
}

/** Everything else in the body keeps its bytes. */
function bodyWith(
  { bodyWith: place, of }: Extract<MessagePart, { bodyWith: unknown }>,
  context: MessageContext,
): Uint8Array {
  onlyOne(readPlace(place, context), `the ${describePlace(place)}`);
  return writePlace(place, context, Buffer.concat(collectMessage(of, context)).toString('utf8')).body;
}

/** The bytes as they stand there, whatever they say. */
function jsonBytes(path: string, body: Uint8Array): Uint8Array {
  const span = findJsonSpan(body, path) ?? missing(`the field ${path} of the body, which is missing`);
  return body.subarray(span.start, span.end);
}

/** Of two, receivers differ in which one counts: what was signed would not be what they read. */
function onlyOne([value, ...others]: readonly string[], what: string): string {
  if (others.length > 0) missing(`${what}, but there are ${others.length + 1}: which one counts is ambiguous`);
  return value ?? missing(`${what}, which is missing`);
}

function headerText({ headers }: MessageContext, name: string): string {
  const values = headerValues(headers, name).map((value) => value.trim());
  return onlyOne(values, `the ${name} header`);
}

/** More than any vendor's body has, many times over. */
const MAX_FIELDS = 10_000;

/** Every value by its name; of JSON those of the top level that are no objects, as they are written. */
function valuesOf({ from }: FieldsPart, context: MessageContext): Map<string, string[]> {
  const values = new Map<string, string[]>();
  let count = 0;
  for (const [name, value] of listPairs(from, context)) {
    if (++count > MAX_FIELDS) missing(`fields, but there are more than ${MAX_FIELDS}`);
    const known = values.get(name);
    // Of a key of JSON that repeats the last one counts.
    if (known === undefined || from === 'json') values.set(name, [value]);
    else known.push(value);
  }
  return values;
}

function listPairs(from: FieldsPart['from'], context: MessageContext): Iterable<[string, string]> {
  if (from === 'form') return listFormPairs(context);
  if (from === 'query') return context.url?.searchParams ?? missingUrl();
  return listJsonPairs(context.body);
}

function* listJsonPairs(body: Uint8Array): Generator<[string, string]> {
  for (const [name, span] of listJsonMembers(body)) {
    const text = /[{[n]/.test(String.fromCharCode(body[span.start] ?? 0)) ? null : readJsonSpan(body, span);
    if (name !== null && text !== null) yield [name, text];
  }
}

function fieldsText(part: FieldsPart, context: MessageContext): string {
  const values = valuesOf(part, context);
  const names = part.fields === 'sorted' ? [...values.keys()].toSorted(byCodeUnits) : part.fields;
  const written = names.flatMap((name) => {
    const own = values.get(name) ?? (part.missing === 'empty' ? [''] : []);
    const all = part.fields === 'sorted' ? [...new Set(own)].toSorted(byCodeUnits) : own;
    return all.map((value) => writeField(part, name, value));
  });
  return written.join(part.join ?? '');
}

export const writeField = ({ each }: FieldsPart, name: string, value: string): string =>
  each.replaceAll(/\{(name|value)\}/g, (_, slot) => (slot === 'name' ? name : value));

const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function hashOf(
  hash: string,
  as: 'raw' | 'hex' | 'decimal' | undefined,
  of: readonly MessagePart[],
  context: MessageContext,
): Uint8Array {
  const digest = digestOf(hash, collectMessage(of, context));
  if (as === 'raw') return digest;
  const hex = digest.toString('hex');
  return Buffer.from(as === 'decimal' ? String(BigInt(`0x${hex}`)) : hex);
}

export function digestOf(hash: string, chunks: readonly Uint8Array[]): Buffer {
  if (hash === 'crc32') {
    // One vendor asks for it; the others need not wait for the module.
    const { crc32 } = process.getBuiltinModule('node:zlib');
    const digest = Buffer.alloc(4);
    digest.writeUInt32BE(chunks.reduce((sum, chunk) => crc32(Buffer.from(chunk), sum), 0));
    return digest;
  }
  const hashing = createHash(hash);
  for (const chunk of chunks) hashing.update(chunk);
  return hashing.digest();
}

function missing(what: string): never {
  throw new MissingPartError(what);
}

function missingUrl(): never {
  throw new MissingPartError('the URL, but it is not known which URL was called', true);
}
