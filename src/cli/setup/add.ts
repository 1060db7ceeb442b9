import type { Command } from 'commander';
import { holdsSecret, maskWebhook } from '../../config/mask-config.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { configureWebhook, type WebhookOptions } from '../../flows/setup/configure-webhook.ts';
import { displayUrl, isPlainHttp } from '../../model/http-url.ts';
import { makeIds, systemRandom } from '../../plan/ids.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addSecretSourceFlags, addTlsFlags, commaList, jsonFlag, configText } from '../terminal/flags.ts';
import { answer, answerJson, say, warn } from '../terminal/output.ts';
import { processEnvironment } from '../terminal/environment.ts';
import { fitLines, plainLine } from '../terminal/text.ts';
import { programName } from '../terminal/program-name.ts';
import { screenOf } from '../terminal/stdio.ts';

interface AddFlags extends Omit<WebhookOptions, 'name'> {
  config?: string;
  json?: boolean;
}

/** `webhook add NAME --vendor V --url U` */
export function addCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'add a webhook to webhook.config.json',
    daily: ['--vendor', '--url', '--events', '--secret-env'],
    topics: ['configuration'],
    examples: [
      [
        'webhook add shop --vendor mail2many --url https://shop.example/hook --secret-env M2M_SECRET',
        'a webhook for every event of mail2many',
      ],
      [
        'webhook add leave --vendor mailkit --url https://shop.example/leave --events unsubscribe',
        'only for one event',
      ],
      ['webhook send --to shop --event optin', 'then: send to it'],
    ],
  })
    .argument('<name>', 'its name, for webhook send --to NAME')
    .requiredOption('--vendor <id|file>', 'the vendor that is played')
    .requiredOption('--url <url>', 'the endpoint')
    .option(
      '--events <names>',
      'the events it gets, comma-separated (default: all of the vendor except opt-in ones)',
      commaList,
    )
    .option('--uuid <uuid>', 'its uuid in history and exports (default: a new one)')
    .option('--select <elements>', 'Mail-Plus data selection: only these elements, comma-separated', commaList)
    .option('--allow <addresses>', 'addresses and networks that may call, comma-separated', commaList);
  addSecretSourceFlags(command);
  return addTlsFlags(command)
    .optionsGroup('Files:')
    .option('--config <file>', configText('change'))
    .optionsGroup('Options:')
    .addOption(jsonFlag())
    .action(act(add));
}

async function add(name: string, { config, json, ...flags }: AddFlags): Promise<ExitCode> {
  const uuid = makeIds(systemRandom()).uuidV4();
  const { path, webhook, vendor, isNewFile } = await configureWebhook(
    { ...flags, name },
    uuid,
    config,
    processEnvironment(),
    say,
  );
  if (holdsSecret(webhook)) {
    const what = flags.secret === undefined ? 'a secret in the URL' : 'the secret itself';
    warn(
      `${what} is written to ${path}: do not commit that file. Other users of this machine could read it in ` +
        'the process list',
    );
  }
  const { title, trust } = vendor;
  if (trust.httpsOnly !== undefined && isPlainHttp(webhook.url))
    warn(`${title} only calls https URLs: it would never call ${displayUrl(webhook.url)}`);
  if (json) answerJson({ path, webhook: maskWebhook(webhook) });
  else
    answer(
      fitLines(
        `added ${webhook.name}  ${webhook.uuid}  ${isNewFile ? 'to the new file' : 'to'} ${plainLine(path)}`,
        screenOf(1),
      ),
    );
  if (webhook.secret === undefined && vendor.signature.value !== null)
    say(`${vendor.id} signs its requests: add "secret" to the webhook, or give --secret-env NAME when you send`);
  say(`next: ${programName()} send --to ${quoteForShell(webhook.name)} --event ${webhook.events[0]}`);
  return 0;
}
