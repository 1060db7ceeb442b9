import type { JudgedExpectation, JudgedLoad, LatencySummary, LoadReport } from '../model/load-report.ts';
import { coarsenSeries } from '../model/load-second.ts';
import { formatDuration } from '../model/wording.ts';
import {
  describeArrival,
  describeEvents,
  describeFigures,
  describeMeasured,
  describeVerdict,
} from './describe-load.ts';
import { clip, countText, dataTable, shareText, swatch, tiles, timeText, type DataColumn } from './html/figures.ts';
import {
  LOAD_OUTCOMES,
  latencyOverTimeChart,
  loadOutcomeChart,
  percentileChart,
  rateChart,
  type PercentileCurves,
} from './html/load-charts.ts';
import { markup, type Markup, type MarkupPiece } from './html/markup.ts';
import { writePage } from './html/page.ts';

/** A load run as a page of its own; its size does not grow with the run. */
export function renderLoadPage(load: JudgedLoad, curves: PercentileCurves): string {
  const { target, startedAt, durationMs } = load.report;
  return writePage({
    topic: 'load',
    title: clip(target.url, 300),
    made: `${timeText(startedAt)}, took ${formatDuration(durationMs)}`,
    lead: loadLead(load),
    body: markup`<section><h2>What was measured</h2> ${loadSection(load, curves, 'load')}</section>`,
    footer: LOAD_FOOTER,
  });
}

/** Rows of the table of seconds: the picture has all of them. */
const MOST_ROWS = 120;

/** What a page shows of a load run below its title. `id` keeps the pictures of several runs apart. */
export function loadSection({ report, expectations }: JudgedLoad, curves: PercentileCurves, id: string): Markup {
  const picture: MakePicture = (what, title, description) => ({ id: `${id}-${what}`, title, description });
  return markup`${countTiles(report)} ${expectationTable(expectations)}
    <h3>Times</h3>
    ${timeTable(report)} ${timePictures(report, curves, picture)} ${seriesPictures(report, picture)}
    <h3>Figures</h3>
    <dl class="facts">
      ${describeFigures(report).map(
        ({ label, text }) =>
          markup`<dt>${label}</dt>
            <dd>${clip(text, 1000)}</dd> `,
      )}
    </dl>
    ${seriesTable(report)}`;
}

type MakePicture = (what: string, title: string, text: string) => { id: string; title: string; description: string };

/** Nothing without an answer. */
function timePictures(report: LoadReport, curves: PercentileCurves, picture: MakePicture): MarkupPiece {
  const { response, series } = report;
  if (response.maxMs === null) return null;
  return [
    figure(
      'by percentile: 99% of the answers came within the time above 99%; each further nine is as wide',
      percentileChart(curves, picture('percentiles', 'times by percentile', timesText(report))),
    ),
    series.length === 0
      ? null
      : figure(
          'response times along the run: p50, p99 and the longest, on a logarithmic scale',
          latencyOverTimeChart(
            series,
            picture('times', 'response times over time', `Over all: ${summaryText(response)}.`),
          ),
        ),
  ];
}

/** Rate and outcomes; nothing without a second. */
function seriesPictures(report: LoadReport, picture: MakePicture): MarkupPiece {
  const { series, arrival, counts, perSecond } = report;
  if (series.length === 0) return null;
  const outcomes = LOAD_OUTCOMES.map((outcome) => `${countText(counts[outcome])} ${outcome}`).join(', ');
  const caption = arrival.kind === 'closed' ? 'answers a second' : 'answers a second, and what the timetable asked for';
  return markup`<h3>Rate</h3>
    ${figure(
      caption,
      rateChart(series, report, picture('rate', 'answers a second over time', `Over all: ${rateText(perSecond)}.`)),
    )}
    <h3>Outcomes</h3>
    <figure>
      <figcaption class="note">events by the time at which they ended; dropped ones by that of their start</figcaption>
      ${loadOutcomeChart(series, picture('outcomes', 'outcomes over time', `Stacked columns: ${outcomes}.`))}
      <ul class="legend">
        ${LOAD_OUTCOMES.map((outcome) => markup`<li>${swatch(outcome)}${outcome}</li> `)}
      </ul>
    </figure>`;
}

const figure = (caption: string, picture: Markup): Markup =>
  markup`<figure>
      <figcaption class="note">${caption}</figcaption>
      ${picture}
    </figure> `;

