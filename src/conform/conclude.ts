import type { Finding } from '../model/finding.ts';

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
  /** At least one good request was answered with success, or none was sent. */
  acceptsGoodRequests: boolean;
  /** Cases of severity must whose refusals were a limit on the rate of requests, so that they prove nothing. */
  unproved: number;
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
export function concludeSuite(
  findings: readonly Finding[],
  { stopped, acceptsGoodRequests, unproved, known, welcomed, processesRefused }: Circumstances,
): SuiteConclusion {
  const failed = count(findings, 'fail');
  const warned = count(findings, 'warn');
  const passed = count(findings, 'pass');
  const refusesEverything =
    !acceptsGoodRequests && findings.some(({ group, status }) => group === 'refuse' && status === 'pass');
  // A warning may rest on an assumption; that nothing was accepted rests on none.
  const isShut = !acceptsGoodRequests && known === 0;
  const isGood = stopped === null && failed === 0 && passed + warned > 0 && !isShut && unproved === 0;
  return { text: textOf(), isGood, refusesEverything };

  function textOf(): string {
    if (stopped !== null) return stopped;
    if (passed + failed + warned === 0) return 'no case was tried';
    if (refusesEverything)
      return 'the endpoint refuses everything: is the secret the same, and the path right? Its refusals prove nothing';
    if (failed > 0) return `${failed} of ${findings.length} cases ${failed === 1 ? 'fails' : 'fail'}`;
    if (isShut) return 'no good request was accepted in any form that was tried';
    if (unproved > 0)
      return (
        `the endpoint limits the rate of requests (429): in ${unproved} of ${findings.length} cases ` +
        'its refusal proves nothing'
      );
    const others = warned - known - welcomed;
    const look = others > 0 ? `; ${cases(others, known + welcomed > 0 ? 'other ' : '')} worth a look` : '';
    if (known > 0) return `nothing fails but what is known to: ${known} of ${findings.length} cases${look}`;
    return (welcomed > 0 ? welcoming(findings, welcomed, processesRefused) : keeping(findings)) + look;
  }
}

/** Of the groups that were tried, and of no other. */
function keeping(findings: readonly Finding[]): string {
  const kept = [
    isTried(findings, 'accept') ? 'accepts what it must' : '',
    isTried(findings, 'refuse') ? 'refuses what it must' : '',
  ].filter((part) => part !== '');
  return kept.length === 0 ? 'survives what it must' : kept.join(' and ');
}

/**
 * The vendor sees no difference and nothing is lost; but nobody notices a wrong secret, and no status shows a forgery.
 */
function welcoming(findings: readonly Finding[], welcomed: number, processesRefused: boolean): string {
  const ofRefuse = findings.filter(({ group, status }) => group === 'refuse' && status !== 'skip').length;
  const kept = [
    isTried(findings, 'accept') ? 'accepts what it must' : '',
    processesRefused ? '' : 'processes nothing that it must refuse',
  ].filter((part) => part !== '');
  const but = kept.length === 0 ? '' : `${kept.join(' and ')}, but `;
  return `${but}answers success in ${welcomed} of ${ofRefuse} cases where it must refuse`;
}

function isTried(findings: readonly Finding[], of: Finding['group']): boolean {
  return findings.some(({ group, status }) => group === of && status !== 'skip');
}

const count = (findings: readonly Finding[], of: Finding['status']): number =>
  findings.filter(({ status }) => status === of).length;
const cases = (number: number, kind: string): string => `${number} ${kind}${number === 1 ? 'case is' : 'cases are'}`;
