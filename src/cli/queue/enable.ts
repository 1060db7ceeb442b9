import type { Command } from 'commander';
import { findQueuedWebhook } from '../../flows/queue/find-queued.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addStoreFlags, jsonFlag, type StoreFlags } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { fileOf } from './queue.ts';

/** `webhook enable NAME|UUID` */
export function enableCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'let a held webhook receive again what waits for it',
    examples: [[`${name} shop`, 'after the vendor deactivated it: what was queued is sent by the worker']],
  })
    .argument('<webhook>', 'its name, its URL, its uuid or the beginning of that')
    .addOption(jsonFlag());
  return addStoreFlags(command).action(act(enable));
}

async function enable(given: string, flags: StoreFlags & { json?: boolean }): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const { loadQueue } = await import('../../history/store/open-queue.ts');
  const queue = await loadQueue(fileOf(environment));
  try {
    const webhookUuid = await findQueuedWebhook(given, environment.config.webhooks, queue);
    const wasHeld = await queue.enable(webhookUuid);
    const counts = await queue.counts(environment.recordClock.now());
    const { due = 0, later = 0 } = counts.find((one) => one.webhookUuid === webhookUuid) ?? {};
    if (flags.json) answerJson({ webhookUuid, wasHeld, due, later });
    else if (wasHeld) answer(`enabled ${webhookUuid}: ${due} due, ${later} later`);
    else say(`the webhook ${webhookUuid} was not held`);
    return 0;
  } finally {
    await queue.close();
  }
}
