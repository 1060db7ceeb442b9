import type { Ids } from '../model/clock.ts';
import type { Generated } from '../model/vendor.ts';
import { formatPragueTime } from '../vendors/event-time.ts';

const DAY_MS = 86_400_000;

/** A reserved name that never resolves (RFC 6761): a link without a server behind it must reach nobody. */
export const NOWHERE = 'https://mailkite.invalid';

/** Makes the link to an attachment's bytes; the plan knows neither the server nor the secret that signs it. */
export type LinkAttachment = (messageId: string, index: number) => string;

/** Makes one generated value. `index` is the position in the array that holds the field. */
export type Generate = (kind: Generated, index?: number) => string | number;

/**
 * Makes the generated values of one event so that they agree: one instant, one message id, one uid.
 * `nowMs`: when the event happened. Plain numbers, tokens and uuids differ at every call.
 */
export function makeGenerate(
  eventName: string,
  nowMs: number,
  ids: Ids,
  linkAttachment: LinkAttachment = linkNowhere,
): Generate {
  const messageId = once(() => makeMessageId(ids));
  const uid = once(() => makeUid(ids));
  const makers: Record<Generated, (index: number) => string | number> = {
    'message-id': messageId,
    'event-id': () => `evt_${ids.token(16)}`,
    uuid: () => ids.uuidV4(),
    'number-id': () => String(makeNumber(ids, 9)),
    token: () => ids.token(20),
    'rfc-message-id': () => `<${ids.token(20)}@mail.example.com>`,
    uid,
    'raw-url': () => linkRawMessage(uid()),
    'attachment-id': (index) => `${messageId()}:${index}`,
    'attachment-url': (index) => linkAttachment(messageId(), index),
    'time-ms': () => nowMs,
    'time-iso-ms': () => new Date(nowMs).toISOString(),
    'time-iso': () => new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    'time-utc': () => new Date(nowMs).toISOString().slice(0, 19).replace('T', ' '),
    'time-prague': () => formatPragueTime(nowMs),
    'time-prague-30d': () => formatPragueTime(nowMs + 30 * DAY_MS),
    'time-rfc5322': () => new Date(nowMs).toUTCString().replace('GMT', '+0000'),
    'event-name': () => eventName,
  };
  return (kind, index = 0) => makers[kind](index);
}

/** MailKite's id of a message; its length is ours [us]. */
export function makeMessageId(ids: Ids): string {
  return `msg_${ids.token(16)}`;
}

/** Number of a stored message. */
export function makeUid(ids: Ids): number {
  return makeNumber(ids, 6);
}

/** Where self-hosted MailKite's administrator reads a whole message: its path is [pub], the host is nobody's. */
export function linkRawMessage(uid: number): string {
  return `${NOWHERE}/api/admin/raw?mailbox=INBOX&uid=${uid}`;
}

/** The unsigned link of a sample that nobody serves. */
export function linkNowhere(messageId: string, index: number): string {
  return `${NOWHERE}/att/${messageId.replace(/^msg_/, '')}/${index}`;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** A whole number of at most `digits` decimal digits, never 0. */
function makeNumber(ids: Ids, digits: number): number {
  return (Number.parseInt(ids.token(10), 36) % (10 ** digits - 1)) + 1;
}
