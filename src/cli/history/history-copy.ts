import type { Command } from 'commander';
import { copyHistory, type CopyConflict, type CopyReport } from '../../flows/history/copy-history.ts';
import { findWebhookUuid } from '../../flows/history/find-webhook.ts';
import { openCopy, type OpenCopy } from '../../flows/history/open-copy.ts';
import { plural } from '../../model/wording.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addWebhookFlag, configFlag, jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson, note, warn } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';

interface CopyFlags {
  from?: string;
  to: string;
  uuid?: string;
  json?: boolean;
  config?: string;
}

/** `webhook history copy` */
export function copyHistoryCommand(): Command {
  const command = makeCommand('copy', {
    summary: 'copy a whole history from one place to another, and compare both',
    examples: [
      ['webhook history copy --to postgres://me@db.example.com/hooks', 'your own history to that of a team'],
      ['webhook history copy --from postgres://me@db.example.com/hooks --to hooks.db', 'and back into a file'],
      ['webhook history copy --from old.db --to history.db --webhook shop', 'one webhook, from file to file'],
    ],
  })
    .option('--from <place>', 'file or address to copy from (default: the history that every command uses)')
    .requiredOption('--to <place>', 'file or address to copy to; what it holds already stays');
  addWebhookFlag(command, 'uuid', 'only those of this webhook').addOption(jsonFlag());
  return command.addOption(configFlag()).action(act(copy));
}

async function copy(flags: CopyFlags): Promise<ExitCode> {
  const environment = await openEnvironment({ config: flags.config });
  const ends = await openCopy(environment.placeOf('--from', flags.from), environment.placeOf('--to', flags.to));
  try {
    const report = await copyBetween(ends, environment, flags.uuid);
    const places = { from: ends.source.path, to: ends.target.reader.path };
    for (const conflict of report.conflicts) warn(conflictText(conflict, places.to));
    for (const line of noteLines(report)) note(line);
    if (flags.json) answerJson({ ...places, ...report });
    else answer(reportLines(report, places).join('\n'));
    return report.isSame ? 0 : 1;
  } finally {
    await ends.close();
  }
}

async function copyBetween(
  { source, target }: OpenCopy,
  { config, signal }: CommandEnvironment,
  webhook: string | undefined,
): Promise<CopyReport> {
  const webhookUuid = webhook === undefined ? undefined : await findWebhookUuid(webhook, config.webhooks, source);
  const progress = startProgress();
  try {
    return await copyHistory(source, target, {
      webhookUuid,
      signal,
      onProgress: ({ compared, copied, total }) =>
        progress.show(`${compared} of ${plural(total, 'attempt')} compared, ${copied} copied`),
    });
  } finally {
    progress.clear();
  }
}

function conflictText({ deliveryId, attemptId, differs }: CopyConflict, to: string): string {
  const what = `attempt ${attemptId} of delivery ${deliveryId}`;
  if (differs.length === 0) return `${what} was stored, but is not in ${to}`;
  return `${what} is another one in ${to}, which stays as it is; different: ${differs.join(', ')}`;
}

/** What a person should know beside the result. */
function noteLines({ conflicts, conflictCount, unread, recordedMeanwhile, hidden }: CopyReport): string[] {
  return [
    ...(conflictCount > conflicts.length ? [`${conflictCount - conflicts.length} more differ`] : []),
    ...(unread > 0 ? [`${plural(unread, 'attempt')} could not be read whole: deleted meanwhile, or damaged`] : []),
    ...(recordedMeanwhile > 0
      ? [`${plural(recordedMeanwhile, 'attempt')} recorded since the copy began: the same command copies them, too`]
      : []),
    ...(hidden > 0
      ? [`the copy hides secrets that ${plural(hidden, 'attempt')} of an older version still show in the source`]
      : []),
  ];
}

function reportLines(report: CopyReport, { from, to }: { from: string; to: string }): string[] {
  const { source, target, copied, alreadyThere, conflictCount, isInterrupted } = report;
  if (source.attempts === 0 && !isInterrupted && report.isSame) return [`nothing to copy: ${from} holds no attempts`];
  const there = alreadyThere > 0 || copied === 0 ? `, ${alreadyThere} already there` : '';
  const conflicting = conflictCount > 0 ? `, ${conflictCount} different` : '';
  return [
    `${plural(copied, 'attempt')} copied${there}${conflicting}`,
    ...(report.isSame
      ? [`both sides: ${sideText(source)}`]
      : [`${from}: ${sideText(source)}`, `${to}: ${sideText(target)}`]),
    ...(isInterrupted ? ['stopped before the end: the same command goes on'] : []),
  ];
}

const sideText = ({ deliveries, attempts, sha256 }: CopyReport['source']): string =>
  `${deliveries === 1 ? '1 delivery' : `${deliveries} deliveries`}, ${plural(attempts, 'attempt')}, SHA-256 ${sha256}`;
