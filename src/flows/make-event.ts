import type { Clock, Ids } from '../model/clock.ts';
import { AppError } from '../model/error.ts';
import type { Plan } from '../model/plan.ts';
import type { Vendor, VendorEvent } from '../model/vendor.ts';
import { payloadFromMail } from '../plan/from-mail.ts';
import { makePlan, type PlanOptions } from '../plan/make-plan.ts';
import { findEvent } from '../vendors/index.ts';
import { linkMaker, NOWHERE } from './attachment-desk.ts';

export interface EventOptions extends Omit<PlanOptions, 'payload' | 'attachments' | 'linkAttachment'> {
  /** Bytes of a mail to make the event from. */
  mail?: Uint8Array;
  /** The recipient whose copy of the mail this is; without one all To addresses are named. */
  recipient?: string;
  inlineAttachments?: boolean;
  /** Where attachment links point (`--serve-attachments`). */
  attachmentOrigin?: string;
}

/** Plans one event: a sample, a mail or given bytes, with everything the flags change. */
export async function makeEvent(options: EventOptions, vendor: Vendor, secret: string | null, clock: Clock, ids: Ids): Promise<Plan> {
  const linkAttachment = linkMaker(options.attachmentOrigin ?? NOWHERE, secret ?? '', vendor.attachments?.validForMs ?? 0, clock);
  if (options.mail === undefined) return makePlan({ ...options, linkAttachment }, vendor, clock, ids);
  const kind = mailKindOf(vendor, findEvent(vendor, options.event));
  const { parseMail } = await import('../mail/parse-mail.ts');
  const message = await parseMail(options.mail);
  const { payload, attachments } = payloadFromMail(kind, message, {
    linkAttachment,
    ...(options.recipient === undefined ? {} : { recipient: options.recipient }),
    ...(options.inlineAttachments === undefined ? {} : { inlineAttachments: options.inlineAttachments }),
  }, clock, ids);
  return makePlan({ ...options, payload, attachments }, vendor, clock, ids);
}

function mailKindOf(vendor: Vendor, event: VendorEvent): NonNullable<VendorEvent['fromMail']> {
  if (event.fromMail !== undefined) return event.fromMail;
  const able = vendor.events.filter(({ fromMail }) => fromMail !== undefined).map(({ name }) => name);
  throw new AppError('usage', `${vendor.id} makes no ${event.name} from a mail`, {
    hint: able.length > 0 ? `with --eml the event is ${able.join(' or ')}` : `${vendor.id} sends no inbound mail; use --event with --set`,
  });
}
