import { expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import { joinAlike } from '../../src/report/describe-findings.ts';
import { finding } from './reports.ts';

const titlesOf = (findings: readonly Finding[]): string[] => joinAlike(findings).map(({ title }) => title);
const on = (version: string, changes: Partial<Finding> = {}): Finding =>
  finding('pass', { id: 'N1', title: `it asks (${version})`, ...changes });

test('the same on both versions versions is one line', () => {
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
  ['no note', on('', { title: 'Mailkit requires' })],
])('%s stays a line of its own', (_, other) => {
  expect(titlesOf([on('TLS 1.2'), other])).toHaveLength(2);
});

/** What a list of networks comes to, one finding each. */
const ofList = (count: number, change: (index: number) => Partial<Finding> = () => ({})): Finding[] =>
  Array.from({ length: count }, (_, index) =>
    finding('pass', {
      id: 'vendor-admitted',
      title: `192.0.${index}.0/24 is admitted (allow.txt:${index + 1})`,
      detail: `192.0.${index}.0 is admitted: allow 192.0.${index}.0/24 (nginx.conf:${index + 7})`,
      ...change(index),
    }),
  );

test('a list is one line for all that end the same way', () => {
  const findings = [
    ...ofList(5000),
    ...ofList(20, (index) => ({ status: 'fail', title: `2a01:db8:${index}::/48 is admitted (allow.txt:${index})` })),
    finding('pass', { id: 'trap', title: 'none', detail: 'none found' }),
  ];
  expect(titlesOf(findings)).toEqual([
    '192.0.0.0/24 is admitted (allow.txt:1), 192.0.1.0/24 is admitted (allow.txt:2), ' +
      '192.0.2.0/24 is admitted (allow.txt:3) and 4997 more like these (--json lists each)',
    '2a01:db8:0::/48 is admitted (allow.txt:0), 2a01:db8:1::/48 is admitted (allow.txt:1), ' +
      '2a01:db8:2::/48 is admitted (allow.txt:2) and 17 more like these (--json lists each)',
    'none',
  ]);
});

test.each<[string, Finding[]]>([
  ['a short list', ofList(8)],
  ['another number of days', ofList(9, (index) => ({ title: `C${index}`, detail: `it expires in ${index + 2} days` }))],
  ['another reason', ofList(9, (index) => (index === 4 ? { detail: 'deny all' } : {}))],
])('%s keeps a line for each', (_, findings) => {
  expect(titlesOf(findings)).toEqual(findings.map(({ title }) => title));
});

test('what is long and no address is gone through once', () => {
  const long = finding('fail', { detail: 'a'.repeat(200_000) });
  expect(joinAlike([long])).toEqual([long]);
});
