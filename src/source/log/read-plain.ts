import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../model/error.ts';
import { makeUtf8Converter } from '../../model/utf-16.ts';

/** Bytes that begin a packed file, and the program that unpacks it. */
const PACKED = [
  ['1f8b', 'gunzip'],
  ['28b52ffd', 'zstdcat'],
  ['fd377a58', 'xzcat'],
  ['425a68', 'bzcat'],
  ['504b0304', 'unzip -p'],
] as const;

/** So many bytes tell how a file is packed and encoded. */
const OPENING = 4;

/** A log as UTF-8, unpacked if gzip has packed it. Throws AppError `input` if another did, or it is broken. */
export async function* readPlain(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { opening, all } = await readOpening(chunks);
  const packer = packerOf(opening);
  if (packer !== null && packer !== 'gunzip')
    throw new AppError('input', 'the log is compressed, but not with gzip', {
      hint: `${packer} FILE | webhook check-source …`,
    });
  if (packer === null) yield* toUtf8(opening, all);
  else {
    const unpacked = await readOpening(unpack(all));
    yield* toUtf8(unpacked.opening, unpacked.all);
  }
}

function packerOf(opening: Uint8Array): string | null {
  const begin = Buffer.from(opening).toString('hex');
  return PACKED.find(([magic]) => begin.startsWith(magic))?.[1] ?? null;
}

async function* toUtf8(opening: Uint8Array, all: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const convert = makeUtf8Converter(opening);
  for await (const bytes of all) yield convert(bytes);
}

interface Opened {
  opening: Uint8Array;
  /** The opening among it. */
  all: AsyncIterable<Uint8Array>;
}

async function readOpening(chunks: AsyncIterable<Uint8Array>): Promise<Opened> {
  const iterator = chunks[Symbol.asyncIterator]();
  let opening: Uint8Array = new Uint8Array();
  while (opening.length < OPENING) {
    const next = await iterator.next();
    if (next.done === true) break;
    opening = Buffer.concat([opening, next.value]);
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield opening;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return { opening, all: all() };
}

async function* unpack(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  pipeline(Readable.from(packed), gunzip, () => undefined);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new AppError('input', `the log is compressed with gzip, but damaged: ${(cause as Error).message}`, {
      cause,
      hint: 'check whether it is complete: gzip -t FILE',
    });
  }
}
