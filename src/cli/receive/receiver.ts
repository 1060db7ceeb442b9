import { Option, type Command } from 'commander';
import { FRAMEWORKS, findFramework, writeReceiver } from '../../code/write-receiver.ts';
import { AppError } from '../../model/error.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openCommandVendors, processEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { answer } from '../terminal/output.ts';
import { typedName } from '../terminal/program-name.ts';
import { configText } from '../terminal/flags.ts';

interface ReceiverFlags {
  for?: string;
  config?: string;
}

/** `webhook receiver VENDOR --for FRAMEWORK` */
export function receiverCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'print the code of a receiver that verifies a vendor: Express, Flask or PHP',
    topics: ['vendors'],
    examples: [
      ['webhook receiver stripe --for express > receiver.mjs', 'its first lines say how to run and test it'],
      ['webhook receiver mail2many --for php > receiver.php', 'the same without a framework, for PHP'],
      ['webhook receiver ./acme.vendor.json --for flask > receiver.py', 'for your own vendor'],
    ],
  })
    .argument('<vendor>', 'its id, or a vendor file')
    .addOption(new Option('--for <framework>', `one of: ${FRAMEWORKS.map(({ id }) => id).join(', ')}`))
    .option('--config <file>', configText('read'))
    .action(act(receiver));
}

async function receiver(reference: string, flags: ReceiverFlags): Promise<ExitCode> {
  if (flags.for === undefined)
    throw new AppError('usage', 'no framework was given', {
      hint: `add --for with one of: ${FRAMEWORKS.map(({ id }) => id).join(', ')}`,
    });
  const framework = findFramework(flags.for);
  const vendor = await openCommandVendors(processEnvironment(), flags.config).load(reference);
  answer(writeReceiver(vendor, framework, { program: typedName(), vendor: reference }));
  return 0;
}
