import { writeJsonText } from '../model/json-text.ts';
import type { Report } from '../model/report.ts';

/** The document of `--json`, on one line: `{ schemaVersion, target, …facts, findings, conclusion }`. */
export function renderJson({ target, facts, findings, conclusion }: Report, schemaVersion: number): string {
  return `${writeJsonText({ schemaVersion, target, ...facts, findings, conclusion })}\n`;
}
