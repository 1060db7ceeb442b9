import type { Generated, GeneratedId } from '../../model/generated.ts';
import { isObject, valueAt, type JsonObject, type JsonValue } from '../../model/json.ts';
import { wordsOf } from '../../model/secret-name.ts';
import { parseIdPattern } from '../../vendors/id-pattern.ts';
import { wordSet } from './personal-text.ts';
import type { Variation } from './variation.ts';

/** So far around the time of the request a time is the event's own. */
const NEAR_MS = 15 * 60 * 1000;
const MAX_DEPTH = 6;

/**
 * Which values of a sample are made anew for every event, by their dotted paths: its id and its time, and whatever
 * looks like one and differs from event to event.
 */
export function findGenerated(
  sample: JsonObject,
  nearMs: number | null,
  variationOf: (path: string) => Variation,
): Record<string, Generated> {
  const values = listValues(sample, '', 0).map((placed) => ({ ...placed, variation: variationOf(placed.path) }));
  const changing = values.filter(({ variation }) => variation !== 'none');
  return { ...generatedIds(changing, findIdPath(sample, variationOf)), ...generatedTimes(changing, nearMs) };
}

interface VaryingValue extends PlacedValue {
  variation: Variation;
}

const isSeenToVary = ({ variation }: VaryingValue): boolean => variation === 'some' || variation === 'all';

function generatedTimes(values: readonly VaryingValue[], nearMs: number | null): Record<string, Generated> {
  const times = values.flatMap((placed) => {
    const time = readTime(placed.value);
    return time === null ? [] : [{ ...placed, ...time }];
  });
  const latest = Math.max(...times.map(({ ms }) => ms));
  const own = times.filter((time) => {
    const isNear = Math.abs(time.ms - (nearMs ?? latest)) <= NEAR_MS && (nearMs !== null || isTimeName(time.path));
    return isNear || (isSeenToVary(time) && !OTHER_TIME.test(time.path));
  });
  return Object.fromEntries(own.map(({ path, form }) => [path, { time: form }]));
}

/** When something else was or will be. */
const OTHER_TIME = /due|expir|until|valid|birth|deadline|schedul|start|end(?:s|_|$)|arriv|depart|estimat/i;

/** Where one value stands twice, both are made together, which the grammar can say of one value of each pattern. */
function generatedIds(values: readonly VaryingValue[], idPath: string | null): Record<string, Generated> {
  const ids = values.flatMap((placed) => {
    const isId = placed.path === idPath || (isSeenToVary(placed) && looksLikeId(placed));
    const made = isId && readTime(placed.value) === null ? idPatternOf(placed.value) : null;
    return made === null ? [] : [{ ...placed, made }];
  });
  const isRepeated = (value: JsonValue): boolean => ids.filter((one) => one.value === value).length > 1;
  const sharing = new Map<string, JsonValue>();
  for (const { path, made, value } of ids.toSorted(
    (one, other) => Number(other.path === idPath) - Number(one.path === idPath),
  ))
    if ((path === idPath || isRepeated(value)) && !sharing.has(JSON.stringify(made)))
      sharing.set(JSON.stringify(made), value);
  const made = ids.flatMap(({ path, value, made: own }): [string, Generated][] => {
    if (!isRepeated(value)) return [[path, own]];
    if (typeof own !== 'object' || !('id' in own)) return path === idPath ? [[path, own]] : [];
    return sharing.get(JSON.stringify(own)) === value ? [[path, { ...own, shared: true }]] : [];
  });
  return Object.fromEntries(made);
}

/** By its name, or because nobody chose it: a UUID, or letters mixed with digits. */
function looksLikeId({ path, value }: PlacedValue): boolean {
  const word = wordsOf(path).at(-1) ?? '';
  // A small number is a count: `attempt_number: 2`.
  if (ID_WORDS.has(word) && (word === 'id' || String(value).length >= 4)) return true;
  return (
    typeof value === 'string' &&
    (UUID.test(value) || /^(?:[A-Za-z]{1,8}_)?(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z\d]{12,}$/.test(value))
  );
}

const ID_WORDS = wordSet('id uuid guid key number nr ref reference sid nonce');

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

const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;

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

/** The dotted path of the id of the event; null where nothing is called so, or other events have the same. */
export function findIdPath(sample: JsonObject, variationOf: (path: string) => Variation): string | null {
  const paths = [...ID_NAMES, ...AROUND.flatMap((around) => ID_NAMES.map((name) => `${around}.${name}`))];
  const ids = paths.filter((path) => idPatternOf(valueAt(sample, path.split('.')) ?? null) !== null);
  return ids.find((path) => ['all', 'unknown'].includes(variationOf(path))) ?? null;
}

/** How an id is made that looks like this one; null for what is none, or no other could be made of. */
export function idPatternOf(value: JsonValue): Generated | null {
  if (typeof value === 'number') return numberPattern(value);
  if (typeof value !== 'string' || value.length > 200) return null;
  if (UUID.test(value)) return { id: value[14] === '7' ? 'uuid-v7' : 'uuid' };
  if (/^[0-9A-HJKMNP-TV-Z]{26}$/.test(value)) return { id: 'ulid' };
  return textPattern(value);
}

/** Of a shorter id there are so few that two events of a test would have the same. */
const LEAST_DRAWN = 8;

const numberPattern = (value: number): Generated | null => {
  const digits = String(value).length;
  return Number.isSafeInteger(value) && value > 0 && digits <= 15 ? { digits: Math.max(digits, LEAST_DRAWN) } : null;
};

/** `evt_[a-zA-Z0-9]{24}`: what stands before the first `_` or `-` stays, and signs between letters do. */
function textPattern(value: string): GeneratedId | null {
  if (!/^[\w.:-]+$/.test(value) || !/\d/.test(value)) return null;
  const prefix = /^[A-Za-z]{1,16}[_-]/.exec(value)?.[0] ?? '';
  const rest = value.slice(prefix.length);
  const isHex = /^[\da-f._:-]+$/.test(rest) && /[a-f]/.test(rest) && rest.length >= 8;
  const drawn = rest.replaceAll(/[^A-Za-z0-9]/g, '').length;
  const missing = Math.max(0, LEAST_DRAWN - drawn);
  const last = /[A-Za-z0-9]+(?![^]*[A-Za-z0-9])/.exec(rest)?.index;
  const pattern =
    prefix +
    rest.replaceAll(/[A-Za-z0-9]+/g, (run, at: number) => {
      const length = run.length + (at === last ? missing : 0);
      return `[${isHex ? '0-9a-f' : classOf(run)}]{${length}}`;
    });
  return parseIdPattern(pattern) === null ? null : { id: pattern };
}

function classOf(run: string): string {
  if (/^\d+$/.test(run)) return '0-9';
  const letters = `${/[a-z]/.test(run) ? 'a-z' : ''}${/[A-Z]/.test(run) ? 'A-Z' : ''}`;
  return /\d/.test(run) || run.length > 8 ? `${letters}0-9` : letters;
}
