import type { Clock } from '../model/clock.ts';
import type { LinkedAttachment } from '../model/plan.ts';
import { serveAttachments } from '../receive/attachment-server.ts';
import { checkAttachmentUrl, signAttachmentUrl, toAttachmentMid } from '../sign/attachment-url.ts';

/** Makes the signed links of a payload; `validForMs` is the vendor's rule. */
export function linkMaker(base: string, secret: string, validForMs: number, clock: Clock): (messageId: string, index: number) => string {
  return (messageId, index) => signAttachmentUrl(base, secret, messageId, index, Math.floor((clock.now() + validForMs) / 1000));
}

export interface AttachmentDesk {
  origin: string;
  /** From now on these can be fetched. */
  offer(attachments: readonly LinkedAttachment[]): void;
  /** Resolves when everything offered was fetched once. */
  allFetched(): Promise<void>;
  close(): Promise<void>;
}

/** Serves attachments by their signed links: 200, 403 tampered, 404 never offered, 410 expired. */
export async function openAttachmentDesk(listen: { host: string; port: number }, secret: string, clock: Clock): Promise<AttachmentDesk> {
  const offered = new Map<string, LinkedAttachment>();
  const waiting = new Set<string>();
  let tellAllFetched: (() => void) | undefined;
  const server = await serveAttachments(listen, (pathAndQuery) => {
    const checked = checkAttachmentUrl(pathAndQuery, secret, clock.now());
    if (checked.verdict === 'tampered') return { status: 403 };
    if (checked.verdict === 'expired') return { status: 410 };
    const key = `${checked.mid}/${checked.index}`;
    const found = offered.get(key);
    if (found === undefined) return { status: 404 };
    if (waiting.delete(key) && waiting.size === 0) tellAllFetched?.();
    const { contentType, filename, content } = found.attachment;
    return { status: 200, contentType, filename: filename ?? `attachment-${checked.index}`, content };
  });
  return {
    origin: server.origin,
    offer(attachments) {
      for (const one of attachments) {
        const key = `${toAttachmentMid(one.messageId)}/${one.index}`;
        offered.set(key, one);
        waiting.add(key);
      }
    },
    allFetched: () => (waiting.size === 0 ? Promise.resolve() : new Promise((resolve) => { tellAllFetched = resolve; })),
    close: () => server.close(),
  };
}
