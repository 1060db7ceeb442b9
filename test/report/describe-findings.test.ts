import { expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import { joinAlike } from '../../src/report/describe-findings.ts';
import { finding } from './reports.ts';

const titlesOf = (findings: readonly Finding[]): string[] => joinAlike(findings).map(({ title }) => title);
const on = (version: string, changes: Partial<Finding> = {}): Finding =>
  finding('pass', { id: 'N1', title: `it asks (${version})`, ...changes });

test('the same on both versions is one line', () => {
  expect(titlesOf([on('TLS 1.2', { durationMs: 1 }), on('TLS 1.3', { durationMs: 2 })])).toEqual([
    'it asks (TLS 1.2, TLS 1.3)',
  ]);
});

test.each<[string, Finding]>([
  ['another status', { ...on('TLS 1.3'), status: 'warn' }],
  ['another detail', on('TLS 1.3', { detail: 'differs' })],
  ['other changes', on('TLS 1.3', { serverFixes: [{ server: 'nginx', change: 'x' }] })],
  ['another title', on('TLS 1.3', { title: 'it does not ask (TLS 1.3)' })],
  ['another check', on('TLS 1.3', { id: 'N2' })],
  ['no note', on('', { title: 'it asks' })],
])('%s stays a line of its own', (_, other) => {
  expect(titlesOf([on('TLS 1.2'), other])).toHaveLength(2);
});
