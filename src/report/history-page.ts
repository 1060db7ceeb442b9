import type { Outcome } from '../model/attempt.ts';
import type { JudgedLoad } from '../model/load-report.ts';
import { formatDuration } from '../model/wording.ts';
import type { GivenReport } from './read-findings-document.ts';
import type { OutcomeTotals } from './statistics/daily-statistics.ts';
import type { DirectionSummary, EventSummary, FailureGroup } from './statistics/history-summary.ts';
import { outcomeChart, outcomesText, responseTimeChart } from './html/charts.ts';
import {
  breakable,
  clip,
  countOf,
  countText,
  dataTable,
  shareBar,
  shareText,
  swatch,
  tiles,
  timeText,
  type DataColumn,
} from './html/figures.ts';
import { findingsSection } from './findings-section.ts';
import type { PercentileCurves } from './html/load-charts.ts';
import { markup, type Markup, type MarkupPiece } from './html/markup.ts';
import { writePage } from './html/page.ts';
import { LOAD_FOOTER, loadLead, loadSection } from './load-page.ts';

export interface HistoryPage {
  /** Milliseconds since the epoch. */
  madeAt: number;
  /** Which attempts were counted, in words: `webhook shop`. */
  chosen: readonly string[];
  directions: readonly DirectionSummary[];
  /** Reports that were given along with it. */
  reports: readonly IncludedReport[];
  /** Load runs, too. */
  loads: readonly IncludedLoad[];
  nameOf: (webhookUuid: string) => string | null;
}

export interface IncludedReport extends GivenReport {
  /** Of its file. */
  name: string;
  /** Milliseconds since the epoch: of its file. */
  madeAt: number;
}

export interface IncludedLoad {
  load: JudgedLoad;
  curves: PercentileCurves;
  /** Of its file. */
  name: string;
  /** Milliseconds since the epoch: of its file. */
  madeAt: number;
}

/** The history in pictures and tables; its size does not grow with it. */
export function renderHistoryPage(page: HistoryPage): string {
  const { madeAt, directions, reports, loads } = page;
  return writePage({
    topic: 'history',
    title: 'Webhook deliveries',
    made: `created ${timeText(madeAt)}`,
    lead: leadOf(page),
    body: [
      ...directions.map((summary) => directionSection(summary, page)),
      ...reports.map(includedSection),
      ...loads.map(loadRunSection),
    ],
    footer: loads.length === 0 ? FOOTER : [FOOTER, LOAD_FOOTER],
  });
}

function includedSection({ name, madeAt, target, conclusion, findings, causes }: IncludedReport): Markup {
  return markup`<section>
    <h2>${clip(target, 300)}</h2>
    <p class="lead">${clip(conclusion)}</p>
    <p class="note">from ${clip(name, 100)} of ${timeText(madeAt)}</p>
    ${findingsSection({ findings, causes })}
  </section>
  `;
}

function loadRunSection({ name, madeAt, load, curves }: IncludedLoad, index: number): Markup {
  return markup`<section>
    <h2>Load on ${clip(load.report.target.url, 300)}</h2>
    ${loadLead(load)}
    <p class="note">from ${clip(name, 100)} of ${timeText(madeAt)}</p>
    ${loadSection(load, curves, `load-${index}`)}
  </section>
  `;
}

const FOOTER = markup`<p>
    Attempts are counted, including retries, by the time (UTC) at which they started. Delivered: the answer is a
    success by the vendor’s rule. Refused: there was an answer, but not a success. Unreachable: no answer.
  </p>
  <p>
    Response times are those of the attempts that were answered, from start to end of the answer. A
    percentile is the nearest rank, rounded to three digits: p95 is the time within which 95 of 100 were answered.
  </p>
  <p>Requests of the conformance suite are left out, unless the page says otherwise.</p>`;

function leadOf({ directions, chosen }: HistoryPage): MarkupPiece {
  const sentences = directions.map(({ direction, total, firstAt, lastAt }) => {
    const counted =
      direction === 'out' ? `${countOf(total.sent, 'attempt')} sent` : `${countOf(total.sent, 'request')} received`;
    const share = shareText(total.delivered, total.sent);
    const done = direction === 'out' ? 'were delivered' : 'were accepted';
    return markup`<p class="lead">
      ${counted} ${spanText(firstAt, lastAt)}; ${share} ${done}.
    </p> `;
  });
  return [
    sentences.length === 0 ? markup`<p class="lead">No attempt was recorded.</p>` : sentences,
    chosen.length === 0
      ? null
      : markup`<p class="note">Chosen: ${chosen.map((text) => clip(text, 200)).join('; ')}</p>`,
  ];
}

