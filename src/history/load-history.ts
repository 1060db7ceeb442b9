import type { History } from './history.ts';
import type { OpenHistoryOptions } from './open-history.ts';

/** `openHistory`, and libsql with it only now: a command that keeps nothing does not pay for loading it. */
export async function loadHistory(path: string, options: OpenHistoryOptions = {}): Promise<History> {
  const { openHistory } = await withoutReport(() => import('./open-history.ts'));
  return openHistory(path, options);
}

/**
 * To choose its binary, libsql has Node write a whole diagnostic report (4 ms) for one word: the C library. Where there
 * is no report it finds the same out from `ldd`, as its own package detect-libc does first; should that fail
 * (an image without `ldd`), it gets its report.
 */
async function withoutReport<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const report = Object.getOwnPropertyDescriptor(process, 'report');
  if (report === undefined) return load();
  Object.defineProperty(process, 'report', { value: undefined, configurable: true });
  try {
    return await load();
  } catch {
    Object.defineProperty(process, 'report', report);
    return await load();
  } finally {
    Object.defineProperty(process, 'report', report);
  }
}
