import { expect, test } from 'vitest';
import { Parser, type FinalResults, type Result } from 'tap-parser';
import { renderTap } from '../../src/report/tap.ts';
import type { Report } from '../../src/model/report.ts';
import { EXPLAINED, finding, HOSTILE, hostileReport, MIXED, report } from './reports.ts';

interface Parsed {
  points: Result[];
  end: FinalResults;
  /** Lines that are no TAP. */
  extra: string[];
  version: number;
}

function parse(one: Report): Parsed {
  const parsed: Partial<Parsed> = {};
  const points: Result[] = [];
  const extra: string[] = [];
  const parser = new Parser({ strict: true }, (end) => {
    parsed.end = end;
  });
  parser.on('assert', (point) => points.push(point));
  parser.on('extra', (line) => extra.push(line));
  parser.on('version', (version) => {
    parsed.version = Number(version);
  });
  parser.end(renderTap(one));
  return { points, extra, end: parsed.end as FinalResults, version: parsed.version ?? 0 };
}

const NGINX_FIX = String.raw`{"server":"nginx","change":"client_max_body_size 5m;\nssl_verify_client on;"}`;
const APACHE_FIX = '{"server":"apache","change":"SSLRenegBufferSize 5242880"}';

test('one of each', () => {
  expect(renderTap(MIXED)).toBe(`TAP version 14
1..6
# verify-cert https://127.0.0.1:8443/hook
# a client certificate is optional
ok 1 - P1 a POST is refused
ok 2 - P1 a POST is refused (TLS 1.3)
not ok 3 - P5 the given certificate succeeds
  ---
  message: "HTTP 413"
  id: "P5"
  expected: "HTTP 200"
  observed: "HTTP 413"
  fix: "enlarge the buffer"
  serverFixes: [${NGINX_FIX},${APACHE_FIX}]
  reference: "RFC 9110"
  duration_ms: 12.34
  ...
ok 4 - N2 the list names the issuer
  ---
  warning: "it names another"
  id: "N2"
  expected: "CN=A"
  duration_ms: 12.34
  ...
ok 5 - L2 the key is RSA # SKIP no vendor was named
ok 6 - P1 a POST is refused \\#2
`);
});

test('a parser reads the same', () => {
  const { points, end, extra, version } = parse(MIXED);
  expect([version, extra]).toEqual([14, []]);
  expect(end).toMatchObject({
    ok: false,
    count: 6,
    pass: 5,
    fail: 1,
    skip: 1,
    todo: 0,
    bailout: false,
    plan: { start: 1, end: 6 },
  });
  expect(points[2]?.diag).toMatchObject({ message: 'HTTP 413', serverFixes: MIXED.findings[2]?.serverFixes });
  expect(points[3]).toMatchObject({ ok: true, diag: { warning: 'it names another' } });
  expect(points[4]).toMatchObject({ ok: true, skip: 'no vendor was named' });
  expect(points[5]?.name).toBe('P1 a POST is refused #2');
});

test.each(HOSTILE)('%s stays where it belongs', (_, text) => {
  const { points, end, extra } = parse(hostileReport(text));
  expect(extra).toEqual([]);
  expect(end).toMatchObject({ ok: false, count: 4, pass: 3, fail: 1, skip: 1, todo: 0, bailout: false });
  expect(points.map(({ ok }) => ok)).toEqual([true, false, true, true]);
  expect(points[1]?.diag).toMatchObject({
    message: text,
    observed: text,
    serverFixes: [{ server: 'nginx', change: text }],
  });
  expect(points[2]?.diag).toMatchObject({ warning: text });
});

test.each([
  ['nothing checked, and that is no success', report([], { isGood: false }), { ok: false, count: 1, fail: 1 }],
  ['nothing to check, as hoped', report([]), { ok: true, count: 0, fail: 0 }],
  [
    'all skipped, and that is no success',
    report([finding('skip')], { isGood: false }),
    { ok: false, count: 2, fail: 1, skip: 1 },
  ],
  ['a failure explains itself', report([finding('fail')]), { ok: false, count: 1, fail: 1 }],
])('%s', (_, one, expected) => {
  expect(parse(one).end).toMatchObject(expected);
});

test('a cause is told above the points, and named by each that it explains', () => {
  const text = renderTap(EXPLAINED);
  expect(text).toContain('# cause refuses-everything: all is refused\n# seen: all are answered 404\n');
  expect(parse(EXPLAINED).points.map(({ ok, diag }) => [ok, (diag as { cause?: string } | null)?.cause])).toEqual([
    [false, 'refuses-everything'],
    [true, 'refuses-everything'],
    [true, undefined],
    [false, undefined],
  ]);
});
