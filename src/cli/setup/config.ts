import type { Command } from 'commander';
import { knownVendors, makeNamedSchema } from '../../config/check-config.ts';
import { chooseConfigPath, loadConfig } from '../../config/load-config.ts';
import { maskConfig } from '../../config/mask-config.ts';
import { escapeUnseen } from '../../model/json.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { jsonFlag, configText } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { processEnvironment } from '../terminal/environment.ts';
import { inOwnName } from '../terminal/program-name.ts';
import { plainLine } from '../terminal/text.ts';

interface ConfigFlags {
  config?: string;
  json?: boolean;
}

/** `webhook config show|path|schema` */
export function configCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'show the configuration as it is read, secrets masked',
    examples: [
      ['webhook config show', 'which file is used here, and its contents'],
      ['webhook config path', 'only which file it is'],
      ['webhook config schema > schema.json', 'the JSON Schema, for an editor'],
    ],
  })
    .addCommand(showCommand())
    .addCommand(pathCommand())
    .addCommand(schemaCommand());
}

function showCommand(): Command {
  return withConfigFlag(
    makeCommand('show', {
      summary: 'print the configuration as it is read: paths absolute, secrets masked',
      examples: [['webhook config show --json', 'the same for programs']],
    }),
  ).action(
    act(async (flags: ConfigFlags) => {
      const { path, ...content } = maskConfig(await loadConfig(flags.config, processEnvironment()));
      if (flags.json) answerJson({ path, ...content });
      else if (path === null) say(inOwnName(NO_FILE));
      else answer(`${plainLine(path)}\n${escapeUnseen(JSON.stringify(content, null, 2))}`);
      return 0;
    }),
  );
}

function pathCommand(): Command {
  return withConfigFlag(
    makeCommand('path', {
      summary:
        'print which file is read: --config, WEBHOOK_CONFIG, one found upwards from here, or the file of this user',
      examples: [['webhook config path', 'prints it; exits with 1 if there is none']],
    }),
  ).action(
    act(async (flags: ConfigFlags) => {
      const path = chooseConfigPath(flags.config, processEnvironment());
      if (flags.json) answerJson({ path });
      else if (path === null) say(inOwnName(NO_FILE));
      else answer(plainLine(path));
      return path === null ? 1 : 0;
    }),
  );
}

function schemaCommand(): Command {
  return makeCommand('schema', {
    summary: 'print the JSON Schema of webhook.config.json, with all vendors and events',
    examples: [['webhook config schema > schema.json', 'then "$schema": "./schema.json" in the configuration']],
  })
    .addOption(jsonFlag())
    .action(
      act(async (flags: { json?: boolean }) => {
        const schema = makeNamedSchema(knownVendors());
        if (flags.json) answerJson({ schema });
        else answer(JSON.stringify(schema, null, 2));
        return 0;
      }),
    );
}

const NO_FILE = 'no webhook.config.json here, in a folder above or for this user; create one: webhook init';

function withConfigFlag(command: Command): Command {
  return command.option('--config <file>', configText('read')).addOption(jsonFlag());
}
