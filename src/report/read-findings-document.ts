import { AppError } from '../model/error.ts';
import type { Finding, ServerFix } from '../model/finding.ts';
import type { CommonCause, Report } from '../model/report.ts';

/** What a document of findings says: of a Report all but what only its own run knows. */
export type GivenReport = Pick<Report, 'target' | 'conclusion' | 'findings' | 'causes'>;

/**
 * Reads what `--reporter json` of any command wrote. It says what was found, but not whether that was the conclusion
 * hoped for. Anything else: AppError `input`.
 * @param path for the error alone
 */
export function readFindingsDocument(text: string, path: string): GivenReport[] {
  const document = recordOf(parse(text, path));
  const results = document['results'];
  const reports = Array.isArray(results) ? results.map(recordOf) : [document];
  if (reports.length === 0 || reports.some(({ findings }) => !Array.isArray(findings)))
    throw noFindings(path, 'it has no list of findings');
  return reports.map((report) => ({
    target: textOf(report['target']),
    conclusion: textOf(report['conclusion']),
    findings: listOf(report['findings']).map((one) => toFinding(one, path)),
    causes: listOf(report['causes']).map(toCause),
  }));
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noFindings(path, error instanceof Error ? error.message : String(error));
  }
}

function noFindings(path: string, why: string): AppError {
  return new AppError('input', `${path} is not a report: ${why}`, {
    hint: 'create one: webhook test … --reporter json=FILE, or verify-cert … --reporter json=FILE',
  });
}

const STATUSES = ['pass', 'fail', 'warn', 'skip'] as const satisfies Finding['status'][];

function toFinding(given: unknown, path: string): Finding {
  const one = recordOf(given);
  const status = STATUSES.find((known) => known === one['status']);
  if (status === undefined)
    throw noFindings(path, `a finding has the unknown status ${JSON.stringify(one['status'] ?? null)}`);
  return {
    id: textOf(one['id']),
    title: textOf(one['title']),
    status,
    detail: textOf(one['detail']),
    expected: textOrNull(one['expected']),
    observed: textOrNull(one['observed']),
    fix: textOrNull(one['fix']),
    serverFixes: listOf(one['serverFixes']).map(toServerFix),
    reference: textOrNull(one['reference']),
    durationMs: 0,
    assumptions: listOf(one['assumptions']).map(textOf),
    mistake: textOrNull(one['mistake']),
    reproduce: textOrNull(one['reproduce']),
    cause: textOrNull(one['cause']),
  };
}

function toServerFix(given: unknown): ServerFix {
  const { server, change } = recordOf(given);
  // A name is shown; it chooses nothing here.
  return { server: textOf(server) as ServerFix['server'], change: textOf(change) };
}

function toCause(given: unknown): CommonCause {
  const one = recordOf(given);
  return {
    id: textOf(one['id']),
    title: textOf(one['title']),
    detail: textOf(one['detail']),
    fix: textOf(one['fix']),
    reproduce: textOrNull(one['reproduce']),
    explains: listOf(one['explains']).map(textOf),
    voids: listOf(one['voids']).map(textOf),
  };
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
