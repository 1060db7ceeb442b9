import type { Generated } from '../model/vendor.ts';

const DATE_TIME = String.raw`\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}`;

/** The form of what is generated; Mailkit's may be blank. The rest has no form a receiver could rely on. */
const FORMS: Partial<Record<Generated, RegExp>> = {
  'message-id': /^msg_./,
  'event-id': /^evt_./,
  'number-id': /^[0-9]*$/,
  'time-iso': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/,
  'time-iso-ms': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/,
  'time-utc': new RegExp(`^${DATE_TIME}$`),
  'time-prague': new RegExp(`^(${DATE_TIME})?$`),
  'time-prague-30d': new RegExp(`^(${DATE_TIME})?$`),
};

/** What a generated text looks like; null where a receiver could rely on nothing. */
export function formOf(generated: Generated): RegExp | null {
  return FORMS[generated] ?? null;
}