function spanText(firstAt: string, lastAt: string): string {
  const [first, last] = [timeText(firstAt), timeText(lastAt)];
  return first === last ? `at ${first}` : `from ${first} to ${last}`;
}

function directionSection(summary: DirectionSummary, page: HistoryPage): Markup {
  const { direction, series, total } = summary;
  const word = direction === 'out' ? 'Sent' : 'Received';
  const picture = (what: string, title: string, description: string) => ({
    id: `${direction}-${what}`,
    title: `${word}: ${title}`,
    description,
  });
  const step = stepText(series.stepMs);
  return markup`<section>
    <h2>${word}</h2>
    ${totalTiles(summary)}
    <h3>Attempts over time</h3>
    <figure>
      <figcaption class="note">a column for each ${step}</figcaption>
      ${outcomeChart(series, picture('outcomes', 'attempts over time', `Stacked columns: ${outcomesText(total)}.`))}
      ${LEGEND}
    </figure>
    ${seriesTable(summary)}
    <h3>Webhooks and events</h3>
    ${eventTable(summary, page)}
    <h3>Response times</h3>
    ${percentileTiles(summary)}
    <figure>
      <figcaption class="note">
        the median (p50) and the 95th percentile, a point for each ${step}, on a logarithmic scale
      </figcaption>
      ${responseTimeChart(series, picture('times', 'response times over time', responseText(summary)))}
    </figure>
    <h3>Failures</h3>
    ${failureTable(summary)}
  </section> `;
}

function totalTiles({ direction, total }: DirectionSummary): Markup {
  const { sent, delivered, refused, unreachable, retries, p50Ms, p95Ms } = total;
  const isSent = direction === 'out';
  const outcome = (name: string, kind: Outcome, count: number) =>
    [markup`${swatch(kind)}${name}`, shareText(count, sent), countText(count)] as const;
  return tiles([
    [
      isSent ? 'Attempts' : 'Requests',
      countText(sent),
      retries === null ? '' : retries === 1 ? '1 retry' : `${countText(retries)} retries`,
    ],
    outcome(isSent ? 'Delivered' : 'Accepted', 'delivered', delivered),
    outcome('Refused', 'refused', refused),
    ...(isSent ? [outcome('Unreachable', 'unreachable', unreachable)] : []),
    ['Median response', msText(p50Ms), 'p50'],
    ['Slow response', msText(p95Ms), 'p95: 95% are faster'],
  ]);
}

const msText = (ms: number | null): string => (ms === null ? '–' : formatDuration(ms));

function responseText({ total, responseTimes }: DirectionSummary): string {
  const longest = responseTimes.at(-1)?.ms ?? null;
  return `Two lines. Over all: p50 ${msText(total.p50Ms)}, p95 ${msText(total.p95Ms)}, the longest ${msText(longest)}.`;
}

const LEGEND = markup`<ul class="legend">
  ${(['delivered', 'refused', 'unreachable'] as const).map((outcome) => markup`<li>${swatch(outcome)}${outcome}</li> `)}
</ul>`;

const MINUTE_MS = 60_000;

function stepText(stepMs: number): string {
  const minutes = stepMs / MINUTE_MS;
  const [count, unit] =
    minutes < 60
      ? [minutes, 'minute']
      : minutes < 1440
        ? [minutes / 60, 'hour']
        : minutes < 7 * 1440
          ? [minutes / 1440, 'day']
          : [minutes / (7 * 1440), 'week'];
  return count === 1 ? unit : `${count} ${unit}s`;
}

const NUMBERS: readonly DataColumn[] = ['sent', 'delivered', 'refused', 'unreachable', 'retries', 'p50', 'p95'].map(
  (head) => ({ head, kind: 'number' }),
);

function numbersOf({ sent, delivered, refused, unreachable, retries, p50Ms, p95Ms }: OutcomeTotals): MarkupPiece[] {
  return [
    ...[sent, delivered, refused, unreachable, retries].map((count) => (count === null ? '–' : countText(count))),
    msText(p50Ms),
    msText(p95Ms),
  ];
}

