import type { Report } from '../../model/report.ts';
import { answer, SCHEMA_VERSION, say, warn } from './output.ts';
import { plainReport } from './plain-report.ts';
import type { Outputs } from './reporter-flags.ts';

/**
 * Writes the report wherever `readReporters` said. stdout comes first, so that a disk that is full loses no answer; each
 * file is tried before the first error is thrown (AppError `usage`).
 */
export async function writeReports(report: Report, { document, files, github }: Outputs): Promise<void> {
  const { writeReportFile } = await import('./report-file.ts');
  const texts = new Map<Outputs['document'], string>();
  for (const reporter of new Set([document, ...files.map((file) => file.reporter)]))
    texts.set(reporter, await renderText(report, reporter));
  answer(texts.get(document) ?? '');
  const plain = plainReport(report);
  if (github !== null) await annotate(plain, document === null ? answer : say);
  const writes = files.map(({ reporter, path }) => writeReportFile(path, texts.get(reporter) ?? ''));
  if (github !== null) writes.push(writeSummary(plain, github));
  const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** JSON is data and stays as it is; whatever else a person may see on a screen is made safe for one. */
async function renderText(report: Report, reporter: Outputs['document']): Promise<string> {
  if (reporter === null || reporter.load === null) return (await import('./findings.ts')).renderReport(report);
  const render = await reporter.load();
  return render(reporter.name === 'json' ? report : plainReport(report), SCHEMA_VERSION);
}

async function annotate(report: Report, tell: (text: string) => void): Promise<void> {
  const { renderAnnotations } = await import('../../report/github.ts');
  const text = renderAnnotations(report).trimEnd();
  if (text !== '') tell(text);
}

async function writeSummary(report: Report, { summary }: NonNullable<Outputs['github']>): Promise<void> {
  if (summary === null) return;
  const [{ MAX_SUMMARY_BYTES, renderSummary }, { appendSummary, writeReportFile }] = await Promise.all([
    import('../../report/github-summary.ts'),
    import('./report-file.ts'),
  ]);
  if (!summary.append) await writeReportFile(summary.path, renderSummary(report));
  else if (!(await appendSummary(summary.path, (used) => renderSummary(report, MAX_SUMMARY_BYTES - used))))
    warn('the job summary is full: GitHub takes 1 MiB of one step');
}
