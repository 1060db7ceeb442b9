import type { History } from './history.ts';
import type { OpenHistoryOptions } from './open-history.ts';

let loading: Promise<typeof import('./open-history.ts')> | undefined;

/** `openHistory`, and libsql with it only now, once: a command that keeps nothing does not pay for loading it. */
export async function loadHistory(path: string, options: OpenHistoryOptions = {}): Promise<History> {
  loading ??= withoutReport(() => import('./open-history.ts'));
  const { openHistory } = await loading;
  return openHistory(path, options);
}

/**
 * To choose its binary, libsql has Node write a whole diagnostic report (4 ms) for one word: the C library. Where there
 * is no report, detect-libc (a package of libsql's) reads that word in the file /usr/bin/ldd. On an image without it,
 * detect-libc starts a shell command; should that find out nothing either, libsql asks for a binary that is not
 * installed, and gets its report in a second try. Two calls at once would each restore what the other had set.
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
