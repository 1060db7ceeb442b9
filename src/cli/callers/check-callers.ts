import { checkAddresses } from '../../flows/callers/check-addresses.ts';
import { networksText, type Ways } from '../../flows/callers/choose-ways.ts';
import type { Tally } from '../../flows/callers/count-callers.ts';
import { AppError } from '../../model/error.ts';
import type { SourceFlags } from './source-flags.ts';
import { makeCheckedReporter } from './checked-reporter.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { keepVerdict, warn } from '../terminal/output.ts';
import { readAddresses } from './read-addresses.ts';
import { readWays } from './read-ways.ts';
import { readReporters } from '../terminal/reporter-flags.ts';
import { makeUnreadableTeller, NOBODY_CHECKED } from './tell-unreadable.ts';

const TIMEOUT_MS = 5000;

/** `check-source` for addresses. */
export async function checkCallers(words: readonly string[], flags: SourceFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  refuseTwoReaders(words, flags);
  const ways = await readWays(flags);
  refuseIdle(ways, flags);
  const input = readAddresses(words, flags.addresses);
  for (const warning of warningsOf(ways)) warn(warning);
  const report = makeCheckedReporter(outputs, input.isLog);
  const unreadable = makeUnreadableTeller();
  const { results, tally } = checkAddresses(input.batches, {
    ways,
    resolvers: flags.resolver,
    timeoutMs: flags.timeout ?? TIMEOUT_MS,
    onUnreadable: unreadable.tell,
  });
  let isWhole = false;
  return keepVerdict(
    async () => {
      for await (const one of results) await report.checked(one);
      isWhole = true;
      unreadable.end();
      if (isEmpty(tally)) warn(NOBODY_CHECKED);
      await report.end(tally);
      return exitCodeFor(tally);
    },
    () => (isWhole || exitCodeFor(tally) === 1 ? exitCodeFor(tally) : null),
  );
}

/** A flag that would do nothing is a mistake, and told. */
function refuseIdle({ suffixes }: Ways, { resolver, timeout }: SourceFlags): void {
  const flag =
    suffixes.length > 0
      ? undefined
      : resolver.length > 0
        ? '--resolver'
        : timeout === undefined
          ? undefined
          : '--timeout';
  if (flag !== undefined)
    throw new AppError('usage', `${flag} does nothing where no reverse DNS is asked`, {
      hint: `add --suffix DOMAIN, or leave out ${flag}`,
    });
}

/** Standard input can be read once. */
function refuseTwoReaders(words: readonly string[], { addresses, allowFile }: SourceFlags): void {
  const readers = [...(words.length === 1 && words[0] === '-' ? ['-'] : []), addresses, ...allowFile].filter(
    (file) => file === '-',
  );
  if (readers.length > 1)
    throw new AppError('usage', 'standard input can be read once: for the addresses or for a list', {
      hint: 'give one of them as a file',
    });
  if (allowFile.includes('-') && words.length === 0 && addresses === undefined)
    throw new AppError('usage', 'which address?', {
      hint: '--allow-file - reads the list from standard input: give the addresses on the command line, or with --addresses FILE',
    });
}

function warningsOf({ lists, suffixes }: Ways): string[] {
  return [
    ...lists.flatMap((way) =>
      way.kind !== 'network' || way.certainty === 'doc'
        ? []
        : [
            `that ${networksText(way)} is the network of ${way.vendor.title} is inferred, not documented [${way.certainty}]: a call from elsewhere may be genuine`,
          ],
    ),
    ...suffixes
      .filter((suffix) => !suffix.includes('.'))
      .map((suffix) => `everybody below the top-level domain ${suffix} is allowed`),
  ];
}

function isEmpty({ addresses, unreadable }: Tally): boolean {
  return unreadable === 0 && Object.values(addresses).every((count) => count === 0);
}

function exitCodeFor({ addresses, unreadable }: Tally): ExitCode {
  if (addresses.fail + addresses.permerror > 0) return 1;
  if (addresses.temperror > 0) return 3;
  return unreadable > 0 ? 5 : 0;
}