const SERIES_COLUMNS: readonly DataColumn[] = [{ head: 'from', kind: 'words' }, ...NUMBERS];

function seriesTable({ series, total }: DirectionSummary): Markup {
  const rows = series.buckets
    .filter(({ sent }) => sent > 0)
    .map((bucket) => [timeText(bucket.startMs), ...numbersOf(bucket)]);
  return markup`<details>
    <summary>the numbers</summary>
    ${dataTable('attempts over time', SERIES_COLUMNS, rows, ['total', ...numbersOf(total)])}
  </details> `;
}

const MOST_EVENTS = 50;

function eventTable(summary: DirectionSummary, { nameOf }: HistoryPage): Markup {
  const { events, otherEvents, total } = summary;
  const rows = events.slice(0, MOST_EVENTS).map((event) => eventRow(event, nameOf));
  const left = events.slice(MOST_EVENTS);
  const leftSent = left.reduce((sum, { sent }) => sum + sent, 0) + (otherEvents?.sent ?? 0);
  const more = leftSent === 0 ? null : markup`<p class="note">and ${countOf(leftSent, 'attempt')} of other events</p>`;
  const columns: DataColumn[] = [
    { head: 'event', kind: 'words' },
    { head: 'webhook', kind: 'words' },
    { head: 'delivered', kind: 'bar' },
    ...NUMBERS,
  ];
  const sum = ['total', '', outcomeBar(total), ...numbersOf(total)];
  return markup`${dataTable('webhooks and events', columns, rows, sum)} ${more}`;
}

function eventRow(event: EventSummary, nameOf: HistoryPage['nameOf']): MarkupPiece[] {
  return [
    markup`${breakable(clip(event.event, 100))} <span class="quiet">${clip(event.vendor, 60)}</span>`,
    breakable(clip(nameOf(event.webhookUuid) ?? event.webhookUuid, 60)),
    outcomeBar(event),
    ...numbersOf(event),
  ];
}

/** Of all attempts of a row, how many came to what. */
function outcomeBar({ sent, delivered, refused, unreachable }: OutcomeTotals): Markup {
  const width = (count: number): number => Math.round((count / Math.max(sent, 1)) * 1000) / 10;
  return markup`<svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
    <rect class="delivered" width="${width(delivered)}" height="6" />
    <rect class="refused" x="${width(delivered)}" width="${width(refused)}" height="6" />
    <rect class="unreachable" x="${width(delivered + refused)}" width="${width(unreachable)}" height="6" />
  </svg>`;
}

function percentileTiles({ responseTimes }: DirectionSummary): Markup {
  return tiles(
    responseTimes.map(({ percent, ms }) => [percent === 100 ? 'longest' : `p${percent}`, msText(ms), ''] as const),
  );
}

const MOST_REASONS = 20;

function failureTable({ failures, otherFailures, total }: DirectionSummary): Markup {
  if (failures.length === 0) return markup`<p class="quiet">None: every attempt was delivered.</p>`;
  const failed = total.refused + total.unreachable;
  const shown = failures.slice(0, MOST_REASONS);
  const left = failures.slice(MOST_REASONS).reduce((sum, { count }) => sum + count, otherFailures);
  const columns: DataColumn[] = [
    { head: 'reason', kind: 'words' },
    { head: 'outcome', kind: 'words' },
    { head: 'share', kind: 'bar' },
    { head: 'attempts', kind: 'number' },
    { head: 'of failures', kind: 'number' },
    { head: 'last', kind: 'number' },
  ];
  const rows = shown.map((group) => failureRow(group, failed));
  return markup`${dataTable('failures by reason', columns, rows)}
  ${left === 0 ? null : markup`<p class="note">and ${countOf(left, 'attempt')} failed for other reasons</p>`}`;
}

function failureRow({ outcome, status, errorCode, error, count, lastAt }: FailureGroup, failed: number): MarkupPiece[] {
  const reason = errorCode ?? (status === null ? outcome : `HTTP ${status}`);
  return [
    markup`${clip(reason, 100)}${error === null ? null : markup` <span class="quiet">${clip(error, 300)}</span>`}`,
    outcome,
    shareBar(count, failed, outcome),
    countText(count),
    shareText(count, failed),
    timeText(lastAt),
  ];
}
