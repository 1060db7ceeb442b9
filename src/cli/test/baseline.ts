import { readFile } from 'node:fs/promises';
import { parseBaseline, writeBaseline, type Baseline } from '../../conform/baseline.ts';
import type { SuiteTarget } from '../../flows/test/each-secret.ts';
import { baselineKey, type SuiteResult } from '../../flows/test/run-suite.ts';
import { AppError } from '../../model/error.ts';
import { readReason } from '../../model/file-error.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { say, warn } from '../terminal/output.ts';
import { plainLine } from '../terminal/text.ts';

/** `--baseline FILE`. Throws AppError `input`, naming the file. */
export async function readBaseline(path: string): Promise<Baseline> {
  try {
    return parseBaseline(await readFile(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('input', `cannot read the baseline ${path}: ${readReason(cause)}`, {
      hint: 'create one with --write-baseline FILE',
      cause,
    });
  }
}

/** `--write-baseline FILE`: keeps the failures of a run that was tried to its end. */
export async function keepBaseline(
  path: string,
  targets: readonly SuiteTarget[],
  results: readonly SuiteResult[],
): Promise<ExitCode> {
  if (results.some(({ answered }) => !answered)) {
    warn(`the baseline ${path} was not written: some cases were not tried`);
    return 3;
  }
  const { writeReportFile } = await import('../terminal/whole-file.ts');
  await writeReportFile(
    path,
    writeBaseline(
      results.map(({ found }, index) => ({ webhook: baselineKey(targets[index] as SuiteTarget), findings: found })),
    ),
  );
  say(`the known failures are in ${plainLine(path)}`);
  return 0;
}

/**
 * Says which known failures pass now. A baseline does not record on what it rests: what failed by its effects may pass
 * by its status, and be as bad as it was.
 */
export function sayFixed({ fixed, report }: SuiteResult, hasEffects: boolean): void {
  const which = `${fixed.join(', ')} of ${report.target}`;
  say(
    hasEffects
      ? `fixed: ${which}: remove them from the known failures with --write-baseline`
      : `known failures that pass by status alone: ${which}: if effects showed them, only effects can show that ` +
          'they are fixed',
  );
}
