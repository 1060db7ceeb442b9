import { StringDecoder } from 'node:string_decoder';

/** The file as UTF-8 without a byte-order mark: PowerShell and Windows' editors write UTF-16 with one. */
export function toUtf8(bytes: Uint8Array): Buffer {
  return makeUtf8Converter(bytes)(bytes);
}

/** Whether the file begins with the byte-order mark of UTF-16. */
export const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);

/** The same for a file that comes in pieces. `opening` is the first of them, of 3 bytes or more. */
export function makeUtf8Converter(opening: Uint8Array): (piece: Uint8Array) => Buffer {
  const mark = Buffer.from(opening.subarray(0, 3)).toString('hex');
  const isBigEndian = mark.startsWith('feff');
  let toSkip = mark === 'efbbbf' ? 3 : isBigEndian || mark.startsWith('fffe') ? 2 : 0;
  const convert = toSkip === 2 ? makeUtf16Converter(isBigEndian) : (piece: Buffer) => piece;
  return (piece) => {
    const whole = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).subarray(toSkip);
    toSkip = 0;
    return convert(whole);
  };
}

function makeUtf16Converter(isBigEndian: boolean): (piece: Buffer) => Buffer {
  const decoder = new StringDecoder('utf16le');
  let half: Buffer = Buffer.alloc(0);
  return (piece) => {
    const bytes = Buffer.concat([half, piece]);
    const length = bytes.length - (bytes.length % 2);
    half = bytes.subarray(length);
    const units = bytes.subarray(0, length);
    return Buffer.from(decoder.write(isBigEndian ? units.swap16() : units), 'utf8');
  };
}
