import { afterEach, expect, test } from 'vitest';
import { renderReport, type FindingsStyle } from '../../../src/cli/terminal/findings.ts';
import type { Report } from '../../../src/model/report.ts';
import { plainLine } from '../../../src/cli/terminal/text.ts';
import { finding, HOSTILE, hostileReport, MIXED, report } from '../../report/reports.ts';
import { screenOf } from '../../../src/cli/terminal/stdio.ts';

const unlimited = screenOf(1).columns;
afterEach(() => {
  screenOf(1).columns = unlimited;
});

const VERBOSE = { isVerbose: true, hasCommands: true };

function renderAt(columns: number, one: Report, style?: FindingsStyle): string[] {
  screenOf(1).columns = columns;
  return renderReport(one, style).split('\n');
}

test('the worst comes last, and the conclusion below it', () => {
  expect(renderReport(MIXED).split('\n')).toEqual([
    'https://127.0.0.1:8443/hook',
    '',
    'pass  P1  a POST is refused               it is pass',
    'pass  P1  a POST is refused (TLS 1.3)     it is pass',
    'pass  P1  a POST is refused               it is pass',
    'skip  L2: no vendor was named',
    'warn  N2  the list names the issuer       it names another',
    '          expected  CN=A',
    'fail  P5  the given certificate succeeds  HTTP 413',
    '          fix       enlarge the buffer',
    '          nginx     client_max_body_size 5m;',
    '                    ssl_verify_client on;',
    '          apache    SSLRenegBufferSize 5242880',
    '',
    'a client certificate is optional',
    '3 passed, 1 failed, 1 warning, 1 skipped in 1.6 s',
    'failed: P5',
  ]);
});

test('--verbose lists what passed, and all that is known of what did not', () => {
  expect(renderReport(MIXED, VERBOSE).split('\n')).toEqual([
    'https://127.0.0.1:8443/hook',
    '',
    'pass  P1  a POST is refused               it is pass',
    'pass  P1  a POST is refused (TLS 1.3)     it is pass',
    'pass  P1  a POST is refused               it is pass',
    'skip  L2: no vendor was named',
    'warn  N2  the list names the issuer       it names another',
    '          expected  CN=A',
    'fail  P5  the given certificate succeeds  HTTP 413',
    '          expected  HTTP 200',
    '          observed  HTTP 413',
    '          fix       enlarge the buffer',
    '          nginx     client_max_body_size 5m;',
    '                    ssl_verify_client on;',
    '          apache    SSLRenegBufferSize 5242880',
    '',
    'a client certificate is optional',
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

test.each([60, 80])('on a terminal of %i columns a long conclusion breaks between words', (columns) => {
  const conclusion =
    '3 certificates, none expires within 30 days, but not everything below the folder could be read or opened';
  const target = '/etc/webhooks/certs';
  const lines = renderAt(columns, report([], { conclusion, target }));
  for (const one of lines) expect(one.length, one).toBeLessThanOrEqual(columns);
  expect(lines[0]).toBe(target);
  expect(lines.slice(2, -1).join(' ')).toBe(conclusion);
});

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
  const lines = renderAt(columns, LONG, VERBOSE);
  for (const one of lines) expect(one.length, one).toBeLessThanOrEqual(columns);
  // The detail of a pass is left out where it does not fit; of a failure nothing is.
  expect(lines[2]?.trimEnd()).toBe('pass  P10  a POST is refused');
  expect(lines.join(' ').replace(/\s+/g, ' ')).toContain(`fail P1 ${long} (TLS 1.3) ${long} fix ${long}`);
  expect(lines.filter((line) => /^\S/.test(line)).map((line) => line.split(' ')[0])).toEqual([
    'https://127.0.0.1:8443/hook',
    'pass',
    'skip',
    'skip',
    'skip',
    'fail',
    'a',
    '1',
    'failed:',
  ]);
});

test('in a pipe every detail stands on the line of its finding, for grep', () => {
  expect(
    renderReport(LONG, VERBOSE)
      .split('\n')
      .filter((line) => /^(pass|fail) .*did not fit$/.test(line)),
  ).toHaveLength(2);
});

test('skips stand together by reason; of one id skipped for two reasons the title says which', () => {
  const lines = renderReport(LONG, VERBOSE)
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
  const lines = renderReport(report([first, second]), VERBOSE).split('\n');
  const at = lines.findIndex((one) => one.includes('  again'));
  return lines.slice(at, at + 2);
}

test('what to do about the same check on another version of TLS is read once', () => {
  expect(renderTwice({})).toEqual(['fail  P1  again              it is fail', '          the rest as above']);
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
    'pass',
    'skip',
    'warn',
    'fail',
    'caus',
    ...(/^\S/.test(plainLine(text)) ? [plainLine(text).slice(0, 4)] : []),
    '1 pa',
    'fail',
  ]);
  expect(lines.join('\n').length).toBeLessThan(30_000);
  // oxlint-disable-next-line no-control-regex
  expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
});
