import { execFile } from 'node:child_process';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { AnswerReader } from '../../src/deliver/answer-reader.ts';
import { openAnswering, openClosing } from '../helpers/raw-server.ts';
import { attemptTo } from '../helpers/send-once.ts';

/** Status and body; null where the answer is none, or not whole. */
type Told = { status: number; body: string } | null;

function askCurl(port: number): Promise<Told> {
  const args = ['-sS', '--http1.1', '--compressed', '--noproxy', '*', '-m', '5', '-X', 'POST', '-d', '{"n":1}'];
  return new Promise((resolve, reject) => {
    execFile(
      'curl',
      [...args, '-w', '\n%{http_code}', `http://127.0.0.1:${port}/`],
      { encoding: 'latin1' },
      (error, stdout) => {
        if (error !== null && typeof error.code !== 'number') {
          reject(error);
          return;
        }
        const cut = stdout.lastIndexOf('\n');
        resolve(error === null ? { status: Number(stdout.slice(cut + 1)), body: stdout.slice(0, cut) } : null);
      },
    );
  });
}

async function ask(port: number): Promise<Told> {
  const attempt = await attemptTo(`http://127.0.0.1:${port}/`, { timeoutMs: 5000 });
  if (attempt.outcome === 'unreachable') return null;
  return { status: attempt.status ?? 0, body: Buffer.from(attempt.responseBody).toString('latin1') };
}

