import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { GeneratorHealth } from '../../model/load-report.ts';

const RESOLUTION_MS = 10;

/** Watches how busy this process is, until what it gives is called. */
export function watchGenerator(): () => Pick<GeneratorHealth, 'eventLoopDelayP99Ms' | 'cpuShare'> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const [cpuBefore, startedAt] = [process.cpuUsage(), process.hrtime.bigint()];
  delay.enable();
  return () => {
    delay.disable();
    const { user, system } = process.cpuUsage(cpuBefore);
    const passedUs = Number(process.hrtime.bigint() - startedAt) / 1000;
    // What it measures is the time between two looks at the clock, and they are so far apart when there is no delay.
    const delayMs = delay.percentile(99) / 1e6 - RESOLUTION_MS;
    return { eventLoopDelayP99Ms: Math.max(0, delayMs), cpuShare: passedUs === 0 ? 0 : (user + system) / passedUs };
  };
}
