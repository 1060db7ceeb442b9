import { namesSignature, speaksOfLimit, wordsOf } from '../../model/answer-words.ts';
import { isSigned } from '../../vendors/facts.ts';
import { isRateLimited } from '../case-verdict.ts';
import type { CausePattern } from './cause-pattern.ts';
import {
  goodExchanges,
  isBad,
  isGood,
  isTaken,
  quoteAnswer,
  type Exchange,
  type JudgedCase,
  type SuiteEvidence,
} from './judged-case.ts';

const isLimited = ({ attempt }: Exchange): boolean => isRateLimited(attempt);
const endsLimited = ({ decisive }: JudgedCase): boolean => decisive !== null && isLimited(decisive);

const allExchanges = ({ cases }: SuiteEvidence): Exchange[] => cases.flatMap(({ exchanges }) => exchanges);

/** Of new events: one that came before may have an answer of its own. */
const newAndGood = (evidence: SuiteEvidence): Exchange[] =>
  allExchanges(evidence).filter((one) => isGood(one) && one.request.expect !== 'repeated');

const namesItsSignature = ({ attempt }: Exchange): boolean => namesSignature(wordsOf(attempt.responseBody));

function saysSo(one: Exchange): boolean {
  const { responseHeaders, responseBody } = one.attempt;
  return speaksOfLimit({ headers: responseHeaders, body: responseBody }) && !namesItsSignature(one);
}

/** Two requests that have it in common differ in an id and in the time they were signed at, and in nothing else. */
function kindOf({ request: { event, method, route, ageMs, headers, body } }: Exchange): string {
  const names = headers.map(([name, value]) => (/^content-type$/i.test(name) ? `${name}: ${value}` : name));
  return JSON.stringify([event, method, route, ageMs, names, body.length]);
}

/** Of one kind of good requests some were taken, and some were not: it is not what was sent that decides. */
function isByNumber(good: readonly Exchange[]): boolean {
  const taken = new Set(good.filter(isTaken).map(kindOf));
  return good.some((one) => isLimited(one) && taken.has(kindOf(one)));
}

/** Whoever counts requests looks at none of them: good ones are turned away, too. */
function isRateLimit(evidence: SuiteEvidence): boolean {
  const good = newAndGood(evidence);
  return good.some((one) => isLimited(one) && saysSo(one)) || isByNumber(good);
}

function detailOf(evidence: SuiteEvidence): string {
  const all = allExchanges(evidence);
  const limited = all.filter(isLimited);
  return `${limited.length} of ${all.length} requests are answered 429${quoteAnswer(limited)}`;
}

export const RATE_LIMITED: CausePattern = {
  id: 'rate-limited',
  find: (evidence) =>
    isRateLimit(evidence)
      ? {
          title: 'the endpoint limits the request rate (429)',
          detail: detailOf(evidence),
          fix:
            'vendors deliver in bursts: raise the limit for this path and run it again: these requests showed ' +
            'nothing',
          explains: endsLimited,
        }
      : null,
};

/** A limit that says nothing of itself, and a refusal of everything, look the same. */
const isWithoutExplanation = (evidence: SuiteEvidence): boolean => {
  const good = goodExchanges(evidence);
  return good.length > 0 && good.every(isLimited) && !isRateLimit(evidence);
};

function whatToAsk(evidence: SuiteEvidence): string {
  const hint = goodExchanges(evidence).find(namesItsSignature)?.attempt.hint ?? null;
  if (hint !== null) return `${hint}; and answer 401 if verification fails: 429 is for rate limits`;
  const asked = isSigned(evidence.vendor) ? 'is the secret the same on both sides?' : 'who is refused, and why?';
  return `${asked} the endpoint's log shows it; if it is a limit, raise it: vendors deliver in bursts`;
}

export const LIMITED_OR_REFUSED: CausePattern = {
  id: 'limited-or-refused',
  find: (evidence) =>
    isWithoutExplanation(evidence)
      ? {
          title:
            'everything is answered 429, good or not: a rate limit, or ' +
            (isSigned(evidence.vendor) ? 'a wrong secret' : 'a refusal'),
          detail: detailOf(evidence),
          fix: whatToAsk(evidence),
          explains: endsLimited,
        }
      : null,
};

/** It proves no refusal: a limit would be answered so, too. */
export const REFUSES_WITH_429: CausePattern = {
  id: 'refuses-with-429',
  find(evidence) {
    const isMet = allExchanges(evidence).some((one) => isBad(one) && isLimited(one));
    if (!isMet || isRateLimit(evidence) || isWithoutExplanation(evidence)) return null;
    const signed = isSigned(evidence.vendor);
    const good = newAndGood(evidence);
    return {
      title: `requests that ${signed ? 'do not verify' : 'must be refused'} are answered 429`,
      detail: `${detailOf(evidence)}; of ${good.length} good ones ${good.filter(isLimited).length || 'none'}`,
      fix:
        `answer ${signed ? '401 if verification fails' : '400 or 403'}, ` +
        'and limit the rate only after that: 429 is for rate limits, and proves no refusal',
      explains: ({ decisive }) => decisive !== null && isLimited(decisive) && !isGood(decisive),
    };
  },
};
