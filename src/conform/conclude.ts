import type { Finding } from '../model/finding.ts';

export interface Conclusion {
  text: string;
  isGood: boolean;
  /** Nothing is accepted, so the refusals prove nothing. */
  refusesEverything: boolean;
}

/**
 * What the findings of a whole run come to, in a line. `stopped`: why it ended early; null when it did not.
 * `takesGoodRequests`: at least one good request was answered with success, or none was sent.
 */
export function concludeSuite(findings: readonly Finding[], stopped: string | null, takesGoodRequests: boolean): Conclusion {
  const failed = findings.filter(({ status }) => status === 'fail').length;
  const warned = findings.filter(({ status }) => status === 'warn').length;
  const passed = findings.filter(({ status }) => status === 'pass').length;
  const refusesEverything = !takesGoodRequests && findings.some(({ group, status }) => group === 'refuse' && status === 'pass');
  const isGood = stopped === null && failed === 0 && passed + warned > 0;
  return { text: textOf(), isGood, refusesEverything };

  function textOf(): string {
    if (stopped !== null) return stopped;
    if (passed + failed + warned === 0) return 'no case was tried';
    if (refusesEverything) return 'the endpoint refuses everything: is the secret the same, and the path right? Its refusals prove nothing';
    if (failed > 0) return `${failed} of ${findings.length} cases ${failed === 1 ? 'fails' : 'fail'}`;
    return warned > 0 ? `accepts what it must and refuses what it must; ${warned} ${warned === 1 ? 'case is' : 'cases are'} worth a look` : 'accepts what it must and refuses what it must';
  }
}
