import { expect, test } from 'vitest';
import { renderJson } from '../../src/report/reporters.ts';
import { HOSTILE, hostileReport, MIXED, report } from './reports.ts';

test('one document on one line: version, target, facts, findings, conclusion', () => {
  const text = renderJson(MIXED, 2);
  expect(text.split('\n')).toEqual([expect.any(String), '']);
  expect(Object.keys(JSON.parse(text) as object)).toEqual([
    'schemaVersion',
    'target',
    'verdict',
    'tries',
    'findings',
    'conclusion',
  ]);
  expect(JSON.parse(text)).toEqual({
    schemaVersion: 2,
    target: MIXED.target,
    ...MIXED.facts,
    findings: MIXED.findings,
    conclusion: MIXED.conclusion,
  });
});

test('no finding is an empty list', () => {
  expect(JSON.parse(renderJson(report([]), 2))).toMatchObject({ findings: [] });
});

test.each(HOSTILE)('%s comes back as it was', (_, text) => {
  const one = hostileReport(text);
  expect(JSON.parse(renderJson(one, 2))).toEqual({
    schemaVersion: 2,
    target: text,
    verdict: text,
    causes: one.causes,
    findings: one.findings,
    conclusion: text,
  });
});
