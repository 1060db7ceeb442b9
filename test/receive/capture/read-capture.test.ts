import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CapturedRequest } from '../../../src/receive/capture/captured-request.ts';
import { readCaptures } from '../../../src/receive/capture/read-capture.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runCommandLine } from '../../helpers/program.ts';

const read = (text: string | Uint8Array, body?: string): Promise<CapturedRequest[]> =>
  readCaptures(Buffer.from(text), body === undefined ? undefined : Buffer.from(body));
const one = async (text: string | Uint8Array, body?: string): Promise<CapturedRequest> =>
  (await read(text, body))[0] as CapturedRequest;
const textOf = ({ body }: CapturedRequest): string => Buffer.from(body).toString();

const HEAD = [
  'POST /hook?a=1 HTTP/1.1',
  'Host: example.org',
  'X-Mailkite-SIGNATURE:t=1,v1=ab',
  'x-mailkite-signature:  two ',
];
const PAIRS = [
  ['Host', 'example.org'],
  ['X-Mailkite-SIGNATURE', 't=1,v1=ab'],
  ['x-mailkite-signature', 'two'],
];

test.each(['\r\n', '\n'])(
  'raw HTTP with line ends %j: order and case of headers are kept, the body is its bytes',
  async (end) => {
    const found = await one(`${end}${[...HEAD, '', '{"a":\r\n"é"}\r\n'].join(end)}`);
    expect(found).toMatchObject({
      source: 'http',
      method: 'POST',
      path: '/hook?a=1',
      headers: PAIRS,
      isCutOff: false,
      receivedAtMs: null,
      vendor: null,
    });
    expect(textOf(found)).toBe('{"a":\r\n"é"}\r\n');
  },
);

const raw = (header: string, body: string): string => `POST / HTTP/1.1\r\n${header}\r\n\r\n${body}`;
test.each<[what: string, text: string, body: string, isCutOff: boolean]>([
  ['no body', 'POST / HTTP/1.1\r\nA: b\r\n\r\n', '', false],
  ['headers alone', 'POST / HTTP/1.1\r\nA: b', '', false],
  ['the editor’s line break behind Content-Length', raw('Content-Length: 2', 'ab\n'), 'ab', false],
  ['a line break that belongs to the body', raw('Content-Length: 3', 'ab\n'), 'ab\n', false],
  ['more than announced stays', raw('Content-Length: 2', 'abc'), 'abc', false],
  ['less than announced', raw('Content-Length: 9', 'ab'), 'ab', false],
  ['a length that is none', raw('Content-Length: many', 'ab'), 'ab', false],
  [
    'chunked',
    raw('Transfer-Encoding: chunked', '3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n'),
    'abc0123456789',
    false,
  ],
  ['chunked, saved with LF', raw('transfer-encoding: gzip, CHUNKED', '3\nabc\n0\n\n'), 'abc', false],
  ['chunked with trailers', raw('Transfer-Encoding: chunked', '1\r\na\r\n0\r\nX: y\r\n\r\n'), 'a', false],
  ['chunked, the last chunk cut', raw('Transfer-Encoding: chunked', '3\r\nabc\r\nff\r\nde'), 'abcde', true],
  ['chunked, without its end', raw('Transfer-Encoding: chunked', '3\r\nabc\r\n'), 'abc', true],
  ['chunked, decoded before', raw('Transfer-Encoding: chunked', '{"a":1}'), '{"a":1}', false],
  ['a folded header', 'POST / HTTP/1.1\r\nA: b\r\n  c\r\n\r\nx', 'x', false],
])('raw HTTP: %s', async (_, text, body, isCutOff) => {
  const found = await read(text);
  expect(found).toHaveLength(1);
  expect(found.map(textOf)).toEqual([body]);
  expect(found[0]?.isCutOff).toBe(isCutOff);
});

test.each<[what: string, header: string, body: string, note: RegExp | null]>([
  ['its own length', 'Content-Length: 2', 'ab', null],
  ['one line', 'A: b', '{"a":1}', null],
  ['several lines and its own length', 'Content-Length: 12', '{\n  "a": 1\n}', null],
  ['several lines, and nothing counts them', 'A: b', '{\r\n  "a": 1\r\n}', /multi-line JSON of unknown length/],
  [
    'another length',
    'Content-Length: 7',
    '{\n  "a": 1\n}',
    /^Content-Length says 7 bytes of body, but the capture has 12/,
  ],
  [
    'another length, for it was unpacked',
    'Content-Encoding: gzip\r\nContent-Length: 31',
    '{"a":1}',
    /has 7: .* sent compressed \(gzip\)/,
  ],
])('raw HTTP: a body of %s', async (_, header, body, note) => {
  expect((await one(raw(header, body))).notes).toEqual(note === null ? [] : [expect.stringMatching(note)]);
  expect((await one(raw(header, body), 'given')).notes).toEqual([]);
});

