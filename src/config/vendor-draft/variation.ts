import { valueAt, type JsonObject } from '../../model/json.ts';

/**
 * How a value differs from event to event: never · in some of them · in all of them. `unknown` where one event alone
 * has it.
 */
export type Variation = 'none' | 'some' | 'all' | 'unknown';

/** Compares the events by a dotted path. One that was sent again is the same event, and tells nothing. */
export function makeVariation(samples: readonly JsonObject[]): (path: string) => Variation {
  const distinct = [...new Map(samples.map((sample) => [JSON.stringify(sample), sample])).values()];
  return (path) => {
    const texts = distinct.flatMap((sample) => {
      const value = valueAt(sample, path.split('.'));
      return value === undefined ? [] : [JSON.stringify(value)];
    });
    const different = new Set(texts).size;
    if (texts.length < 2) return 'unknown';
    if (different === 1) return 'none';
    return different === texts.length ? 'all' : 'some';
  };
}
