import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { processEnvironment } from '../terminal/environment.ts';
import { exportHistory } from '../../flows/history/export-history.ts';
import { runDemo, type DemoStep } from '../../flows/setup/run-demo.ts';
import { builtInVendors } from '../../vendors/registry.ts';
import { loadReader, loadWriter } from '../../history/store/open-history.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { formatDuration, roundMs, wrapText } from '../terminal/text.ts';
import { type ExitCode } from '../terminal/exit.ts';
import { jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson } from '../terminal/output.ts';
import { painter } from '../terminal/color.ts';
import { paintOutcome } from '../send/render-sent.ts';
import type { TableColumn } from '../terminal/fit-columns.ts';
import { renderTable } from '../terminal/table.ts';
import { typedName } from '../terminal/program-name.ts';
import { screenOf } from '../terminal/stdio.ts';

const SHOWN_LINES = 4;

/** `webhook demo` */
export function demoCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'see everything work against a built-in receiver, in five seconds',
    examples: [['webhook demo', 'send every event of every vendor on loopback, watch forged ones fail, export it all']],
  })
    .addOption(jsonFlag())
    .action(act(demo));
}

async function demo(flags: { json?: boolean }): Promise<ExitCode> {
  const folder = await mkdtemp(join(tmpdir(), 'hookproof-demo-'));
  const { clock, ids, signal } = processEnvironment();
  const webhookUuid = ids.uuidV4();
  const steps: DemoStep[] = [];
  try {
    const file = join(folder, 'history.db');
    const history = await loadWriter(file);
    await runDemo({ history, clock, ids, webhookUuid, signal, vendors: builtInVendors }, (step) => steps.push(step));
    await history.close();
    const csv: Buffer[] = [];
    const recorded = await loadReader(file);
    await exportHistory({ uuid: webhookUuid, format: 'csv', order: 'asc' }, recorded, {
      write: async (bytes) => void csv.push(Buffer.from(bytes)),
    });
    await recorded.close();
    show(steps, Buffer.concat(csv).toString('utf8').split('\r\n').filter(Boolean), webhookUuid, flags);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return steps.every(isAsExpected) ? 0 : 1;
}

const isAsExpected = ({ attempt, expected }: DemoStep): boolean => attempt.outcome === expected;

function show(steps: DemoStep[], lines: string[], webhookUuid: string, flags: { json?: boolean }): void {
  if (flags.json) {
    answerJson({ webhookUuid, steps: steps.map(stepJson), exportedRows: lines.length - 1 });
    return;
  }
  const { dim } = painter(screenOf(1));
  answer(stepsTable(steps));
  const good = steps.filter(isAsExpected).length;
  const kept = 'Each was recorded, in a history that is deleted with this demo';
  const sum = `${good} of ${steps.length} as expected. ${kept}; its export has ${lines.length - 1} rows:`;
  answer(`\n${wrapText(sum, '').join('\n')}\n`);
  answer([...lines.slice(0, SHOWN_LINES).map((line) => dim(line.slice(0, screenOf(1).columns))), dim('…')].join('\n'));
  answer(`\nNext, print the code of a receiver, then start one that you can send to:\n${nextCommands().join('\n')}`);
}

/** Each works as it is printed, in any folder and terminal, in this order: nothing need listen, nothing goes on. */
const nextCommands = (): string[] =>
  ['receiver mail2many --for express > receiver.mjs', 'try'].map((rest) => `  ${typedName()} ${rest}`);

function stepJson({ vendor, event, attempted, expected, attempt }: DemoStep): Record<string, unknown> {
  const { outcome, status, timings } = attempt;
  return { vendor: vendor.id, event, attempted, expected, outcome, status, durationMs: roundMs(timings.totalMs) };
}

function stepsTable(steps: readonly DemoStep[]): string {
  const { green, red } = painter(screenOf(1));
  const rows = steps.map((step) => [
    isAsExpected(step) ? '✓' : '✗',
    step.vendor.id,
    step.event,
    step.attempted,
    step.attempt.outcome,
    String(step.attempt.status ?? step.attempt.errorCode),
    formatDuration(step.attempt.timings.totalMs),
  ]);
  return renderTable(COLUMNS, rows, (line, column) => {
    if (column === 0) return line === '✓' ? green(line) : red(line);
    return COLUMNS[column]?.title === 'outcome' ? paintOutcome(line as DemoStep['attempt']['outcome']) : line;
  });
}

const COLUMNS: readonly TableColumn[] = [
  { title: '' },
  { title: 'vendor', atWorst: 8 },
  { title: 'event', atWorst: 10 },
  { title: 'what', wrapTo: 14, atWorst: 9 },
  { title: 'outcome' },
  { title: 'answer', atWorst: 6 },
  { title: 'time', leaveOut: 1 },
];
