import type { Command } from 'commander';
import { curvesOf, judgeLoad } from '../../flows/load/judge-load.ts';
import type { ConcludeOptions } from '../../load/conclude-load.ts';
import { parseExpectation, type LoadExpectation } from '../../load/expectations.ts';
import { decodeHistogram } from '../../load/histogram-codec.ts';
import { writeHgrm } from '../../load/latency-summary.ts';
import { AppError } from '../../model/error.ts';
import { writeJsonText } from '../../model/json.ts';
import type { JudgedLoad, LoadReport, LoadVerdict } from '../../model/load-report.ts';
import { reportLoad } from '../../report/load-findings.ts';
import { addShared } from '../terminal/command-spec.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { collect } from '../terminal/flags.ts';
import { SCHEMA_VERSION } from '../terminal/output.ts';
import {
  addReporterFlags,
  readReporters,
  throwAll,
  writeReports,
  type Outputs,
  type ReporterFlags,
} from '../terminal/reporters.ts';
import { writeReportFile } from '../terminal/whole-file.ts';

/** The flags of every command that ends with a load report. */
export interface LoadReportFlags extends ReporterFlags {
  expect: string[];
  /** `-` is stdout. */
  hgrm?: string;
  allowDropped?: boolean;
  allowLate?: boolean;
}

export interface LoadOutputs {
  expectations: readonly LoadExpectation[];
  allowed: ConcludeOptions;
  reports: Outputs;
  hgrm: string | null;
}

export function addLoadReportFlags(command: Command): Command {
  return addReporterFlags(addResultFlags(command));
}

export function addResultFlags(command: Command): Command {
  return addShared(command, 'measuring', () =>
    command
      .optionsGroup('Result:')
      .option('--expect <limit>', "what must hold: 'p99<500ms', 'delivered>99.9%' (repeatable)", collect, [])
      .option('--allow-dropped', 'do not fail the run because of dropped events')
      .option('--allow-late', 'do not fail the run because this machine was late')
      .option('--hgrm <file>', 'write the response times as a percentile distribution (- is stdout)'),
  );
}

/** Reads the expectations and tries every file: to be called before anything is sent. Errors: AppError `usage`. */
export async function readLoadOutputs(flags: LoadReportFlags): Promise<LoadOutputs> {
  const expectations = flags.expect.map(parseExpectation);
  const { hgrm = null } = flags;
  const reports = await readReporters(flags, process.env, hgrm === null || hgrm === '-' ? [] : [hgrm]);
  if (hgrm === '-' && (reports.document !== null || flags.reporter.includes('terminal')))
    throw new AppError('usage', '--hgrm - and a report cannot both go to stdout', { hint: 'give one a file' });
  const allowed = { allowDropped: flags.allowDropped === true, allowLate: flags.allowLate === true };
  return { expectations, allowed, reports, hgrm };
}

const CODES: Readonly<Record<LoadVerdict['outcome'], ExitCode>> = { yes: 0, no: 1, 'no-answer': 3, unrecorded: 4 };

/** Judges the report and writes it wherever the flags said. */
export async function writeLoadReport(report: LoadReport, outputs: LoadOutputs): Promise<ExitCode> {
  const { allowed, reports, hgrm } = outputs;
  const load = judgeLoad(report, outputs.expectations, allowed);
  const distribution = (): string => writeHgrm(decodeHistogram(report.response.histogram));
  const written = writeReports(reportLoad(load), reports, {
    terminal: async () =>
      hgrm === '-' ? distribution() : (await import('./render-load.ts')).renderLoad(load, reports.style.isVerbose),
    html: async () => (await import('../../report/load-page.ts')).renderLoadPage(load, curvesOf(report)),
    json: () => `${writeJsonText(documentOf(load, allowed))}\n`,
  });
  // stdout and the reports come first: a distribution that cannot be written loses no answer.
  const results = await Promise.allSettled([written]);
  if (hgrm !== null && hgrm !== '-')
    results.push(...(await Promise.allSettled([writeReportFile(hgrm, distribution())])));
  throwAll(results);
  return CODES[load.verdict.outcome];
}

/** What `--json` prints, and `webhook load merge` and `webhook report` read. */
function documentOf({ report, expectations, verdict }: JudgedLoad, allowed: ConcludeOptions): Record<string, unknown> {
  return { schemaVersion: SCHEMA_VERSION, ...report, ...allowed, expectations, verdict };
}
