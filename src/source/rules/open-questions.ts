import type { Doubt, Place } from './server-rules.ts';

/** Answers what the configuration alone does not tell: one of both answers, the same one for the same question. */
export type Ask = (place: Place, text: string) => boolean;

export interface EveryWay<Answer> {
  /** At least one; more when they hang on questions. */
  answers: readonly Answer[];
  /** The questions that were asked. */
  doubts: readonly Doubt[];
  /** There were so many questions that not every way was gone. */
  isPartial: boolean;
}

const MAX_WAYS = 128;

/**
 * Goes every way through `answer`, once for each combination of answers to what it asks. What comes out the same every
 * way hangs on none of the questions. `answer` must ask the same in the same order when it is answered the same.
 */
export function answerEveryWay<Answer>(answer: (ask: Ask) => Answer): EveryWay<Answer> {
  const answers: Answer[] = [];
  const doubts = new Map<string, Doubt>();
  const way: boolean[] = [];
  for (let count = 0; count < MAX_WAYS; count += 1) {
    answers.push(answer(goWay(way, doubts)));
    while (way.at(-1) === false) way.pop();
    if (way.length === 0) return { answers, doubts: [...doubts.values()], isPartial: false };
    way[way.length - 1] = false;
  }
  return { answers, doubts: [...doubts.values()], isPartial: true };
}

function goWay(way: boolean[], doubts: Map<string, Doubt>): Ask {
  const known = new Map<string, boolean>();
  return (place, text) => {
    const key = `${place.file}:${place.line}:${text}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    if (way.length === known.size) way.push(true);
    const value = way[known.size] as boolean;
    known.set(key, value);
    doubts.set(key, { place, text });
    return value;
  };
}
