import type { Doubt, Place } from './server-rules.ts';

/** Answers what the configuration alone does not tell: one of both answers, the same one for the same question. */
export type Ask = (place: Place, text: string) => boolean;

export interface EveryWay<Answer> {
  /** At least one; more when they hang on questions. */
  answers: readonly Answer[];
  /** The questions on which it hangs how it ends. */
  doubts: readonly Doubt[];
  /** There were so many questions that not every way was gone. */
  isPartial: boolean;
}

const MAX_WAYS = 128;
/** In all ways together: a configuration of thousands of conditions would else take minutes. */
const MAX_QUESTIONS = 5000;

/** A question at one point of the way: how it can end, by the answer to it. */
interface Crossing {
  doubt: Doubt;
  ends: { yes: Set<string>; no: Set<string> };
}

/**
 * Goes every way through `answer`, once for each combination of answers to what it asks; `endOf` tells which answers are
 * alike. What ends alike every way hangs on no question. `answer` must ask the same when it is answered the same.
 */
export function answerEveryWay<Answer>(
  answer: (ask: Ask) => Answer,
  endOf: (answer: Answer) => string,
): EveryWay<Answer> {
  const answers: Answer[] = [];
  const crossings = new Map<string, Crossing>();
  const way: boolean[] = [];
  let questions = 0;
  for (let count = 0; count < MAX_WAYS && questions < MAX_QUESTIONS; count += 1) {
    const asked: Doubt[] = [];
    const found = answer(goWay(way, asked));
    answers.push(found);
    questions += asked.length;
    recordEnd(crossings, way, asked, endOf(found));
    while (way.at(-1) === false) way.pop();
    if (way.length === 0) return { answers, doubts: findDoubts(crossings), isPartial: false };
    way[way.length - 1] = false;
  }
  return { answers, doubts: unique([...crossings.values()].map(({ doubt }) => doubt)), isPartial: true };
}

function goWay(way: boolean[], asked: Doubt[]): Ask {
  const known = new Map<string, boolean>();
  return (place, text) => {
    const key = keyOf({ place, text });
    const before = known.get(key);
    if (before !== undefined) return before;
    if (way.length === known.size) way.push(true);
    const value = way[known.size] as boolean;
    known.set(key, value);
    asked.push({ place, text });
    return value;
  };
}

function recordEnd(
  crossings: Map<string, Crossing>,
  way: readonly boolean[],
  asked: readonly Doubt[],
  end: string,
): void {
  for (const [index, doubt] of asked.entries()) {
    const at = way.slice(0, index).map(Number).join('');
    const crossing = crossings.get(at) ?? { doubt, ends: { yes: new Set(), no: new Set() } };
    crossing.ends[way[index] === true ? 'yes' : 'no'].add(end);
    crossings.set(at, crossing);
  }
}

/** Those where the ends differ by the answer. */
function findDoubts(crossings: ReadonlyMap<string, Crossing>): Doubt[] {
  return unique([...crossings.values()].filter(({ ends: { yes, no } }) => !isSame(yes, no)).map(({ doubt }) => doubt));
}

const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((end) => other.has(end));

const keyOf = ({ place, text }: Doubt): string => `${place.file}:${place.line}:${text}`;

const unique = (doubts: readonly Doubt[]): Doubt[] => [
  ...new Map(doubts.map((doubt) => [keyOf(doubt), doubt])).values(),
];
