import type { HistoryReader, OutcomeFilter } from '../../history/history.ts';
import { summariseDays, type HistoryStatistics } from '../../report/statistics/daily-statistics.ts';

/** Counts the attempts that match, a chunk at a time: what is held grows with days and events, not with attempts. */
export function historyStatistics(history: HistoryReader, filter: OutcomeFilter): Promise<HistoryStatistics> {
  return summariseDays(history.outcomes(filter));
}
