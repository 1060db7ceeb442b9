import type { Doubt, Place } from './server-rules.ts';

/** Answers what the configuration alone does not say. The same question gets the same answer within one run. */
export type Ask = (place: Place, text: string) => boolean;

export interface EveryBranch<Answer> {
  /** At least one; more when they depend on questions. */
  answers: readonly Answer[];
  /** The questions that the end depends on. */
  doubts: readonly Doubt[];
  /** There were too many questions to follow every branch. */
  isPartial: boolean;
}

const MAX_BRANCHES = 128;
/** Of all branches together: a configuration with thousands of conditions would otherwise take minutes. */
const MAX_QUESTIONS = 5000;

/** A question at one point of a branch, and how the run can end by the answer to it. */
interface Crossing {
  doubt: Doubt;
  ends: { yes: Set<string>; no: Set<string> };
}

/**
 * Runs `answer` once for each combination of answers to what it asks. Two results with the same `endOf` count as the
 * same end, and a run that ends the same on every branch depends on no question. `answer` must be deterministic:
 * it asks the same when it is answered the same.
 */
export function answerEveryBranch<Answer>(
  answer: (ask: Ask) => Answer,
  endOf: (answer: Answer) => string,
): EveryBranch<Answer> {
  const answers: Answer[] = [];
  const crossings = new Map<string, Crossing>();
  const branch: boolean[] = [];
  let questions = 0;
  for (let count = 0; count < MAX_BRANCHES && questions < MAX_QUESTIONS; count += 1) {
    const asked: Doubt[] = [];
    const found = answer(followBranch(branch, asked));
    answers.push(found);
    questions += asked.length;
    recordEnd(crossings, branch, asked, endOf(found));
    while (branch.at(-1) === false) branch.pop();
    if (branch.length === 0) return { answers, doubts: findDoubts(crossings), isPartial: false };
    branch[branch.length - 1] = false;
  }
  return { answers, doubts: unique([...crossings.values()].map(({ doubt }) => doubt)), isPartial: true };
}

function followBranch(branch: boolean[], asked: Doubt[]): Ask {
  const known = new Map<string, boolean>();
  return (place, text) => {
    const key = keyOf({ place, text });
    const before = known.get(key);
    if (before !== undefined) return before;
    if (branch.length === known.size) branch.push(true);
    const value = branch[known.size] as boolean;
    known.set(key, value);
    asked.push({ place, text });
    return value;
  };
}

function recordEnd(
  crossings: Map<string, Crossing>,
  branch: readonly boolean[],
  asked: readonly Doubt[],
  end: string,
): void {
  for (const [index, doubt] of asked.entries()) {
    const at = branch.slice(0, index).map(Number).join('');
    const crossing = crossings.get(at) ?? { doubt, ends: { yes: new Set(), no: new Set() } };
    crossing.ends[branch[index] === true ? 'yes' : 'no'].add(end);
    crossings.set(at, crossing);
  }
}

/** The questions where the end differs by the answer. */
function findDoubts(crossings: ReadonlyMap<string, Crossing>): Doubt[] {
  return unique([...crossings.values()].filter(({ ends: { yes, no } }) => !isSame(yes, no)).map(({ doubt }) => doubt));
}

const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((end) => other.has(end));

const keyOf = ({ place, text }: Doubt): string => `${place.file}:${place.line}:${text}`;

const unique = (doubts: readonly Doubt[]): Doubt[] => [
  ...new Map(doubts.map((doubt) => [keyOf(doubt), doubt])).values(),
];
