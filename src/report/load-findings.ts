import { makeFinding, type Finding } from '../model/finding.ts';
import type { JudgedExpectation, JudgedLoad } from '../model/load-report.ts';
import type { Report } from '../model/report.ts';
import { describeMeasured, describeVerdict } from './describe-load.ts';

/**
 * A load run as a report of findings, for those who read no other (JUnit, TAP, GitHub): each expectation is one, and
 * `run` is all the rest.
 */
export function reportLoad(load: JudgedLoad): Report {
  const { report, expectations, verdict } = load;
  return {
    command: 'load',
    target: report.target.url,
    facts: {},
    conclusion: describeVerdict(load),
    isGood: verdict.outcome === 'yes',
    findings: [runFinding(load), ...expectations.map(expectationFinding)],
    startedAt: Date.parse(report.startedAt),
    durationMs: report.durationMs,
  };
}

const RUN = { id: 'run', title: 'the run is whole, and its figures are those of the endpoint' };

function runFinding({ report: { counts }, expectations, verdict }: JudgedLoad): Finding {
  // Expectations that are not met are findings themselves.
  const isBelow = verdict.reasons.length === 1 && expectations.some(({ isMet }) => !isMet);
  const isGood = verdict.reasons.length === 0 || isBelow;
  const { started, delivered, refused, unreachable, dropped } = counts;
  return makeFinding(RUN, {
    status: isGood ? 'pass' : 'fail',
    detail: isGood
      ? `${started} sent, ${delivered} delivered, ${refused} refused, ${unreachable} unreachable, ${dropped} dropped`
      : verdict.reasons.join('; '),
  });
}

function expectationFinding(judged: JudgedExpectation): Finding {
  const { expectation, isMet } = judged;
  return makeFinding(
    { id: expectation, title: `${expectation} is expected` },
    {
      status: isMet ? 'pass' : 'fail',
      detail: describeMeasured(judged),
      expected: expectation,
      observed: describeMeasured(judged),
    },
  );
}
