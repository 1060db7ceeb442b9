import { afterEach, expect, test } from 'vitest';
import { renderReport, foldRepeatedFixes } from '../../../src/cli/terminal/findings.ts';
import type { Report } from '../../../src/model/report.ts';
import { finding, HOSTILE, hostileReport, MIXED, report } from '../../report/reports.ts';

const unlimited = process.stdout.columns;
afterEach(() => {
  process.stdout.columns = unlimited;
});

function renderAt(columns: number, one: Report): string[] {
  process.stdout.columns = columns;
  return renderReport(one).split('\n');
}

test('in a pipe: the conclusion, a line for each finding, what to do, skips, counts', () => {
  expect(renderReport(MIXED).split('\n')).toEqual([
    'a client certificate is optional  https://127.0.0.1:8443/hook',
    '',
    'pass  P1  a POST is refused               it is pass',
    'pass  P1  a POST is refused (TLS 1.3)     it is pass',
    'fail  P5  the given certificate succeeds  HTTP 413',
    '          expected  HTTP 200',
    '          observed  HTTP 413',
    '          fix       enlarge the buffer',
    '          nginx     client_max_body_size 5m;',
    '                    ssl_verify_client on;',
    '          apache    SSLRenegBufferSize 5242880',
    'warn  N2  the list names the issuer       it names another',
    '          expected  CN=A',
    'pass  P1  a POST is refused               it is pass',
    'skip  L2: no vendor was named',
    '',
    '3 passed, 1 failed, 1 warning, 1 skipped in 1.6 s',
    'failed: P5',
  ]);
});

test('the last line names what failed, each once', () => {
  const failing = ['P1', 'P2', 'P1', 'R2'].map((id) => finding('fail', { id }));
  expect(
    renderReport(report([...failing, finding('warn', { id: 'N2' })]))
      .split('\n')
      .at(-1),
  ).toBe('failed: P1, P2, R2');
  expect(
    renderReport(report([finding('pass'), finding('warn')]))
      .split('\n')
      .at(-1),
  ).toBe('1 passed, 1 warning in 1.6 s');
});

test.each([60, 80])(
  'on a terminal of %i columns a long conclusion breaks between words, and the target stands below it',
  (columns) => {
    const conclusion =
      '3 certificates, none expires within 30 days, but not everything below the folder could be read or opened';
    const target = '/etc/webhooks/certs';
    const lines = renderAt(columns, report([], { conclusion, target }));
    const head = lines.slice(0, lines.indexOf(''));
    for (const one of head) expect(one.length, one).toBeLessThanOrEqual(columns);
    expect(head.slice(0, -1).join(' ')).toBe(conclusion);
    expect(head.at(-1)).toBe(`  ${target}`);
  },
);

const long =
  'the certificate was asked for in the middle of the request, and what had been read of it by then did not fit';
const LONG = report([
  finding('pass', { id: 'P10', detail: long }),
  finding('fail', { title: `${long} (TLS 1.3)`, detail: long, fix: long }),
  ...['1.2', '1.3'].map((version) =>
    finding('skip', { id: 'N1', title: `asked (TLS ${version})`, detail: version === '1.2' ? 'no answer' : 'too old' }),
  ),
  ...Array.from({ length: 30 }, (_, index) => finding('skip', { id: `L${index}`, detail: 'no certificate' })),
]);

test.each([80, 120])('on a terminal of %i columns no line is longer, and the status stays first', (columns) => {
  const lines = renderAt(columns, LONG);
  for (const one of lines) expect(one.length, one).toBeLessThanOrEqual(columns);
  // The detail of a pass is left out where it does not fit; of a failure nothing is.
  expect(lines[2]?.trimEnd()).toBe('pass  P10  a POST is refused');
  expect(lines.join(' ').replace(/\s+/g, ' ')).toContain(`fail P1 ${long} (TLS 1.3) ${long} fix ${long}`);
  expect(lines.filter((line) => /^\S/.test(line)).map((line) => line.split(' ')[0])).toEqual([
    'a',
    'pass',
    'fail',
    'skip',
    'skip',
    'skip',
    '1',
    'failed:',
  ]);
});

test('in a pipe every detail stands on the line of its finding, for grep', () => {
  expect(
    renderReport(LONG)
      .split('\n')
      .filter((line) => /^(pass|fail) .*did not fit$/.test(line)),
  ).toHaveLength(2);
});

test('skips stand together by reason; of one id skipped for two reasons the title says which', () => {
  const lines = renderReport(LONG)
    .split('\n')
    .filter((line) => line.startsWith('skip'));
  expect(lines.slice(0, 2)).toEqual(['skip  N1 (TLS 1.2): no answer', 'skip  N1 (TLS 1.3): too old']);
  expect(lines).toHaveLength(3);
  const same = report(
    ['1.2', '1.3'].map((version) =>
      finding('skip', { id: 'N1', title: `asked (TLS ${version})`, detail: 'no answer' }),
    ),
  );
  expect(renderReport(same)).toContain('\nskip  N1: no answer\n');
});

function renderTwice(changes: object): string[] {
  const [first, second] = [
    finding('fail', { expected: 'a', observed: 'b', fix: 'c' }),
    finding('fail', { title: 'again', expected: 'a', observed: 'b', fix: 'c', ...changes }),
  ];
  return renderReport(report([first, second]))
    .split('\n')
    .slice(6, 8);
}

test('what to do about the same check on another version of TLS is read once', () => {
  expect(renderTwice({})).toEqual(['fail  P1  again              it is fail', '          the rest is as above']);
  for (const changes of [
    { observed: 'other' },
    { id: 'P2' },
    { status: 'warn' },
    { serverFixes: [{ server: 'nginx', change: 'x' }] },
  ])
    expect(renderTwice(changes)[1]).toBe('          expected  a');
});

test.each(HOSTILE)('%s begins no line of its own, and is cut', (_, text) => {
  const one = hostileReport(text);
  // What is to be pasted keeps its lines and tabs.
  const lines = renderReport({
    ...one,
    findings: one.findings.map((each) => ({ ...each, serverFixes: [] })),
    causes: one.causes?.map((each) => ({ ...each, reproduce: null })),
  }).split('\n');
  expect(lines.filter((line, index) => index > 1 && /^\S/.test(line)).map((line) => line.slice(0, 4))).toEqual([
    'caus',
    'pass',
    'fail',
    'warn',
    'skip',
    '1 pa',
    'fail',
  ]);
  expect(lines.join('\n').length).toBeLessThan(30_000);
  // oxlint-disable-next-line no-control-regex
  expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
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
