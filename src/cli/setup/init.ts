import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CONFIG_FILE_NAME, userConfigPath } from '../../config/load-config.ts';
import { createConfig } from '../../config/write-config.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { processEnvironment } from '../terminal/environment.ts';
import { programName } from '../terminal/program-name.ts';
import { plainLine } from '../terminal/text.ts';

interface InitFlags {
  config?: string;
  user?: boolean;
  force?: boolean;
  json?: boolean;
}

/** `webhook init` */
export function initCommand(name: string): Command {
  return makeCommand(name, {
    summary: `create a ${CONFIG_FILE_NAME} here`,
    examples: [
      ['webhook init', `an empty ${CONFIG_FILE_NAME} in this folder; webhook add fills it`],
      ['webhook init --user', 'the one for projects without their own'],
    ],
  })
    .option('--config <file>', `the file to create (default: WEBHOOK_CONFIG, or ${CONFIG_FILE_NAME} in this folder)`)
    .option('--user', "create this user's file, below XDG_CONFIG_HOME or ~/.config")
    .option('--force', 'replace the file, including every webhook in it')
    .addOption(jsonFlag())
    .action(
      act(async (flags: InitFlags) => {
        const path = pathToMake(flags);
        createConfig(path, { replace: flags.force === true, onWait: say });
        if (flags.json) answerJson({ path });
        else answer(`created ${plainLine(path)}`);
        say(`next: ${programName()} add NAME --vendor VENDOR --url URL --secret-env NAME`);
        return 0;
      }),
    );
}

function pathToMake({ config, user }: InitFlags): string {
  const environment = processEnvironment();
  if (user) return userConfigPath(environment);
  return resolve(environment.workingDirectory, config ?? (environment.env['WEBHOOK_CONFIG'] || CONFIG_FILE_NAME));
}
