import type { Command } from 'commander';
import { findWebhookUuid } from '../../flows/history/find-webhook.ts';
import { labelWebhooks } from '../../flows/history/label-webhooks.ts';
import type { Prunable, PruneCounts, PruneOptions } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';
import { plural } from '../../model/wording.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addStoreFlags, addWebhookFlag, jsonFlag, type StoreFlags } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { startProgress } from '../terminal/progress.ts';
import { MOMENT_FORMS, moment, momentMs, type Moment, count } from '../terminal/flag-values.ts';
import { plainLine, wrapText } from '../terminal/text.ts';

interface PruneFlags extends StoreFlags {
  uuid?: string;
  before?: Moment;
  keepLast?: number;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** `webhook history prune` */
export function pruneHistoryCommand(): Command {
  const command = makeCommand('prune', {
    summary: 'delete old deliveries with all their attempts',
    examples: [
      ['webhook history prune --before 90d --dry-run', 'only show what would be deleted'],
      ['webhook history prune --before 2026-01-01 --keep-last 1000', 'everything older, except the newest thousand'],
      ['webhook history prune --webhook shop --before 30d --yes', 'those of one webhook, without a prompt: for cron'],
    ],
  })
    .option('--before <when>', `deliveries whose last attempt is older: 90d, or ${MOMENT_FORMS}`, moment)
    .option('--keep-last <count>', 'keep the newest N, whatever their age', count);
  addWebhookFlag(command, 'uuid', 'only those of this webhook')
    .option('--dry-run', 'show what would be deleted, delete nothing')
    .option('-y, --yes', 'do not ask; required without a terminal')
    .addOption(jsonFlag());
  return addStoreFlags(command).action(act(prune));
}

async function prune(flags: PruneFlags): Promise<ExitCode> {
  const { keepLast, dryRun = false } = flags;
  if (flags.before === undefined && keepLast === undefined) {
    throw new AppError('usage', 'nothing to prune: --before or --keep-last is missing', {
      hint: 'for example: webhook history prune --before 90d --dry-run',
    });
  }
  const environment = await openEnvironment(flags);
  const beforeMs = flags.before === undefined ? undefined : momentMs(flags.before, environment.clock.now());
  if (flags.yes && !dryRun && flags.uuid === undefined)
    return show(flags, await pruneHistory(environment, { beforeMs, keepLast }, null));
  const { options, prunable, words } = await findPrunable(environment, flags, { beforeMs, keepLast });
  if (!dryRun && prunable.deliveries > 0 && !flags.yes) {
    say(words.join('\n'));
    if (!(await isAgreed())) return 1;
  } else if (!flags.json && prunable.deliveries > 0) say(words.join('\n'));
  return show(flags, dryRun ? prunable : await pruneHistory(environment, options, prunable.deliveries));
}

function show({ dryRun = false, json }: PruneFlags, { deliveries, attempts }: PruneCounts): ExitCode {
  if (json) answerJson({ dryRun, deliveries, attempts });
  else answer(`${dryRun ? 'would delete' : 'deleted'} ${countText(deliveries)} with ${plural(attempts, 'attempt')}`);
  return 0;
}

const countText = (deliveries: number): string => (deliveries === 1 ? '1 delivery' : `${deliveries} deliveries`);

async function isAgreed(): Promise<boolean> {
  const { confirm } = await import('../terminal/read-input.ts');
  const agreed = await confirm('delete them permanently?');
  if (agreed === null)
    throw new AppError('usage', 'cannot ask whether to delete them: no terminal', {
      hint: 'add --yes to delete them, or --dry-run to see what would be deleted',
    });
  if (!agreed) say('nothing was deleted');
  return agreed;
}

interface Found {
  options: PruneOptions;
  prunable: Prunable;
  /** What goes, for a person. */
  words: string[];
}

async function findPrunable(
  { openReader, config }: CommandEnvironment,
  { uuid }: PruneFlags,
  limits: PruneOptions,
): Promise<Found> {
  const history = await openReader();
  const progress = startProgress();
  try {
    progress.show('counting what would go');
    const webhookUuid = uuid === undefined ? undefined : await findWebhookUuid(uuid, config.webhooks, history);
    const options = { ...limits, webhookUuid };
    const prunable = await history.countPrunable(options);
    const named = prunable.webhooks.slice(0, MAX_NAMED).map((one) => one.uuid);
    const label = await labelWebhooks(config.webhooks, history, named);
    return { options, prunable, words: describePrunable(prunable, label) };
  } finally {
    progress.clear();
    await history.close();
  }
}

const MAX_NAMED = 5;

function describePrunable({ webhooks, made }: Prunable, label: (uuid: string) => string): string[] {
  const named = webhooks.slice(0, MAX_NAMED).map((one) => `${plainLine(label(one.uuid))} (${one.deliveries})`);
  const more = webhooks.length > MAX_NAMED ? [`${webhooks.length - MAX_NAMED} more`] : [];
  const days = made.map((ms) => new Date(ms).toISOString().slice(0, 10));
  return [
    ...wrapText([...named, ...more].join(', '), 'deliveries of  '),
    `made           ${[...new Set(days)].join(' to ')}`,
  ];
}

/** @param total how many will go; null where nobody counted them */
async function pruneHistory(
  environment: CommandEnvironment,
  options: PruneOptions,
  total: number | null,
): Promise<PruneCounts> {
  const history = await environment.openWriter();
  if (history === null) throw new AppError('usage', 'prune needs the history');
  const progress = startProgress();
  const of = total === null ? '' : ` of ${total}`;
  try {
    progress.show('looking for what is to go');
    return await history.prune(options, ({ deliveries }) => progress.show(`${deliveries}${of} deleted`));
  } finally {
    progress.clear();
    await history.close();
  }
}
