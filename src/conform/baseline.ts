import type { Finding } from '../model/finding.ts';
import { AppError } from '../model/error.ts';

/** The failures that are known, by webhook: its name, or the vendor's id where it has none. */
export type Baseline = ReadonlyMap<string, ReadonlySet<string>>;

const FORM = '--write-baseline writes a baseline: {"schemaVersion":1,"known":{"<webhook>":["<case>", …]}}';

/** Reads a baseline file. Throws AppError `input`, naming `path`. */
export function parseBaseline(text: string, path: string): Baseline {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError('input', `the baseline ${path} is not JSON`, { hint: FORM, cause });
  }
  const known = (value as { known?: unknown } | null)?.known;
  if (typeof known !== 'object' || known === null || Array.isArray(known))
    throw new AppError('input', `the baseline ${path} has no "known"`, { hint: FORM });
  return new Map(Object.entries(known).map(([webhook, ids]) => [webhook, readIds(ids, webhook, path)]));
}

function readIds(ids: unknown, webhook: string, path: string): Set<string> {
  if (Array.isArray(ids) && ids.every((id) => typeof id === 'string')) return new Set(ids);
  throw new AppError('input', `the baseline ${path} has no list of case ids for ${JSON.stringify(webhook)}`, {
    hint: FORM,
  });
}

/** The text of a baseline with the failures of these findings. */
export function writeBaseline(results: readonly { webhook: string; findings: readonly Finding[] }[]): string {
  const known = Object.fromEntries(results.map(({ webhook, findings }) => [webhook, failedIds(findings)]));
  return `${JSON.stringify({ schemaVersion: 1, known }, null, 2)}\n`;
}

function failedIds(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ status }) => status === 'fail')
    .map(({ id }) => id)
    .toSorted();
}

export interface Compared {
  /** Known failures are warnings here. */
  findings: Finding[];
  /** Known failures that pass now. */
  fixed: string[];
}

export function compareWithBaseline(findings: readonly Finding[], known: ReadonlySet<string>): Compared {
  return {
    findings: findings.map((finding) =>
      finding.status === 'fail' && known.has(finding.id)
        ? { ...finding, status: 'warn', detail: `known failure: ${finding.detail}` }
        : finding,
    ),
    fixed: findings.filter(({ id, status }) => status === 'pass' && known.has(id)).map(({ id }) => id),
  };
}
