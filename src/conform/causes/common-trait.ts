import { plural } from '../../model/wording.ts';
import type { CausePattern, Diagnosis } from './cause-pattern.ts';
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

function explainedBy(status: number): Diagnosis['explains'] {
  return ({ decisive }) => decisive !== null && isGood(decisive) && !isTaken(decisive) && answerOf(decisive) === status;
}

const detailOf = ({ refused: { length: no }, taken, status }: Divided, which: string): string =>
  `${which}, ${no} of ${plural(no, 'good request')} are answered ${status}, but none of ` +
  `${plural(taken.length, 'other')}`;

const isBeyondAscii = ({ request }: Exchange): boolean => request.body.some((byte) => byte > 0x7f);

export const BEYOND_ASCII: CausePattern = {
  id: 'beyond-ascii',
  find(evidence) {
    const divided = divide(evidence);
    if (divided === null || !divided.refused.every(isBeyondAscii) || divided.taken.some(isBeyondAscii)) return null;
    return {
      title: `bodies with non-ASCII characters are answered ${divided.status}`,
      detail: detailOf(divided, 'with such characters'),
      fix: 'verify the bytes of the body as received, before anything decodes them, and read them as UTF-8',
      explains: explainedBy(divided.status),
    };
  },
};

const eventsOf = (exchanges: readonly Exchange[]): string[] => [
  ...new Set(exchanges.map(({ request }) => request.event)),
];

export const SOME_EVENTS: CausePattern = {
  id: 'some-events',
  find(evidence) {
    const divided = divide(evidence);
    if (divided === null || divided.taken.length < SEVERAL) return null;
    const { status } = divided;
    const [refused, taken] = [eventsOf(divided.refused), eventsOf(divided.taken)];
    if (refused.some((event) => taken.includes(event))) return null;
    return {
      title:
        refused.length > taken.length
          ? `no event except ${taken.join(', ')} is accepted: others are answered ${status}`
          : `the event ${refused.join(', ')} is always answered ${status}`,
      detail: detailOf(divided, `of ${refused.join(', ')}`),
      fix:
        'handle them, or ignore them and answer with success; ' +
        `if the endpoint is only for the others: --events ${taken.join(',')}`,
      explains: explainedBy(status),
    };
  },
};
