import type { Clock, Ids } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import type { Message } from '../../model/message.ts';
import type { Plan } from '../../model/plan.ts';
import type { Vendor, VendorEvent } from '../../model/vendor.ts';
import { payloadFromMail } from '../../plan/from-mail.ts';
import { linkNowhere, NOWHERE, type LinkAttachment } from '../../plan/payload.ts';
import { makePlan, preparePlan, type PlanOptions } from '../../plan/make-plan.ts';
import { NO_OVERRIDES } from '../../plan/overrides.ts';
import { findEvent } from '../../vendors/find-event.ts';
import type { TargetedEvent } from '../session/choose-targets.ts';
import type { OpenTarget } from '../session/open-target.ts';
import { linkMaker } from '../../sign/attachment-url.ts';
import { withFreshLinks } from './fresh-links.ts';

/** A mail to make the event from. Read when it is needed and not kept: it may be large. */
export interface MailSource {
  /** Its file, for messages. */
  name: string;
  open: () => Uint8Array | AsyncIterable<Uint8Array>;
  /** Is told what the file holds and its event does not. */
  note?: (text: string) => void;
}

export interface EventOptions extends Omit<
  PlanOptions,
  'payload' | 'payloadSource' | 'attachments' | 'linkAttachment'
> {
  mail?: MailSource;
  /** The recipient whose copy of the mail this is; without one all To addresses are named. */
  recipient?: string;
  inlineAttachments?: boolean;
  /** `data` is the body of a recorded event: its links to attachments are made anew, as the vendor does. */
  isRecorded?: boolean;
  /** Where attachment links point (`--serve-attachments`). */
  attachmentOrigin?: string;
}

/** The part of an event that is the same for every target. */
export type EventContent = Omit<
  EventOptions,
  'event' | 'url' | 'webhookUuid' | 'deliveryId' | 'recipient' | 'attachmentOrigin'
>;

/** The vendor's full sample, unchanged. */
export const FULL_SAMPLE: EventContent = {
  sample: { sample: 'full' },
  overrides: NO_OVERRIDES,
  headers: [],
};

/** The part of an event that its target decides. */
export function targetOptions(
  { event, url, webhookUuid }: Pick<TargetedEvent, 'event' | 'url' | 'webhookUuid'>,
  deliveryId: string,
): Pick<EventOptions, 'event' | 'url' | 'webhookUuid' | 'deliveryId'> {
  return { event: event.name, url, webhookUuid, deliveryId };
}

/** What many events have in common. */
type PreparedEvent = Omit<EventOptions, 'deliveryId'>;

/** Plans one event after the other: see `PlanNext`. */
export type MakeNextEvent = (deliveryId: string, clock: Clock, ids: Ids) => Plan | Promise<Plan>;

/** Plans one event: a sample, a mail or given bytes, with everything the flags change. */
export async function makeEvent(
  options: EventOptions,
  vendor: Vendor,
  secret: string | null,
  clock: Clock,
  ids: Ids,
): Promise<Plan> {
  return prepareEvent(options, vendor, secret)(options.deliveryId, clock, ids);
}

/** The same for many. A mail is read anew for each: it may be large. */
function prepareEvent(options: PreparedEvent, vendor: Vendor, secret: string | null): MakeNextEvent {
  const { mail, data, isRecorded } = options;
  // Without a secret (`webhook sample`) a link cannot be signed; it then leads nowhere anyway.
  const validForMs = vendor.attachments?.validForMs.value;
  const linkAttachment =
    secret === null || validForMs === undefined
      ? linkNowhere
      : linkMaker(options.attachmentOrigin ?? NOWHERE, secret, validForMs);
  if (mail !== undefined)
    return (deliveryId, clock, ids) => planMail({ ...options, mail, linkAttachment, deliveryId }, vendor, clock, ids);
  if (data === undefined || !isRecorded) return preparePlan({ ...options, linkAttachment }, vendor);
  return (deliveryId, clock, ids) => {
    const fresh = withFreshLinks(data, vendor, secret, clock);
    return makePlan({ ...options, data: fresh, linkAttachment, deliveryId }, vendor, clock, ids);
  };
}

/** The events of one target, with content that is the same for all. */
export function prepareFor(
  target: Pick<OpenTarget, 'url' | 'webhookUuid' | 'vendor' | 'signingSecret' | 'select'>,
  event: string,
  content: EventContent,
  more: Pick<EventOptions, 'recipient' | 'attachmentOrigin'> = {},
): MakeNextEvent {
  const { url, webhookUuid, vendor, signingSecret } = target;
  // The user's own bytes stay as they are, whatever the configuration selects.
  const select = content.data === undefined ? target.select : content.select;
  return prepareEvent({ ...content, event, url, webhookUuid, select, ...more }, vendor, signingSecret);
}

async function planMail(
  options: EventOptions & { mail: MailSource; linkAttachment: LinkAttachment },
  vendor: Vendor,
  clock: Clock,
  ids: Ids,
): Promise<Plan> {
  const { mail, linkAttachment, recipient, inlineAttachments } = options;
  const kind = mailKindOf(vendor, findEvent(vendor, options.event));
  const { payload, attachments } = payloadFromMail(
    kind,
    await readMail(mail),
    { linkAttachment, recipient, inlineAttachments },
    clock,
    ids,
  );
  await dropLeftovers();
  return makePlan({ ...options, payload, payloadSource: `the mail ${mail.name}`, attachments }, vendor, clock, ids);
}

/** Above this, what reading a large mail left behind is worth a collection (20 ms) before its JSON is made. */
const LARGE_BYTES = 96 * 1024 * 1024;

/**
 * Left to itself, V8 keeps the buffers of a mail that is already read until well after the next ones are made: a mail
 * of 25 MiB then takes 198 MiB on Node 24 instead of 172. Only this flag gives a program the means to say so.
 */
async function dropLeftovers(): Promise<void> {
  if (process.memoryUsage.rss() < LARGE_BYTES) return;
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Throws AppError `input` for one that cannot be read. */
export async function readMail({ name, open, note }: MailSource): Promise<Message> {
  const { parseMail } = await import('../../mail/parse-mail.ts');
  try {
    const message = await parseMail(open());
    for (const text of message.notes) note?.(`the mail ${name}: ${text}`);
    return message;
  } catch (error) {
    if (!(error instanceof Error) || (!(error instanceof AppError) && !('code' in error))) throw error;
    const hint = error instanceof AppError ? error.hint : undefined;
    throw new AppError('input', `cannot read the mail ${name}: ${error.message}`, { hint, cause: error });
  }
}

function mailKindOf(vendor: Vendor, event: VendorEvent): NonNullable<VendorEvent['fromMail']> {
  if (event.fromMail !== undefined) return event.fromMail;
  const able = vendor.events.filter(({ fromMail }) => fromMail !== undefined).map(({ name }) => name);
  throw new AppError('usage', `${vendor.id} does not make ${event.name} from a mail`, {
    hint:
      able.length > 0
        ? `with --eml, use the event ${able.join(' or ')}`
        : `${vendor.id} sends no inbound mail: use --event with --set`,
  });
}
