import type { ClaimedDelivery } from '../../history/queue.ts';
import type { Clock } from '../../model/clock.ts';
import type { OpenTarget } from '../session/open-target.ts';

/** After so long an endpoint is opened anew, in milliseconds: a secret or certificate that was replaced is read. */
const FRESH_MS = 10_000;

type QueuedTarget = Pick<ClaimedDelivery, 'delivery' | 'reach'>;

interface KeptTarget {
  opening: Promise<OpenTarget>;
  openedAt: number;
  users: number;
  isReplaced: boolean;
}

/** The endpoints that a worker calls, each opened once in a while and not for every request. */
export class KeptTargets {
  readonly #kept = new Map<string, KeptTarget>();
  readonly #open: (item: QueuedTarget) => Promise<OpenTarget>;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(open: (item: QueuedTarget) => Promise<OpenTarget>, clock: Pick<Clock, 'now'>) {
    this.#open = open;
    this.#clock = clock;
  }

  /** Rejects when it cannot be opened; the next call tries again. */
  async use<Result>(item: QueuedTarget, work: (target: OpenTarget) => Promise<Result>): Promise<Result> {
    const kept = this.#find(item);
    kept.users += 1;
    try {
      return await work(await kept.opening);
    } finally {
      kept.users -= 1;
      if (kept.isReplaced && kept.users === 0) await closeTarget(kept);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.values()].map(closeTarget));
  }

  #find(item: QueuedTarget): KeptTarget {
    const key = JSON.stringify([item.delivery.webhookUuid, item.reach]);
    const known = this.#kept.get(key);
    if (known !== undefined && this.#clock.now() - known.openedAt < FRESH_MS) return known;
    const kept = { opening: this.#open(item), openedAt: this.#clock.now(), users: 0, isReplaced: false };
    this.#kept.set(key, kept);
    kept.opening.catch(() => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
    });
    if (known !== undefined) this.#letGo(known);
    return kept;
  }

  /** What is under way on it ends first. */
  #letGo(kept: KeptTarget): void {
    kept.isReplaced = true;
    if (kept.users === 0) void closeTarget(kept);
  }
}

async function closeTarget({ opening }: KeptTarget): Promise<void> {
  await (await opening.catch(() => null))?.close();
}
