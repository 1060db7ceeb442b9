import type { RuleQuestion } from '../../src/source/rules/ask-rules.ts';

/** Who gets to /hook of the server that answers when nothing else is said? */
export const hookQuestion = (expected: RuleQuestion['expected']): RuleQuestion => ({
  path: '/hook',
  host: null,
  port: null,
  behind: null,
  suffixes: [],
  expected,
});
