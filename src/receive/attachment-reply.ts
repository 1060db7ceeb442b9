import type { Header } from '../model/plan.ts';
import type { Answer } from './received.ts';

/** What stands behind a link: the bytes, or why they are not given out. `onFetched`: a GET was given all of them. */
export type AttachmentAnswer =
  | { status: 200; contentType: string; filename: string; content: Uint8Array; onFetched?: () => void }
  | { status: 403 | 404 | 410 };

const REASONS = {
  403: 'This link was changed: its signature does not fit.\n',
  404: 'There is no such attachment, or it was fetched long ago.\n',
  410: 'This link has expired.\n',
};
/** A type that a mail claims must not make a browser run it, and a link is good for whoever holds it. */
const COMMON: readonly Header[] = [
  ['x-content-type-options', 'nosniff'],
  ['cache-control', 'no-store'],
];

/** The answer to a GET of the link; that to a HEAD has the same headers. */
export function attachmentReply(found: AttachmentAnswer): Answer {
  if (found.status !== 200) return textReply(found.status, REASONS[found.status]);
  const { contentType, filename, content } = found;
  return {
    status: 200,
    headers: [
      ['content-type', checkContentType(contentType)],
      ['content-disposition', makeDisposition(filename)],
      ...COMMON,
    ],
    body: content,
  };
}

export function textReply(status: number, text: string): Answer {
  return { status, headers: [['content-type', 'text/plain; charset=utf-8'], ...COMMON], body: text };
}

/** The type comes from a stranger's mail: what is no plain `type/subtype` could break the header. */
function checkContentType(contentType: string): string {
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(contentType) ? contentType : 'application/octet-stream';
}

/** RFC 6266, with the exact name in RFC 5987 form and an ASCII one for old clients. No folders. */
function makeDisposition(filename: string): string {
  // Through bytes and back: half a surrogate pair would make encodeURIComponent throw.
  const base = Buffer.from(filename).toString().split(/[/\\]/).at(-1)?.trim() || 'attachment';
  const ascii = base.replace(/[^\x20-\x7e]|["%\\]/gu, '_');
  const extended = encodeURIComponent(base).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${extended}`;
}
