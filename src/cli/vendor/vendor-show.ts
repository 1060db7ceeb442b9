import type { Command } from 'commander';
import { act, makeCommand } from '../terminal/command.ts';
import { openCommandVendors, processEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { answer } from '../terminal/output.ts';
import { configText } from '../terminal/flags.ts';

/** `webhook vendor show ID` */
export function showCommand(): Command {
  return makeCommand('show', {
    summary: 'print a vendor as a file, in the format of your own vendor files',
    topics: ['vendors'],
    examples: [
      ['webhook vendor show stripe > acme.vendor.json', 'then change "id" and what differs'],
      ['webhook vendor show ./acme.vendor.json', 'your own file, with what it extends and what is assumed'],
    ],
  })
    .argument('<vendor>', 'its id, or a vendor file')
    .option('--config <file>', configText('read'))
    .action(act(show));
}

async function show(reference: string, { config }: { config?: string }): Promise<ExitCode> {
  const { VENDOR_SCHEMA_PATH } = await import('../../config/read-vendor-file.ts');
  const vendor = await openCommandVendors(processEnvironment(), config).load(reference);
  answer(JSON.stringify({ $schema: VENDOR_SCHEMA_PATH, ...vendor }, null, 2));
  return 0;
}

/** `webhook vendor schema` */
export function schemaCommand(): Command {
  return makeCommand('schema', {
    summary: 'print the JSON Schema of vendor files',
    examples: [['webhook vendor schema > vendor.schema.json', 'then "$schema": "./vendor.schema.json" in the file']],
  }).action(
    act(async () => {
      const { VENDOR_SCHEMA } = await import('../../config/read-vendor-file.ts');
      answer(JSON.stringify(VENDOR_SCHEMA, null, 2));
      return 0;
    }),
  );
}
