import { readFile } from 'node:fs/promises';
import { act, makeCommand, runCommand } from '../../src/cli/terminal/command.ts';
import { say } from '../../src/cli/terminal/output.ts';
import { addReporterFlags, readReporters, type ReporterFlags, writeReports } from '../../src/cli/terminal/reporters.ts';
import { run } from '../../src/cli/run.ts';
import type { Report } from '../../src/model/report.ts';

/** The smallest command that ends with a Report: it reads one from a file, as others would make one. */
const command = addReporterFlags(makeCommand('check', { summary: 'a report from a file', examples: [] }))
  .argument('<file>')
  .action(
    act(async (file: string, flags: ReporterFlags) => {
      const outputs = await readReporters(flags);
      say('checking');
      const report = JSON.parse(await readFile(file, 'utf8')) as Report;
      await writeReports(report, outputs);
      return report.isGood ? 0 : 1;
    }),
  );

void run(() => runCommand(command, process.argv.slice(2)));
