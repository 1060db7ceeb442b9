import { describe, expect, test } from 'vitest';
import type { RequestPlace } from '../../../src/model/signature.ts';
import { readPlace, writePlace, type PlacedRequest } from '../../../src/sign/scheme/place.ts';

const request = (body: string, query = ''): PlacedRequest => ({
  url: new URL(`https://example.org/hook${query}`),
  headers: [['A', '1']],
  body: Buffer.from(body),
});

describe('what is written there is read there, and nothing else changes', () => {
  test.each<[what: string, place: RequestPlace, before: PlacedRequest, after: Partial<PlacedRequest>]>([
    [
      'a header',
      { header: 'X-Sig' },
      {
        ...request('b'),
        headers: [
          ['x-sig', 'old'],
          ['A', '1'],
        ],
      },
      {
        headers: [
          ['A', '1'],
          ['X-Sig', 'a+b='],
        ],
      },
    ],
    [
      'a query parameter',
      { query: 'sig' },
      request('b', '?sig=old&x=%41+b'),
      { url: new URL('https://example.org/hook?sig=a%2Bb%3D&x=%41+b') },
    ],
    ['a form field', { form: 'sig' }, request('x=%41+b&sig=old&y'), { body: Buffer.from('x=%41+b&sig=a%2Bb%3D&y') }],
    [
      'a form field that stands twice',
      { form: 'sig' },
      request('sig=1&y&sig=2&z'),
      { body: Buffer.from('sig=a%2Bb%3D&y&z') },
    ],
    [
      'a form field with a question mark',
      { form: 'sig' },
      request('?sig=x'),
      { body: Buffer.from('?sig=x&sig=a%2Bb%3D') },
    ],
    [
      'a field of JSON',
      { json: 'a.sig' },
      request('{ "a" : {"sig" : "old", "n":1.0} }'),
      { body: Buffer.from('{ "a" : {"sig" : "a+b=", "n":1.0} }') },
    ],
  ])('%s', (_, place, before, after) => {
    const written = writePlace(place, before, 'a+b=');
    expect(written).toEqual({ ...before, ...after });
    expect(readPlace(place, written)).toEqual(['a+b=']);
    expect(readPlace(place, writePlace(place, written, null)).join('')).toBe('');
  });

  test('a time that was a number stays one', () => {
    const written = writePlace({ json: 'at' }, request('{"at":1}'), '1764244800');
    expect(Buffer.from(written.body).toString()).toBe('{"at":1764244800}');
  });
});

test.each<[what: string, place: RequestPlace, given: PlacedRequest, texts: string[]]>([
  ['no URL', { query: 'sig' }, { ...request(''), url: null }, []],
  ['each of several', { form: 'sig' }, request('sig=1&sig=2&Sig=3'), ['1', '2']],
  ['a name that every object has', { json: 'toString' }, request('{}'), []],
  ['a body that is no form', { form: 'sig' }, request('{"sig":1}'), []],
  ['millions of fields', { form: 'sig' }, request('&a'.repeat(1_000_000)), []],
])('%s', (_, place, given, texts) => {
  expect(readPlace(place, given)).toEqual(texts);
});

test('a body without the field has no place for it', () => {
  expect(() => writePlace({ json: 'sig' }, request('{}'), 'x')).toThrow(expect.objectContaining({ kind: 'input' }));
});

test('the URL as it was written follows: its other letters stay', () => {
  const text = "https://EXAMPLE.org/a/../b?n=O'B";
  const before = { ...request(''), url: new URL(text), urlText: text };
  const signed = writePlace({ query: 'sig' }, before, 'a+b=');
  expect(signed.urlText).toBe(`${text}&sig=a%2Bb%3D`);
  expect(writePlace({ query: 'sig' }, signed, null).urlText).toBe(text);
  expect(writePlace({ query: 'n' }, before, null).urlText).toBe('https://EXAMPLE.org/a/../b');
});
