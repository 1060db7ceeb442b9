import type { Command } from 'commander';
import type { PruneCounts, PruneOptions } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addStoreFlags, jsonFlag, type StoreFlags } from '../terminal/flags.ts';
import { answer, answerJson } from '../terminal/output.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { moment, momentMs, type Moment, count } from '../terminal/flag-values.ts';

interface PruneFlags extends StoreFlags {
  before?: Moment;
  keepLast?: number;
  dryRun?: boolean;
  json?: boolean;
}

/** `webhook history prune` */
export function pruneHistoryCommand(): Command {
  const command = makeCommand('prune', {
    summary: 'delete old deliveries with all their attempts',
    examples: [
      ['webhook history prune --before 90d --dry-run', 'only count what would go'],
      ['webhook history prune --before 2026-01-01 --keep-last 1000', 'what is older, but never the newest thousand'],
    ],
  })
    .option('--before <when>', 'deliveries whose last attempt is older: 90d, 2026-01-01, …', moment)
    .option('--keep-last <count>', 'keep the newest so many, whatever their age', count)
    .option('--dry-run', 'count, delete nothing')
    .addOption(jsonFlag());
  return addStoreFlags(command).action(act(prune));
}

async function prune(flags: PruneFlags): Promise<ExitCode> {
  const { keepLast, dryRun = false } = flags;
  if (flags.before === undefined && keepLast === undefined) {
    throw new AppError('usage', 'prune what? --before or --keep-last is missing', {
      hint: 'for example: webhook history prune --before 90d --dry-run',
    });
  }
  const environment = await openEnvironment(flags);
  const beforeMs = flags.before === undefined ? undefined : momentMs(flags.before, environment.clock.now());
  const options = { beforeMs, keepLast };
  const counts = dryRun ? await countPrunable(environment, options) : await pruneHistory(environment, options);
  if (flags.json) answerJson({ dryRun, ...counts });
  else
    answer(`${dryRun ? 'would delete' : 'deleted'} ${counts.deliveries} deliveries with ${counts.attempts} attempts`);
  return 0;
}

async function countPrunable(environment: CommandEnvironment, options: PruneOptions): Promise<PruneCounts> {
  const history = await environment.openReader();
  try {
    return await history.countPrunable(options);
  } finally {
    await history.close();
  }
}

async function pruneHistory(environment: CommandEnvironment, options: PruneOptions): Promise<PruneCounts> {
  const history = await environment.openWriter();
  if (history === null) throw new AppError('usage', 'prune needs the history');
  try {
    return await history.prune(options);
  } finally {
    await history.close();
  }
}
