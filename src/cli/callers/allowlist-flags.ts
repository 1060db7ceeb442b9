import { Option, type Command } from 'commander';
import { MAX_LIST_BYTES, type GivenList } from '../../flows/callers/read-allowlist.ts';
import { FORMATS } from '../../source/list/convert/index.ts';
import { readInput } from '../terminal/read-input.ts';

export interface FromFlag {
  from: string;
}

export const FORM_IDS = FORMATS.map(({ id }) => id);

export const LIST_FORM = `A list has an address, CIDR or address/netmask on each line, or several between commas or spaces;
# begins a comment. What two programs read as different networks (10.1, 010.0.0.1, ::ffff:192.0.2.1)
is refused, with what each makes of it.`;

/** The argument and the flag that name a list; `argument` is `[list]` where it may be left out. */
export function addListArguments(command: Command, argument = '<list>'): Command {
  return command
    .argument(argument, 'file with the list, - for stdin')
    .addOption(
      new Option('--from <form>', 'the form that the list is written in: list, or what allowlist convert wrote')
        .choices(FORM_IDS)
        .default('list'),
    );
}

/** Throws AppError `input`. */
export async function readGiven(path: string, { from }: FromFlag): Promise<GivenList> {
  return { name: path === '-' ? 'standard input' : path, bytes: await readInput(path, 'list', MAX_LIST_BYTES), from };
}
