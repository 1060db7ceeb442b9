import type { AttachmentAnswer } from './attachment-server.ts';

export type HeldAttachment = Omit<Extract<AttachmentAnswer, { status: 200 }>, 'status' | 'onFetched'>;

interface Held {
  key: string;
  attachment: HeldAttachment;
  isFetched: boolean;
  isSettled: boolean;
}

const HOLDS_AT_MOST = 10_000;
const SHARES_AT_MOST = 32;

/**
 * Attachments for as long as they can be fetched. Once more than `holdsAtMost` are held, those go, oldest first, that
 * were fetched and to which no link will be sent any more; the others stay. The events of one mail carry the same
 * bytes, which are kept once: a hundred thousand events take no more memory for them than one.
 */
export class AttachmentStore {
  readonly #holdsAtMost: number;
  readonly #held = new Map<string, Held>();
  /** Fetched, and no link to them will be sent any more. */
  readonly #done = new Set<Held>();
  readonly #share = shareBytes();
  #unfetched = 0;

  constructor(holdsAtMost = HOLDS_AT_MOST) {
    this.#holdsAtMost = holdsAtMost;
  }

  /** Holds it under `key`, replacing an earlier one. Returns a function to call once no more links to it are sent. */
  put(key: string, attachment: HeldAttachment): () => void {
    const before = this.#held.get(key);
    if (before !== undefined) this.#forget(before);
    const shared = { ...attachment, content: this.#share(attachment.content) };
    const held: Held = { key, attachment: shared, isFetched: false, isSettled: false };
    this.#held.set(key, held);
    this.#unfetched += 1;
    this.#dropDone();
    return () => this.#change(held, 'isSettled');
  }

  answer(key: string): AttachmentAnswer {
    const held = this.#held.get(key);
    return held === undefined
      ? { status: 404 }
      : { status: 200, ...held.attachment, onFetched: () => this.#change(held, 'isFetched') };
  }

  /** How many were never fetched. */
  unfetched(): number {
    return this.#unfetched;
  }

  #change(held: Held, what: 'isFetched' | 'isSettled'): void {
    if (held[what] || this.#held.get(held.key) !== held) return;
    held[what] = true;
    if (what === 'isFetched') this.#unfetched -= 1;
    if (held.isFetched && held.isSettled) this.#done.add(held);
    this.#dropDone();
  }

  #dropDone(): void {
    for (const oldest of this.#done) {
      if (this.#held.size <= this.#holdsAtMost) return;
      this.#forget(oldest);
    }
  }

  #forget(held: Held): void {
    this.#held.delete(held.key);
    this.#done.delete(held);
    if (!held.isFetched) this.#unfetched -= 1;
  }
}

/** Returns equal bytes that were seen before instead of these: comparing is far cheaper than keeping. */
function shareBytes(): (bytes: Uint8Array) => Uint8Array {
  const seen: Uint8Array[] = [];
  return (bytes) => {
    const same = seen.find((known) => known.length === bytes.length && Buffer.compare(known, bytes) === 0);
    if (same !== undefined) return same;
    seen.push(bytes);
    if (seen.length > SHARES_AT_MOST) seen.shift();
    return bytes;
  };
}
