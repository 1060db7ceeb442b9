import type { Command } from 'commander';
import { act, makeCommand } from '../terminal/command.ts';
import { presentMs } from '../terminal/flag-values.ts';
import { addStoreFlags, collect } from '../terminal/flags.ts';
import { addFilterFlags } from './delivery-filter.ts';
import type { ReportFlags } from './run-report.ts';

/** `webhook report` */
export function reportCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'write the history as one HTML page, with charts',
    insteadOfArguments: '-o FILE names the page; --include FILE adds a report',
    examples: [
      [`${name} -o report.html`, 'everything recorded; open it in a browser, print it or mail it'],
      [`${name} --since 30d --direction out -o november.html`, 'what was sent in the last thirty days'],
      [
        `${name} --include conformance.json --include certificate.json -o report.html`,
        'with what webhook test and verify-cert wrote with --reporter json=FILE',
      ],
    ],
    daily: ['--output', '--include', '--webhook', '--event', '--direction', '--since'],
  })
    .option('-o, --output <file>', 'write this file, complete or not at all (- is stdout, as is a pipe)')
    .option('--include <file>', 'add what --reporter json=FILE of any command wrote (repeatable)', collect, [])
    .option(
      '--now <time>',
      'pretend it is this time, such as 2026-11-01T09:00:00Z, for a reproducible page',
      presentMs,
    );
  return addStoreFlags(addFilterFlags(command)).action(
    act(async (flags: ReportFlags) => (await import('./run-report.ts')).runReport(flags)),
  );
}
