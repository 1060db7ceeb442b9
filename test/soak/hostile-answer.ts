import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import * as fc from 'fast-check';
import { INVISIBLE } from '../../src/model/json.ts';
import { readRequest } from '../helpers/raw-server.ts';

/** What an endpoint does with a connection that a request comes over. */
export interface HostileAnswer {
  /** What it waits for before it writes. */
  after: 'nothing' | 'first-bytes' | 'request';
  /** Written one after another. */
  parts: readonly Part[];
  /** How it ends; `open` leaves the client waiting. */
  ending: 'end' | 'half-close' | 'destroy' | 'reset' | 'open';
}

type Part =
  | { bytes: Buffer }
  /** Byte by byte, with a pause after each. */
  | { trickled: Buffer; pauseMs: number }
  /** Again and again, for as long as the client takes them. */
  | { poured: Buffer };

/** Gives the answers to the connections of a server, and to the requests that come over them, in turn. */
export function answerInTurn(answers: readonly HostileAnswer[]): {
  answer: (socket: Socket) => void;
  used: () => number;
} {
  let used = 0;
  const next = (): HostileAnswer => answers[used++ % answers.length] as HostileAnswer;
  const answer = (socket: Socket): void => {
    const first = next();
    const begin = ({ parts, ending }: HostileAnswer): void =>
      void carryOut(socket, parts, ending).catch(() => socket.destroy());
    let isFirst = true;
    if (first.after === 'nothing') begin(first);
    else if (first.after === 'first-bytes')
      socket.once('data', () => {
        // What follows of the request is never read.
        socket.pause();
        begin(first);
      });
    else
      readRequest(socket, () => {
        begin(isFirst ? first : next());
        isFirst = false;
      });
  };
  return { answer, used: () => used };
}

async function carryOut(socket: Socket, parts: readonly Part[], ending: HostileAnswer['ending']): Promise<void> {
  for (const part of parts) {
    if ('bytes' in part) await put(socket, part.bytes);
    else if ('trickled' in part)
      for (const byte of part.trickled) {
        await put(socket, Buffer.of(byte));
        await wait(part.pauseMs);
      }
    else while (!socket.destroyed) await put(socket, part.poured);
    if (socket.destroyed) return;
  }
  if (ending === 'end') socket.end(() => socket.destroy());
  else if (ending === 'half-close') socket.end();
  else if (ending === 'destroy') socket.destroy();
  else if (ending === 'reset') socket.resetAndDestroy();
}

/** Resolves when the system has them, or the client has gone. */
const put = (socket: Socket, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', resolve);
    socket.write(bytes, () => {
      socket.off('close', resolve);
      resolve();
    });
  });

