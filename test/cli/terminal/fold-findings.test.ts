import { expect, test } from 'vitest';
import { failedText, foldFindings } from '../../../src/cli/terminal/fold-findings.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { finding } from '../../report/reports.ts';

const of = (status: Finding['status'], id: string, changes: Partial<Finding> = {}): Finding =>
  finding(status, { id, group: 'refuse', expected: '401', reproduce: 'curl', cause: null, ...changes });
const cause = {
  id: 'nothing-verified',
  title: '',
  detail: '',
  fix: '',
  reproduce: null,
  explains: ['a', 'b'],
  voids: ['d'],
};

test('what a cause explains is left out, what it makes worthless is not counted as passed', () => {
  const findings = [
    of('fail', 'a', { cause: cause.id }),
    of('warn', 'b', { cause: cause.id }),
    of('fail', 'c'),
    of('pass', 'd'),
    of('pass', 'e', { group: 'accept' }),
    of('skip', 'f', { detail: 'why' }),
  ];
  const { shown, counted } = foldFindings({ findings, causes: [cause] });
  expect(shown).toMatchObject([{ id: 'c', expected: null, reproduce: null }]);
  expect(counted).toEqual([
    ['pass', '1 of accept (--verbose names each)'],
    ['skip', 'f: why'],
  ]);
  expect(failedText({ findings, causes: [cause] })).toBe('1 by nothing-verified, c');
});

test('the command stands where one finding alone needs a look, and is short', () => {
  expect(foldFindings({ findings: [of('fail', 'a')] }).shown).toMatchObject([{ expected: '401', reproduce: 'curl' }]);
  const long = of('fail', 'a', { reproduce: 'curl \\\n'.repeat(30) });
  expect(foldFindings({ findings: [long] }).shown[0]?.reproduce).toBeNull();
});

test('of many the first are explained, and the others stand together by their reasons', () => {
  const findings = ['a', 'b', 'c', 'd'].map((id, at) => of('warn', id, { detail: `request ${at} of 9: answered 500` }));
  const { shown, counted } = foldFindings({ findings: [...findings, of('fail', 'e')] });
  expect(shown.map(({ id }) => id)).toEqual(['e', 'a']);
  expect(counted).toEqual([['warn', 'b, c, d: answered 500']]);
});
