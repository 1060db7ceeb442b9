import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { GeneratedTime } from '../../src/model/generated.ts';
import { problemOfTime, readTimeText, timePattern, writeTime } from '../../src/vendors/time-forms.ts';

const NOON = Date.UTC(2025, 10, 27, 12);
const SQL = 'YYYY-MM-DD HH:mm:ss';
const PRAGUE: GeneratedTime = { time: SQL, zone: 'Europe/Prague' };

test.each<[GeneratedTime, string, number | null]>([
  [{ time: SQL }, '2025-11-27 12:00:00', NOON],
  [{ time: 'iso' }, '2025-11-27T12:00:00Z', NOON],
  [{ time: 'iso' }, '2025-11-27T13:00:00.250+01:00', NOON + 250],
  [{ time: 'iso-ms' }, '2025-11-27T12:00:00.250Z', NOON + 250],
  [{ time: 'ms' }, String(NOON), NOON],
  [{ time: 's' }, String(NOON / 1000), NOON],
  [{ time: 's-decimal' }, '1764244800.250123', NOON + 250],
  [{ time: 'YYYY-MM-DDTHH:mm:ss.SSSSSSZ' }, '2025-11-27T12:00:00.250999Z', NOON + 250],
  [{ time: 'YYYY-MM-DDTHH:mm:ss+hh:mm' }, '2025-11-27T13:30:00+01:30', NOON],
  [{ time: 'DD/MMM/YYYY:HH:mm:ss +hhmm' }, '27/Nov/2025:07:00:00 -0500', NOON],
  [PRAGUE, '2025-11-27 13:00:00', NOON],
  [PRAGUE, '2025-07-01 14:00:00', Date.UTC(2025, 6, 1, 12)],
  // On both sides of the changes of clocks.
  [PRAGUE, '2025-03-30 01:59:59', Date.UTC(2025, 2, 30, 0, 59, 59)],
  [PRAGUE, '2025-03-30 03:00:00', Date.UTC(2025, 2, 30, 1)],
  [PRAGUE, '2025-10-26 01:59:59', Date.UTC(2025, 9, 25, 23, 59, 59)],
  [PRAGUE, '2025-10-26 03:00:00', Date.UTC(2025, 9, 26, 2)],
  [{ time: 'rfc5322' }, 'Thu, 27 Nov 2025 12:00:00 +0000', NOON],
  [{ time: SQL }, '', null],
  [{ time: SQL }, '2025-11-31 12:00:00', null],
  [{ time: SQL }, '2025-11-27 24:00:00', null],
  [{ time: SQL }, '2025-11-27T12:00:00', null],
  [PRAGUE, 'yesterday', null],
  [{ time: 'ms' }, '12 o’clock', null],
  [{ time: 's' }, '1764244800.5', null],
])('%j reads %j', (form, text, expected) => {
  expect(readTimeText(form, text)).toBe(expected);
});

const isGnuDate = ((): boolean => {
  try {
    return execFileSync('date', ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }).includes('GNU');
  } catch {
    return false;
  }
})();

const WRITTEN: [GeneratedTime, string][] = [
  [{ time: SQL }, '%Y-%m-%d %H:%M:%S'],
  [PRAGUE, '%Y-%m-%d %H:%M:%S'],
  [{ time: 'iso' }, '%Y-%m-%dT%H:%M:%SZ'],
  [{ time: 'iso', zone: 'Asia/Kolkata' }, '%Y-%m-%dT%H:%M:%S%:z'],
  [{ time: 'rfc5322' }, '%a, %d %b %Y %H:%M:%S %z'],
  [{ time: 'rfc5322', zone: 'America/New_York' }, '%a, %d %b %Y %H:%M:%S %z'],
  [{ time: 'YYYY-MM-DD HH:mm:ss.SSSSSS+hh:mm', zone: 'America/St_Johns' }, '%Y-%m-%d %H:%M:%S.%6N%:z'],
  [{ time: 's' }, '%s'],
];

test.skipIf(!isGnuDate)('dates are written as GNU date writes them, and read back', () => {
  for (const [form, format] of WRITTEN)
    for (const at of [NOON, Date.UTC(2025, 6, 1), Date.UTC(2025, 2, 30, 1), Date.UTC(2025, 9, 26, 1)]) {
      const TZ = form.zone ?? 'UTC';
      const expected = execFileSync('date', ['-d', `@${at / 1000}`, `+${format}`], {
        env: { ...process.env, LC_ALL: 'C', TZ },
        encoding: 'utf8',
      }).trim();
      const written = String(writeTime(form, at));
      expect([form, written]).toEqual([form, expected]);
      expect([form, readTimeText(form, written)]).toEqual([form, at]);
      expect(written).toMatch(new RegExp(`^${timePattern(form)}$`, 'u'));
    }
});

test('an offset moves what is written, and milliseconds stay', () => {
  expect(writeTime({ time: 'iso-ms', offsetMs: 30 * 86_400_000 }, NOON + 7)).toBe('2025-12-27T12:00:00.007Z');
  expect(writeTime({ time: 's-decimal', offsetMs: -250 }, NOON)).toBe(1_764_244_799.75);
});

const NAMED = 's, ms, s-decimal, iso, iso-ms, rfc5322';

test.each([
  [{ time: 'sql' }, `"sql" is not a time format: write ${NAMED}, or a template, which here lacks YYYY, DD, HH, mm`],
  [{ time: 'HH:mm' }, `"HH:mm" is not a time format: write ${NAMED}, or a template, which here lacks YYYY, DD`],
  [{ time: 'iso', zone: 'Europe/Atlantis' }, '"Europe/Atlantis" is not a time zone: write one such as Europe/Prague'],
  [PRAGUE, null],
  [{ time: 's' }, null],
])('what is wrong with %j: %s', (form, problem) => {
  expect(problemOfTime(form)).toBe(problem);
});