test.each<[what: string, text: string, message: RegExp]>([
  [
    'without a length',
    `${raw('A: b', '{"a":1}')}\n${raw('Content-Length: 1', 'c')}`,
    /^line 5 of the capture looks like another request, but the one before has no Content-Length/,
  ],
  [
    'with one that is too long',
    raw('Content-Length: 9', 'ab\n') + raw('A: b', 'c'),
    /line 5 .* has a Content-Length \(9\) that does not match/,
  ],
  [
    'with one that ends in the other',
    raw('Content-Length: 60', 'ab\n') + raw('A: b', 'c'.repeat(50)),
    /line 5 .* \(60\) that does not match/,
  ],
  [
    'with one that is too short',
    raw('Content-Length: 1', 'ab\n') + raw('A: b', 'c'),
    /line 5 .* \(1\) that does not match/,
  ],
])('a request %s before another is not taken for one with it', async (_, text, message) => {
  await expect(read(text)).rejects.toThrow(
    expect.objectContaining({
      kind: 'input',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('its own file'),
    }),
  );
});

test('a body may tell of requests: with its length, or not at the beginning of a line', async () => {
  const inner = 'log\nPOST / HTTP/1.1\n\nx';
  expect((await read(raw(`Content-Length: ${inner.length}`, inner))).map(textOf)).toEqual([inner]);
  expect((await read(raw('A: b', '{"log":"\\nPOST / HTTP/1.1\\n"}'))).map(textOf)).toEqual([
    '{"log":"\\nPOST / HTTP/1.1\\n"}',
  ]);
  expect(await read(raw('A: b', ' HTTP/'.repeat(2_000_000)))).toHaveLength(1);
});

test('a GET has no body: the next request begins behind its headers', async () => {
  expect(
    (await read(`GET /a HTTP/1.1\nA: b\n\n${raw('A: b', 'c')}`)).map(({ path, body }) => [
      path,
      Buffer.from(body).toString(),
    ]),
  ).toEqual([
    ['/a', ''],
    ['/', 'c'],
  ]);
});

test('several raw requests one behind the other', async () => {
  const text = `${raw('Content-Length: 2', 'ab')}\r\n${raw('Transfer-Encoding: chunked', '1\r\nc\r\n0\r\n\r\n')}${raw('A: b', 'd')}`;
  expect((await read(text)).map(textOf)).toEqual(['ab', 'c', 'd']);
});

const line = (extra: object = {}): object => ({
  event: 'request',
  receivedAt: '2026-11-01T09:00:00.500Z',
  method: 'POST',
  path: '/hook',
  headers: PAIRS,
  bodyBase64: 'YWI=',
  vendor: 'mailkite',
  ...extra,
});

test('lines of listen --json: all requests, in order; other lines are left out', async () => {
  const text = [
    { schemaVersion: 2, event: 'ready', url: 'http://127.0.0.1:1' },
    line(),
    line({ bodyBase64: '', vendor: null, receivedAt: undefined }),
  ]
    .map((value) => JSON.stringify(value))
    .join('\r\n');
  const common = {
    source: 'json',
    method: 'POST',
    path: '/hook',
    url: null,
    notes: [],
    headers: PAIRS,
    isCutOff: false,
  };
  expect(await read(`${text}\n\n`)).toEqual([
    {
      ...common,
      body: Buffer.from('ab'),
      receivedAtMs: Date.parse('2026-11-01T09:00:00.500Z'),
      vendor: 'mailkite',
    },
    {
      ...common,
      body: Buffer.alloc(0),
      receivedAtMs: null,
      vendor: null,
    },
  ]);
});

test('one document over several lines, with an event of a vendor and a URL, as send --dry-run --json or jq writes it', async () => {
  const found = await one(
    JSON.stringify(line({ event: 'optin', path: undefined, url: 'https://example.org/x?y' }), null, 2),
  );
  expect(found).toMatchObject({ path: '/x?y', url: 'https://example.org/x?y', notes: [], body: Buffer.from('ab') });
});

test('what PowerShell wrote as UTF-16, and a byte order mark', async () => {
  const text = JSON.stringify(line());
  expect((await one(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]))).path).toBe('/hook');
  expect((await one(`\ufeff${text}`)).path).toBe('/hook');
});

