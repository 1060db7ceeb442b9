import type { Command } from 'commander';
import { maskConfig } from '../../config/mask-config.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { SecretSource } from '../../model/webhook.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { programName } from '../terminal/program-name.ts';
import { renderTable } from '../terminal/table.ts';
import { processEnvironment } from '../terminal/environment.ts';

/** `webhook list` */
export function listCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'list the configured webhooks',
    examples: [
      ['webhook list', 'name, vendor, URL, events and where the secret comes from'],
      ['webhook list --json', 'the same for programs; secrets and passwords masked'],
    ],
  })
    .option('--config <file>', 'configuration to read (default: webhook.config.json, found upwards from here)')
    .addOption(jsonFlag())
    .action(
      act(async (flags: { config?: string; json?: boolean }) => {
        const { path, webhooks } = maskConfig(await loadConfig(flags.config, processEnvironment()));
        if (flags.json) {
          answerJson({ path, webhooks });
        } else if (webhooks.length === 0) {
          say(
            path === null
              ? `no webhook.config.json here or above; ${programName()} init makes one`
              : `${path} lists no webhook; ${programName()} add NAME puts one in`,
          );
        } else {
          const rows = webhooks.map((one) => [
            one.name,
            one.vendor,
            one.url,
            one.events.join(', '),
            secretText(one.secret),
            one.uuid,
          ]);
          answer(renderTable(['name', 'vendor', 'url', 'events', 'secret', 'uuid'], rows));
        }
        return 0;
      }),
    );
}

function secretText(source: SecretSource | undefined): string {
  if (source === undefined) return '';
  if (typeof source === 'string') return source;
  return 'env' in source ? `env ${source.env}` : `file ${source.file}`;
}
