import { isObject, type JsonObject, type JsonValue } from '../model/json.ts';
import { encodeJson } from './encode-json.ts';

const LINK = /^https?:\/\/[^/]+\/.*att\/[^/]+\/(\d+)\?exp=\d+&sig=[0-9a-f]+$/;

/**
 * Signs the attachment links of a body again, as MailKite does on every delivery. A body that is not JSON as we write
 * it is returned unchanged: its bytes are the user's.
 */
export function refreshLinks(
  body: Uint8Array,
  linkAttachment: (origin: string, messageId: string, index: number) => string,
): Uint8Array {
  const payload = parseOwnJson(body);
  if (payload === null || typeof payload['id'] !== 'string' || !Array.isArray(payload['attachments'])) return body;
  const messageId = payload['id'];
  const attachments = payload['attachments'].map((one): JsonValue => {
    const url = isObject(one) ? one['url'] : undefined;
    const index = typeof url === 'string' ? LINK.exec(url)?.[1] : undefined;
    return index === undefined
      ? one
      : { ...(one as JsonObject), url: linkAttachment(new URL(url as string).origin, messageId, Number(index)) };
  });
  return encodeJson({ ...payload, attachments }, 'compact');
}

function parseOwnJson(body: Uint8Array): JsonObject | null {
  try {
    const value = JSON.parse(Buffer.from(body).toString('utf8')) as JsonValue;
    return isObject(value) && Buffer.from(encodeJson(value, 'compact')).equals(Buffer.from(body)) ? value : null;
  } catch {
    return null;
  }
}

/** A signed link wherever it stands, in JSON of any style: slashes may be escaped. */
const ANY_LINK = /att\\?\/[^/"\\]+\\?\/\d+\?exp=(\d+)(?:&|\\u0026)sig=[0-9a-f]+/g;

/** Whether a body holds a signed link to an attachment that is no longer good. */
export function hasExpiredLink(body: Uint8Array, nowMs: number): boolean {
  const links = Buffer.from(body).toString('latin1').matchAll(ANY_LINK);
  for (const [, expires] of links) if (Number(expires) * 1000 < nowMs) return true;
  return false;
}
