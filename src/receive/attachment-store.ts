import type { AttachmentAnswer } from './attachment-server.ts';

export type HeldAttachment = Omit<Extract<AttachmentAnswer, { status: 200 }>, 'status' | 'onFetched'>;

export interface AttachmentStore {
  /**
   * Holds it under `key`, in place of an earlier one. Returns what to call when no link to it will be sent any more.
   */
  put(key: string, attachment: HeldAttachment): () => void;
  answer(key: string): AttachmentAnswer;
  /** How many were never fetched. */
  unfetched(): number;
}

interface Held {
  key: string;
  attachment: HeldAttachment;
  isFetched: boolean;
  isSettled: boolean;
}

const HOLDS_AT_MOST = 10_000;
const SHARES_AT_MOST = 32;

/**
 * Attachments while they can be fetched. Those that were fetched and to which no link will be sent any more go, oldest
 * first, as soon as more than `holdsAtMost` are held; the others stay. The events of one mail carry the same bytes,
 * which are kept once: a hundred thousand events take no more memory for them than one.
 */
export function makeAttachmentStore(holdsAtMost = HOLDS_AT_MOST): AttachmentStore {
  const held = new Map<string, Held>();
  const done = new Set<Held>();
  const share = shareBytes();
  let unfetched = 0;

  const forget = (one: Held): void => {
    held.delete(one.key);
    done.delete(one);
    if (!one.isFetched) unfetched -= 1;
  };
  const change = (one: Held, what: 'isFetched' | 'isSettled'): void => {
    if (one[what] || held.get(one.key) !== one) return;
    one[what] = true;
    if (what === 'isFetched') unfetched -= 1;
    if (one.isFetched && one.isSettled) done.add(one);
    dropDone();
  };
  const dropDone = (): void => {
    for (const oldest of done) {
      if (held.size <= holdsAtMost) return;
      forget(oldest);
    }
  };

  return {
    put: (key, attachment) => {
      const before = held.get(key);
      if (before !== undefined) forget(before);
      const one: Held = {
        key,
        attachment: { ...attachment, content: share(attachment.content) },
        isFetched: false,
        isSettled: false,
      };
      held.set(key, one);
      unfetched += 1;
      dropDone();
      return () => change(one, 'isSettled');
    },
    answer: (key) => {
      const one = held.get(key);
      return one === undefined
        ? { status: 404 }
        : { status: 200, ...one.attachment, onFetched: () => change(one, 'isFetched') };
    },
    unfetched: () => unfetched,
  };
}

/** Gives back bytes that were seen before where they are the same: comparing is far cheaper than keeping. */
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
