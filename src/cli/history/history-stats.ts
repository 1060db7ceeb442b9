import type { Command } from 'commander';
import { namesOf } from '../../config/select-webhook.ts';
import { placeWebhooks } from '../../flows/history/label-webhooks.ts';
import { summariseDays, type SummedStatistics } from '../../report/statistics/daily-statistics.ts';
import { counting } from '../../flows/history/report-history.ts';
import type { HistoryReader, OutcomeFilter } from '../../history/history.ts';
import { plural } from '../../model/wording.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { count } from '../terminal/flag-values.ts';
import { addStoreFlags, jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';
import { addFilterFlags, nothingMatches, readFilter, type FilterFlags } from './delivery-filter.ts';

interface StatsFlags extends FilterFlags {
  limit: number;
  json?: boolean;
}

const DEFAULT_LIMIT = 100;

/** `webhook history stats` */
export function historyStatsCommand(): Command {
  const command = addFilterFlags(
    makeCommand('stats', {
      summary: 'count what was sent, delivered, refused and unreachable, by day, webhook and event',
      topics: ['statistics'],
      examples: [
        ['webhook history stats --since 7d', 'the last seven days, newest first, and their total'],
        ['webhook history stats --direction out --event optin', 'what was sent for one event'],
        [`webhook history stats --json | jq '.stats[] | select(.p95Ms > 1000)'`, 'the slow ones'],
      ],
      daily: ['--webhook', '--event', '--direction', '--failed', '--since', '--limit', '--json'],
    }),
  )
    .option('--limit <count>', `at most N rows, the newest (default: ${DEFAULT_LIMIT})`, count, DEFAULT_LIMIT)
    .addOption(jsonFlag());
  return addStoreFlags(command).action(act(showStatistics));
}

async function showStatistics(flags: StatsFlags): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const history = await environment.openReader();
  try {
    const filter = await readFilter(flags, environment, history);
    const { days, totals, total } = await summarise(history, filter);
    const shown: SummedStatistics = { days: days.slice(0, flags.limit), totals, total };
    const nameOf = namesOf(environment.config.webhooks);
    if (flags.json) answerJson(statisticsDocument(shown, days.length, nameOf));
    else if (days.length === 0) say(await nothingMatches(flags, filter, history));
    else {
      const unnamed = shown.days.map(({ webhookUuid }) => webhookUuid).filter((uuid) => nameOf(uuid) === null);
      const placeOf = await placeWebhooks(unnamed, history);
      answer((await import('./render-statistics.ts')).renderStatistics(shown, { nameOf, placeOf }));
    }
    if (days.length > flags.limit)
      say(`the totals cover all ${days.length} rows; to show the older ones too, add --limit ${days.length}`);
    return 0;
  } finally {
    await history.close();
  }
}

async function summarise(history: HistoryReader, filter: OutcomeFilter): Promise<SummedStatistics> {
  const progress = startProgress();
  progress.show('reading the history');
  const onRead = (attempts: number): void => progress.show(`${plural(attempts, 'attempt')} read`);
  return summariseDays(counting(history.outcomes(filter), onRead)).finally(progress.clear);
}

function statisticsDocument(
  { days, totals, total }: SummedStatistics,
  rows: number,
  nameOf: (uuid: string) => string | null,
): Record<string, unknown> {
  return {
    rows,
    stats: days.map(({ day, webhookUuid, ...rest }) => ({ day, webhookUuid, webhook: nameOf(webhookUuid), ...rest })),
    totals,
    total,
  };
}
