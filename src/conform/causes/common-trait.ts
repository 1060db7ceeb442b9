import type { CausePattern } from './cause-pattern.ts';
import {
  answerOf,
  goodExchanges,
  isGood,
  isTaken,
  SEVERAL,
  type Divided,
  type Exchange,
  type SuiteEvidence,
} from './judged-case.ts';

/** Null: they are not divided so. */
function divide(evidence: SuiteEvidence): Divided | null {
  const good = goodExchanges(evidence);
  const [refused, taken] = [good.filter((one) => !isTaken(one)), good.filter(isTaken)];
  const [status = null, ...others] = new Set(refused.map(answerOf));
  return status === null || others.length > 0 || refused.length < SEVERAL || taken.length === 0
    ? null
    : { refused, taken, status };
}

/** All that were refused have it, and none that was taken. */
const divides = ({ refused, taken }: Divided, has: (one: Exchange) => boolean): boolean =>
  refused.every(has) && !taken.some(has);

const isBeyondAscii = ({ request }: Exchange): boolean => request.body.some((byte) => byte > 0x7f);

const explains: CausePattern['explains'] = ({ decisive }, evidence) =>
  decisive !== null && isGood(decisive) && !isTaken(decisive) && answerOf(decisive) === divide(evidence)?.status;

function detailOf(evidence: SuiteEvidence, which: string): string {
  const { refused = [], taken = [], status } = divide(evidence) ?? {};
  const [no, yes] = [refused.length, taken.length];
  return `${which}, ${no} of ${no} good requests are answered ${status}, and of ${yes} others none`;
}

export const BEYOND_ASCII: CausePattern = {
  id: 'beyond-ascii',
  holds(evidence) {
    const divided = divide(evidence);
    return divided !== null && divides(divided, isBeyondAscii);
  },
  title: (evidence) => `bodies with letters beyond ASCII are answered ${divide(evidence)?.status}`,
  detail: (evidence) => detailOf(evidence, 'with such letters'),
  fix: () => 'verify the bytes of the body as they came, before anything decodes them, and read them as UTF-8',
  explains,
};

/** The events of the one side, where none is on both. */
function eventsOf({ refused, taken }: Divided): { refused: string[]; taken: string[] } | null {
  const [no, yes] = [refused, taken].map((all) => [...new Set(all.map(({ request }) => request.event))]);
  return no === undefined || yes === undefined || no.some((event) => yes.includes(event))
    ? null
    : { refused: no, taken: yes };
}

function dividedEvents(evidence: SuiteEvidence): { refused: string[]; taken: string[] } | null {
  const divided = divide(evidence);
  return divided === null || divided.taken.length < SEVERAL ? null : eventsOf(divided);
}

export const SOME_EVENTS: CausePattern = {
  id: 'some-events',
  holds: (evidence) => dividedEvents(evidence) !== null,
  title(evidence) {
    const { refused = [], taken = [] } = dividedEvents(evidence) ?? {};
    const status = divide(evidence)?.status;
    return refused.length > taken.length
      ? `no event but ${taken.join(', ')} is taken: others are answered ${status}`
      : `the event ${refused.join(', ')} is answered ${status}, whatever it holds`;
  },
  detail(evidence) {
    const { refused = [] } = dividedEvents(evidence) ?? {};
    return detailOf(evidence, `of ${refused.join(', ')}`);
  },
  fix(evidence) {
    const { taken = [] } = dividedEvents(evidence) ?? {};
    return (
      'handle them, or answer success and leave them; ' +
      `if the endpoint is for the others alone: --events ${taken.join(',')}`
    );
  },
  explains,
};
