import type { Generated, GeneratedId, MadeByCode } from '../model/generated.ts';
import type { Field, Vendor } from '../model/vendor.ts';
import { parseIdPattern, patternPrefix } from './id-pattern.ts';
import { problemOfTime, timePattern } from './time-forms.ts';

/** MailKite's id of a message, of which its attachments' ids and links are made. Its length is ours [us]. */
export const MESSAGE_ID = { id: 'msg_[a-z0-9]{16}', shared: true } as const satisfies GeneratedId;

export const NAMED_IDS: readonly string[] = ['uuid', 'uuid-v7', 'ulid'];

/** Numbers of more digits are not whole in JavaScript. */
const MAX_DIGITS = 15;

export const isTime = (made: Generated | undefined): made is Extract<Generated, { time: unknown }> =>
  typeof made === 'object' && 'time' in made;

/** It is made to be told from all others. */
export const isId = (made: Generated | undefined): boolean =>
  typeof made === 'object' && ('id' in made || 'digits' in made);

/** What a generated text looks like; null where a receiver could rely on nothing. */
export function formOf({
  generated,
  type,
  mayBeBlank,
}: Pick<Field, 'generated' | 'type' | 'mayBeBlank'>): RegExp | null {
  if (typeof generated !== 'object' || type !== 'string') return null;
  if ('digits' in generated) return mayBeBlank ? /^[0-9]*$/ : /^[0-9]+$/;
  if ('time' in generated) {
    // A mail may write its date as it likes.
    if (generated.of === 'mail') return null;
    const pattern = timePattern(generated);
    return new RegExp(mayBeBlank ? `^(${pattern})?$` : `^${pattern}$`);
  }
  const prefix = NAMED_IDS.includes(generated.id) ? null : patternPrefix(parseIdPattern(generated.id) ?? []);
  return prefix === null ? null : new RegExp(`^${prefix}.`);
}

/** In a few words, as it stands in a list of fields: `time-ms`, `YYYY-MM-DD HH:mm:ss Europe/Prague`, `uuid`. */
export function describeGenerated(generated: Generated): string {
  if (typeof generated === 'string') return generated;
  if ('digits' in generated) return `${generated.digits} digits`;
  if ('id' in generated) return generated.id;
  const form = /^[a-z\d-]+$/.test(generated.time) ? `time-${generated.time}` : generated.time;
  return generated.zone === undefined ? form : `${form} ${generated.zone}`;
}

/** What of the vendor's own each of them is about: it makes sense nowhere else. */
const NEEDED: Record<MadeByCode, (vendor: Pick<Vendor, 'attachments' | 'events'>) => boolean> = {
  'attachment-id': ({ attachments }) => attachments !== undefined,
  'attachment-url': ({ attachments }) => attachments !== undefined,
  uid: ({ events }) => events.some(({ fromMail }) => fromMail !== undefined),
  'raw-url': ({ events }) => events.some(({ fromMail }) => fromMail !== undefined),
};

/** Why this cannot be made, for whoever wrote it into a vendor file; null where it can. */
export function problemOfGenerated(
  generated: Generated,
  vendor: Pick<Vendor, 'attachments' | 'events'>,
): string | null {
  if (generated === 'event-name') return null;
  if (typeof generated === 'string')
    return NEEDED[generated](vendor)
      ? null
      : `"${generated}" is made by code for vendors of mails: write an id pattern`;
  if ('time' in generated) return problemOfTime(generated);
  if ('digits' in generated)
    return Number.isInteger(generated.digits) && generated.digits >= 1 && generated.digits <= MAX_DIGITS
      ? null
      : `a number has 1 to ${MAX_DIGITS} digits: write a longer one as text, such as [1-9][0-9]{18}`;
  return NAMED_IDS.includes(generated.id) || parseIdPattern(generated.id) !== null
    ? null
    : `"${generated.id}" is not an id: write ${NAMED_IDS.join(', ')}, or text and [class]{count} such as ` +
        `msg_[a-z0-9]{20}`;
}
