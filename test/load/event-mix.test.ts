import { array, assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { parseEventMix, spreadEvents, type WeightedEvent } from '../../src/load/event-mix.ts';

test.each<[text: string, mix: Record<string, number>]>([
  ['optin', { optin: 1 }],
  ['optin=3,optout=1', { optin: 3, optout: 1 }],
  [' email.received , email.sent=1000', { 'email.received': 1, 'email.sent': 1000 }],
])('%j', (text, mix) => {
  expect(Object.fromEntries(parseEventMix(text).map(({ name, weight }) => [name, weight]))).toEqual(mix);
});

test.each<[text: string, message: RegExp]>([
  ['', /names no event/],
  ['optin,', /names no event/],
  ['=3', /names no event/],
  ['optin=0', /optin has the weight "0"/],
  ['optin=', /optin has the weight ""/],
  ['optin=1.5', /optin has the weight "1\.5"/],
  ['optin=1001', /optin has the weight "1001"/],
  ['optin=-1', /optin has the weight "-1"/],
  ['optin=2,optout,optin', /names optin twice/],
])('%j is refused', (text, message) => {
  expect(() => parseEventMix(text)).toThrow(message);
});

const drawn = (mix: readonly WeightedEvent[], count: number): string[] =>
  Array.from({ length: count }, (_, n) => spreadEvents(mix)(n));

test('the rarer event stands among the others, and the order repeats', () => {
  expect(drawn(parseEventMix('optin=3,optout=1'), 8).join(' ')).toBe(
    'optin optin optout optin optin optin optout optin',
  );
});

test('at every moment each event is at most one short of its share, or one ahead', () => {
  const weights = array(integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });
  assert(
    property(weights, (list) => {
      const mix = list.map((weight, index) => ({ name: `event-${index}`, weight }));
      const total = list.reduce((sum, weight) => sum + weight, 0);
      const nameOf = spreadEvents(mix);
      const counts = new Map<string, number>();
      for (let n = 0; n < 2 * total; n++) {
        counts.set(nameOf(n), (counts.get(nameOf(n)) ?? 0) + 1);
        for (const { name, weight } of mix)
          if (Math.abs((counts.get(name) ?? 0) - ((n + 1) * weight) / total) >= mix.length) return false;
      }
      return mix.every(({ name, weight }) => counts.get(name) === 2 * weight);
    }),
  );
});
