import type { Header } from '../../model/plan.ts';
import { isObject, type JsonObject } from '../../model/json.ts';

/** What a request calls its event, and where. */
export interface NamedEvent {
  name: string;
  /** The header that says it. */
  header: string | null;
  /** The field at the top of the body that says it. */
  field: string | null;
}

/** Headers with the event's name: `X-GitHub-Event`, `X-Shopify-Topic`, `Ce-Type`. */
const HEADER = /(?:^|[-_])(?:event|topic|event[-_]?(?:name|type|key)|webhook[-_]?type|message-type|ce-type)$/i;
const NO_EVENT_HEADER = /content-type|id$/i;
/** Fields with it, the more telling ones first. */
const FIELDS = [
  'event',
  'event_type',
  'eventType',
  'event_name',
  'eventName',
  'type',
  'Type',
  'RecordType',
  'topic',
  'trigger',
  'hook',
  'kind',
  'eventKey',
  'event_key',
  'webhookEvent',
  'webhook_event',
  'notification_type',
  'notificationType',
  'eventCode',
  'EventType',
  'Event',
  'action',
  'status',
  'name',
  'metric',
  'object',
];
/** Around the event's data, in others. */
const INNER = ['event', 'event-data', 'data', 'payload', 'message', 'notification', 'meta', 'resource'];

const NAME = /^[\p{L}][\p{L}\d .:/_-]{0,79}$/u;

/** Where a request says which event it is; the name is `event` where nothing looks like one. */
export function findEventName(headers: readonly Header[], sample: JsonObject, given?: string): NamedEvent {
  const header = headers.find(([name, value]) => HEADER.test(name) && !NO_EVENT_HEADER.test(name) && isName(value));
  const top = FIELDS.find((field) => isNamedBy(field, sample) && (given === undefined || sample[field] === given));
  const named = given ?? header?.[1] ?? (top === undefined ? innerName(sample) : (sample[top] as string)) ?? 'event';
  const field = FIELDS.find((one) => sample[one] === named) ?? null;
  return { name: named, header: header !== undefined && header[1] === named ? header[0] : null, field };
}

const isName = (value: unknown): boolean =>
  typeof value === 'string' && NAME.test(value) && !/^(?:true|false|null|none)$/i.test(value) && !/\d{6}/.test(value);

/** What is called `name` may be somebody's: an event's has a sign within, as in `order.created`. */
const isNamedBy = (field: string, object: JsonObject): boolean =>
  isName(object[field]) &&
  (field !== 'name' || /^\w+[.:/_][\w.:/-]+$|^[a-z\d]+(?:-[a-z\d]+)+$/.test(String(object[field])));

function innerName(sample: JsonObject): string | undefined {
  for (const key of INNER) {
    const inner = sample[key];
    if (!isObject(inner)) continue;
    const field = FIELDS.find((one) => isNamedBy(one, inner));
    if (field !== undefined) return inner[field] as string;
  }
  return undefined;
}