const gzip = gzipSync('ok');
const withHead = (head: string, body: Buffer): Buffer => Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
const coded = (coding: string, body: Buffer): Buffer =>
  withHead(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}`, body);
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

/** Answered, and the connection stays open: its end must not be needed. */
const STAYS_OPEN: readonly [what: string, answer: string | Buffer][] = [
  ['plain', OK],
  ['100 Continue unasked', `HTTP/1.1 100 Continue\r\n\r\n${OK}`],
  ['two 100 Continue', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\nX: y\r\n\r\n${OK}`],
  ['102, 103 and 199', `HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 199 X\r\n\r\n${OK}`],
  ['100 with a Content-Length', `HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n${OK}`],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ['204 with Content-Length: 0', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'],
  ['204 with a Content-Length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'],
  ['204 with a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello'],
  ['204 with chunks', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['304 with a Content-Length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
  ['205', 'HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n'],
  ['no reason phrase', 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok'],
  ['no reason phrase and no space', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok'],
  ['a reason phrase in UTF-8', 'HTTP/1.1 200 In Ordnung – ja\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/1.0 with chunks', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/1.9', 'HTTP/1.9 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/2', 'HTTP/2 200\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/2.0', 'HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['lower-case http', 'http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['status 299', 'HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nok'],
  ['status 600', 'HTTP/1.1 600 Odd\r\nContent-Length: 2\r\n\r\nok'],
  ['status 999', 'HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok'],
  ['status 99', 'HTTP/1.1 99 Odd\r\nContent-Length: 2\r\n\r\nok'],
  ['status 0200', 'HTTP/1.1 0200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['status 2000', 'HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['two spaces before the status', 'HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['a tab before the status', 'HTTP/1.1\t200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['status glued to its phrase', 'HTTP/1.1 200OK\r\nContent-Length: 2\r\n\r\nok'],
  ['status in words', 'HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['an empty line first', `\r\n${OK}`],
  ['LF alone', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
  ['LF and CRLF by turns', 'HTTP/1.1 200 OK\nContent-Length: 2\r\nX: y\n\r\nok'],
  ['chunks with LF alone', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n'],
  ['CR alone in a header', 'HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 2\r\n\r\nok'],
  ['a folded header', 'HTTP/1.1 200 OK\r\nX-Long: a\r\n b\r\n\tc\r\nContent-Length: 2\r\n\r\nok'],
  ['a folded Content-Length', 'HTTP/1.1 200 OK\r\nX: y\r\nContent-Length:\r\n 2\r\n\r\nok'],
  ['a fold behind the status line', 'HTTP/1.1 200 OK\r\n folded\r\nContent-Length: 2\r\n\r\nok'],
  ['no space behind a colon', 'HTTP/1.1 200 OK\r\nContent-Length:2\r\n\r\nok'],
  ['a tab behind a colon', 'HTTP/1.1 200 OK\r\nContent-Length:\t2\t\r\n\r\nok'],
  ['a space before a colon', 'HTTP/1.1 200 OK\r\nX-A : b\r\nContent-Length: 2\r\n\r\nok'],
  ['a space in the name of a header', 'HTTP/1.1 200 OK\r\nbad header: 1\r\nContent-Length: 2\r\n\r\nok'],
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\nok'],
  ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\nok'],
  ['an empty header', 'HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Length: 2\r\n\r\nok'],
  ['a header in latin1', Buffer.from('HTTP/1.1 200 OK\r\nX: Gr\u00fc\u00dfe\r\nContent-Length: 2\r\n\r\nok', 'latin1')],
  ['NUL in a header', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok'],
  ['NUL in a name', 'HTTP/1.1 200 OK\r\nX\0: b\r\nContent-Length: 2\r\n\r\nok'],
  ['two equal Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok'],
  ['Content-Length: 2, 2', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok'],
  [
    'two Content-Length that differ, the longer first',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 2\r\n\r\nok',
  ],
  [
    'two Content-Length that differ, the shorter first',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok',
  ],
  ['Content-Length in words', 'HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok'],
  ['a negative Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n'],
  ['Content-Length: +2', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok'],
  ['Content-Length: 02', 'HTTP/1.1 200 OK\r\nContent-Length: 02\r\n\r\nok'],
  ['Content-Length: 2.0', 'HTTP/1.1 200 OK\r\nContent-Length: 2.0\r\n\r\nok'],
  [
    'chunked beside a Content-Length',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  [
    'chunked before a Content-Length',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  ['chunks', `${CHUNKED}1\r\no\r\n1\r\nk\r\n0\r\n\r\n`],
  ['CHUNKED', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ['identity, chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ['a size with an extension', `${CHUNKED}2;a=b;c="d;e"\r\nok\r\n0;x\r\n\r\n`],
  ['a size with spaces behind', `${CHUNKED}2  \r\nok\r\n0 \r\n\r\n`],
  ['a size with zeros before', `${CHUNKED}0002\r\nok\r\n0000\r\n\r\n`],
  ['a size in capitals', `${CHUNKED}A\r\n0123456789\r\n0\r\n\r\n`],
  ['trailers', `${CHUNKED}2\r\nok\r\n0\r\nX-Sum: 1\r\nX-Two: 2\r\n\r\n`],
  ['a size that is none', `${CHUNKED}zz\r\nok\r\n0\r\n\r\n`],
  ['a size with a space before', `${CHUNKED} 2\r\nok\r\n0\r\n\r\n`],
  ['a size of too many digits', `${CHUNKED}00000000000000000002\r\nok\r\n0\r\n\r\n`],
  ['a chunk longer than its size', `${CHUNKED}1\r\nok\r\n0\r\n\r\n`],
  ['gzip', coded('gzip', gzip)],
  ['x-gzip', coded('x-gzip', gzip)],
  ['GZIP', coded('GZIP', gzip)],
  ['deflate', coded('deflate', deflateSync('ok'))],
  ['deflate without zlib', coded('deflate', deflateRawSync('ok'))],
  ['brotli', coded('br', brotliCompressSync('ok'))],
  ['gzip of gzip', coded('gzip, gzip', gzipSync(gzip))],
  ['identity', coded('identity', Buffer.from('ok'))],
  ['gzip of nothing', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n'],
  [
    'gzip in chunks',
    withHead(
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked',
      Buffer.concat([Buffer.from(`${gzip.length.toString(16)}\r\n`), gzip, Buffer.from('\r\n0\r\n\r\n')]),
    ),
  ],
  ['an early redirect', 'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'],
  ['401 with a challenge', 'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno'],
];

/** The end of the connection ends the answer, or breaks it off. */
const CLOSES: readonly [what: string, answer: string | Buffer][] = [
  ['a body until the end', 'HTTP/1.1 200 OK\r\n\r\nok'],
  ['a body until the end of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nok'],
  ['no header at all', 'HTTP/1.1 200 OK\r\n\r\n'],
  ['gzip until the end', withHead('HTTP/1.1 200 OK\r\nContent-Encoding: gzip', gzip)],
  ['Transfer-Encoding: identity', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok'],
  ['a body shorter than announced', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'],
  ['a chunk that breaks off', `${CHUNKED}9\r\nok`],
  ['no last chunk', `${CHUNKED}2\r\nok\r\n`],
  ['no line behind the last chunk', `${CHUNKED}2\r\nok\r\n0\r\n`],
  ['a head that breaks off', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['a status line alone', 'HTTP/1.1 200 OK\r\n'],
  ['a status line without an end', 'HTTP/1.1 200 OK'],
  ['a 100 alone', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['nothing', ''],
  ['no HTTP', 'hello\r\n\r\n'],
  ['HTML alone', '<html>ok</html>'],
  ['another protocol', '220 mx.example ESMTP\r\n'],
];

/** Where we differ from curl, on purpose. */
const OURS: Readonly<Record<string, Told>> = {
  // RFC 9112 §5.2: a fold is white space.
  'a folded Content-Length': { status: 200, body: 'ok' },
  // What has no end is no answer: who sent it may have died.
  'a head that breaks off': null,
  'a status line alone': null,
};

const hasCurl = await askCurl(1).then(
  () => true,
  () => false,
);

test.skipIf(!hasCurl).each(STAYS_OPEN)('an answer with %s is read as curl reads it', async (what, answer) => {
  const port = await openAnswering(answer);
  await expectAsCurl(what, port);
});

test.skipIf(!hasCurl).each(CLOSES)('%s, and the end, is read as curl reads it', async (what, answer) => {
  await expectAsCurl(what, await openClosing(answer));
});

async function expectAsCurl(what: string, port: number): Promise<void> {
  const [ours, curls] = await Promise.all([ask(port), askCurl(port)]);
  if (what in OURS) {
    expect(ours).toEqual(OURS[what]);
    expect(curls, 'curl has come to agree').not.toEqual(ours);
  } else expect(ours).toEqual(curls);
}

test('an answer is the same in one piece, byte by byte, and in any two pieces', () => {
  for (const [what, answer] of [...STAYS_OPEN, ...CLOSES]) {
    const bytes = Buffer.from(answer);
    const whole = readPieces([bytes]);
    expect(readPieces([...bytes].map((byte) => Buffer.from([byte]))), what).toEqual(whole);
    for (let at = 1; at < bytes.length; at++)
      expect(readPieces([bytes.subarray(0, at), bytes.subarray(at)]), `${what}, cut at ${at}`).toEqual(whole);
  }
});

test('a head that comes again is read by what was asked, and is not taken for one that only begins like it', () => {
  const whole = readPieces([Buffer.from(OK)]);
  expect(readPieces([Buffer.from(OK)])).toEqual(whole);
  expect(readPieces([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')], 'HEAD')).toMatchObject({
    head: { framing: { kind: 'none' } },
    body: '',
    ended: undefined,
  });
  expect(readPieces([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok')])).toMatchObject({
    head: {
      headers: [
        ['Content-Length', '2'],
        ['X-A', 'b'],
      ],
    },
    body: 'ok',
  });
  expect(readPieces([Buffer.from(OK)])).toEqual(whole);
});

/** Head and body, or the code of the failure that ended it. What comes behind the answer is not looked at. */
function readPieces(pieces: readonly Buffer[], method = 'POST'): unknown {
  const body: Buffer[] = [];
  const reader = new AnswerReader(method, {
    onBody: (bytes) => body.push(Buffer.from(bytes)),
    onInterim: () => undefined,
  });
  try {
    for (const piece of pieces) {
      // As the socket does it: the next bytes come to where these were.
      const shared = Buffer.from(piece);
      if (!reader.isComplete) reader.read(shared);
      shared.fill('#');
    }
    const ended = reader.end() as NodeJS.ErrnoException | null;
    return { head: reader.head, body: Buffer.concat(body).toString('latin1'), ended: ended?.code };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
