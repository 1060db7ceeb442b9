import type { Command } from 'commander';
import { AppError } from '../../model/error.ts';
import type { Report } from '../../model/report.ts';
import { LINT_CHECKS } from '../../source/list/lint-checks.ts';
import { addListArguments, LIST_FORM, readGiven, type FromFlag } from './allowlist-flags.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addReporterFlags, readReporters, type ReporterFlags } from '../terminal/reporter-flags.ts';
import { processEnvironment } from '../terminal/environment.ts';

interface Flags extends FromFlag, ReporterFlags {
  to?: string;
  config?: string;
}

/** `webhook allowlist lint` */
export function lintAllowlistCommand(): Command {
  const command = makeCommand('lint', {
    summary: 'what is wrong with a list',
    examples: [
      [
        'webhook allowlist lint allow.txt',
        'placeholders, private networks, duplicates, and what servers read differently',
      ],
      ['webhook allowlist lint allow.txt --reporter github', 'the same in CI'],
      ['webhook allowlist lint --to shop', 'the "allow" of a configured webhook'],
    ],
  });
  addListArguments(command, '[list]')
    .option('--to <name|uuid>', 'instead of a file: what this configured webhook allows')
    .option('--config <file>', 'configuration to use (default: webhook.config.json, found upwards from here)');
  return addReporterFlags(command).addHelpText('after', `\n${LIST_FORM}\n\n${checksText()}`).action(act(lint));
}

async function lint(path: string | undefined, flags: Flags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const { writeReports } = await import('../terminal/reporters.ts');
  const report = await lintGiven(path, flags);
  await writeReports(report, outputs);
  return report.isGood ? 0 : 1;
}

async function lintGiven(path: string | undefined, flags: Flags): Promise<Report> {
  const [{ lintAllowlist, lintConfiguredAllowlist }, { systemClock }] = await Promise.all([
    import('../../flows/callers/lint-allowlist.ts'),
    import('../../flows/session/clock.ts'),
  ]);
  const { to, config } = flags;
  if ((path === undefined) === (to === undefined))
    throw new AppError('usage', to === undefined ? 'which list?' : 'a file and --to name two lists', {
      hint: 'webhook allowlist lint FILE, or --to NAME for a configured webhook',
    });
  if (to === undefined) return lintAllowlist(await readGiven(path ?? '-', flags), systemClock);
  const { loadConfig } = await import('../../flows/session/load-config.ts');
  return lintConfiguredAllowlist(to, await loadConfig(config, processEnvironment()), systemClock);
}

function checksText(): string {
  const width = Math.max(...LINT_CHECKS.map(({ id }) => id.length));
  return [
    'Checks (only a failure ends with 1):',
    ...LINT_CHECKS.map(
      ({ id, severity, title }) => `  ${id.padEnd(width)}  ${severity === 'pass' ? 'note' : severity}  ${title}`,
    ),
  ].join('\n');
}
