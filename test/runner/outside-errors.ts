import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

type RunEnd = Parameters<NonNullable<Reporter['onTestRunEnd']>>;

/**
 * Writes the errors that no test had into the file that `OUTSIDE_ERRORS` names: vitest's own report has none of them, and
 * its exit code does not tell them from a test that failed.
 */
export default class OutsideErrors implements Reporter {
  onTestRunEnd(_: readonly TestModule[], errors: RunEnd[1]): void {
    const path = process.env['OUTSIDE_ERRORS'];
    if (path === undefined || errors.length === 0) return;
    writeFileSync(path, errors.map(({ stack, message }) => `${stack ?? message}\n`).join(''));
  }
}
