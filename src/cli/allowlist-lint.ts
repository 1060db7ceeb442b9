import type { Command } from 'commander';
import { LINT_CHECKS } from '../source/list/lint-checks.ts';
import { addListArguments, LIST_FORM, readGiven, type FromFlag } from './allowlist-flags.ts';
import { act, makeCommand } from './command.ts';
import type { ExitCode } from './exit.ts';
import { addReporterFlags, readReporters, type ReporterFlags } from './reporter-flags.ts';

/** `webhook allowlist lint` */
export function lintAllowlistCommand(): Command {
  const command = makeCommand('lint', {
    summary: 'what is wrong with a list',
    examples: [
      ['webhook allowlist lint allow.txt', 'placeholders, private networks, duplicates, and what servers read differently'],
      ['webhook allowlist lint allow.txt --reporter github', 'the same in CI'],
    ],
  });
  return addReporterFlags(addListArguments(command)).addHelpText('after', `\n${LIST_FORM}\n\n${checksText()}`).action(act(lint));
}

async function lint(path: string, flags: FromFlag & ReporterFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const [{ lintAllowlist }, { systemClock }, { writeReports }] = await Promise.all([import('../flows/lint-allowlist.ts'), import('../flows/clock.ts'), import('./reporters.ts')]);
  const report = lintAllowlist(await readGiven(path, flags), systemClock);
  await writeReports(report, outputs);
  return report.isGood ? 0 : 1;
}

function checksText(): string {
  const width = Math.max(...LINT_CHECKS.map(({ id }) => id.length));
  return ['Checks (only a failure ends with 1):', ...LINT_CHECKS.map(({ id, severity, title }) => `  ${id.padEnd(width)}  ${severity === 'pass' ? 'note' : severity}  ${title}`)].join('\n');
}
