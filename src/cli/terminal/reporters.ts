import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../../model/error.ts';
import type { Finding } from '../../model/finding.ts';
import type { JsonValue } from '../../model/json.ts';
import type { CommonCause, Report } from '../../model/report.ts';
import { REPORTERS, type Reporter } from '../../report/reporters.ts';
import { addShared } from './command-spec.ts';
import { collect, commaList, jsonFlag } from './flags.ts';
import { answer, SCHEMA_VERSION, say, warn } from './output.ts';
import type { FindingsStyle } from './findings.ts';
import { reportInOwnName } from './own-report.ts';
import { plainText } from './text.ts';

/** The flags of every command that ends with a Report. */
export interface ReporterFlags {
  reporter: string[];
  json?: boolean;
  verbose?: boolean;
  curl?: boolean;
}

/** Where one Report goes. */
export interface Outputs {
  /** The one document on stdout; null when the terminal report is there. */
  document: Reporter | null;
  files: readonly { reporter: Reporter; path: string }[];
  /** `summary` is where the job summary goes: appended to the file of the step, or a file of its own. */
  github: { summary: { path: string; append: boolean } | null } | null;
  /** Of the terminal report. */
  style: FindingsStyle;
}

interface Asked {
  reporter: Reporter;
  /** Null: without one. */
  path: string | null;
}

export function addReporterFlags(command: Command): Command {
  const list = REPORTERS.map(({ name }) => name).join(', ');
  return addShared(command, 'output', () =>
    command
      .optionsGroup('Report:')
      .option('--reporter <name[=file]>', `${list}; to FILE or stdout (repeatable)`, collect, [])
      .addOption(jsonFlag())
      .option('-v, --verbose', 'list everything, including what passed'),
  );
}

/**
 * Checks `--reporter` and `--json`, and that each file can be written: to be called before anything runs. Errors:
 * AppError `usage`. What a file held stays until the report is written.
 * @param moreFiles that the command itself writes
 */
export async function readReporters(
  { reporter, json, verbose = false, curl = false }: ReporterFlags,
  env: NodeJS.ProcessEnv = process.env,
  moreFiles: readonly string[] = [],
): Promise<Outputs> {
  const asked = withoutDuplicates([...(json ? ['json'] : []), ...reporter.flatMap(readList)].map(readReporter));
  const document = pickStdout(asked);
  const files = asked.flatMap(({ reporter: one, path }) =>
    one.load === null || path === null ? [] : [{ reporter: one, path }],
  );
  const github = pickGithub(asked, env);
  const wholeFiles = [
    ...moreFiles,
    ...files.map(({ path }) => path),
    ...(github?.summary?.append === false ? [github.summary.path] : []),
  ];
  refuseSharedFiles(wholeFiles);
  await Promise.all(wholeFiles.map(checkWritable));
  if (github?.summary?.append) await checkAppendable(github.summary.path);
  return { document, files, github, style: { isVerbose: verbose, hasCommands: curl } };
}

function readList(text: string): string[] {
  const names = commaList(text);
  if (names.length === 0) throw new AppError('usage', '--reporter needs a name', { hint: namesHint() });
  return names;
}

function readReporter(text: string): Asked {
  const [, given = '', file] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  const reporter = REPORTERS.find(({ name }) => name === given);
  if (reporter === undefined) {
    throw new AppError('usage', `unknown reporter ${given}`, {
      hint: namesHint(),
      unknown: { given, among: REPORTERS.map(({ name }) => name) },
    });
  }
  if (file === '')
    throw new AppError('usage', `--reporter ${given}= needs a file`, {
      hint: `use --reporter ${given}=FILE, or only ${given}`,
    });
  if (file !== undefined && given === 'terminal')
    throw new AppError('usage', 'the terminal report always goes to stdout', {
      hint: 'redirect stdout to a file: … > FILE',
    });
  return { reporter, path: file === undefined || file === '-' ? null : file };
}

function namesHint(): string {
  return `reporters: ${REPORTERS.map(({ name }) => name).join(', ')}`;
}

function withoutDuplicates(asked: readonly Asked[]): Asked[] {
  return asked.filter(
    ({ reporter, path }, index) => asked.findIndex((one) => one.reporter === reporter && one.path === path) === index,
  );
}

/** stdout carries one thing, or a program that reads it would fail. */
function pickStdout(asked: readonly Asked[]): Reporter | null {
  const there = asked
    .filter(({ reporter, path }) => path === null && (reporter.load !== null || reporter.name === 'terminal'))
    .map(({ reporter }) => reporter);
  const document = there.find(({ load }) => load !== null);
  if (document === undefined) return null;
  const other = there.find((one) => one !== document);
  if (other === undefined) return document;
  const movable = other.load === null ? document : other;
  throw new AppError('usage', `${document.name} and ${other.name} cannot both go to stdout`, {
    hint: `give one a file: --reporter ${movable.name}=FILE`,
  });
}

