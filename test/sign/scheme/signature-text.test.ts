import { expect, test } from 'vitest';
import type { Signature } from '../../../src/model/signature.ts';
import {
  formatSignature,
  parseSignature,
  readTimestamp,
  writeTimestamp,
} from '../../../src/sign/scheme/signature-text.ts';

const spec = (format: string, several?: Signature['several']): Signature => ({
  algorithm: 'hmac-sha256',
  message: ['body'],
  at: { header: 'X' },
  format,
  ...(several && { several }),
});
const part = (separator: string): Signature['several'] => ({ repeat: 'part', separator });
const all = (separator: string): Signature['several'] => ({ repeat: 'all', separator });

test.each<[format: string, several: Signature['several'], text: string]>([
  ['{v}', undefined, 'AA'],
  ['sha256={v}', undefined, 'sha256=AA'],
  ['{t}.{v}', undefined, '12.AA'],
  ['{v}.{t}', undefined, 'AA.12'],
  ['v0:{t}:{v};', undefined, 'v0:12:AA;'],
  ['t={t},v1={v}', undefined, 't=12,v1=AA'],
  ['ts={t};s={v};s-algorithm=HmacSHA256', undefined, 'ts=12;s=AA;s-algorithm=HmacSHA256'],
  ['keyId="k",signature="{v}"', undefined, 'keyId="k",signature="AA"'],
  ['Signature keyId="k", signature="{v}"', undefined, 'Signature keyId="k", signature="AA"'],
])('%s writes what it reads', (format, several, text) => {
  const values = format.includes('{t}') ? { values: ['AA'], timestamp: '12' } : { values: ['AA'] };
  expect(formatSignature(spec(format, several), 'AA', '12')).toBe(text);
  expect(parseSignature(spec(format, several), text)).toMatchObject(values);
});

test.each<[format: string, several: Signature['several'], text: string]>([
  ['v1,{v}', all(' '), 'v1,AA v1,BB'],
  ['{v}', all(','), 'AA,BB'],
  ['{v}', part(','), 'AA,BB'],
  ['v1={v}', part(','), 'v1=AA,v1=BB'],
  ['t={t},v1={v}', part(','), 't=12,v1=AA,v1=BB'],
  ['ts={t};h1={v}', part(';'), 'ts=12;h1=AA;h1=BB'],
  ['{t}.{v}', part('.'), '12.AA.BB'],
  ['t={t} v1={v}', part(' '), 't=12 v1=AA v1=BB'],
])('%s holds several while a secret is replaced', (format, several, text) => {
  expect(formatSignature(spec(format, several), ['AA', 'BB'], '12')).toBe(text);
  expect(parseSignature(spec(format, several), text)).toMatchObject({ values: ['AA', 'BB'] });
});

test.each<[what: string, format: string, several: Signature['several'], text: string, values: string[]]>([
  ['another scheme beside it', 'v1,{v}', all(' '), 'v1a,XX v1,AA', ['AA']],
  ['another part beside it', 't={t},v1={v}', part(','), 't=1,v0=XX,v1=AA', ['AA']],
  ['another order, and blanks', 't={t},v1={v}', undefined, 'v1=AA , t=1', ['AA']],
  ['a value with the signs of the format', '{t}={v}', undefined, '1=AA==', ['AA==']],
])('%s: is read', (_, format, several, text, values) => {
  expect(parseSignature(spec(format, several), text)).toMatchObject({ values });
});

test.each<[what: string, format: string, several: Signature['several'], text: string, reason: string]>([
  ['another scheme alone', 'v1,{v}', all(' '), 'v2,AA', 'it does not have the form v1,{v}'],
  ['two where one belongs', 't={t},v1={v}', undefined, 't=1,v1=AA,v1=BB', 'it has 2 parts v1=, which is ambiguous'],
  ['two times', 't={t},v1={v}', part(','), 't=1,t=2,v1=AA', 'it has 2 parts t=, which is ambiguous'],
  [
    'another algorithm',
    's={v};a=HmacSHA256',
    undefined,
    's=AA;a=none',
    'the part a= does not have the form HmacSHA256',
  ],
  ['no time', '{t}.{v}', undefined, 'AA', 'it does not have the form {t}.{v}'],
  ['more behind it', '{t}.{v};', undefined, '1.AA;x', 'it does not have the form {t}.{v};'],
])('%s: is refused', (_, format, several, text, reason) => {
  expect(parseSignature(spec(format, several), text)).toEqual({ reason });
});

test.each<[what: string, text: string]>([
  ['thousands of parts', 't=1,'.repeat(20_000)],
  ['thousands of signatures', 'v1,AA '.repeat(20_000)],
  ['the beginnings of the format', '{t}'.repeat(20_000)],
])('hostile: %s', (_, text) => {
  for (const format of ['v1,{v}', 't={t},v1={v}', '{t}.{v}'])
    for (const several of [undefined, all(' '), part(',')]) parseSignature(spec(format, several), text);
});

const NOON = Date.parse('2025-11-27T12:00:00.250Z');
test.each([
  ['s', '1764244800', 1_764_244_800_000],
  ['ms', '1764244800250', NOON],
  ['iso', '2025-11-27T12:00:00Z', 1_764_244_800_000],
  ['iso-ms', '2025-11-27T12:00:00.250Z', NOON],
] as const)('a time in %s', (unit, text, ms) => {
  expect(writeTimestamp({ unit }, NOON)).toBe(text);
  expect(readTimestamp({ unit }, text)).toBe(ms);
});

test.each([
  ['s', ''],
  ['s', '-1'],
  ['s', '1e9'],
  ['s', '1'.repeat(17)],
  ['iso', '2025-11-27'],
  ['iso', '2025-11-27T12:00:00'],
  ['iso', '2025-11-27T12:00:00Z '.repeat(1000)],
  ['iso', '2025-13-27T12:00:00Z'],
  ['iso', 'Thu, 27 Nov 2025 12:00:00 GMT'],
] as const)('no time in %s: %j', (unit, text) => {
  expect(readTimestamp({ unit }, text)).toBeNull();
});

test('a time in another zone is the same moment', () => {
  expect(readTimestamp({ unit: 'iso' }, '2025-11-27T13:00:00+01:00')).toBe(1_764_244_800_000);
});
