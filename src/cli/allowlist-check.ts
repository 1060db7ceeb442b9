import type { Command } from 'commander';
import type { AskedAddress, CheckedAddress } from '../flows/check-allowlist.ts';
import { AppError } from '../model/error.ts';
import { writeJsonText } from '../model/json-text.ts';
import { addListArguments, LIST_FORM, readGiven, type FromFlag } from './allowlist-flags.ts';
import { act, makeCommand } from './command.ts';
import type { ExitCode } from './exit.ts';
import { jsonFlag } from './flags.ts';
import { answerBytes, SCHEMA_VERSION, warn } from './output.ts';
import { readInput } from './read-input.ts';
import { renderCheckedAddress } from './render/allowlist-checked.ts';

/** More than a million addresses. */
const MAX_BYTES = 32 * 1024 * 1024;

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
    .argument('<addresses...>', 'addresses as a log tells them; - reads them from stdin, one a line')
    .addOption(jsonFlag())
    .addHelpText('after', `\n${LIST_FORM}\nA list with such an entry answers nothing. An IPv4 address within IPv6 is asked about as IPv4.`)
    .action(act(check));
}

async function check(path: string, addresses: string[], flags: Flags): Promise<ExitCode> {
  if (path === '-' && addresses.includes('-')) throw new AppError('usage', 'the list and the addresses cannot both come from stdin', { hint: 'give one of them as a file or as arguments' });
  const given = await readGiven(path, flags);
  const { checkAllowlist } = await import('../flows/check-allowlist.ts');
  const { entryCount, answers } = checkAllowlist(given, await readAsked(addresses));
  if (entryCount === 0) warn(`${given.name} has no entry`);
  return (await (flags.json ? writeJson(answers) : writeLines(answers))) ? 0 : 1;
}

async function readAsked(addresses: readonly string[]): Promise<Iterable<AskedAddress>> {
  const { askedLines } = await import('../flows/check-allowlist.ts');
  const lines = addresses.includes('-') ? askedLines(Buffer.from(await readInput('-', 'addresses', MAX_BYTES)).toString()) : [];
  return {
    *[Symbol.iterator]() {
      for (const text of addresses) {
        if (text === '-') yield* lines;
        else yield { text, line: null };
      }
    },
  };
}

/** Whether all are on the list. */
async function writeLines(answers: Iterable<CheckedAddress>): Promise<boolean> {
  return writePieces(answers, (one) => `${renderCheckedAddress(one)}\n`);
}

async function writeJson(answers: Iterable<CheckedAddress>): Promise<boolean> {
  await answerBytes(Buffer.from(`{"schemaVersion":${SCHEMA_VERSION},"results":[`));
  let count = 0;
  const all = await writePieces(answers, (one) => `${count++ === 0 ? '' : ','}${writeJsonText(jsonOf(one))}`);
  await answerBytes(Buffer.from(']}\n'));
  return all;
}

const PIECE_LENGTH = 64 * 1024;

async function writePieces(answers: Iterable<CheckedAddress>, textOf: (one: CheckedAddress) => string): Promise<boolean> {
  let all = true;
  let piece = '';
  for (const one of answers) {
    all &&= one.entry !== null;
    piece += textOf(one);
    if (piece.length < PIECE_LENGTH) continue;
    await answerBytes(Buffer.from(piece));
    piece = '';
  }
  await answerBytes(Buffer.from(piece));
  return all;
}

function jsonOf({ address, entry }: CheckedAddress): Record<string, unknown> {
  if (entry === null) return { address, allowed: false, entry };
  const { text, network, file, line, comment } = entry;
  return { address, allowed: true, entry: { text, network: network.text, file, line, comment } };
}
