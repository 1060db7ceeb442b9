import type { Clock, Ids } from '../model/clock.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { MailAttachment, Mailbox, Message } from '../model/message.ts';
import type { LinkedAttachment } from '../model/plan.ts';
import type { VendorEvent } from '../model/vendor.ts';
import { linkRawMessage, makeMessageId, makeUid, type LinkAttachment } from './payload.ts';

export type MailKind = NonNullable<VendorEvent['fromMail']>;

export interface FromMailOptions {
  /** The mailbox this event is for. Without it Mail-Plus names all of To, others the first of To. */
  recipient?: string;
  /** Puts the bytes into the body, as MailKite does with zero retention, instead of a link. */
  inlineAttachments?: boolean;
  /** Makes the URL of an attachment; `index` counts from 0. */
  linkAttachment: LinkAttachment;
}

export interface MailPayload {
  payload: JsonObject;
  /** What the payload's links point at, each with a name to be saved by; empty when nothing is linked. */
  attachments: LinkedAttachment[];
}

type MakePayload = (message: Message, options: FromMailOptions, clock: Clock, ids: Ids) => MailPayload;

/**
 * The body a vendor of inbound mail sends for this message: every field of `fixtures/samples`, in
 * the vendor's order. The clock gives the time of arrival, once per call.
 */
export function payloadFromMail(
  kind: MailKind,
  message: Message,
  options: FromMailOptions,
  clock: Clock,
  ids: Ids,
): MailPayload {
  return MAKERS[kind](message, options, clock, ids);
}

const MAKERS: Record<MailKind, MakePayload> = {
  'mailkite-message': makeMailkitePayload,
  'mailkite-selfhost-message': makeSelfhostPayload,
  'mail-plus-message': makeMailPlusPayload,
};

function makeMailkitePayload(message: Message, options: FromMailOptions, clock: Clock, ids: Ids): MailPayload {
  const id = makeMessageId(ids);
  const receivedAt = clock.now();
  const linked = message.attachments.map((attachment, index) => ({ messageId: id, index, attachment }));
  const describe = options.inlineAttachments === true ? inlineAttachment : linkedAt(receivedAt, options.linkAttachment);
  const payload: JsonObject = {
    id,
    type: 'email.received',
    // A mail without From still has to give the object receivers read `from.address` of [us].
    from: describeMailbox(message.from[0] ?? { address: '' }),
    // One mailbox; none where the mail names nobody, as after a delivery by Bcc [us].
    to: findRecipients(message, options.recipient)
      .slice(0, 1)
      .map((mailbox) => describeMailbox(mailbox)),
    subject: message.subject,
    text: message.text,
    html: message.html,
    threadId: message.inReplyTo ?? message.messageId,
    receivedAt,
    receivedAtIso: new Date(receivedAt).toISOString(),
    auth: { ...message.auth, spam: readSpamVerdict(message) },
    attachments: linked.map((attachment) => describe(attachment)),
  };
  return { payload, attachments: options.inlineAttachments === true ? [] : linked.map(nameLinked) };
}

function describeMailbox({ address, name }: Mailbox): JsonObject {
  return name === undefined ? { address } : { address, name };
}

function linkedAt(nowMs: number, link: LinkAttachment) {
  return ({ messageId, index, attachment }: LinkedAttachment): JsonObject => ({
    id: `${messageId}:${index}`,
    ...describeAttachment(attachment),
    url: link(messageId, index, nowMs),
  });
}

function inlineAttachment({ attachment }: LinkedAttachment): JsonObject {
  const { buffer, byteOffset, byteLength } = attachment.content;
  return {
    ...describeAttachment(attachment),
    content: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  };
}

function describeAttachment({ filename, contentType, content }: MailAttachment): JsonObject {
  return { filename, contentType, size: content.length };
}

/**
 * Self-hosted MailKite sends `""` for what a mail lacks, an integer uid, and a link to its own admin
 * interface: https://github.com/mailkite/server (lib/webhooks.mjs) [pub]. The uid and the host of
 * the link are made up [us].
 */
function makeSelfhostPayload(message: Message, options: FromMailOptions, clock: Clock, ids: Ids): MailPayload {
  const rcpt = findRecipients(message, options.recipient)[0]?.address ?? '';
  const uid = makeUid(ids);
  const payload: JsonObject = {
    event: 'inbound',
    domain: rcpt.slice(rcpt.lastIndexOf('@') + 1),
    rcpt,
    mailfrom: readEnvelopeSender(message),
    from: findHeader(message, 'from') ?? '',
    subject: message.subject ?? '',
    uid,
    receivedAt: new Date(clock.now()).toISOString(),
    raw_url: linkRawMessage(uid),
  };
  return { payload, attachments: [] };
}