/** What moves the cursor of a terminal, or is not seen. */
export const UNSAFE = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f${INVISIBLE}]`);

/** What commands a terminal, hides, or ends a line where none should end; as a test would never write it by hand. */
const ODD = [
  '\u001b[31m\u001b[2J',
  '\u001b]0;title\u0007',
  '\u001bP+q\u001b\\',
  '\u009b5n',
  '\u0000',
  '\u0007\b\u007f',
  '\r',
  '\u202e\u2066',
  '\u2028',
  '##[error]::error::x',
  '%s%n${7*7}',
  '__proto__',
  '"\\',
];
const oddText = fc.array(fc.oneof(fc.constantFrom(...ODD), fc.string({ maxLength: 12 })), { maxLength: 4 });
const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const odd = oddText.map((texts) => texts.join(''));
const oddBytes = fc.oneof(
  odd.map((text) => Buffer.from(text, 'utf8')),
  odd.map(latin),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const withoutLines = (bytes: Buffer): Buffer => latin(bytes.toString('latin1').replaceAll('\n', ' '));

const status = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('200', '204', '302', '400', '401', '410', '429', '500', '503', '304', '207'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('101', '100', '103', '99', '600', '999', '0', '-1', '20', '2000', '2e2', ''),
  },
  fc.integer({ min: 100, max: 599 }).map(String),
);
const version = fc.oneof(
  { weight: 12, arbitrary: fc.constant('HTTP/1.1') },
  fc.constantFrom('HTTP/1.0', 'HTTP/2', 'HTTP/1.10', 'http/1.1', 'HTTP/', 'ICY', 'HTTP/1.1\t', 'SIP/2.0'),
);
const reason = fc.oneof(
  { weight: 6, arbitrary: fc.constant(latin('OK')) },
  oddBytes,
  fc.constantFrom(0, 200, 70_000).map((length) => Buffer.alloc(length, 'r')),
);
const statusLine = fc
  .tuple(version, status, reason)
  .map(([one, code, words]) => Buffer.concat([latin(`${one} ${code} `), withoutLines(words)]));

const headerName = fc.oneof(
  fc.constantFrom('content-type', 'location', 'retry-after', 'set-cookie', 'x-a', 'date', 'connection', 'trailer'),
  fc.constantFrom('upgrade', 'link', '__proto__', 'constructor', '', ' x', 'x y', 'x\u0000', 'keep-alive'),
  odd.map((text) => text.replaceAll(/[\r\n]/g, '')),
);
const headerValue = fc.oneof(
  oddBytes,
  fc
    .constantFrom('1', '0', '-1', '99999999999999999999', 'Wed, 99 Foo 2026', 'http://127.0.0.1:1/\u001b[2J', 'close')
    .map(latin),
  fc.constantFrom(5000, 60_000).map((length) => Buffer.alloc(length, 'v')),
);
const header = fc
  .tuple(headerName, fc.constantFrom(': ', ':', ' : ', ''), headerValue)
  .map(([name, colon, value]) => Buffer.concat([latin(name + colon), withoutLines(value)]));

const BOMB_BYTES = 64 * 1024 * 1024;
const made = new Map<string, Buffer>();
/** A few kB that open to 64 MiB, made once. */
const bomb = (coding: string): Buffer => {
  let bytes = made.get(coding);
  if (bytes === undefined) made.set(coding, (bytes = BOMBS[coding]?.() ?? Buffer.alloc(0)));
  return bytes;
};
const BOMBS: Readonly<Record<string, () => Buffer>> = {
  gzip: () => gzipSync(Buffer.alloc(BOMB_BYTES)),
  deflate: () => deflateSync(Buffer.alloc(BOMB_BYTES)),
  'deflate, gzip': () => gzipSync(bomb('deflate')),
  br: () => brotliCompressSync(Buffer.alloc(BOMB_BYTES), { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: zstdBomb,
  'x-gzip': () => deflateRawSync(Buffer.alloc(BOMB_BYTES)),
};

const ZSTD_BLOCK_BYTES = 128 * 1024;

/** A frame of blocks that repeat one byte 128 KiB times each: RFC 8878, section 3.1.1.2. Node 20 makes no zstd. */
function zstdBomb(): Buffer {
  const [magic, noFlags, window] = [[0x28, 0xb5, 0x2f, 0xfd], 0, 0x38];
  const count = BOMB_BYTES / ZSTD_BLOCK_BYTES;
  const blocks = Array.from({ length: count }, (_, nth) => {
    const head = (ZSTD_BLOCK_BYTES * 8) | 2 | (nth === count - 1 ? 1 : 0);
    return [head & 0xff, (head >> 8) & 0xff, head >> 16, 0];
  });
  return Buffer.from([...magic, noFlags, window, ...blocks.flat()]);
}

const body = fc.oneof(
  oddBytes,
  fc.constantFrom('{"status":"ok"}', '[['.repeat(40_000), '{"a":'.repeat(30_000), '"\\ud800"', 'null').map(latin),
  fc.constantFrom(1, 65_535, 65_536, 65_537, 300_000).map((length) => Buffer.alloc(length, 'b')),
);

/** The headers that say how long the body is, and the body: right, or wrong in a way. */
const framed = body.chain((bytes) =>
  fc.oneof(
    fc.constant({ lines: [`content-length: ${bytes.length}`], bytes }),
    fc
      .constantFrom(
        '-1',
        '+3',
        '0x10',
        '1e3',
        '3, 3',
        '3, 4',
        '99999999999999999999',
        '',
        ' ',
        '3\u0000',
        '١',
        '4294967296',
      )
      .map((length) => ({ lines: [`content-length: ${length}`], bytes })),
    fc.constant({ lines: ['content-length: 3', `content-length: ${bytes.length}`], bytes }),
    fc.constant({ lines: [`content-length: ${bytes.length + 7}`], bytes }),
    fc.constant({ lines: [], bytes }),
    fc
      .constantFrom('chunked', 'Chunked', 'gzip, chunked', 'chunked, chunked', 'identity', 'xchunked')
      .chain((coding) => chunked(bytes).map((coded) => ({ lines: [`transfer-encoding: ${coding}`], bytes: coded }))),
    chunked(bytes).map((coded) => ({ lines: ['transfer-encoding: chunked', 'content-length: 5'], bytes: coded })),
    fc.constantFrom(...Object.keys(BOMBS)).map((coding) => ({
      lines: [`content-encoding: ${coding}`, `content-length: ${bomb(coding).length}`],
      bytes: bomb(coding),
    })),
    fc
      .constantFrom('gzip', 'br', 'deflate', 'zstd', 'gzip, '.repeat(50), 'compress', 'gz\u001b[2Jip')
      .map((coding) => ({
        lines: [`content-encoding: ${coding}`, `content-length: ${bytes.length}`],
        bytes,
      })),
    fc.constantFrom(10, 2000).map((length) => {
      const cut = bomb('gzip').subarray(0, length);
      return { lines: ['content-encoding: gzip', `content-length: ${cut.length}`], bytes: cut };
    }),
  ),
);

function chunked(bytes: Buffer): fc.Arbitrary<Buffer> {
  const good = Buffer.concat([latin(`${bytes.length.toString(16)}\r\n`), bytes, latin('\r\n0\r\n\r\n')]);
  return fc.oneof(
    fc.constant(good),
    fc
      .constantFrom(
        '-1',
        'zz',
        '',
        ' ',
        '0x5',
        '5 5',
        'fffffffffffffffff',
        'ffffffffffffffff',
        '5\u0000',
        '00000000000000000000',
      )
      .map((size) => Buffer.concat([latin(`${size}\r\n`), bytes, latin('\r\n0\r\n\r\n')])),
    fc.constant(Buffer.concat([latin(`${bytes.length.toString(16)};${'x'.repeat(20_000)}\r\n`), bytes])),
    fc.constant(Buffer.concat([latin('3\r\nabcdef\r\n0\r\n\r\n')])),
    fc.constant(Buffer.concat([good.subarray(0, -2), latin('x-trailer: \u001b[2J\r\n'.repeat(5000))])),
    fc.constant(latin('1\r\na\r\n'.repeat(20_000))),
  );
}

const INTERIMS = [
  Buffer.alloc(0),
  latin('HTTP/1.1 103 Early Hints\r\nlink: \u001b[2J\r\n\r\n'.repeat(20)),
  latin('HTTP/1.1 100 Continue\r\n\r\n'.repeat(10_000)),
];

/** An answer of HTTP that is nearly right. */
const nearlyHttp = fc
  .tuple(
    fc.oneof({ weight: 6, arbitrary: fc.constant(INTERIMS[0] as Buffer) }, fc.constantFrom(...INTERIMS)),
    statusLine,
    fc.array(header, { maxLength: 5 }),
    framed,
    fc.oneof({ weight: 6, arbitrary: fc.constant('\r\n') }, fc.constantFrom('\n', '\r', '\n\r')),
  )
  .map(([interim, line, headers, { lines, bytes }, end]) => {
    const head = [line, ...headers, ...lines.map(latin), Buffer.alloc(0)].flatMap((one) => [one, latin(end)]);
    return Buffer.concat([interim, ...head, bytes]);
  });

const parts: fc.Arbitrary<readonly Part[]> = fc.oneof(
  { weight: 12, arbitrary: nearlyHttp.map((bytes) => [{ bytes }]) },
  // Cut anywhere, and the rest trickled or never written.
  fc
    .tuple(nearlyHttp, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([bytes, share]) => [{ bytes: bytes.subarray(0, bytes.length * share) }]),
  fc
    .tuple(nearlyHttp, fc.integer({ min: 0, max: 200 }))
    .map(([bytes, at]) => [{ bytes: bytes.subarray(0, at) }, { trickled: bytes.subarray(at), pauseMs: 3 }]),
  fc
    .constantFrom(
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.1 200 OK\r\n\r\n',
      'HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n',
      '',
    )
    .chain((start) =>
      fc
        .oneof(
          fc.constantFrom(
            `x-endless: ${'a'.repeat(1000)}\r\n`.repeat(20),
            'x'.repeat(20_000),
            '\r\n'.repeat(5000),
            'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(500),
            '1\r\na\r\n'.repeat(2000),
            `5;${'e'.repeat(10_000)}\r\nabcde\r\n`,
            '0\r\nx: y\r\n'.repeat(1000),
            '\u001b[2J'.repeat(5000),
          ),
        )
        .map((poured) => [{ bytes: latin(start) }, { poured: latin(poured) }]),
    ),
  oddBytes.map((bytes) => [{ bytes }]),
  fc.constant([]),
);

/** Any answer that an endpoint should not give. */
export const hostileAnswer: fc.Arbitrary<HostileAnswer> = fc.record({
  after: fc.oneof(
    { weight: 6, arbitrary: fc.constant('request' as const) },
    fc.constantFrom('nothing' as const, 'first-bytes' as const),
  ),
  parts,
  ending: fc.oneof(
    { weight: 4, arbitrary: fc.constant('end' as const) },
    fc.constantFrom('half-close' as const, 'destroy' as const, 'reset' as const, 'open' as const),
  ),
});
