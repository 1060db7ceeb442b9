import type { AddressLine } from '../../source/log/address-log.ts';
import { plural } from '../../model/wording.ts';
import { startProgress } from '../terminal/progress.ts';

/** What is read of a long log, told between the results that are printed. */
export interface ReadingProgress {
  /** The same batches: their lines are counted. */
  count(batches: AsyncIterable<readonly AddressLine[]>): AsyncIterable<readonly AddressLine[]>;
  /** One result more, which is about to be printed: the line makes room for it. */
  checked(): void;
  /** The same for something else. */
  printing(): void;
  end(): void;
}

/** Where results come faster they say enough, and each of them would take the line away. */
const QUIET_MS = 150;

export function startReadingProgress(): ReadingProgress {
  const progress = startProgress();
  let [lines, results, printedAt] = [0, 0, 0];
  let isShown = true;
  progress.show('reading');
  const timer = setInterval(() => {
    if (performance.now() - printedAt < QUIET_MS) return;
    isShown = true;
    progress.show(`${plural(lines, 'line')} read, ${results} ${results === 1 ? 'address' : 'addresses'} checked`);
  }, QUIET_MS);
  timer.unref();
  const makeRoom = (): void => {
    if (isShown) progress.clear();
    isShown = false;
    printedAt = performance.now();
  };
  return {
    async *count(batches) {
      for await (const batch of batches) {
        lines = batch.at(-1)?.line ?? lines;
        yield batch;
      }
    },
    checked() {
      results += 1;
      makeRoom();
    },
    printing: makeRoom,
    end() {
      clearInterval(timer);
      progress.clear();
    },
  };
}
