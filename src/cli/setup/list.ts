import type { Command } from 'commander';
import { maskConfig } from '../../config/mask-config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { shortestBeginning } from '../../model/wording.ts';
import { sourcesOf, type SecretSource, type SecretSources, type Webhook } from '../../model/webhook.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { jsonFlag, configText } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import type { TableColumn } from '../terminal/fit-columns.ts';
import { programName } from '../terminal/program-name.ts';
import { renderTable } from '../terminal/table.ts';
import { columnsOf } from '../terminal/text.ts';
import { processEnvironment } from '../terminal/environment.ts';
import { screenOf } from '../terminal/stdio.ts';

/** `webhook list` */
export function listCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'list the configured webhooks',
    examples: [
      ['webhook list', 'name, vendor, URL, events and where the secret comes from'],
      ['webhook list --json', 'the same for programs; secrets and passwords masked'],
    ],
  })
    .option('--config <file>', configText('read'))
    .addOption(jsonFlag())
    .action(
      act(async (flags: { config?: string; json?: boolean }) => {
        const { path, webhooks } = maskConfig(await loadConfig(flags.config, processEnvironment()));
        if (flags.json) {
          answerJson({ path, webhooks });
        } else if (webhooks.length === 0) {
          say(
            path === null
              ? `no webhook.config.json here or in a folder above; create one: ${programName()} init`
              : `${path} has no webhooks; add one: ${programName()} add NAME`,
          );
        } else {
          answer(renderWebhooks(webhooks));
        }
        return 0;
      }),
    );
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'name', atWorst: 8 },
  { title: 'vendor', atWorst: 8 },
  { title: 'url', wrapTo: 24, atWorst: 16 },
  { title: 'events', wrapTo: 16, atWorst: 12 },
  { title: 'secret', leaveOut: 1, wrapTo: 12 },
  { title: 'uuid', leaveOut: 2 },
];

/** On a terminal the beginning of a uuid, which names the webhook as well. */
function renderWebhooks(webhooks: readonly Webhook[]): string {
  const uuids = webhooks.map(({ uuid }) => uuid);
  const isForEye = columnsOf(screenOf(1)) !== undefined;
  const rows = webhooks.map(({ name, vendor, url, events, secret, uuid }) => [
    name,
    vendor,
    url,
    events.join(', '),
    secretText(secret),
    isForEye ? shortestBeginning(uuid, uuids) : uuid,
  ]);
  return renderTable(COLUMNS, rows);
}

function secretText(secret: SecretSources | undefined): string {
  return secret === undefined ? '' : sourcesOf(secret).map(sourceText).join(', ');
}

function sourceText(source: SecretSource): string {
  if (typeof source === 'string') return source;
  return 'env' in source ? `env ${source.env}` : `file ${source.file}`;
}
