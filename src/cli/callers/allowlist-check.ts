import {
  checkAllowlist,
  refuseWrongAddress,
  type AllowlistTally,
  type GivenList,
  type ListAnswer,
} from '../../flows/callers/allowlist.ts';
import { writeJsonText } from '../../model/json.ts';
import { readAddressColumn, type AddressLine } from '../../source/log/address-log.ts';
import { painter } from '../terminal/color.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { keepVerdict, makePieceWriter, warn } from '../terminal/output.ts';
import { plainLine } from '../terminal/text.ts';
import { makeJsonReporter, makeUnreadableWarner, NOBODY_CHECKED, type AddressReporter } from './address-report.ts';
import { screenOf } from '../terminal/stdio.ts';

export interface CheckFlags {
  json?: boolean;
}

/** `webhook allowlist check`, with the list read. */
export async function checkAllowlistAddresses(
  given: GivenList,
  addresses: readonly string[],
  { json }: CheckFlags,
): Promise<ExitCode> {
  refuseWrongAddress(addresses.filter((word) => word !== '-'));
  const unreadable = makeUnreadableWarner();
  const { entryCount, answers, tally } = checkAllowlist(given, readAsked(addresses), unreadable.warnOf);
  if (entryCount === 0) warn(`${given.name} has no entries`);
  let isWhole = false;
  return keepVerdict(
    async () => {
      const report = json ? reportJson() : reportText();
      for await (const one of answers) await report.checked(one);
      isWhole = true;
      unreadable.end();
      if (isEmpty(tally)) warn(NOBODY_CHECKED);
      await report.end(tally);
      return exitCodeFor(tally);
    },
    () => (isWhole || exitCodeFor(tally) === 1 ? exitCodeFor(tally) : null),
  );
}

const isEmpty = ({ allowed, refused, unreadable }: AllowlistTally): boolean => allowed + refused + unreadable === 0;

function exitCodeFor(tally: AllowlistTally): ExitCode {
  if (tally.refused > 0) return 1;
  return tally.unreadable > 0 || isEmpty(tally) ? 5 : 0;
}

/** In the order of the command line; standard input where its first `-` stands. */
async function* readAsked(addresses: readonly string[]): AsyncGenerator<readonly AddressLine[]> {
  for (const text of addresses.filter((word, index) => word !== '-' || addresses.indexOf('-') === index)) {
    if (text === '-') yield* readAddressColumn(process.stdin);
    else yield [{ line: null, text }];
  }
}

type ListReporter = AddressReporter<ListAnswer, AllowlistTally>;

function reportText(): ListReporter {
  const { write, finish } = makePieceWriter();
  return { checked: (one) => write(`${renderAnswer(one)}\n`), end: () => finish('') };
}

const reportJson = (): ListReporter =>
  makeJsonReporter(
    ',',
    (one) => writeJsonText(jsonOf(one)),
    ({ unreadable }) => `"unreadable":${unreadable}`,
  );

function jsonOf({ address, entry }: ListAnswer): Record<string, unknown> {
  if (entry === null) return { address, allowed: false, entry };
  const { text, network, file, line, comment } = entry;
  return { address, allowed: true, entry: { text, network: network.text, file, line, comment } };
}

/** `185.136.200.7  allowed by 185.136.200.0/22 (allow.txt:3, Mailkit)` */
function renderAnswer({ address, entry }: ListAnswer): string {
  const { green, red } = painter(screenOf(1));
  if (entry === null) return `${plainLine(address)}  ${red('not on the list')}`;
  const { text, network, hasHostBits, file, line, comment } = entry;
  const wide = hasHostBits ? `, which is ${network.text}` : '';
  const where = [`${file}:${line}`, ...(comment === null || comment === '' ? [] : [comment])].join(', ');
  return `${plainLine(address)}  ${green('allowed')} by ${text}${wide} (${plainLine(where)})`;
}
