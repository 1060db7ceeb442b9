import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { namesOf } from '../../config/select-webhook.ts';
import { placeWebhooks } from '../../flows/history/label-webhooks.ts';
import { reportHistory } from '../../flows/history/report-history.ts';
import type { HistoryReader, OutcomeFilter } from '../../history/history.ts';
import { isLoadDocument } from '../../load/read-load-report.ts';
import { AppError } from '../../model/error.ts';
import { plural } from '../../model/wording.ts';
import { timeText } from '../../report/html/figures.ts';
import type { IncludedLoad, IncludedReport } from '../../report/history-page.ts';
import { readFindingsDocument } from '../../report/read-findings-document.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { answerBytes, SCHEMA_VERSION, say } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';
import { readInput } from '../terminal/read-input.ts';
import { refuseHistoryItself, writeWholeFile } from '../terminal/whole-file.ts';
import { nothingMatches, readFilter, type FilterFlags } from './delivery-filter.ts';
import { isFile, refuseOtherThanPage } from './file-ending.ts';
import { screenOf } from '../terminal/stdio.ts';
import { plainLine } from '../terminal/text.ts';

export interface ReportFlags extends FilterFlags {
  /** `-` is stdout. */
  output?: string;
  include: string[];
  now?: number;
}

/** `webhook report` */
export async function runReport(flags: ReportFlags): Promise<ExitCode> {
  refuseTerminal(flags.output);
  const environment = await openEnvironment(flags);
  const included = await readIncluded(flags.include, environment.clock.now());
  const history = await environment.openReader();
  try {
    if (isFile(flags.output)) await refuseHistoryItself(flags.output, history.path);
    refuseOtherThanPage(flags.output);
    const filter = await readFilter(flags, environment, history);
    const attempts = await writeHistoryPage({ environment, history, filter, ...included, output: flags.output });
    if (attempts === 0) say(await nothingMatches(flags, filter, history));
    return 0;
  } finally {
    await history.close();
  }
}

export function refuseTerminal(output: string | undefined): void {
  if (output !== undefined || !screenOf(1).isTTY) return;
  throw new AppError('usage', 'the report is a page for a browser', { hint: 'write it to a file: -o report.html' });
}

const MOST_BYTES = 16 * 1024 * 1024;

/** Reports that were given along with the history. */
interface Included {
  reports: readonly IncludedReport[];
  loads: readonly IncludedLoad[];
}

async function readIncluded(paths: readonly string[], nowMs: number): Promise<Included> {
  const read = await Promise.all(paths.map((path) => readIncludedFile(path, nowMs)));
  return { reports: read.flatMap(({ reports }) => reports), loads: read.flatMap(({ loads }) => loads) };
}

async function readIncludedFile(path: string, nowMs: number): Promise<Included> {
  const bytes = await readInput(path, '--include', MOST_BYTES);
  const text = new TextDecoder().decode(bytes);
  const name = path === '-' ? 'standard input' : basename(path);
  const madeAt = path === '-' ? nowMs : statSync(path).mtimeMs;
  if (isLoadDocument(text)) {
    const { curvesOf, readJudgedLoad } = await import('../../flows/load/judge-load.ts');
    const load = readJudgedLoad(text, path, SCHEMA_VERSION);
    return { reports: [], loads: [{ load, curves: curvesOf(load.report), name, madeAt }] };
  }
  return { reports: readFindingsDocument(text, path).map((report) => ({ ...report, name, madeAt })), loads: [] };
}

export interface PageOrder {
  environment: CommandEnvironment;
  history: HistoryReader;
  filter: OutcomeFilter;
  reports: readonly IncludedReport[];
  loads: readonly IncludedLoad[];
  output: string | undefined;
}

/** Writes the page to the file, or to stdout; gives the number of attempts that it tells of. */
export async function writeHistoryPage(order: PageOrder): Promise<number> {
  const { environment, history, filter, reports, loads, output } = order;
  const nameOf = namesOf(environment.config.webhooks);
  const placeOf = await placeWebhooks(filter.webhookUuid === undefined ? [] : [filter.webhookUuid], history);
  const chosen = chosenText(filter, (uuid) => nameOf(uuid) ?? placeOf(uuid));
  const page = { madeAt: environment.clock.now(), chosen, reports, loads, nameOf };
  const progress = startProgress();
  progress.show('reading the history');
  const onRead = (count: number): void => progress.show(`${plural(count, 'attempt')} read`);
  const { html, attempts } = await reportHistory(history, filter, page, onRead).finally(progress.clear);
  if (!isFile(output)) await answerBytes(Buffer.from(html));
  else {
    await writeWholeFile(output, Buffer.from(html), interruptSignal());
    say(`${plural(attempts, 'attempt')} in ${plainLine(output)}${attempts === 0 ? '' : ': open it in a browser'}`);
  }
  return attempts;
}

/** The filter in words: a page that was sent on must say what it leaves out. */
function chosenText(filter: OutcomeFilter, nameOf: (uuid: string) => string | null): string[] {
  const { webhookUuid, vendor, event, direction, purpose, failed, sinceMs, untilMs } = filter;
  return [
    webhookUuid === undefined ? null : `webhook ${nameOf(webhookUuid) ?? webhookUuid}`,
    vendor === undefined ? null : `vendor ${vendor}`,
    event === undefined ? null : `event ${event}`,
    direction === undefined ? null : direction === 'in' ? 'only what was received' : 'only what was sent',
    purpose === 'event' ? null : `${purpose === 'test' ? 'only' : 'with'} the requests of webhook test`,
    failed ? 'only deliveries whose last attempt was not delivered' : null,
    sinceMs === undefined ? null : `from ${timeText(sinceMs)}`,
    untilMs === undefined ? null : `up to ${timeText(untilMs)}`,
  ].filter((text) => text !== null);
}
