/**
 * What the configuration does not tell, taken one way and then the other: the same walk is made once for each series of
 * answers. The same question is answered alike within one walk.
 */
export interface Choices {
  answer(question: string): boolean;
}

const MAX_WALKS = 256;
/** In all walks together: a configuration of thousands of conditions would else take minutes. */
const MAX_ANSWERS = 10_000;

/** Every walk there is, up to a limit; `isComplete` says whether all were made. */
export function walkAll<Result>(walk: (choices: Choices) => Result): { results: Result[]; isComplete: boolean } {
  const results: Result[] = [];
  let answers: boolean[] | null = [];
  let count = 0;
  while (answers !== null && results.length < MAX_WALKS && count < MAX_ANSWERS) {
    const given = replay(answers);
    results.push(walk(given.choices));
    const made = given.made();
    count += made.length;
    answers = nextAnswers(made);
  }
  return { results, isComplete: answers === null };
}

function replay(answers: readonly boolean[]): { choices: Choices; made: () => boolean[] } {
  const known = new Map<string, boolean>();
  const answer = (question: string): boolean => {
    const before = known.get(question);
    if (before !== undefined) return before;
    const now = answers[known.size] ?? true;
    known.set(question, now);
    return now;
  };
  return { choices: { answer }, made: () => [...known.values()] };
}

/** Counts down in binary, the last answer first. */
function nextAnswers(made: readonly boolean[]): boolean[] | null {
  const last = made.lastIndexOf(true);
  return last === -1 ? null : [...made.slice(0, last), false];
}
