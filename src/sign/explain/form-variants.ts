import { listFewPairs } from '../scheme/form.ts';
import { boundaryOf } from '../../model/multipart.ts';
import type { BodyVariant } from './deviation.ts';

const MAX_BYTES = 256 * 1024;
const MAX_PAIRS = 1000;
const FIX = 'verify the raw bytes as received, before any form parser';

/** The fields of a form body, as programs write them anew. None for another body. */
export function* listFormVariants(body: Uint8Array): Generator<BodyVariant> {
  const pairs = readPairs(body);
  if (pairs === null) return;
  const plus = writeForm(pairs);
  const sorted = writeForm(pairs.toSorted(([one], [other]) => (one < other ? -1 : 1)));
  const writings = [
    [plus, 'the same fields re-encoded, spaces as +'],
    [plus.replaceAll('+', '%20'), 'the same fields re-encoded, spaces as %20'],
    [sorted, 'the same fields sorted and re-encoded'],
    [JSON.stringify(Object.fromEntries(pairs)), 'the same fields written as JSON'],
    [pairs.map(([name, value]) => `${name}=${value}`).join('&'), 'the same fields without percent-encoding'],
  ] as const;
  for (const [text, fits] of writings)
    yield { body: Buffer.from(text, 'utf8'), cause: 'reserialised-body', fits, fix: FIX };
}

const writeForm = (pairs: [string, string][]): string => new URLSearchParams(pairs).toString();

function readPairs(body: Uint8Array): [string, string][] | null {
  // Of JSON, a list, a text or a mark no pair is made.
  if (body.length > MAX_BYTES || !body.includes(EQUALS) || OTHER.has(body[0] ?? 0)) return null;
  return boundaryOf(body) === null ? listFewPairs({ headers: [], body }, MAX_PAIRS) : null;
}

const EQUALS = 0x3d;
const OTHER: ReadonlySet<number> = new Set(Buffer.from('{["< \r\n\u00ef', 'latin1'));
