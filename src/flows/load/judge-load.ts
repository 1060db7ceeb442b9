import { concludeLoad, type ConcludeOptions } from '../../load/conclude-load.ts';
import { judgeExpectations, parseExpectation, type LoadExpectation } from '../../load/expectations.ts';
import { decodeHistogram } from '../../load/histogram-codec.ts';
import { listPercentiles } from '../../load/latency-summary.ts';
import { readLoadDocument } from '../../load/read-load-report.ts';
import type { JudgedLoad, LatencySummary, LoadReport, PercentileStep } from '../../model/load-report.ts';
import type { PercentileCurves } from '../../report/html/load-charts.ts';

export function judgeLoad(
  report: LoadReport,
  expectations: readonly LoadExpectation[],
  options: ConcludeOptions,
): JudgedLoad {
  const judged = judgeExpectations(expectations, report);
  return { report, expectations: judged, verdict: concludeLoad(report, judged, options) };
}

/**
 * A report from its file, judged by what it was judged by then.
 * @param path for errors alone
 * @throws AppError `input`, or `usage` for an expectation that there is not
 */
export function readJudgedLoad(text: string, path: string, schemaVersion: number): JudgedLoad {
  const { report, expectations, allowed } = readLoadDocument(text, path, schemaVersion);
  return judgeLoad(report, expectations.map(parseExpectation), allowed);
}

/** The lines of the picture by percentile. */
export function curvesOf({ response, service, arrival }: LoadReport): PercentileCurves {
  return { response: curveOf(response), service: arrival.kind === 'closed' ? null : curveOf(service) };
}

const curveOf = ({ histogram }: LatencySummary): PercentileStep[] => listPercentiles(decodeHistogram(histogram));
