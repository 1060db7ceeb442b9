import { expect, test } from 'vitest';
import { joinAlike, mendOnce } from '../../src/cli/render/condense-findings.ts';
import type { Finding } from '../../src/model/finding.ts';
import { finding } from '../report/reports.ts';

const titlesOf = (findings: readonly Finding[]): string[] => joinAlike(findings).map(({ title }) => title);
const on = (version: string, changes: Partial<Finding> = {}): Finding => finding('pass', { id: 'N1', title: `it asks (${version})`, ...changes });

test('the same on both versions is one line', () => {
  expect(titlesOf([on('TLS 1.2', { durationMs: 1 }), on('TLS 1.3', { durationMs: 2 })])).toEqual(['it asks (TLS 1.2, TLS 1.3)']);
});

test.each<[string, Finding]>([
  ['another status', { ...on('TLS 1.3'), status: 'warn' }],
  ['another detail', on('TLS 1.3', { detail: 'differs' })],
  ['other changes', on('TLS 1.3', { fixes: [{ server: 'nginx', change: 'x' }] })],
  ['another title', on('TLS 1.3', { title: 'it does not ask (TLS 1.3)' })],
  ['another check', on('TLS 1.3', { id: 'N2' })],
  ['no note', on('', { title: 'it asks' })],
])('%s stays a line of its own', (_, other) => {
  expect(titlesOf([on('TLS 1.2'), other])).toHaveLength(2);
});

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
