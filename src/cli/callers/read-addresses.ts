import { createReadStream } from 'node:fs';
import { AppError } from '../../model/error.ts';
import { readPeer } from '../../source/address/address.ts';
import { readFirstColumn, type AddressLine } from '../../source/address/first-column.ts';
import { unreadable } from '../terminal/read-input.ts';

/** Where addresses come from, in batches, as they come. */
export interface AddressInput {
  batches: AsyncIterable<readonly AddressLine[]>;
  /** A log rather than a few words: told briefly, and with counts. */
  isLog: boolean;
}

/**
 * The addresses of the command line, else the first column of a file or of standard input. Errors: AppError `usage` for a
 * word that is no address, `input` for a file that cannot be read.
 */
export function readAddresses(words: readonly string[], file: string | undefined): AddressInput {
  if (words.length > 0 && !(words.length === 1 && words[0] === '-'))
    return { batches: checkWords(words, file), isLog: false };
  if (file !== undefined && file !== '-') return { batches: readFirstColumn(readChunks(file)), isLog: true };
  if (file === undefined && words.length === 0 && process.stdin.isTTY) {
    throw new AppError('usage', 'which address?', {
      hint: 'webhook check-source 192.0.2.10, --addresses FILE, or an access log on standard input',
    });
  }
  return { batches: readFirstColumn(process.stdin), isLog: true };
}

function checkWords(words: readonly string[], file: string | undefined): AsyncIterable<AddressLine[]> {
  if (file !== undefined)
    throw new AppError('usage', `addresses are given, and a file with addresses: ${file}`, {
      hint: 'give one of the two',
    });
  const wrong = words.find((word) => readPeer(word) === null);
  if (wrong !== undefined)
    throw new AppError('usage', `${wrong} is no address`, {
      hint: 'such as 192.0.2.10 or 2001:db8::10, without a port or a network',
    });
  return (async function* () {
    yield words.map((text) => ({ line: null, text }));
  })();
}

async function* readChunks(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreadable(file, '--addresses', error);
  }
}
