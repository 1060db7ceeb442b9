import { expect, test } from 'vitest';
import type { JudgedExpectation, JudgedLoad } from '../../src/model/load-report.ts';
import { reportLoad } from '../../src/report/load-findings.ts';
import { loadReport } from '../load/load-reports.ts';

const MET: JudgedExpectation = {
  expectation: 'p99<500ms',
  measured: 104.0634,
  unit: 'ms',
  isMet: true,
  allowsNoDelivery: false,
};
const UNMET: JudgedExpectation = {
  expectation: 'delivered>99.9%',
  measured: 99,
  unit: '%',
  isMet: false,
  allowsNoDelivery: false,
};

const load = (parts: Partial<JudgedLoad>): JudgedLoad => ({
  report: loadReport(),
  expectations: [],
  verdict: { outcome: 'yes', reasons: [] },
  ...parts,
});

const statusesOf = (given: JudgedLoad) => reportLoad(given).findings.map(({ id, status }) => `${id} ${status}`);

test('an expectation is a finding with what was expected and what was measured', () => {
  const report = reportLoad(load({ expectations: [MET] }));
  expect(report).toMatchObject({ isGood: true, conclusion: 'the expectation is met', target: expect.any(String) });
  expect(report.findings[1]).toMatchObject({
    id: 'p99<500ms',
    status: 'pass',
    expected: 'p99<500ms',
    observed: '104.063 ms',
  });
});

test.each([
  ['a good run', load({}), ['run pass']],
  [
    'an expectation that is not met says nothing against the run',
    load({ expectations: [MET, UNMET], verdict: { outcome: 'no', reasons: ['1 of 2 expectations were not met'] } }),
    ['run pass', 'p99<500ms pass', 'delivered>99.9% fail'],
  ],
  [
    'a late generator does, though every expectation is met',
    load({ expectations: [MET], verdict: { outcome: 'no', reasons: ['results invalid: late'] } }),
    ['run fail', 'p99<500ms pass'],
  ],
  [
    'both',
    load({ expectations: [UNMET], verdict: { outcome: 'no', reasons: ['9 dropped', 'the expectation was not met'] } }),
    ['run fail', 'delivered>99.9% fail'],
  ],
])('%s', (_, given, statuses) => {
  expect(statusesOf(given)).toEqual(statuses);
  expect(reportLoad(given).isGood).toBe(given.verdict.outcome === 'yes');
});
