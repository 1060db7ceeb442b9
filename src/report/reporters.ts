import { writeJsonText } from '../model/json.ts';
import type { Report } from '../model/report.ts';

export interface Reporter {
  name: 'terminal' | 'json' | 'junit' | 'tap' | 'html' | 'github';
  /** What it writes, for the help of the flag. */
  summary: string;
  /** Of a document, which has its file or stdout for itself: its code, loaded when it is used. Else null. */
  load: (() => Promise<(report: Report, schemaVersion: number) => string>) | null;
}

/** Every reporter there is: flag, help and errors derive from this list. */
export const REPORTERS: readonly Reporter[] = [
  { name: 'terminal', summary: 'text for the terminal', load: null },
  { name: 'json', summary: 'one JSON document', load: async () => renderJson },
  { name: 'junit', summary: 'JUnit XML', load: async () => (await import('./junit.ts')).renderJunit },
  { name: 'tap', summary: 'TAP 14', load: async () => (await import('./tap.ts')).renderTap },
  {
    name: 'html',
    summary: 'an HTML page',
    load: async () => (await import('./findings-page.ts')).renderHtml,
  },
  { name: 'github', summary: 'annotations, and the job summary in $GITHUB_STEP_SUMMARY or FILE', load: null },
];

/**
 * The document of `--json`, on one line: `{ schemaVersion, target, …facts, causes, findings, conclusion }`, causes
 * where they were looked for; or of several reports `{ schemaVersion, …facts, results, conclusion }`.
 */
export function renderJson(report: Report, schemaVersion: number): string {
  const { parts, facts, conclusion } = report;
  const document = parts === undefined ? resultOf(report) : { ...facts, results: parts.map(resultOf), conclusion };
  return `${writeJsonText({ schemaVersion, ...document })}\n`;
}

function resultOf({ target, facts, causes, findings, conclusion }: Report): Record<string, unknown> {
  return { target, ...facts, ...(causes === undefined ? {} : { causes }), findings, conclusion };
}
