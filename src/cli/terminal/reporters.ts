import type { Finding } from '../../model/finding.ts';
import type { JsonValue } from '../../model/json.ts';
import type { Report } from '../../model/report.ts';
import { answer, SCHEMA_VERSION, say, warn } from './output.ts';
import type { Outputs } from './reporter-flags.ts';
import { plainText } from './text.ts';

/**
 * Writes the report wherever `readReporters` said. stdout comes first, so that a disk that is full loses no answer;
 * each file is tried before the first error is thrown (AppError `usage`).
 */
export async function writeReports(report: Report, { document, files, github }: Outputs): Promise<void> {
  const { writeReportFile } = await import('./whole-file.ts');
  const plain = plainOnce(report);
  const texts = new Map<Outputs['document'], string>();
  for (const reporter of new Set([document, ...files.map((file) => file.reporter)]))
    texts.set(reporter, await renderText(report, plain, reporter));
  answer(texts.get(document) ?? '');
  if (github !== null) await annotate(plain(), document === null ? answer : say);
  const writes = files.map(({ reporter, path }) => writeReportFile(path, texts.get(reporter) ?? ''));
  if (github !== null) writes.push(writeSummary(plain(), github));
  const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** The report made safe for a screen, copied when a reporter first asks for it. */
function plainOnce(report: Report): () => Report {
  let plain: Report | undefined;
  return () => (plain ??= plainReport(report));
}

/** JSON is data and stays as it is; whatever else a person may see on a screen is made safe for one. */
async function renderText(report: Report, plain: () => Report, reporter: Outputs['document']): Promise<string> {
  if (reporter === null || reporter.load === null) return (await import('./findings.ts')).renderReport(report);
  const render = await reporter.load();
  return render(reporter.name === 'json' ? report : plain(), SCHEMA_VERSION);
}

async function annotate(report: Report, write: (text: string) => void): Promise<void> {
  const { renderAnnotations } = await import('../../report/github.ts');
  const text = renderAnnotations(report).trimEnd();
  if (text !== '') write(text);
}

async function writeSummary(report: Report, { summary }: NonNullable<Outputs['github']>): Promise<void> {
  if (summary === null) return;
  const [{ MAX_SUMMARY_BYTES, renderSummary }, { appendSummary, writeReportFile }] = await Promise.all([
    import('../../report/github.ts'),
    import('./whole-file.ts'),
  ]);
  if (!summary.append) await writeReportFile(summary.path, renderSummary(report));
  else if (!(await appendSummary(summary.path, (used) => renderSummary(report, MAX_SUMMARY_BYTES - used))))
    warn('the job summary is full: GitHub takes 1 MiB of one step');
}

/** The report with every text made safe for a screen: what an endpoint said must not move the cursor of a CI log. */
export function plainReport(report: Report): Report {
  const { target, conclusion, facts, findings } = report;
  return {
    ...report,
    target: plainText(target),
    conclusion: plainText(conclusion),
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, plainValue(value)])),
    findings: findings.map(plainFinding),
    ...(report.parts === undefined ? {} : { parts: report.parts.map(plainReport) }),
  };
}

function plainValue(value: JsonValue): JsonValue {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map((one: JsonValue) => plainValue(one));
  return value !== null && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plainValue(one)]))
    : value;
}

const safe = (text: string | null): string | null => (text === null ? null : plainText(text));

function plainFinding(finding: Finding): Finding {
  const { id, title, detail, expected, observed, fix, serverFixes, reference } = finding;
  return {
    ...finding,
    id: plainText(id),
    title: plainText(title),
    detail: plainText(detail),
    expected: safe(expected),
    observed: safe(observed),
    fix: safe(fix),
    serverFixes: serverFixes.map(({ server, change }) => ({ server, change: plainText(change) })),
    reference: safe(reference),
    ...(finding.mistake === undefined ? {} : { mistake: safe(finding.mistake) }),
    ...(finding.reproduce === undefined ? {} : { reproduce: safe(finding.reproduce) }),
  };
}
