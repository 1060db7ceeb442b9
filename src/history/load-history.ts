import type { History, HistoryReader } from './history.ts';

let reader: Promise<typeof import('./reader.ts')> | undefined;

/** `openReader`, and libsql with it only now, once: a command that keeps nothing does not pay for loading it. */
export async function loadReader(path: string): Promise<HistoryReader> {
  const { openReader } = await loadLibsql();
  return openReader(path);
}

/** `openHistory` in the same way. */
export async function loadHistory(path: string): Promise<History> {
  await loadLibsql();
  const { openHistory } = await import('./open-history.ts');
  return openHistory(path);
}

/** The reader brings libsql along, and the writer builds on the reader. */
function loadLibsql(): Promise<typeof import('./reader.ts')> {
  return (reader ??= withoutReport(() => import('./reader.ts')));
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
