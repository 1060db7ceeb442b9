import type { Command } from 'commander';
import { maskWebhook } from '../../config/mask-config.ts';
import { dropWebhook } from '../../flows/setup/configure-webhook.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { jsonFlag, configText } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { processEnvironment } from '../terminal/environment.ts';
import { fitLines, plainLine } from '../terminal/text.ts';
import { screenOf } from '../terminal/stdio.ts';

/** `webhook remove NAME|UUID` */
export function removeCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'remove a webhook from webhook.config.json',
    examples: [['webhook remove shop', 'by its name, its uuid or the beginning of that; its history is kept']],
  })
    .argument('<name-or-uuid>', 'the webhook')
    .option('--config <file>', configText('change'))
    .addOption(jsonFlag())
    .action(
      act(async (nameOrUuid: string, flags: { config?: string; json?: boolean }) => {
        const { path, webhook } = await dropWebhook(nameOrUuid, flags.config, processEnvironment(), say);
        if (flags.json) answerJson({ path, webhook: maskWebhook(webhook) });
        else answer(fitLines(`removed ${webhook.name}  ${webhook.uuid}  from ${plainLine(path)}`, screenOf(1)));
        return 0;
      }),
    );
}
