import type { HistoryWriter } from '../../history/history.ts';
import type { Recorder } from '../../history/store/recorder.ts';
import { AppError } from '../../model/error.ts';
import { UnrecordedError, type SendEnvironment, type SentDelivery } from './send-event.ts';

/** Where the attempts of a batch are kept. */
export interface BatchRecords {
  history: SendEnvironment['history'];
  /** Calls `report` once all attempts of the delivery so far are stored. */
  whenStored(sent: SentDelivery, report: () => void): void;
  /** Nothing more can be stored, so nothing more should be sent. */
  hasFailed(): boolean;
  /** Waits until everything is stored or lost. Returns what is lost. */
  lost(): Promise<readonly UnrecordedError[]>;
  close(): Promise<void>;
}

export interface RecordsEnvironment {
  openWriter(): Promise<HistoryWriter | null>;
  /** Null with `--no-history`. */
  historyFile(): string | null;
}

/** Of so few each is stored by itself: the thread that stores many at once takes longer to start. */
const FEW = 20;

/**
 * Opens the history for a batch. Of many events several are stored in one transaction, in a thread of its own, while
 * others are sent. So are those that are sent several at once: a wait for the disk, or for another program's lock, must
 * hold up no answer that comes meanwhile, for it would be late by that. Throws AppError `history` when the file cannot
 * be written.
 * @param total how many events it has
 * @param atOnce how many of them are under way at a time
 */
export async function openBatchRecords(
  total: number,
  atOnce: number,
  environment: RecordsEnvironment,
): Promise<BatchRecords> {
  const file = environment.historyFile();
  if ((total <= FEW && atOnce === 1) || file === null) return storedOneByOne(await environment.openWriter());
  const { openRecorder } = await import('../../history/store/recorder.ts');
  let hasFailed = false;
  const onFailure = (): void => {
    hasFailed = true;
  };
  return storedTogether(await openRecorder(file, { onFailure }), () => hasFailed);
}

/** An attempt is stored before its delivery goes on. */
const storedOneByOne = (history: HistoryWriter | null): BatchRecords => ({
  history,
  whenStored: (_, report) => report(),
  hasFailed: () => false,
  lost: async () => [],
  close: async () => history?.close(),
});

function storedTogether(recorder: Recorder, hasFailed: () => boolean): BatchRecords {
  const lost: UnrecordedError[] = [];
  let allTold: Promise<unknown> = Promise.resolve();
  const noteLost = ({ delivery, attempts }: SentDelivery, error: unknown): void => {
    const attempt = attempts.at(-1);
    if (!(error instanceof AppError) || attempt === undefined) throw error;
    lost.push(new UnrecordedError(delivery, attempt, error));
  };
  return {
    history: {
      // A ladder of retries that is under way ends, too: the rest of its attempts would be in no history.
      append: (delivery, attempt) => (hasFailed() ? recorder.stored() : recorder.record(delivery, attempt)),
    },
    whenStored(sent, report) {
      const before = allTold;
      allTold = recorder
        .stored()
        .then(report, (error: unknown) => noteLost(sent, error))
        .then(() => before);
      // Whoever asks what is lost hears of it.
      allTold.catch(() => undefined);
    },
    hasFailed,
    async lost() {
      await recorder.flush().catch(() => undefined);
      await allTold;
      return lost;
    },
    // What it could not store is told already.
    close: () => recorder.close().catch(() => undefined),
  };
}
