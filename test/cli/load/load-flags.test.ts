import { expect, test } from 'vitest';
import { arrivalOf, boundsOf, checkPaceFlags, rate, type PaceFlags } from '../../../src/cli/load/load-flags.ts';
import type { RateProfile } from '../../../src/load/timetable.ts';

const RAMP: RateProfile = { kind: 'ramp', fromPerSecond: 10, toPerSecond: 500, overMs: 60_000 };

test.each<[text: string, profile: RateProfile]>([
  ['50', { kind: 'constant', perSecond: 50 }],
  ['50/s', { kind: 'constant', perSecond: 50 }],
  ['0.5', { kind: 'constant', perSecond: 0.5 }],
  ['3000/m', { kind: 'constant', perSecond: 50 }],
  ['3600/h', { kind: 'constant', perSecond: 1 }],
  ['10..500/60s', RAMP],
  ['10..500/1m', RAMP],
  ['0..5/500ms', { kind: 'ramp', fromPerSecond: 0, toPerSecond: 5, overMs: 500 }],
  ['5..0/2', { kind: 'ramp', fromPerSecond: 5, toPerSecond: 0, overMs: 2000 }],
])('--rate %s', (text, profile) => expect(rate(text)).toEqual(profile));

test.each<[text: string, message: RegExp]>([
  ['0', /above 0/],
  ['0..0/5s', /above 0/],
  ['1000001', /at most 1000000/],
  ['1..1000001/5s', /at most 1000000/],
  ['-5', /expected events per second/],
  ['1e3', /expected events per second/],
  ['50/d', /expected events per second/],
  ['10..500', /expected events per second/],
  ['10..500/', /expected events per second/],
  ['10..500/60x', /expected a duration/],
  ['10..500/30d', /at most 24d/],
])('--rate %s is refused', (text, message) => expect(() => rate(text)).toThrow(message));

test.each<[flags: PaceFlags, arrival: unknown]>([
  [{}, { kind: 'closed', connections: 10 }],
  [{ connections: 3 }, { kind: 'closed', connections: 3 }],
  [{ rate: rate('50') }, { kind: 'constant', perSecond: 50, maxInFlight: 1000 }],
  [
    { rate: rate('50'), arrival: 'poisson', maxInFlight: 7, connections: 2 },
    { kind: 'poisson', perSecond: 50, maxInFlight: 7, connections: 2 },
  ],
  [
    { rate: RAMP, arrival: 'constant' },
    { ...RAMP, maxInFlight: 1000 },
  ],
])('%j arrives as %j', (flags, arrival) => expect(arrivalOf(flags)).toEqual(arrival));

test.each<[flags: PaceFlags, durationMs: number, count: number]>([
  [{}, 10_000, 10_000],
  [{ rate: rate('50') }, 10_000, 10_000],
  [{ rate: RAMP }, 60_000, Infinity],
  [{ duration: 5000 }, 5000, Infinity],
  [{ count: 50_000 }, Infinity, 50_000],
  [{ rate: RAMP, count: 5, duration: 90_000 }, 90_000, 5],
])('%j ends after %i ms or %i events', (flags, durationMs, count) =>
  expect(boundsOf(flags)).toEqual({ durationMs, count }),
);

test.each<[flags: PaceFlags, message: RegExp]>([
  [{ arrival: 'poisson' }, /--arrival has no effect without --rate/],
  [{ maxInFlight: 5 }, /--max-in-flight has no effect without --rate/],
  [{ timeScale: 5 }, /--time-scale has no effect without --burst/],
  [{ rate: RAMP, arrival: 'poisson' }, /--arrival poisson keeps to one rate/],
  [{ threads: 11 }, /--threads 11 share 10 connections: each needs one/],
  [{ threads: 2, rate: RAMP, connections: 1 }, /--threads 2 share 1 connection:/],
])('%j is refused', (flags, message) => expect(() => checkPaceFlags(flags)).toThrow(message));
