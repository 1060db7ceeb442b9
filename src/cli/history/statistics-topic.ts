import type { TopicPart } from '../terminal/topic.ts';

export const STATISTICS_TOPIC: readonly TopicPart[] = [
  'webhook history stats counts attempts, retries too, by the day (UTC) on which they began: sent is delivered, ' +
    'refused and unreachable together.',
  'p50 and p95 are response times of the attempts that were answered: nearest rank, to three digits.',
];
