import type { Command } from 'commander';
import { makeCommand } from '../terminal/command.ts';
import { copyHistoryCommand } from './history-copy.ts';
import { listHistoryCommand } from './history-list.ts';
import { pruneHistoryCommand } from './history-prune.ts';
import { showHistoryCommand } from './history-show.ts';
import { historyStatsCommand } from './history-stats.ts';

/** `webhook history list|show|stats|prune|copy` */
export function historyCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'list, show, count, prune and copy recorded deliveries',
    examples: [
      [`${name} list`, 'the newest deliveries, each with its attempts'],
      [`${name} show last`, 'one delivery: request, answers, timings'],
      [`${name} stats --since 7d`, 'a week in numbers: delivered, refused, response times'],
      [`${name} prune --before 90d --dry-run`, 'how much would be deleted'],
      [`${name} copy --to postgres://me@db.example.com/hooks`, 'all of it to the history of a team'],
    ],
  })
    .addCommand(listHistoryCommand())
    .addCommand(showHistoryCommand())
    .addCommand(historyStatsCommand())
    .addCommand(pruneHistoryCommand())
    .addCommand(copyHistoryCommand());
}
