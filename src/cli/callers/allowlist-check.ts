import type { Command } from 'commander';
import type { AllowlistTally, CheckedAddress } from '../../flows/callers/check-allowlist.ts';
import { AppError } from '../../model/error.ts';
import { writeJsonText } from '../../model/json-text.ts';
import { readFirstColumn, type AddressLine } from '../../source/address/first-column.ts';
import { addListArguments, LIST_FORM, readGiven, type FromFlag } from './allowlist-flags.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { jsonFlag } from '../terminal/flags.ts';
import { keepVerdict, SCHEMA_VERSION, warn, makePieceWriter } from '../terminal/output.ts';
import { renderCheckedAddress } from './render-allowlist-checked.ts';
import { makeUnreadableTeller, NOBODY_CHECKED } from './tell-unreadable.ts';

interface Flags extends FromFlag {
  json?: boolean;
}

/** `webhook allowlist check` */
export function checkAllowlistCommand(): Command {
  const command = makeCommand('check', {
    summary: 'is an address on a list, and by which entry?',
    examples: [
      ['webhook allowlist check allow.txt 185.136.200.7', 'ends with 0 when it is, with 1 when it is not'],
      ["cut -d' ' -f1 access.log | sort -u | webhook allowlist check allow.txt -", 'all callers of a log'],
    ],
  });
  return addListArguments(command)
    .argument('<addresses...>', 'addresses as a log tells them; - reads them from stdin: the first column of each line')
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `\n${LIST_FORM}\nA list with such an entry answers nothing. An IPv4 address within IPv6 is asked about as IPv4.

Of standard input the first column of each line counts, so an access log will do; each line is answered. A
line without an address is told, and the others go on. Exit code: 1 when an address is not on the list, else
5 when a line could not be read, else 0.`,
    )
    .action(act(check));
}

async function check(path: string, addresses: string[], flags: Flags): Promise<ExitCode> {
  if (path === '-' && addresses.includes('-'))
    throw new AppError('usage', 'the list and the addresses cannot both come from stdin', {
      hint: 'give one of them as a file or as arguments',
    });
  const given = await readGiven(path, flags);
  const { checkAllowlist, refuseWrongAddress } = await import('../../flows/callers/check-allowlist.ts');
  refuseWrongAddress(addresses.filter((word) => word !== '-'));
  const unreadable = makeUnreadableTeller();
  const { entryCount, answers, tally } = checkAllowlist(given, readAsked(addresses), unreadable.tell);
  if (entryCount === 0) warn(`${given.name} has no entry`);
  let isWhole = false;
  return keepVerdict(
    async () => {
      const report = flags.json ? reportJson() : reportText();
      for await (const one of answers) await report.checked(one);
      isWhole = true;
      unreadable.end();
      if (tally.allowed + tally.refused + tally.unreadable === 0) warn(NOBODY_CHECKED);
      await report.end(tally);
      return exitCodeFor(tally);
    },
    () => (isWhole || exitCodeFor(tally) === 1 ? exitCodeFor(tally) : null),
  );
}

function exitCodeFor({ refused, unreadable }: AllowlistTally): ExitCode {
  if (refused > 0) return 1;
  return unreadable > 0 ? 5 : 0;
}

/** In the order of the command line; standard input where its first `-` stands. */
async function* readAsked(addresses: readonly string[]): AsyncGenerator<readonly AddressLine[]> {
  for (const text of addresses.filter((word, index) => word !== '-' || addresses.indexOf('-') === index)) {
    if (text === '-') yield* readFirstColumn(process.stdin);
    else yield [{ line: null, text }];
  }
}

interface AnswerReporter {
  checked(one: CheckedAddress): Promise<void>;
  end(tally: AllowlistTally): Promise<void>;
}

function reportText(): AnswerReporter {
  const { write, finish } = makePieceWriter();
  return { checked: (one) => write(`${renderCheckedAddress(one)}\n`), end: () => finish('') };
}

/** One document, begun with the first answer: an error before it leaves stdout empty. */
function reportJson(): AnswerReporter {
  const head = `{"schemaVersion":${SCHEMA_VERSION},"results":[`;
  const { write, finish } = makePieceWriter();
  let count = 0;
  return {
    checked: (one) => write(`${count++ === 0 ? head : ','}${writeJsonText(jsonOf(one))}`),
    end: ({ unreadable }) => finish(`${count === 0 ? head : ''}],"unreadable":${unreadable}}\n`),
  };
}

function jsonOf({ address, entry }: CheckedAddress): Record<string, unknown> {
  if (entry === null) return { address, allowed: false, entry };
  const { text, network, file, line, comment } = entry;
  return { address, allowed: true, entry: { text, network: network.text, file, line, comment } };
}
