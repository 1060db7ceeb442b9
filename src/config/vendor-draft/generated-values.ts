import type { Generated, GeneratedId } from '../../model/generated.ts';
import { isObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import { parseIdPattern } from '../../vendors/id-pattern.ts';

/** So far around the time of the request a time is the event's own. */
const NEAR_MS = 15 * 60 * 1000;
const MAX_DEPTH = 6;

/** Which values of a sample are made anew for every event, by their dotted paths. */
export function findGenerated(sample: JsonObject, nearMs: number | null): Record<string, Generated> {
  const times = listValues(sample, '', 0).flatMap(({ path, value }) => {
    const time = readTime(value);
    return time === null ? [] : [{ path, ...time }];
  });
  const latest = Math.max(...times.map(({ ms }) => ms));
  const at = nearMs ?? latest;
  const own = times.filter(({ ms, path }) => Math.abs(ms - at) <= NEAR_MS && (nearMs !== null || isTimeName(path)));
  const idPath = findIdPath(sample);
  const id = idPath === null ? null : idPatternOf(valueAt(sample, idPath));
  return {
    ...(idPath !== null && id !== null && { [idPath]: id }),
    ...Object.fromEntries(own.map(({ path, form }) => [path, { time: form }])),
  };
}

const isTimeName = (path: string): boolean => /time|date|created|stamp|(?:^|[._])ts$|_at$|At$|occurred/i.test(path);

interface PlacedValue {
  path: string;
  value: JsonValue;
}

/** Lists are left out: a path goes through objects alone. */
function listValues(object: JsonObject, prefix: string, depth: number): PlacedValue[] {
  return Object.entries(object).flatMap(([name, value]) => {
    if (name.includes('.') || depth >= MAX_DEPTH) return [];
    const path = prefix + name;
    return isObject(value) ? listValues(value, `${path}.`, depth + 1) : [{ path, value }];
  });
}

function readTime(value: JsonValue): { ms: number; form: string } | null {
  const text = String(value);
  const form = timeForm(text, typeof value);
  if (form === null) return null;
  const ms =
    form === 's' || form === 's-decimal'
      ? Number(text) * 1000
      : form === 'ms'
        ? Number(text)
        : Date.parse(`${text}${form.startsWith('YYYY') ? 'Z' : ''}`);
  return ms > 946_684_800_000 && ms < 4_102_444_800_000 ? { ms, form } : null;
}

/** The form of a text that is a time; null for what is none, or in no form that can be made. */
export function timeForm(text: string, type: string): string | null {
  if (/^\d{10}$/.test(text)) return 's';
  if (/^\d{13}$/.test(text)) return 'ms';
  if (/^\d{10}\.\d+$/.test(text)) return 's-decimal';
  if (type !== 'string') return null;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return 'iso';
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return 'iso-ms';
  if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return 'YYYY-MM-DD HH:mm:ss';
  if (/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/.test(text)) return 'rfc5322';
  if (/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)) return 'ddd, DD MMM YYYY HH:mm:ss GMT';
  return null;
}

const ID_NAMES = [
  'id',
  'event_id',
  'eventId',
  'EventId',
  'webhook_id',
  'webhookId',
  'delivery_id',
  'deliveryId',
  'notification_id',
  'notificationId',
  'message_id',
  'messageId',
  'MessageId',
  'uuid',
  'guid',
  'ID',
  'Id',
  'event_uuid',
  'sg_event_id',
  'request_id',
  'pspReference',
];
const AROUND = ['event', 'event-data', 'meta', 'notification', 'payload'];

/** The dotted path of the id of the event; null where nothing is called so. */
export function findIdPath(sample: JsonObject): string | null {
  const paths = [...ID_NAMES, ...AROUND.flatMap((around) => ID_NAMES.map((name) => `${around}.${name}`))];
  return paths.find((path) => idPatternOf(valueAt(sample, path)) !== null) ?? null;
}

function valueAt(sample: JsonObject, path: string): JsonValue {
  return path.split('.').reduce<JsonValue>((value, step) => (isObject(value) ? (value[step] ?? null) : null), sample);
}

/** How an id is made that looks like this one; null for what is none, or no other could be made of. */
export function idPatternOf(value: JsonValue): Generated | null {
  if (typeof value === 'number') return numberPattern(value);
  if (typeof value !== 'string' || value.length > 200) return null;
  if (/^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/.test(value))
    return { id: value[14] === '7' ? 'uuid-v7' : 'uuid' };
  if (/^[0-9A-HJKMNP-TV-Z]{26}$/.test(value)) return { id: 'ulid' };
  return textPattern(value);
}

const numberPattern = (value: number): Generated | null => {
  const digits = String(value).length;
  return Number.isSafeInteger(value) && value > 0 && digits <= 15 ? { digits } : null;
};

/** `evt_[a-zA-Z0-9]{24}`: what stands before the first `_` or `-` stays, and signs between letters do. */
function textPattern(value: string): GeneratedId | null {
  if (!/^[\w.:-]+$/.test(value) || !/\d/.test(value)) return null;
  const prefix = /^[A-Za-z]{1,16}[_-]/.exec(value)?.[0] ?? '';
  const rest = value.slice(prefix.length);
  const isHex = /^[\da-f._:-]+$/.test(rest) && /[a-f]/.test(rest) && rest.length >= 8;
  const pattern =
    prefix + rest.replaceAll(/[A-Za-z0-9]+/g, (run) => `[${isHex ? '0-9a-f' : classOf(run)}]{${run.length}}`);
  return parseIdPattern(pattern) === null ? null : { id: pattern };
}

function classOf(run: string): string {
  if (/^\d+$/.test(run)) return '0-9';
  const letters = `${/[a-z]/.test(run) ? 'a-z' : ''}${/[A-Z]/.test(run) ? 'A-Z' : ''}`;
  return /\d/.test(run) || run.length > 8 ? `${letters}0-9` : letters;
}
