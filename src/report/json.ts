import type { Report } from '../model/report.ts';

/** The document of `--json`, on one line: `{ schemaVersion, target, …facts, findings }`, or of several reports `{ schemaVersion, results }`. */
export function renderJson(report: Report, schemaVersion: number): string {
  const document = report.parts === undefined ? resultOf(report) : { ...report.facts, results: report.parts.map(resultOf) };
  return `${JSON.stringify({ schemaVersion, ...document })}\n`;
}

function resultOf({ target, facts, findings }: Report): Record<string, unknown> {
  return { target, ...facts, findings };
}
