import type { Clock } from '../../model/clock.ts';
import type { LinkedAttachment } from '../../model/plan.ts';
import { serveAttachments } from '../../receive/attachment-server.ts';
import { AttachmentStore } from '../../receive/attachment-store.ts';
import { findLink, toAttachmentMid } from '../../sign/attachment-url.ts';

export interface AttachmentServer {
  origin: string;
  /**
   * Makes these available by links signed with `secret` (an empty one signs no link).
   * Returns a function to call when their delivery has ended: only then may they be dropped, see `AttachmentStore`.
   */
  offer(attachments: readonly LinkedAttachment[], secret: string): () => void;
  /** Resolves when everything offered was fetched by somebody, to the last byte, and no download is under way. */
  allFetched(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves attachments by their signed links: 200, 403 not signed by a secret that was offered, 404 never offered, 410
 * expired.
 */
export async function openAttachmentServer(
  listen: { host: string; port: number },
  clock: Clock,
): Promise<AttachmentServer> {
  const store = new AttachmentStore();
  const secrets = new Set<string>();
  const waiting: (() => void)[] = [];
  const isAllFetched = (): boolean => store.unfetched() === 0 && listener.isQuiet();
  const onQuiet = (): void => {
    if (isAllFetched()) for (const resolve of waiting.splice(0)) resolve();
  };
  const listener = await serveAttachments({ ...listen, onQuiet }, (pathAndQuery) => {
    const link = findLink(pathAndQuery, secrets, clock.now());
    if (link === null) return { status: 403 };
    return link.isExpired ? { status: 410 } : store.answer(keyOf(link.secret, link.mid, link.index));
  });
  return {
    origin: listener.origin,
    offer(attachments, secret) {
      if (secret === '') return () => undefined;
      secrets.add(secret);
      const settled = attachments.map(({ messageId, index, attachment: { contentType, filename, content } }) =>
        store.put(keyOf(secret, toAttachmentMid(messageId), index), {
          contentType,
          filename: filename ?? `attachment-${index}`,
          content,
        }),
      );
      return () => settled.forEach((settle) => settle());
    },
    allFetched: () => (isAllFetched() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    close: () => listener.close(),
  };
}

/** Two webhooks may send the same message id, each with its own secret. */
function keyOf(secret: string, mid: string, index: number): string {
  return JSON.stringify([secret, mid, index]);
}
