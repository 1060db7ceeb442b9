import { expect, test } from 'vitest';
import { mendOnce } from '../../../src/cli/terminal/condense-findings.ts';
import { finding } from '../../report/reports.ts';

test('what to change is told once, and pointed to afterwards; what fails for another cause has its own', () => {
  const fixes = [{ server: 'nginx' as const, change: 'ssl_verify_client on;' }];
  const shown = mendOnce([
    finding('fail', { id: 'N1', advice: 'ask', fixes }),
    finding('pass', { id: 'P2' }),
    finding('warn', { id: 'P1', advice: 'ask', fixes }),
    finding('fail', { id: 'P7', advice: 'enlarge', fixes }),
    finding('fail', { id: 'P8', advice: 'ask' }),
  ]);
  expect(shown.map(({ id, advice, fixes: { length } }) => [id, advice, length])).toEqual([
    ['N1', 'ask', 1],
    ['P2', null, 0],
    ['P1', 'the same as for N1', 0],
    ['P7', 'enlarge', 1],
    ['P8', 'ask', 0],
  ]);
});
