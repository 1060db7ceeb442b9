import { expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { readFindingsDocument } from '../../src/report/read-findings-document.ts';
import { renderJson } from '../../src/report/reporters.ts';
import { EXPLAINED, HOSTILE, hostileReport, MIXED, report } from './reports.ts';

const WRITTEN: readonly [what: string, written: Report, read: readonly Report[]][] = [
  ['one report', MIXED, [MIXED]],
  ['one with causes', EXPLAINED, [EXPLAINED]],
  ['several told as one', report([], { parts: [MIXED, EXPLAINED] }), [MIXED, EXPLAINED]],
  ...HOSTILE.map(([what, text]): (typeof WRITTEN)[number] => [what, hostileReport(text), [hostileReport(text)]]),
];

test.each(WRITTEN)('reads what the reporter json wrote: %s', (_, written, read) => {
  const given = readFindingsDocument(renderJson(written, 2), 'report.json');
  expect(given).toMatchObject(
    read.map(({ target, conclusion, findings, causes = [] }) => ({
      target,
      conclusion,
      findings: findings.map((one) => ({ ...one, durationMs: 0 })),
      causes,
    })),
  );
});

test.each([
  ['', 'report.json is not a report: Unexpected end of JSON input'],
  ['[]', 'report.json is not a report: it has no list of findings'],
  ['null', 'it has no list of findings'],
  ['{"findings":{}}', 'it has no list of findings'],
  ['{"results":[]}', 'it has no list of findings'],
  ['{"results":[null]}', 'it has no list of findings'],
  ['{"findings":[{"status":"good"}]}', 'a finding has the unknown status "good"'],
  ['{"findings":[7]}', 'a finding has the unknown status null'],
])('%s is refused', (text, message) => {
  expect(() => readFindingsDocument(text, 'report.json')).toThrow(message);
});
