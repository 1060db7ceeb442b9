import type { Report } from '../model/report.ts';

/** The document of `--json`, on one line: `{ schemaVersion, target, …facts, findings }`. */
export function renderJson({ target, facts, findings }: Report, schemaVersion: number): string {
  return `${JSON.stringify({ schemaVersion, target, ...facts, findings })}\n`;
}
