import * as fc from 'fast-check';
import { rate } from '../../src/cli/load/load-flags.ts';
import { renderLoad } from '../../src/cli/load/render-load.ts';
import { SCHEMA_VERSION } from '../../src/cli/terminal/output.ts';
import { curvesOf, judgeLoad } from '../../src/flows/load/judge-load.ts';
import { parseEventMix, spreadEvents } from '../../src/load/event-mix.ts';
import { parseExpectation } from '../../src/load/expectations.ts';
import { decodeHistogram } from '../../src/load/histogram-codec.ts';
import { writeHgrm } from '../../src/load/latency-summary.ts';
import { mergeReports } from '../../src/load/merge-reports.ts';
import { readLoadDocument } from '../../src/load/read-load-report.ts';
import { renderLoadPage } from '../../src/report/load-page.ts';
import { loadReport } from '../load/load-reports.ts';
import type { Door } from './doors.ts';
import { editedJson, mutated } from './mutate.ts';
import { asJson, bytesOf } from './seeds.ts';

const ALLOWED = { allowDropped: false, allowLate: false };
const documentOf = (parts: Parameters<typeof loadReport>[0]): object => ({
  schemaVersion: SCHEMA_VERSION,
  ...loadReport(parts),
  ...ALLOWED,
  expectations: [{ expectation: 'p99<1s' }],
});

const OPEN = documentOf({ runs: ['a'], counts: { dropped: 2 }, errorCodes: {} });
const DOCUMENTS = [
  OPEN,
  documentOf({ runs: ['b', 'c'], arrival: { kind: 'closed', connections: 5 } }),
  documentOf({ arrival: { kind: 'ramp', fromPerSecond: 1, toPerSecond: 9, overMs: 5000, maxInFlight: 9 } }),
];
const EXPECTATIONS = [
  'p99<500ms',
  'mean(service)<1s',
  'delivered>99%',
  'slow=0',
  'late<1%',
  'status(5xx)<1%',
  'rate>1',
];
const judgedBy = EXPECTATIONS.map(parseExpectation);

/** A report is read, put together with another, judged and shown in every way. */
function showReport(text: string): void {
  const { report: given, expectations } = readLoadDocument(text, 'a.json', SCHEMA_VERSION);
  const other = readLoadDocument(JSON.stringify(OPEN), 'b.json', SCHEMA_VERSION).report;
  expectations.forEach(parseExpectation);
  for (const parts of [[given], [given, { ...other, runs: ['d'], arrival: given.arrival, target: given.target }]]) {
    const { report } = mergeReports(parts.map((one, index) => ({ name: `${index}.json`, report: one })));
    const load = judgeLoad(report, judgedBy, ALLOWED);
    renderLoad(load, true);
    renderLoadPage(load, curvesOf(report));
    writeHgrm(decodeHistogram(report.response.histogram));
  }
}

const READERS = [parseExpectation, rate, (text: string) => spreadEvents(parseEventMix(text))];

/** What `webhook load` and `load merge` read. */
export const listLoadDoors = (askAll: (readers: typeof READERS, text: string) => void): Door[] => [
  {
    name: 'load reports',
    kinds: ['input', 'usage'],
    share: 2,
    inputs: fc.oneof(editedJson(DOCUMENTS), mutated(asJson(...DOCUMENTS), ['1e999', '-0', 'null', '"ramp"', '9e15'])),
    open: (bytes) => showReport(bytes.toString('utf8')),
  },
  {
    name: 'flags of load',
    kinds: [],
    share: 2,
    inputs: mutated(bytesOf('p99<500ms', 'delivered>99.9%', '10..500/60s', '3000/m', 'optin=3,optout=1'), [
      '(service)',
      'status(5xx)',
      '<=',
      '..',
      '/h',
      '=1000,',
    ]),
    open: (bytes) => askAll(READERS, bytes.toString('utf8')),
  },
];
