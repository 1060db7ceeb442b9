import type { Finding } from '../model/finding.ts';
import type { CommonCause } from '../model/report.ts';
import { plural } from '../model/wording.ts';

export interface SuiteConclusion {
  text: string;
  isGood: boolean;
  /** Nothing is accepted, so the refusals prove nothing. */
  refusesEverything: boolean;
}

/** What the findings alone do not say. */
export interface Circumstances {
  /** Why the run ended early; null when it did not. */
  stopped: string | null;
  /** Failures that rest on an answer, of a run that ended early: they hold for all that was not tried. */
  failedBefore: number;
  /** At least one good request was answered with success, or none was sent. */
  acceptsGoodRequests: boolean;
  /** Cases of severity must that met a limit on the rate of requests, so that their answers prove nothing. */
  unproved: number;
  /** A good request was answered 2xx, which may be no success of the vendor's. */
  answersGoodRequests: boolean;
  /** What explains the findings, the most telling first. */
  causes: readonly CommonCause[];
  /** Failures that are warnings because they are known. */
  known: number;
  /**
   * Warnings of cases in which requests should be refused and were answered with success; effects show what was
   * processed.
   */
  welcomed: number;
  /** Such a case, of severity should, was even processed. */
  processesRefused: boolean;
}

/** What the findings of a whole run come to, in a line. */
export function concludeSuite(findings: readonly Finding[], around: Circumstances): SuiteConclusion {
  const { stopped, acceptsGoodRequests, answersGoodRequests, unproved, known } = around;
  const [failed, warned, passed] = [count(findings, 'fail'), count(findings, 'warn'), count(findings, 'pass')];
  const refusesEverything =
    !acceptsGoodRequests &&
    !answersGoodRequests &&
    findings.some(({ group, status }) => group === 'refuse' && status === 'pass');
  // A warning may rest on an assumption; that nothing was accepted rests on none.
  const isShut = !acceptsGoodRequests && known === 0;
  const isGood = stopped === null && failed === 0 && passed + warned > 0 && !isShut && unproved === 0;
  return {
    text: isGood ? goodText(findings, around) : badText(findings, around, refusesEverything),
    isGood,
    refusesEverything,
  };
}

function badText(
  findings: readonly Finding[],
  { stopped, failedBefore, causes, unproved }: Circumstances,
  refusesEverything: boolean,
): string {
  const of = findings.length;
  const failed = count(findings, 'fail');
  if (stopped !== null) return failedBefore === 0 ? stopped : `${stopped}; before that, ${failing(failedBefore, of)}`;
  if (findings.every(({ status }) => status === 'skip')) return 'no case was tried';
  const why = causeText(findings, causes);
  if (refusesEverything && (why === null || causes.some(({ voids }) => voids.length > 0)))
    return `${why ?? 'the endpoint refuses everything'}; its refusals prove nothing`;
  if (failed > 0) return `${why === null ? '' : `${why}; `}${failing(failed, of)}`;
  if (unproved > 0)
    return `${why ?? 'requests are answered 429'}: in ${unproved} of ${plural(of, 'case')} that proves nothing`;
  return why ?? 'no good request was accepted in any form that was tried';
}

const failing = (failed: number, of: number): string =>
  `${failed} of ${plural(of, 'case')} ${failed === 1 ? 'fails' : 'fail'}`;

function goodText(findings: readonly Finding[], { causes, known, welcomed, processesRefused }: Circumstances): string {
  const others = count(findings, 'warn') - known - welcomed;
  const why = known + welcomed > 0 ? null : causeText(findings, causes);
  const which = `${cases(others, known + welcomed > 0 ? 'other ' : '')} worth a look${why === null ? '' : `: ${why}`}`;
  const look = others > 0 ? `; ${which}` : '';
  if (known > 0) return `only known failures: ${known} of ${plural(findings.length, 'case')}${look}`;
  return (welcomed > 0 ? welcoming(findings, welcomed, processesRefused) : keeping(findings)) + look;
}

/**
 * The cause that most failures come from, where there is none most warnings, and how many others there are; null where
 * they stand for themselves.
 */
function causeText(findings: readonly Finding[], causes: readonly CommonCause[]): string | null {
  const worst = findings.some(({ status }) => status === 'fail') ? 'fail' : 'warn';
  const ids = new Set(findings.filter(({ status }) => status === worst).map(({ id }) => id));
  const found = causes
    .map(({ title, explains }) => ({ title, explained: explains.filter((id) => ids.has(id)).length }))
    .filter(({ explained }) => explained > 0)
    .toSorted((one, other) => other.explained - one.explained);
  const [first, ...others] = found;
  if (first === undefined) return null;
  return others.length === 0 ? first.title : `${first.title} (and ${plural(others.length, 'other cause')})`;
}

/** Of the groups that were tried, and of no other. A warning is a request that was treated otherwise. */
function keeping(findings: readonly Finding[]): string {
  const tried = { accept: isTried(findings, 'accept'), refuse: isTried(findings, 'refuse') };
  if (tried.accept && tried.refuse && count(findings, 'warn') === 0)
    return 'accepts every valid request and rejects every forged one';
  const kept = [tried.accept ? 'accepts valid requests' : '', tried.refuse ? 'rejects forged requests' : ''].filter(
    (part) => part !== '',
  );
  return kept.length === 0 ? 'survives malformed requests' : kept.join(' and ');
}

/**
 * The vendor sees no difference and nothing is lost; but nobody notices a wrong secret, and no status shows a forgery.
 */
function welcoming(findings: readonly Finding[], welcomed: number, processesRefused: boolean): string {
  const ofRefuse = findings.filter(({ group, status }) => group === 'refuse' && status !== 'skip').length;
  const kept = [
    isTried(findings, 'accept') ? 'accepts valid requests' : '',
    processesRefused ? '' : 'processes no forged requests',
  ].filter((part) => part !== '');
  const but = kept.length === 0 ? '' : `${kept.join(' and ')}, but `;
  return `${but}answers with success in ${welcomed} of ${plural(ofRefuse, 'case')} where it must reject`;
}

function isTried(findings: readonly Finding[], of: Finding['group']): boolean {
  return findings.some(({ group, status }) => group === of && status !== 'skip');
}

const count = (findings: readonly Finding[], of: Finding['status']): number =>
  findings.filter(({ status }) => status === of).length;
const cases = (number: number, kind: string): string => `${number} ${kind}${number === 1 ? 'case is' : 'cases are'}`;
