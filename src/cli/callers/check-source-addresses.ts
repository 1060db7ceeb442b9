import { createReadStream } from 'node:fs';
import { networksText, type AcceptedSources } from '../../flows/callers/accepted-sources.ts';
import { checkAddresses } from '../../flows/callers/check-addresses.ts';
import type { Tally } from '../../flows/callers/tally.ts';
import { AppError } from '../../model/error.ts';
import { readPeer } from '../../source/address.ts';
import { readAddressColumn, readColumn, type AddressColumn, type AddressLine } from '../../source/log/address-log.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { keepVerdict, warn } from '../terminal/output.ts';
import { refuseTwoReaders, unreadable as unreadableFile } from '../terminal/read-input.ts';
import { readReporters } from '../terminal/reporters.ts';
import { makeAddressReporter, makeUnreadableWarner, NO_ADDRESS_THERE, NOBODY_CHECKED } from './address-report.ts';
import { startReadingProgress } from './reading-progress.ts';
import { readAcceptedSources } from './read-accepted-sources.ts';
import type { SourceFlags } from './source-flags.ts';

const TIMEOUT_MS = 5000;

/** `check-source` for addresses. */
export async function checkSourceAddresses(words: readonly string[], flags: SourceFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const isStdin = words.length === 1 && words[0] === '-';
  refuseTwoReaders([isStdin ? '-' : undefined, flags.addresses, ...flags.allowFile], 'the addresses or for a list');
  refuseListAlone(words, flags);
  const sources = await readAcceptedSources(flags);
  refuseIdle(sources, flags);
  const input = readAddresses(words, flags.addresses, columnOf(flags));
  for (const warning of warningsOf(sources)) warn(warning);
  const report = makeAddressReporter(outputs, input.isLog);
  const unreadable = makeUnreadableWarner();
  const progress = startReadingProgress();
  const { results, tally } = checkAddresses(progress.count(input.batches), {
    sources,
    resolvers: flags.resolver,
    timeoutMs: flags.timeout ?? TIMEOUT_MS,
    onUnreadable: (line) => {
      progress.printing();
      unreadable.warnOf(line);
    },
  });
  let isWhole = false;
  return keepVerdict(
    async () => {
      for await (const one of results) {
        progress.checked();
        await report.checked(one);
      }
      isWhole = true;
      progress.end();
      unreadable.end();
      if (isEmpty(tally)) warn(NOBODY_CHECKED);
      else if (countOf(tally) === 0) warn(NO_ADDRESS_THERE);
      await report.end(tally);
      return exitCodeFor(tally);
    },
    () => (isWhole || exitCodeFor(tally) === 1 ? exitCodeFor(tally) : null),
  ).finally(progress.end);
}

/** Refuses a flag that would do nothing. */
function refuseIdle({ suffixes, hosts }: AcceptedSources, { resolver, timeout }: SourceFlags): void {
  const flag =
    suffixes.length + hosts.length > 0
      ? undefined
      : resolver.length > 0
        ? '--resolver'
        : timeout === undefined
          ? undefined
          : '--timeout';
  if (flag !== undefined)
    throw new AppError('usage', `${flag} has no effect without reverse DNS`, {
      hint: `add --suffix DOMAIN, or leave out ${flag}`,
    });
}

/** Addresses come by standard input where nothing else is said, and it was given to a list. */
function refuseListAlone(words: readonly string[], { addresses, allowFile }: SourceFlags): void {
  if (allowFile.includes('-') && words.length === 0 && addresses === undefined)
    throw new AppError('usage', 'no address was given', {
      hint:
        '--allow-file - reads the list from standard input: ' +
        'give the addresses on the command line, or with --addresses FILE',
    });
}

function warningsOf({ networks, suffixes }: AcceptedSources): string[] {
  return [
    ...networks.flatMap((one) =>
      one.kind !== 'network' || one.certainty === 'doc'
        ? []
        : [
            `that ${networksText(one)} is the network of ${one.vendor.title} is inferred, not documented ` +
              `[${one.certainty}]: a call from elsewhere may be genuine`,
          ],
    ),
    ...suffixes
      .filter((suffix) => !suffix.includes('.'))
      .map((suffix) => `every host below the top-level domain ${suffix} is allowed`),
  ];
}

const countOf = ({ addresses }: Tally): number => Object.values(addresses).reduce((sum, count) => sum + count, 0);
const isEmpty = (tally: Tally): boolean => tally.unreadable === 0 && countOf(tally) === 0;

/** Who checked nobody proved nothing: an empty log is an input error, as a broken pipe leaves one. */
function exitCodeFor(tally: Tally): ExitCode {
  const { addresses, unreadable } = tally;
  if (addresses.fail + addresses.permerror > 0) return 1;
  if (addresses.temperror > 0) return 3;
  return unreadable > 0 || isEmpty(tally) ? 5 : 0;
}

/** The addresses to check, in batches, as they come. */
interface AddressInput {
  batches: AsyncIterable<readonly AddressLine[]>;
  /** A log rather than a few words: reported briefly, and with counts. */
  isLog: boolean;
}

/**
 * Reads the addresses of the command line, otherwise the first column of a file or of standard input. Errors: AppError
 * `usage` for a word that is no address, `input` for a file that cannot be read.
 */
function readAddresses(words: readonly string[], file: string | undefined, column: AddressColumn): AddressInput {
  if (words.length > 0 && !(words.length === 1 && words[0] === '-'))
    return { batches: checkWords(words, file, column), isLog: false };
  if (file !== undefined && file !== '-') return { batches: readAddressColumn(readChunks(file), column), isLog: true };
  if (file === undefined && words.length === 0 && process.stdin.isTTY) {
    throw new AppError('usage', 'no address was given', {
      hint: 'run webhook check-source 192.0.2.10, use --addresses FILE, or pipe in an access log',
    });
  }
  return { batches: readAddressColumn(process.stdin, column), isLog: true };
}

function columnOf({ column }: SourceFlags): AddressColumn {
  const read = column === undefined ? null : readColumn(column);
  if (column !== undefined && read === null)
    throw new AppError('usage', `--column ${column} is not a column`, {
      hint: 'give a number from 1, or the name of a JSON field: --column request.client_ip',
    });
  return read;
}

function checkWords(
  words: readonly string[],
  file: string | undefined,
  column: AddressColumn,
): AsyncIterable<AddressLine[]> {
  if (column !== null)
    throw new AppError('usage', '--column has no effect here', { hint: 'use it with --addresses FILE, or with a log' });
  if (file !== undefined)
    throw new AppError('usage', `addresses were given both as arguments and in a file: ${file}`, {
      hint: 'give only one of them',
    });
  const wrong = words.find((word) => readPeer(word) === null);
  if (wrong !== undefined)
    throw new AppError('usage', `${wrong} is not an address`, {
      hint: 'give an address such as 192.0.2.10 or 2001:db8::10, without a port or a network',
    });
  return (async function* () {
    yield words.map((text) => ({ line: null, text }));
  })();
}

async function* readChunks(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreadableFile(file, '--addresses', error);
  }
}