test.each<[what: string, text: string | Uint8Array, message: RegExp]>([
  ['nothing', '', /contains no request/],
  ['white space', ' \r\n ', /contains no request/],
  ['only a ready line', '{"event":"ready"}', /contains no request/],
  ['half a line', `${JSON.stringify(line())}\n{"event":"req`, /line 2 of the capture is not valid JSON/],
  ['a list behind a line', `${JSON.stringify(line())}\n[]`, /line 2 of the capture is not a JSON object/],
  ['no body', JSON.stringify(line({ bodyBase64: undefined })), /the capture has no "bodyBase64"/],
  ['a body that is no base64', JSON.stringify(line({ bodyBase64: 'a b' })), /no "bodyBase64"/],
  ['headers as an object', JSON.stringify(line({ headers: { a: 'b' } })), /no "headers" as a list/],
  ['a header of three parts', JSON.stringify(line({ headers: [['a', 'b', 'c']] })), /no "headers" as a list/],
  ['a time that is none', JSON.stringify(line({ receivedAt: 'yesterday' })), /not an ISO time/],
  ['a method that is no text', JSON.stringify(line({ method: 1 })), /not text/],
  ['a response', 'HTTP/1.1 200 OK\r\n\r\n', /not a request that can be read/],
  ['binary', Buffer.alloc(5000, 0xfe), /not a request that can be read/],
  ['a header without colon', 'POST / HTTP/1.1\r\nhello\r\n\r\n', /header line 1 of the capture/],
  ['a million headers', `POST / HTTP/1.1\r\n${'A: b\r\n'.repeat(1_000_000)}`, /more than 2000 header lines/],
  [
    'a document of more values than anything real',
    `{"bodyBase64":[${'[],'.repeat(1_000_000)}[]]}`,
    /the capture is JSON with more than a million/,
  ],
  [
    'such a line behind another',
    `${JSON.stringify(line())}\n{"a":[${'[],'.repeat(1_000_000)}[]]}`,
    /line 2 of the capture is JSON with more than a million/,
  ],
  ['lists within lists', `{"a":${'['.repeat(900_000)}`, /is not valid JSON/],
  ['curl -v without a body', '> POST / HTTP/1.1\n> A: b\n>\n', /curl -v shows the headers but not the body/],
  ['a trace without bytes', '=> Send header, 5 bytes (0x5)\n0000: POST / HTTP/1.1\n', /has no bytes/],
])('%s is an error that says what is wrong', async (_, text, message) => {
  await expect(read(text)).rejects.toThrow(
    expect.objectContaining({ kind: 'input', message: expect.stringMatching(message) }),
  );
});

test('a body that is given takes the place of one that is not there', async () => {
  expect(textOf(await one('> POST /x HTTP/1.1\n> A: b\n>\n< HTTP/1.1 200 OK\n', 'given'))).toBe('given');
  expect(
    await one('> POST /a HTTP/1.1\n> A: b\n>\n< HTTP/1.1 308 Moved\n* again\n> POST /b HTTP/1.1\n> C: d\n> \n', ''),
  ).toMatchObject({ path: '/b', headers: [['C', 'd']] });
  expect(textOf(await one(raw('A: b', ''), 'given'))).toBe('given');
  await expect(read(raw('Content-Length: 0', '') + raw('A: b', ''), 'x')).rejects.toThrow(/contains 2 requests/);
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;

test.skipIf(!hasCurl)('what the real curl writes: -v with the body beside it, --trace with everything', async () => {
  const endpoint = await openEndpoint();
  const trace = join(testFolder(), 'trace.txt');
  const body = `{"text":"Grüße\\r\\n${'x'.repeat(5000)}"}`;
  const given = [
    '-s',
    '-H',
    'X-Mail2Many-SIGNATURE: ab',
    '-H',
    'Content-Type: application/json',
    '--data-binary',
    '@-',
    endpoint.url,
  ];
  const verbose = await runCommandLine('curl', ['-v', ...given], { input: body });
  await runCommandLine('curl', ['--trace', trace, '--trace-time', '-H', 'Transfer-Encoding: chunked', ...given], {
    input: body,
  });
  const digest = createHash('sha256').update(body).digest('hex');
  for (const [index, found] of [await one(verbose.stderr, body), await one(readFileSync(trace))].entries()) {
    expect(found).toMatchObject({ source: 'curl', method: 'POST', path: '/hook', isCutOff: false });
    expect(createHash('sha256').update(found.body).digest('hex')).toBe(digest);
    const { rawHeaders = [] } = endpoint.seen[index] ?? {};
    expect(found.headers.flat()).toEqual(rawHeaders);
  }
});