function countTiles({ counts, perSecond, response, service, arrival }: LoadReport): Markup {
  const { started, dropped, retries } = counts;
  const outcome = (name: string, kind: (typeof LOAD_OUTCOMES)[number]) =>
    [markup`${swatch(kind)}${name}`, shareText(counts[kind], started + dropped), countText(counts[kind])] as const;
  const times = arrival.kind === 'closed' ? service : response;
  return tiles([
    ['Sent', countText(started), retries === 0 ? 'events' : `and ${countText(retries)} retries`],
    outcome('Delivered', 'delivered'),
    outcome('Refused', 'refused'),
    outcome('Unreachable', 'unreachable'),
    outcome('Dropped', 'dropped'),
    ['Rate', rateText(perSecond), 'answers a second'],
    ['Median response', msText(times.p50Ms), 'p50'],
    ['Slow response', msText(times.p99Ms), 'p99: 99% are faster'],
  ]);
}

const rateText = (perSecond: number): string => `${Number(perSecond.toFixed(1))}/s`;
const msText = (ms: number | null): string => (ms === null ? '–' : formatDuration(ms));

const EXPECTATION_COLUMNS: readonly DataColumn[] = [
  { head: 'expected', kind: 'words' },
  { head: 'measured', kind: 'number' },
  { head: 'met', kind: 'number' },
];

/** The word stands beside the mark, for colour alone says nothing. */
function expectationTable(expectations: readonly JudgedExpectation[]): MarkupPiece {
  if (expectations.length === 0) return null;
  const rows = expectations.map((one) => [
    clip(one.expectation, 100),
    describeMeasured(one),
    one.isMet ? markup`<span class="good">✓ met</span>` : markup`<strong class="bad">✗ not met</strong>`,
  ]);
  return markup`<h3>Expectations</h3>
    ${dataTable('expectations', EXPECTATION_COLUMNS, rows)}`;
}

const TIME_COLUMNS: readonly DataColumn[] = [
  { head: 'time', kind: 'words' },
  ...['p50', 'p90', 'p99', 'p99.9', 'max', 'mean'].map((head): DataColumn => ({ head, kind: 'number' })),
];

function timeTable({ response, service, arrival }: LoadReport): Markup {
  const rows = [timeRow('service: from the real start', service)];
  if (arrival.kind !== 'closed') rows.unshift(timeRow('response: from the intended start', response));
  return dataTable('times', TIME_COLUMNS, rows);
}

function timeRow(name: string, { p50Ms, p90Ms, p99Ms, p999Ms, maxMs, meanMs }: LatencySummary): string[] {
  return [name, ...[p50Ms, p90Ms, p99Ms, p999Ms, maxMs, meanMs].map(msText)];
}

function timesText({ response, service, arrival }: LoadReport): string {
  const ofResponse = `Response: ${summaryText(response)}.`;
  return arrival.kind === 'closed' ? ofResponse : `${ofResponse} Service: ${summaryText(service)}.`;
}

const summaryText = ({ p50Ms, p99Ms, maxMs }: LatencySummary): string =>
  `p50 ${msText(p50Ms)}, p99 ${msText(p99Ms)}, max ${msText(maxMs)}`;

const SECOND_COLUMNS: readonly DataColumn[] = [
  { head: 'from', kind: 'words' },
  ...[...LOAD_OUTCOMES, 'p50', 'p99', 'max'].map((head): DataColumn => ({ head, kind: 'number' })),
];

function seriesTable({ series }: LoadReport): MarkupPiece {
  if (series.length === 0) return null;
  const rows = coarsenSeries(series, MOST_ROWS).map((one) => [
    formatDuration(one.atMs),
    ...LOAD_OUTCOMES.map((outcome) => countText(one[outcome])),
    ...[one.p50Ms, one.p99Ms, one.maxMs].map(msText),
  ]);
  return markup`<details>
    <summary>the pictures as a table</summary>
    ${dataTable('the run in time', SECOND_COLUMNS, rows)}
  </details>`;
}

/** The verdict as a word beside its mark, and why; below it what was done. */
export function loadLead(load: JudgedLoad): Markup {
  const { report, verdict } = load;
  const [tone, word] = verdict.outcome === 'yes' ? ['good', '✓ passed'] : ['bad', '✗ failed'];
  const { vendor, webhook } = report.target;
  const who = webhook === null ? vendor : `${vendor} ${webhook}`;
  return markup`<p class="lead"><strong class="${tone}">${word}</strong> ${clip(describeVerdict(load), 1000)}</p>
    <p class="note">${clip(`${who}: ${describeEvents(report)}`, 400)}; ${describeArrival(report.arrival)}</p>`;
}

/** What the figures mean, below a page with a load run. */
export const LOAD_FOOTER = markup`<p>
    Times are those of the attempts that were answered: response from the intended start of an event, service from the
    real one, to the end of the answer, at most 0.1% too long. A percentile is the nearest rank. An event without an
    answer is slower than any limit that was expected, and so is a dropped one by its intended start.
  </p>
  <p>
    Delivered: the answer is a success by the vendor’s rule. Refused: there was an answer, but no success. Unreachable:
    no answer. Dropped: never sent, because too many were in flight. Of several machines the percentiles of a second are
    the largest of theirs.
  </p>`;
