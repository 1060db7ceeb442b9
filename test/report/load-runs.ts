import type { JudgedLoad } from '../../src/model/load-report.ts';
import { curvesOf } from '../../src/flows/load/judge-load.ts';
import type { PercentileCurves } from '../../src/report/html/load-charts.ts';
import { loadReport } from '../load/load-reports.ts';

export interface DrawnLoad {
  load: JudgedLoad;
  curves: PercentileCurves;
}

export const drawn = (load: Partial<JudgedLoad> = {}): DrawnLoad => {
  const whole: JudgedLoad = {
    report: loadReport(),
    expectations: [],
    verdict: { outcome: 'yes', reasons: [] },
    ...load,
  };
  return { load: whole, curves: curvesOf(whole.report) };
};

/** A load run with this text wherever one from outside can stand. */
export function hostileLoad(text: string): DrawnLoad {
  const report = loadReport({
    target: { url: text, vendor: text, webhook: text },
    events: { [text]: 1 },
    errorCodes: { [text]: 1 },
    generator: { isValid: false, reason: text, eventLoopDelayP99Ms: 0, cpuShare: 0 },
    counts: { dropped: 3 },
  });
  const expectation = { expectation: text, measured: null, unit: 'ms', isMet: false, allowsNoDelivery: false } as const;
  return drawn({ report, expectations: [expectation], verdict: { outcome: 'no', reasons: [text, text] } });
}
