import type { Command } from 'commander';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { say, SCHEMA_VERSION } from '../terminal/output.ts';
import { readInput, refuseTwoReaders } from '../terminal/read-input.ts';
import { addLoadReportFlags, readLoadOutputs, writeLoadReport, type LoadReportFlags } from './load-outputs.ts';

/** `webhook load merge` */
export function mergeLoadCommand(): Command {
  const command = makeCommand('merge', {
    summary: 'combine the reports of several machines, or judge one again',
    examples: [
      ['webhook load merge a.json b.json', 'the counts and times of both, as one run'],
      [`webhook load merge *.json --expect 'p99<500ms' --reporter html=load.html`, 'judged together, as a page'],
      ['webhook load merge a.json --hgrm a.hgrm', 'a single file, for a plot'],
    ],
    daily: ['--expect', '--allow-dropped', '--hgrm', '--reporter', '--json'],
  }).argument('<files...>', 'files from webhook load --json or --reporter json=FILE; - is stdin');
  return addLoadReportFlags(command).action(act(mergeFiles));
}

async function mergeFiles(paths: string[], flags: LoadReportFlags): Promise<ExitCode> {
  refuseTwoReaders(paths, 'a report');
  const outputs = await readLoadOutputs(flags);
  const [{ mergeReports }, { MOST_REPORT_BYTES, readLoadDocument }] = await Promise.all([
    import('../../load/merge-reports.ts'),
    import('../../load/read-load-report.ts'),
  ]);
  const named = [];
  for (const path of paths) {
    const bytes = await readInput(path, 'report', MOST_REPORT_BYTES);
    const name = path === '-' ? 'standard input' : path;
    const { report } = readLoadDocument(new TextDecoder().decode(bytes), name, SCHEMA_VERSION);
    named.push({ name, report });
  }
  const { report, notes } = mergeReports(named);
  for (const note of notes) say(note);
  return writeLoadReport(report, outputs);
}
