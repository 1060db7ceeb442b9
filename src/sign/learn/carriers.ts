import { readJsonTexts } from '../../model/json-span.ts';
import { hasMoreValues } from '../../model/json.ts';
import { isMultipart } from '../../model/multipart.ts';
import type { RequestPlace } from '../../model/signature.ts';
import { listFormPairs } from '../scheme/form.ts';
import type { LearnSubject } from './learn-subject.ts';

/** A text of the request, and where it stands. */
export interface Carrier {
  at: RequestPlace;
  name: string;
  text: string;
  /** 0: its name says signature · 1: a header or parameter of the vendor's own · 2: any other. */
  rank: 0 | 1 | 2;
}

/** Bodies beyond it are signed as a whole, if at all. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
const MAX_JSON_VALUES = 20_000;
const MAX_PATHS = 240;
const MAX_DEPTH = 6;
const MAX_ELEMENTS = 2;
const MAX_TEXT = 8192;
const MAX_CARRIERS = 400;

/** What the network, browsers and proxies write, not the vendor. Cookies hold secrets of others. */
const FOREIGN_NAMES = new Set(
  `host connection content-length content-encoding transfer-encoding cookie set-cookie forwarded via te trailer expect
  x-real-ip true-client-ip cdn-loop x-amzn-trace-id x-request-start x-scheme x-cloud-trace-context traceparent
  tracestate baggage sentry-trace priority dnt pragma cache-control referer origin upgrade upgrade-insecure-requests
  accept accept-encoding accept-language accept-charset x-b3-traceid x-b3-spanid x-b3-sampled`.split(/\s+/),
);
const FOREIGN_FAMILIES =
  /^(?:x-forwarded-|cf-(?!webhook)|x?-?ngrok|x-envoy-|x-original-|fly-|fastly-|x-render-|sec-|x-vercel-id|proxy-)/;

function isForeignHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return FOREIGN_NAMES.has(lower) || FOREIGN_FAMILIES.test(lower);
}

const SIGNATURE_NAME =
  /sig|hmac|hash|digest|(?:^|[-_.])mac(?:$|[-_.])|auth|token|secret|verif|check|secure|password|key/i;

/** Every text of the request that could carry something, likeliest first. */
export function listCarriers(subject: LearnSubject): Carrier[] {
  const carriers = [
    ...headerCarriers(subject),
    ...queryCarriers(subject),
    ...formCarriers(subject.body),
    ...jsonCarriers(subject.body),
  ].filter(({ text }) => text !== '' && text.length <= MAX_TEXT);
  return carriers.toSorted((one, other) => one.rank - other.rank).slice(0, MAX_CARRIERS);
}

function headerCarriers({ headers }: LearnSubject): Carrier[] {
  const own = headers.filter(([name]) => !isForeignHeader(name));
  return own.map(([name, value]) => ({
    at: { header: name },
    name,
    text: value.trim(),
    rank: SIGNATURE_NAME.test(name) ? 0 : 1,
  }));
}

function queryCarriers({ urls: [url] }: LearnSubject): Carrier[] {
  const pairs = url === undefined ? [] : [...new URL(url).searchParams];
  return pairs.map(([name, text]) => ({ at: { query: name }, name, text, rank: SIGNATURE_NAME.test(name) ? 0 : 1 }));
}

function formCarriers(body: Uint8Array): Carrier[] {
  return [...(formOf(body) ?? [])].map(([name, text]) => ({
    at: { form: name },
    name,
    text,
    rank: SIGNATURE_NAME.test(name) ? 0 : 2,
  }));
}

function jsonCarriers(body: Uint8Array): Carrier[] {
  return listJsonTexts(body).map(({ path, text }) => ({
    at: { json: path },
    name: path,
    text,
    rank: SIGNATURE_NAME.test(path.slice(path.lastIndexOf('.') + 1)) ? 0 : 2,
  }));
}

/** The fields of a form; null for a body that is none. */
export function formOf(body: Uint8Array): URLSearchParams | null {
  if (body.length === 0 || body.length > MAX_BODY_BYTES) return null;
  if (isMultipart({ headers: [], body })) return new URLSearchParams([...listFormPairs({ headers: [], body })]);
  const text = Buffer.from(body).toString('utf8').trim();
  return /^[\w.%+*~[\]-]{1,200}=/.test(text) && !/[\s{"<]/.test(text) ? new URLSearchParams(text) : null;
}

/** The JSON of a body; undefined for what is none, or too much of one. */
function parseJsonBody(body: Uint8Array): unknown {
  if (body.length === 0 || body.length > MAX_BODY_BYTES || hasMoreValues(body, MAX_JSON_VALUES)) return undefined;
  try {
    return JSON.parse(
      Buffer.from(body)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    );
  } catch {
    return undefined;
  }
}

export interface JsonText {
  path: string;
  text: string;
}

/** The values of a JSON body that are no objects, by their dotted paths, as the grammar reads them. */
export function listJsonTexts(body: Uint8Array): JsonText[] {
  const paths: string[] = [];
  walk(parseJsonBody(body), '', 0, (path, value) => {
    if (typeof value !== 'object') paths.push(path);
  });
  const texts = readJsonTexts(body, paths.slice(0, MAX_PATHS));
  return paths.flatMap((path) => {
    const text = texts.get(path);
    return text === undefined ? [] : [{ path, text }];
  });
}

/** The dotted paths of objects within a JSON body. */
export function listJsonObjects(body: Uint8Array): string[] {
  const paths: string[] = [];
  walk(parseJsonBody(body), '', 0, (path, value) => {
    if (typeof value === 'object' && value !== null) paths.push(path);
  });
  return paths;
}

function walk(value: unknown, path: string, depth: number, see: (path: string, value: unknown) => void): void {
  if (path !== '') see(path, value);
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return;
  const entries = Array.isArray(value) ? value.slice(0, MAX_ELEMENTS).entries() : Object.entries(value);
  for (const [key, inner] of entries) {
    const name = String(key);
    // A key with a dot in it has no path in the grammar.
    if (name !== '' && !name.includes('.')) walk(inner, path === '' ? name : `${path}.${name}`, depth + 1, see);
  }
}
