import { timingSafeEqual } from 'node:crypto';
import type { Signature } from '../../model/signature.ts';
import { keyBytes } from './keys.ts';
import { collectMessage, MissingPartError, type SignedSubject } from './message.ts';
import { readPlace, writePlace } from './place.ts';

/** The request with what the vendor adds to its URL. Throws MissingPartError for a part that it does not have. */
export function addToQuery<T extends SignedSubject>(
  spec: Signature,
  secret: string,
  request: T,
  timestamp: string | undefined,
): T {
  return listAdded(spec).reduce(
    (changed, query) => writePlace({ query }, changed, addedText(spec, query, secret, changed, timestamp)),
    request,
  );
}

/** The first parameter that is not what the vendor would have added to the URL of this request. */
export interface QueryMisfit {
  name: string;
  /** As they stand there; none: it is not there. */
  values: readonly string[];
}

/** Null where all of them belong to the request. Throws as `addToQuery`. */
export function findQueryMisfit(
  spec: Signature,
  secret: string,
  request: SignedSubject,
  timestamp: string | undefined,
): QueryMisfit | null {
  for (const name of listAdded(spec)) {
    const values = readPlace({ query: name }, request);
    const [value] = values;
    const isRight =
      value !== undefined && values.length === 1 && isEqual(value, addedText(spec, name, secret, request, timestamp));
    if (!isRight) return { name, values };
  }
  return null;
}

const listAdded = ({ addedQuery }: Signature): readonly string[] =>
  addedQuery === undefined ? [] : Object.keys(addedQuery);

function addedText(
  spec: Signature,
  name: string,
  secret: string,
  request: SignedSubject,
  timestamp: string | undefined,
): string {
  const context = { ...request, timestamp, secret: () => keyBytes(spec, secret) };
  return Buffer.concat(collectMessage(spec.addedQuery?.[name] ?? [], context)).toString('utf8');
}

function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given, 'utf8'), Buffer.from(expected, 'utf8')];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Does the request have all that the vendor adds? What it lacks to compute that fits nothing. */
export function hasAddedQuery(...given: Parameters<typeof findQueryMisfit>): boolean {
  try {
    return findQueryMisfit(...given) === null;
  } catch (error) {
    if (error instanceof MissingPartError) return false;
    throw error;
  }
}
