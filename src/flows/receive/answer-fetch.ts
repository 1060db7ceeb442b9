import type { Vendor, VendorEvent } from '../../model/vendor.ts';
import { attachmentReply, type AttachmentAnswer } from '../../receive/attachment-server.ts';
import type { HeldAttachment } from '../../receive/attachment-store.ts';
import type { Answer, ReceivedRequest } from '../../receive/received-request.ts';
import { isAttachmentPath, findLink } from '../../sign/attachment-url.ts';
import type { Expected } from './judge-received.ts';
import { readMail, type MailSource } from '../send/make-event.ts';

/** What links signed with one of these secrets lead to, by index, whatever message id a link has. */
export interface ServedAttachments {
  secrets: ReadonlySet<string>;
  attachments: readonly HeldAttachment[];
}

/** A request for an attachment, and its answer. */
export interface AttachmentFetch {
  receivedAtMs: number;
  method: string;
  /** Path and query: whoever has its signature may fetch. */
  path: string;
  remoteAddress: string;
  status: number;
  /** Null when it was not given out. */
  filename: string | null;
  reply: Answer;
}

/** Whose links can be answered: the vendor that is expected, or each that has links. */
export function vendorsWithLinks({ vendor, vendors }: Expected): Vendor[] {
  return (vendor === null ? vendors : [vendor]).filter(({ attachments }) => attachments !== undefined);
}

/**
 * The attachments of the mail, or of the vendor's sample. Null without a secret, which every check of a link
 * needs. Throws AppError `input` for a mail that cannot be read.
 */
export async function loadServedAttachments(
  expected: Expected,
  mail: MailSource | null,
): Promise<ServedAttachments | null> {
  const vendors = vendorsWithLinks(expected);
  const secrets = new Set(vendors.flatMap((vendor) => expected.secretsOf(vendor)));
  if (secrets.size === 0) return null;
  return { secrets, attachments: mail === null ? sampleAttachments(vendors) : await mailAttachments(mail) };
}

/** A sample has one at most, and vendors of one format the same. */
function sampleAttachments(vendors: readonly Vendor[]): HeldAttachment[] {
  const events: readonly VendorEvent[] = vendors.flatMap(({ events: own }) => own);
  return events
    .flatMap(({ sampleAttachment }) => sampleAttachment ?? [])
    .slice(0, 1)
    .map(({ filename, contentType, text }) => ({ filename, contentType, content: Buffer.from(text) }));
}

async function mailAttachments(mail: MailSource): Promise<HeldAttachment[]> {
  const { attachments } = await readMail(mail);
  return attachments.map(({ filename, contentType, content }, index) => ({
    filename: filename ?? `attachment-${index}`,
    contentType,
    content,
  }));
}

/** A request for an attachment, whether its link is good or not: no event of a webhook. */
export function isFetch({ method, path }: ReceivedRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && isAttachmentPath(path);
}

/** 200 with the bytes, 403 signed with no secret of ours, 404 no such index, 410 expired. */
export function answerFetch(
  { method, path, remoteAddress }: ReceivedRequest,
  served: ServedAttachments,
  nowMs: number,
): AttachmentFetch {
  const found = lookUp(path, served, nowMs);
  return {
    receivedAtMs: nowMs,
    method,
    path,
    remoteAddress,
    status: found.status,
    filename: found.status === 200 ? found.filename : null,
    reply: attachmentReply(found),
  };
}

function lookUp(path: string, { secrets, attachments }: ServedAttachments, nowMs: number): AttachmentAnswer {
  const link = findLink(path, secrets, nowMs);
  if (link === null) return { status: 403 };
  if (link.isExpired) return { status: 410 };
  const attachment = attachments[link.index];
  return attachment === undefined ? { status: 404 } : { status: 200, ...attachment };
}
