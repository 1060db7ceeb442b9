import { expect, test } from 'vitest';
import { failedText, foldFindings, foldRepeatedFixes } from '../../../src/cli/terminal/fold-findings.ts';
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
    ...Array.from({ length: 9 }, () => of('fail', 'a', { cause: cause.id })),
    of('warn', 'b', { cause: cause.id }),
    of('fail', 'c'),
    of('pass', 'd'),
    of('pass', 'e', { group: 'accept' }),
    of('skip', 'f', { detail: 'why' }),
  ];
  const { shown, counted } = foldFindings({ findings, causes: [cause] }, false);
  expect(shown).toMatchObject([{ id: 'c', expected: null, reproduce: null }]);
  expect(counted).toEqual([
    ['pass', '1 of accept'],
    ['skip', 'f: why'],
  ]);
  expect(failedText({ findings, causes: [cause] })).toBe('9 by nothing-verified, c');
});

test('a command stands there on request, and all of a finding that is the only one', () => {
  const findings = [of('fail', 'a')];
  expect(foldFindings({ findings }, false).shown).toMatchObject([{ expected: '401', reproduce: null }]);
  expect(foldFindings({ findings }, true).shown).toMatchObject([{ expected: '401', reproduce: 'curl' }]);
});

test('of many the first are explained, and the others stand together by their reasons', () => {
  const findings = ['a', 'b', 'c', 'd'].map((id, at) => of('warn', id, { detail: `request ${at} of 9: answered 500` }));
  const { shown, counted } = foldFindings({ findings: [...findings, of('fail', 'e')] }, false);
  expect(shown.map(({ id }) => id)).toEqual(['e', 'a']);
  expect(counted).toEqual([['warn', 'b, c, d: answered 500']]);
});

test('beside a common cause a warning is named alone', () => {
  const findings = [of('fail', 'a', { cause: cause.id }), of('warn', 'c', { detail: 'answered 200' })];
  const { shown, counted } = foldFindings({ findings, causes: [cause] }, false);
  expect([shown, counted]).toEqual([[], [['warn', 'c: answered 200']]]);
});

const NGINX = { server: 'nginx', change: 'ssl_verify_client on;\n'.repeat(10) } as const;
const APACHE = { server: 'apache', change: 'SSLVerifyClient require' } as const;
const failing = ['P1', 'P2', 'P3'].map((id) => finding('fail', { id, fix: id, serverFixes: [NGINX, APACHE] }));

test.each<[string, Finding[], [string, string[]][]]>([
  ['of one finding the changes of all servers', failing.slice(0, 1), [['P1', ['nginx', 'apache']]]],
  [
    'of several, where they are long, those of one',
    failing,
    ['P1', 'P2', 'P3'].map((id) => [
      `${id} (these are the lines for nginx; --verbose shows those for apache)`,
      ['nginx'],
    ]),
  ],
  [
    'and of the server that was asked for',
    failing.map((one) => ({ ...one, serverFixes: [NGINX] })),
    ['P1', 'P2', 'P3'].map((id) => [id, ['nginx']]),
  ],
])('%s', (_, findings, expected) => {
  const { shown } = foldFindings({ findings }, false);
  expect(shown.map(({ fix, serverFixes }) => [fix, serverFixes.map(({ server }) => server)])).toEqual(expected);
});

test('checks are named, as many as fit, and those of one id by what tells them apart', () => {
  const findings = [
    finding('pass', { id: 'N1', title: 'asked (TLS 1.2)' }),
    finding('fail', { id: 'N1', title: 'asked (TLS 1.3)' }),
    finding('pass', { id: 'N2', title: 'named (TLS 1.2)' }),
    finding('pass', { id: 'N2', title: 'named (TLS 1.3)' }),
    ...Array.from({ length: 80 }, (_, at) => finding('skip', { id: `L${at}`, detail: 'no file' })),
  ];
  expect(foldFindings({ findings }, false).counted).toEqual([
    ['pass', 'N1 (TLS 1.2), N2'],
    ['skip', '80 checks: no file'],
  ]);
});

test('what to change is said once, and pointed to afterwards; what fails for another cause has its own', () => {
  const serverFixes = [{ server: 'nginx' as const, change: 'ssl_verify_client on;' }];
  const shown = foldRepeatedFixes([
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