function pickGithub(asked: readonly Asked[], env: NodeJS.ProcessEnv): Outputs['github'] {
  const [first, second] = asked.filter(({ reporter }) => reporter.name === 'github');
  if (first === undefined) return null;
  if (second !== undefined)
    throw new AppError('usage', '--reporter github is given twice', {
      hint: 'use one: --reporter github or github=FILE',
    });
  if (first.path !== null) return { summary: { path: first.path, append: false } };
  const ofStep = env['GITHUB_STEP_SUMMARY'];
  return { summary: ofStep ? { path: ofStep, append: true } : null };
}

function refuseSharedFiles(paths: readonly string[]): void {
  const shared = paths.find((path, index) => paths.findIndex((one) => resolve(one) === resolve(path)) !== index);
  if (shared !== undefined)
    throw new AppError('usage', `two reporters cannot share the file ${shared}`, {
      hint: 'give each its own file',
    });
}

/**
 * Begins the file as it will be written, and leaves no trace. A pipe is not opened: its reader would take that for the
 * end.
 */
async function checkWritable(path: string): Promise<void> {
  const there = await stat(path).catch(() => null);
  if (there !== null && !there.isFile() && !there.isDirectory()) return;
  const { startReportFile } = await import('./whole-file.ts');
  await (await startReportFile(path)).discard();
}

async function checkAppendable(path: string): Promise<void> {
  const { appendSummary } = await import('./whole-file.ts');
  await appendSummary(path, () => '');
}

/** What a command writes itself where others write their findings. */
export type OwnDocuments = Partial<Record<Reporter['name'], () => string | Promise<string>>>;

/**
 * Writes the report wherever `readReporters` said. stdout comes first, so that a disk that is full loses no answer;
 * each file is tried before the first error is thrown (AppError `usage`).
 */
export async function writeReports(
  given: Report,
  { document, files, github, style }: Outputs,
  own: OwnDocuments = {},
): Promise<void> {
  const { writeReportFile } = await import('./whole-file.ts');
  const report = reportInOwnName(given);
  const plain = plainOnce(report);
  const texts = new Map<Outputs['document'], string>();
  for (const reporter of new Set([document, ...files.map((file) => file.reporter)]))
    texts.set(reporter, await (own[reporter?.name ?? 'terminal']?.() ?? renderText(report, plain, reporter, style)));
  answer(texts.get(document) ?? '');
  if (github !== null) await annotate(plain(), document === null ? answer : say);
  const writes = files.map(({ reporter, path }) => writeReportFile(path, texts.get(reporter) ?? ''));
  if (github !== null) writes.push(writeSummary(plain(), github));
  throwAll(await Promise.allSettled(writes));
}

/** The report made safe for a screen, copied when a reporter first asks for it. */
function plainOnce(report: Report): () => Report {
  let plain: Report | undefined;
  return () => (plain ??= plainReport(report));
}

/** JSON is data and stays as it is; whatever else a person may see on a screen is made safe for one. */
async function renderText(
  report: Report,
  plain: () => Report,
  reporter: Outputs['document'],
  style: FindingsStyle,
): Promise<string> {
  if (reporter === null || reporter.load === null) return (await import('./findings.ts')).renderReport(report, style);
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
    warn('the job summary is full: GitHub allows 1 MiB per step');
}

/** The report with every text made safe for a screen: what an endpoint said must not move the cursor of a CI log. */
export function plainReport(report: Report): Report {
  const { target, conclusion, facts, findings, causes } = report;
  return {
    ...report,
    target: plainText(target),
    conclusion: plainText(conclusion),
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, plainValue(value)])),
    findings: findings.map(plainFinding),
    causes: causes?.map(plainCause),
    parts: report.parts?.map(plainReport),
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

function plainCause({ id, title, detail, fix, reproduce, explains, voids }: CommonCause): CommonCause {
  return {
    id: plainText(id),
    title: plainText(title),
    detail: plainText(detail),
    fix: plainText(fix),
    reproduce: safe(reproduce),
    explains: explains.map(plainText),
    voids: voids.map(plainText),
  };
}

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
    assumptions: finding.assumptions?.map(plainText),
    mistake: finding.mistake === undefined ? undefined : safe(finding.mistake),
    reproduce: finding.reproduce === undefined ? undefined : safe(finding.reproduce),
    cause: finding.cause === undefined ? undefined : safe(finding.cause),
  };
}

/** Throws the first error; of the others, such as those of files on the same full disk, it says what they are. */
export function throwAll(results: readonly PromiseSettledResult<unknown>[]): void {
  const [first, ...others] = results.filter((one) => one.status === 'rejected');
  for (const { reason } of others) warn(reason instanceof Error ? reason.message : String(reason));
  if (first !== undefined) throw first.reason;
}
