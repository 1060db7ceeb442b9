import { createContext, Script } from 'node:vm';
import { cpuMs } from './clock.ts';

/**
 * What takes longer than this once would hold up a server, too: CPU time, in ms. A try can only be limited in
 * wall-clock time, so that on a busy machine a quick one may run out of it: the next try has more.
 */
const MOST_CPU_MS = 300;
const FIRST_TRY_MS = 100;
const LONGER_BY = 4;

/** Runs the script with these texts as its variables. Undefined when it takes too long, or breaks off. */
export type LimitedScript = (variables: Readonly<Record<string, string>>) => unknown;

/**
 * Makes a script that works on what others wrote, such as expressions that backtrack for ever: that is data in a
 * context of its own, never code.
 *
 * @param allCpuMs CPU time for all its runs together
 */
export function makeLimitedScript(source: string, allCpuMs: number): LimitedScript {
  const script = new Script(source);
  const context = createContext({});
  let leftMs = allCpuMs;
  return (variables) => {
    Object.assign(context, variables);
    for (let timeout = FIRST_TRY_MS; leftMs > 0; timeout *= LONGER_BY) {
      const before = cpuMs();
      let isInterrupted = false;
      try {
        return script.runInContext(context, { timeout });
      } catch (error) {
        isInterrupted = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
      }
      const tookMs = cpuMs() - before;
      leftMs -= tookMs;
      if (!isInterrupted || tookMs >= MOST_CPU_MS) return undefined;
    }
    return undefined;
  };
}
