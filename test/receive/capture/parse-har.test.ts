import { expect, test } from 'vitest';
import type { CapturedRequest } from '../../../src/receive/capture/captured-request.ts';
import { readCaptures } from '../../../src/receive/capture/read-capture.ts';

const URL_CALLED = 'https://hooks.example.org/in?b=%7e&a=1';

/** A HAR 1.2 as a browser or proxy saves it, with these requests. */
const har = (...requests: object[]): string =>
  JSON.stringify({
    log: {
      version: '1.2',
      creator: { name: 'test', version: '1' },
      pages: [],
      entries: requests.map((request) => ({
        startedDateTime: '2026-11-01T10:00:00.500+01:00',
        time: 12,
        request: { method: 'POST', url: URL_CALLED, httpVersion: 'HTTP/1.1', headers: [], bodySize: -1, ...request },
        response: { status: 200, content: { mimeType: 'text/plain', text: 'ok' } },
      })),
    },
  });

const read = (text: string, body?: string): Promise<CapturedRequest[]> =>
  readCaptures(Buffer.from(text), body === undefined ? undefined : Buffer.from(body));
const one = async (request: object, body?: string): Promise<CapturedRequest> =>
  (await read(har(request), body))[0] as CapturedRequest;
const header = (name: string, value: string): object => ({ name, value });

test('all entries, in order, with the URL letter by letter and without the headers of HTTP/2', async () => {
  const headers = [header(':authority', 'x'), header('x-signature', 'ab'), header('X-Signature', ' cd')];
  const [first, second, ...others] = await read(
    har({ headers, postData: { mimeType: 'application/json', text: '{"a":"é"}' } }, { method: 'GET', url: 'http://h' }),
  );
  expect(first).toEqual({
    source: 'har',
    method: 'POST',
    path: '/in?b=%7e&a=1',
    url: URL_CALLED,
    headers: [
      ['x-signature', 'ab'],
      ['X-Signature', ' cd'],
    ],
    body: Buffer.from('{"a":"é"}'),
    isCutOff: false,
    receivedAtMs: Date.parse('2026-11-01T09:00:00.500Z'),
    vendor: null,
    notes: [],
  });
  expect(second).toMatchObject({ method: 'GET', path: '/', url: 'http://h/', body: Buffer.alloc(0) });
  expect(others).toEqual([]);
});

const NOT_SENT = /not (?:the bytes|those) that were sent/;
const PUT_TOGETHER = /rebuilt/;
const FORM = 'application/x-www-form-urlencoded';
const fields = [
  { name: 'to', value: 'a b' },
  { name: 'q', value: 'é&=' },
];
test.each<[what: string, request: object, body: string | number[], note: RegExp | null]>([
  ['text', { postData: { text: '{"a":1}' } }, '{"a":1}', null],
  ['no body', {}, '', null],
  ['base64', { postData: { text: '//4A', encoding: 'base64' } }, [0xff, 0xfe, 0], null],
  ['base64 by another name', { postData: { text: '//4A', _encoding: 'base64' } }, [0xff, 0xfe, 0], null],
  ['text that says base64', { postData: { text: 'YWI=' } }, 'YWI=', null],
  ['text of the length that was sent', { bodySize: 8, postData: { text: '{"a":\n1}' } }, '{"a":\n1}', null],
  ['text of another length', { bodySize: 9, postData: { text: '{"a":1}' } }, '{"a":1}', /the HAR counts 9 .* has 7/],
  [
    'another length, by the sender',
    { bodySize: 7, headers: [header('content-length', '10')], postData: { text: '{"a":1}' } },
    '{"a":1}',
    /Content-Length says 10|the HAR counts 10/,
  ],
  ['text that is left out', { bodySize: 70 }, '', NOT_SENT],
  ['Latin-1 by its length', { bodySize: 3, postData: { text: 'a\u00ff\u0080' } }, [0x61, 0xff, 0x80], null],
  ['UTF-8 by its length', { bodySize: 5, postData: { text: 'a\u00ff\u0080' } }, 'a\u00ff\u0080', null],
  ['what was no UTF-8', { postData: { text: 'a\ufffd' } }, 'a\ufffd', NOT_SENT],
  ['half a surrogate pair', { postData: { text: 'a\ud83d' } }, 'a\ufffd', NOT_SENT],
  ['JSON on lines', { postData: { text: '{\n  "a": 1\n}' } }, '{\n  "a": 1\n}', /multi-line JSON/],
  ['a form with its text', { postData: { mimeType: FORM, text: 'to=a%20b', params: fields } }, 'to=a%20b', null],
  ['a form', { postData: { mimeType: FORM, params: fields } }, 'to=a+b&q=%C3%A9%26%3D', PUT_TOGETHER],
  ['a form by its length', { bodySize: 23, postData: { params: fields } }, 'to=a%20b&q=%C3%A9%26%3D', PUT_TOGETHER],
  [
    'a form of encoded fields',
    { postData: { mimeType: FORM, text: '', params: [{ name: 'a', value: 'x%20y+z' }, { name: 'b' }] } },
    'a=x%20y+z&b=',
    PUT_TOGETHER,
  ],
  [
    'a multipart form',
    { postData: { mimeType: 'multipart/form-data; boundary=x', params: fields } },
    '',
    /--body FILE/,
  ],
])('the body of %s', async (_, request, body, note) => {
  const found = await one(request);
  expect(Buffer.from(found.body)).toEqual(Buffer.from(body as string));
  expect(found.notes).toEqual(note === null ? [] : [expect.stringMatching(note)]);
  const given = await one(request, 'given');
  expect(Buffer.from(given.body).toString()).toBe('given');
  expect(given.notes).toEqual([]);
});

test('a field of 16 MiB is in the body of a form', async () => {
  const value = 'x'.repeat(16 * 1024 * 1024);
  const { body } = await one({ postData: { mimeType: FORM, text: '', params: [{ name: 'a', value }] } });
  expect(body.length).toBe(value.length + 2);
});

test.each<[what: string, text: string, message: RegExp]>([
  ['no entries', har(), /contains no request/],
  ['a log that is none', '{"log":{"entries":"x"}}', /the HAR has no list of "entries"/],
  ['an entry without request', '{"log":{"entries":[{"response":{}}]}}', /entry 1 of the HAR has no "request"/],
  ['a path for a URL', har({}, { url: '/in' }), /entry 2 of the HAR has no "url" with scheme and host/],
  ['no method', har({ method: 1 }), /has no "method"/],
  ['a method of two lines', har({ method: 'GET\n' }), /has no "method"/],
  ['headers as an object', har({ headers: { a: 'b' } }), /has no list of "headers"/],
  ['a header without value', har({ headers: [{ name: 'a' }] }), /has a header without name or value/],
  ['a header of a strange name', har({ headers: [header('a b', 'c')] }), /has the header "a b"/],
  ['broken base64', har({ postData: { text: 'a b', encoding: 'base64' } }), /has a body that is not base64/],
  ['a time that is none', har({}).replace('2026-11', 'soon'), /"startedDateTime" that is not an ISO time/],
  [
    'more than any browser saves',
    `{"log":{"entries":[${'{},'.repeat(1_000_000)}{}]}}`,
    /JSON with more than a million values/,
  ],
])('%s is an error that says what is wrong', async (_, text, message) => {
  await expect(read(text)).rejects.toThrow(
    expect.objectContaining({ kind: 'input', message: expect.stringMatching(message) }),
  );
});
