import { Option, type Command } from 'commander';
import { addListArguments, FORM_IDS, LIST_FORM, readGiven, type FromFlag } from './allowlist-flags.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson, say, warn } from '../terminal/output.ts';

interface Flags extends FromFlag {
  to: string;
  output?: string;
  collapse?: boolean;
  json?: boolean;
}

/** `webhook allowlist convert` */
export function convertAllowlistCommand(): Command {
  const command = makeCommand('convert', {
    summary: 'a list as configuration of a server, or back',
    examples: [
      [
        'webhook allowlist convert allow.txt --to nginx -o allow.conf',
        'allow and deny lines, for include in a location',
      ],
      [
        'webhook allowlist convert allow.conf --from nginx --to nftables --collapse',
        'the same for the firewall, with as few networks as can be',
      ],
    ],
  });
  return addListArguments(command)
    .addOption(new Option('--to <form>', 'the form to write').choices(FORM_IDS).makeOptionMandatory())
    .option('--collapse', 'join networks that overlap or are halves of one; the order is then that of the addresses')
    .option('-o, --output <file>', 'the file to write, whole or not at all (default: stdout)')
    .addOption(jsonFlag())
    .addHelpText('after', `\n${LIST_FORM}\n--from reads what --to wrote, not configuration of any other hand.`)
    .action(act(convert));
}

async function convert(path: string, flags: Flags): Promise<ExitCode> {
  const { convertAllowlist } = await import('../../flows/callers/convert-allowlist.ts');
  const { text, format, warnings } = convertAllowlist(await readGiven(path, flags), flags.to, flags.collapse === true);
  const { output = '-' } = flags;
  if (output !== '-') await writeFile(output, text);
  for (const warning of warnings) warn(warning);
  const { title, notes, check } = format;
  if (flags.json)
    answerJson({
      to: flags.to,
      output: output === '-' ? null : output,
      text: output === '-' ? text : null,
      notes,
      check,
    });
  else if (output === '-') answer(text);
  for (const note of flags.json ? [] : [...notes, ...(check === null ? [] : [`check: ${check}`])])
    say(`${title}: ${note}`);
  return 0;
}

async function writeFile(path: string, text: string): Promise<void> {
  const { startWholeFile } = await import('../terminal/whole-file.ts');
  const { interruptSignal } = await import('../terminal/exit.ts');
  const file = await startWholeFile(path, interruptSignal());
  try {
    await file.write(Buffer.from(text));
    await file.keep();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
