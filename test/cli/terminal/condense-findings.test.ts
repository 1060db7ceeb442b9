import { expect, test } from 'vitest';
import { mendOnce } from '../../../src/cli/terminal/condense-findings.ts';
import { finding } from '../../report/reports.ts';

test('what to change is told once, and pointed to afterwards; what fails for another cause has its own', () => {
  const serverFixes = [{ server: 'nginx' as const, change: 'ssl_verify_client on;' }];
  const shown = mendOnce([
    finding('fail', { id: 'N1', fix: 'ask', serverFixes }),
    finding('pass', { id: 'P2' }),
    finding('warn', { id: 'P1', fix: 'ask', serverFixes }),
    finding('fail', { id: 'P7', fix: 'enlarge', serverFixes }),
    finding('fail', { id: 'P8', fix: 'ask' }),
  ]);
  expect(shown.map(({ id, fix, serverFixes: { length } }) => [id, fix, length])).toEqual([
    ['N1', 'ask', 1],
    ['P2', null, 0],
    ['P1', 'the same as for N1', 0],
    ['P7', 'enlarge', 1],
    ['P8', 'ask', 0],
  ]);
});