/** Return-Path is where the last server notes the envelope; `<>`, a bounce, is the empty sender. */
function readEnvelopeSender(message: Message): string {
  const returnPath = findHeader(message, 'return-path');
  return returnPath?.replace(/^<|>$/g, '') ?? message.from[0]?.address ?? '';
}

/** Mail-Plus documents plain strings: `""` for what the mail lacks, `none` for a check not made [us]. */
function makeMailPlusPayload(message: Message, options: FromMailOptions, clock: Clock): MailPayload {
  const payload: JsonObject = {
    timestamp: new Date(clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    header: makeHeaderObject(message.headers),
    body: message.text ?? message.html ?? '',
    subject: message.subject ?? '',
    from: joinAddresses(message.from.slice(0, 1)),
    to: joinAddresses(findRecipients(message, options.recipient)),
    bcc: joinAddresses(message.bcc),
    spf: message.auth.spf ?? 'none',
    dkim: message.auth.dkim ?? 'none',
    spam_score: readSpamScore(message),
    ip_address: message.senderIp ?? '',
  };
  return { payload, attachments: [] };
}

/** What may stand but once. Where it stands twice, mailboxes go into one list, and of the rest the topmost counts. */
const LISTS = new Set(['to', 'cc', 'bcc', 'reply-to']);
const SINGLE = new Set(['date', 'from', 'sender', 'message-id', 'in-reply-to', 'references', 'subject']);

/**
 * A name that may be repeated (Received) becomes an array, topmost first, under its first spelling [us]. What RFC 5322,
 * section 3.6, allows but once is always a text, as the documentation shows it.
 */
function makeHeaderObject(headers: Message['headers']): JsonObject {
  const byName = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of headers) {
    const known = byName.get(name.toLowerCase());
    if (known === undefined) byName.set(name.toLowerCase(), { name, values: [value] });
    else known.values.push(value);
  }
  // fromEntries defines keys, so a header called __proto__ is a key like any other.
  return Object.fromEntries([...byName].map(([key, { name, values }]) => [name, headerValue(key, values)]));
}

function headerValue(name: string, values: string[]): JsonValue {
  const [first = ''] = values;
  if (values.length === 1 || SINGLE.has(name)) return first;
  return LISTS.has(name) ? values.filter((value) => value !== '').join(', ') : values;
}

function joinAddresses(mailboxes: readonly Mailbox[]): string {
  return mailboxes.map((mailbox) => mailbox.address).join(', ');
}

/** The one recipient asked for, with the name the mail gives it; otherwise everyone in To. */
function findRecipients(message: Message, recipient: string | undefined): readonly Mailbox[] {
  if (recipient === undefined) return message.to;
  const named = message.to.find((mailbox) => mailbox.address.toLowerCase() === recipient.toLowerCase());
  return [{ ...named, address: recipient }];
}

/** Reads the verdict of a spam filter in SpamAssassin's form; null when there is none. */
function readSpamVerdict(message: Message): 'spam' | 'ham' | null {
  const verdict = /^(?:(yes)|no)\b/i.exec(
    findHeader(message, 'x-spam-flag') ?? findHeader(message, 'x-spam-status') ?? '',
  );
  if (verdict === null) return null;
  return verdict[1] === undefined ? 'ham' : 'spam';
}

/** `7.1`, `7.1 (+++++++)`, `7.1/5.0`: a decimal number, and no other that JavaScript would read. */
const SCORE = /^\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+))(?=$|[\s(/;])/;
const SCORE_IN_STATUS = /\b(?:score|hits)=([-+]?(?:\d+(?:\.\d*)?|\.\d+))(?=$|[\s(/;,])/i;

/** From X-Spam-Score, or SpamAssassin's `Yes, score=7.1 required=5.0`; 0 where neither tells one. */
function readSpamScore(message: Message): number {
  const [, score] =
    SCORE.exec(findHeader(message, 'x-spam-score') ?? '') ??
    SCORE_IN_STATUS.exec(findHeader(message, 'x-spam-status') ?? '') ??
    [];
  const number = Number(score ?? 0);
  return Number.isFinite(number) ? number : 0;
}

/** The topmost header of that name (lower case). */
function findHeader(message: Message, name: string): string | undefined {
  return message.headers.find(([other]) => other.toLowerCase() === name)?.[1];
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/pdf': 'pdf',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'image/gif': 'gif',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/webp': 'webp',
  'message/delivery-status': 'txt',
  'message/rfc822': 'eml',
  'text/calendar': 'ics',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/plain': 'txt',
};

/**
 * A name to be saved by, where the mail gives none: `attachment-0.png`, the index of its id and an extension for its
 * type, `bin` when unknown [us]. The event says null [pub].
 */
function nameLinked(linked: LinkedAttachment): LinkedAttachment {
  const { attachment, index } = linked;
  const filename = attachment.filename ?? `attachment-${index}.${EXTENSIONS[attachment.contentType] ?? 'bin'}`;
  return { ...linked, attachment: { ...attachment, filename } };
}
