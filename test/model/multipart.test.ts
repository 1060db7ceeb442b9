import { expect, test } from 'vitest';
import {
  appendParts,
  boundaryOf,
  isMultipart,
  listFormParts,
  setPart,
  textOfPart,
  withBoundary,
  writeMultipart,
} from '../../src/model/multipart.ts';
import type { Header } from '../../src/model/plan.ts';

// Node's own FormData writes and reads beside us.

const read = (body: Uint8Array): [string, string][] =>
  [...listFormParts(body)].map((part) => [part.name, textOfPart(body, part)]);
const PAIRS: [string, string][] = [
  ['from', 'Grüße <a@example.com>'],
  ['a "quoted" name', ''],
  ['text', 'two\r\nlines --hookproof'],
  ['text', '\r\n--hookproof-0 again'],
];
/** Node writes line breaks in its own way. */
const PLAIN = PAIRS.map(([name, value]): [string, string] => [name, value.replaceAll('\r\n', ' ')]);
const typeOf = (body: Uint8Array): string =>
  withBoundary([['content-type', 'multipart/form-data']], body)[0]?.[1] ?? '';

test('what is written Node reads, and so do we', async () => {
  const body = writeMultipart(PAIRS);
  const headers: Header[] = [['Content-Type', typeOf(body)]];
  const form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': typeOf(body) } }).formData();
  expect([...form]).toEqual(PAIRS);
  expect(read(body)).toEqual(PAIRS);
  expect(isMultipart({ headers, body })).toBe(true);
});

test('what Node writes is read, files too', async () => {
  const form = new FormData();
  for (const [name, value] of PLAIN) form.append(name, value);
  form.append('attachment1', new Blob(['a,b\n1,2\n'], { type: 'text/csv' }), 'name="x".csv');
  const sent = new Response(form);
  const headers: Header[] = [['content-type', sent.headers.get('content-type') ?? '']];
  const body = Buffer.from(await sent.arrayBuffer());
  expect(isMultipart({ headers, body })).toBe(true);
  expect(read(body)).toEqual([...PLAIN, ['attachment1', 'a,b\n1,2\n']]);
});

test('a field is set in its place, and added behind the others', () => {
  const body = writeMultipart([
    ['sig', 'old'],
    ['n', '1'],
  ]);
  expect(setPart(body, 'sig', 'new')).toEqual(
    writeMultipart([
      ['sig', 'new'],
      ['n', '1'],
    ]),
  );
  expect(read(setPart(body, 'sig', null))).toEqual([
    ['sig', ''],
    ['n', '1'],
  ]);
  expect(read(setPart(body, 'more', 'x'))).toEqual([...read(body), ['more', 'x']]);
  expect(read(appendParts(body, [['bytes', Buffer.from([0xff])]])).at(-1)).toEqual(['bytes', '\ufffd']);
});

const WHOLE = writeMultipart([['a', '1']]);
test.each<[what: string, type: string | null, body: Uint8Array, expected: boolean]>([
  ['without a content type', null, WHOLE, true],
  ['a quoted boundary', 'Multipart/Form-Data; charset=x; boundary="hookproof"', WHOLE, true],
  ['another boundary', 'multipart/form-data; boundary=other', WHOLE, false],
  ['another content type', 'application/x-www-form-urlencoded', WHOLE, false],
  ['no such body', 'multipart/form-data; boundary=hookproof', Buffer.from('a=1'), false],
])('which body is one: %s', (_, type, body, expected) => {
  expect(isMultipart({ headers: type === null ? [] : [['content-type', type]], body })).toBe(expected);
});

test('a body that breaks off has the fields before, and odd ones have none', () => {
  const two = writeMultipart([
    ['a', '1'],
    ['b', '2'],
  ]);
  const half = two.subarray(0, two.indexOf('name="b"') + 14);
  expect(read(half)).toEqual([['a', '1']]);
  expect(read(Buffer.from('--x\r\n\r\n\r\n--x--'))).toEqual([]);
  expect([boundaryOf(Buffer.from('--')), boundaryOf(Buffer.from(`--${'a'.repeat(80)}\r\n`))]).toEqual([null, null]);
});
