import { createHmac, timingSafeEqual } from 'node:crypto';
import { missingLinkSecret } from './missing-secret.ts';

// MailKite's attachment links: https://mailkite.dev/docs/receiving
// In its public examples the link of message `msg_2Hk9` is `/att/2Hk9/0`: the prefix is left out [pub].

/** `ok`, `expired` (answer 410), or `tampered` (answer 403); the part of the message id in the link, and the index. */
export type AttachmentCheck = { verdict: 'ok' | 'expired'; mid: string; index: number } | { verdict: 'tampered' };

/** The part of a message id that stands in a link: without `msg_`. */
export function toAttachmentMid(messageId: string): string {
  return messageId.replace(/^msg_/, '');
}

/** `base` + `/att/<mid>/<index>?exp=<unix seconds>&sig=<hex>`; anyone with the link may fetch until it expires. */
export function signAttachmentUrl(
  base: string,
  secret: string,
  messageId: string,
  index: number,
  expiresAtSeconds: number,
): string {
  if (secret === '') throw missingLinkSecret('sign');
  const mid = toAttachmentMid(messageId);
  const sig = computeLinkDigest(secret, mid, String(index), String(expiresAtSeconds));
  return `${base.replace(/\/+$/, '')}/att/${encodeURIComponent(mid)}/${index}?exp=${expiresAtSeconds}&sig=${sig}`;
}

/** Judges a link by the requested path and query. `expired` is only answered to a link with a right signature. */
export function checkAttachmentUrl(pathAndQuery: string, secret: string, nowMs: number): AttachmentCheck {
  const link = parseLink(pathAndQuery);
  if (!link) return { verdict: 'tampered' };
  const expected = computeLinkDigest(secret, link.mid, link.index, link.exp);
  if (!timingSafeEqual(Buffer.from(link.sig, 'latin1'), Buffer.from(expected, 'latin1')))
    return { verdict: 'tampered' };
  const verdict = nowMs > Number(link.exp) * 1000 ? 'expired' : 'ok';
  return { verdict, mid: link.mid, index: Number(link.index) };
}

function computeLinkDigest(secret: string, mid: string, index: string, exp: string): string {
  return createHmac('sha256', Buffer.from(secret, 'utf8')).update(`att/${mid}/${index}\n${exp}`, 'utf8').digest('hex');
}

const LINK_PATH = /\/att\/([^/]+)\/(\d{1,9})$/;

/** True for a request for an attachment, whether its signature fits or not. */
export function isAttachmentPath(pathAndQuery: string): boolean {
  return LINK_PATH.test(pathAndQuery.split('?', 1)[0] ?? '');
}

interface Link {
  mid: string;
  index: string;
  exp: string;
  sig: string;
}

/** Undefined when anything is missing, doubled or of another form. */
function parseLink(pathAndQuery: string): Link | undefined {
  const [path = '', query = ''] = pathAndQuery.split('?', 2);
  const [, encodedMid, index] = LINK_PATH.exec(path) ?? [];
  const mid = decodeMid(encodedMid);
  const params = new URLSearchParams(query);
  const [exp, ...otherExps] = params.getAll('exp');
  const [sig, ...otherSigs] = params.getAll('sig');
  if (mid === undefined || index === undefined || otherExps.length + otherSigs.length > 0) return undefined;
  if (exp === undefined || !/^\d{1,12}$/.test(exp)) return undefined;
  if (sig === undefined || !/^[0-9a-f]{64}$/.test(sig)) return undefined;
  return { mid, index, exp, sig };
}

function decodeMid(encoded: string | undefined): string | undefined {
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Makes the signed links of a payload; `validForMs` is the vendor's rule. */
export function linkMaker(
  base: string,
  secret: string,
  validForMs: number,
): (messageId: string, index: number, nowMs: number) => string {
  return (messageId, index, nowMs) =>
    signAttachmentUrl(base, secret, messageId, index, Math.floor((nowMs + validForMs) / 1000));
}

/** Where a link leads to, by the secret it was signed with. */
export interface FoundLink {
  secret: string;
  mid: string;
  index: number;
  isExpired: boolean;
}

/**
 * Null when it was signed with none of these secrets. Only a caller who can sign links to an attachment learns whether
 * it exists.
 */
export function findLink(pathAndQuery: string, secrets: Iterable<string>, nowMs: number): FoundLink | null {
  for (const secret of secrets) {
    const checked = checkAttachmentUrl(pathAndQuery, secret, nowMs);
    if (checked.verdict !== 'tampered')
      return { secret, mid: checked.mid, index: checked.index, isExpired: checked.verdict === 'expired' };
  }
  return null;
}
