import { writeJsonText } from '../model/json-text.ts';
import type { Report } from '../model/report.ts';

/**
 * The document of `--json`, on one line: `{ schemaVersion, target, …facts, findings, conclusion }`, or of several
 * reports `{ schemaVersion, …facts, results, conclusion }`.
 */
export function renderJson(report: Report, schemaVersion: number): string {
  const { parts, facts, conclusion } = report;
  const document = parts === undefined ? resultOf(report) : { ...facts, results: parts.map(resultOf), conclusion };
  return `${writeJsonText({ schemaVersion, ...document })}\n`;
}

function resultOf({ target, facts, findings, conclusion }: Report): Record<string, unknown> {
  return { target, ...facts, findings, conclusion };
}
