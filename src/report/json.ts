import type { Report } from '../model/report.ts';

/** The document of `--json`, on one line: `{ schemaVersion, target, …facts, findings, conclusion }`. */
export function renderJson({ target, facts, findings, conclusion }: Report, schemaVersion: number): string {
  return `${JSON.stringify({ schemaVersion, target, ...facts, findings, conclusion })}\n`;
}
