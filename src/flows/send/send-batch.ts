import type { Clock, Ids } from '../../model/clock.ts';
import { runClosedLoop } from '../../load/closed-loop.ts';
import { AppError } from '../../model/error.ts';
import type { Plan } from '../../model/plan.ts';
import type { OpenTargetedEvent } from '../session/open-target.ts';
import { UnrecordedError } from './send-event.ts';
import { prepareEvent, type EventContent, type MailSource, type MakeNextEvent } from './make-event.ts';

/** One event to one target; of a mail, the copy of one recipient. */
export interface Order {
  target: OpenTargetedEvent;
  recipient?: string;
}

/** Everything that one call sends: each order, so many times. */
export interface Batch {
  orders: readonly Order[];
  count: number;
  content: EventContent;
}

/** The environment of a batch: each event has its own clock and ids, whatever ends first. */
export interface BatchEnvironment {
  clockOf(index: number): Clock;
  idsOf(index: number): Ids;
  newDeliveryId(): string;
  signal: AbortSignal;
}

/** An event as it is about to go out. */
export interface PlannedEvent {
  plan: Plan;
  target: OpenTargetedEvent;
  clock: Clock;
}

/**
 * Who gets what: each target once, or once for every recipient. Those are the ones named (`--rcpt`), or, where the
 * vendor makes an event for each recipient of a mail, the mailboxes of its To header.
 */
export async function listOrders(
  targets: readonly OpenTargetedEvent[],
  named: readonly string[],
  mail: MailSource | undefined,
): Promise<Order[]> {
  const orders = targets.map(async (target): Promise<Order[]> => {
    const recipients = named.length > 0 ? named : await recipientsOf(target, mail);
    return recipients.length === 0 ? [{ target }] : recipients.map((recipient) => ({ target, recipient }));
  });
  return (await Promise.all(orders)).flat();
}

async function recipientsOf({ event }: OpenTargetedEvent, mail: MailSource | undefined): Promise<string[]> {
  if (mail === undefined || event.perRecipient !== true) return [];
  const { readRecipients } = await import('../../mail/read-recipients.ts');
  return (await readRecipients(mail.open())).map(({ address }) => address);
}

/** Plans one event after the other, each when it is asked for. Ends early when the run is interrupted. */
export async function* planEvents(
  { orders, count, content }: Batch,
  attachmentOrigin: string | undefined,
  environment: BatchEnvironment,
): AsyncGenerator<PlannedEvent> {
  const { signal } = environment;
  const makers: MakeNextEvent[] = [];
  for (let index = 0; index < orders.length * count && !signal.aborted; index += 1) {
    const at = index % orders.length;
    const order = orders[at] as Order;
    const makeNext = (makers[at] ??= prepareOrder(order, content, attachmentOrigin));
    const clock = environment.clockOf(index);
    const plan = await makeNext(environment.newDeliveryId(), clock, environment.idsOf(index));
    yield { plan, target: order.target, clock };
  }
}

function prepareOrder(
  { target, recipient }: Order,
  content: EventContent,
  attachmentOrigin: string | undefined,
): MakeNextEvent {
  const { event, url, webhookUuid, vendor, signingSecret } = target;
  // The user's own bytes stay as they are, whatever the configuration selects.
  const select = content.data === undefined ? target.select : content.select;
  const options = { ...content, event: event.name, url, webhookUuid, select, recipient, attachmentOrigin };
  return prepareEvent(options, vendor, signingSecret);
}

/**
 * Calls `sendOne` for each event, at most `connections` at a time, and starts no other once one has failed. Of several
 * that were answered and not recorded, the error counts them.
 */
export async function sendMany(
  events: AsyncIterable<PlannedEvent>,
  connections: number,
  sendOne: (event: PlannedEvent) => Promise<void>,
): Promise<void> {
  const iterator = events[Symbol.asyncIterator]();
  const next = async (): Promise<PlannedEvent | null> => {
    const { done, value } = await iterator.next();
    return done ? null : value;
  };
  const { started, failures } = await runClosedLoop(next, connections, sendOne);
  if (failures.length > 0) throw sumUp(failures, started);
}

/** The first failure that is none of the history, else one that counts them all. */
function sumUp(failures: readonly unknown[], started: number): unknown {
  const unrecorded = failures.filter((failure) => failure instanceof UnrecordedError);
  const [first] = unrecorded;
  if (first === undefined || unrecorded.length < failures.length)
    return failures.find((failure) => !(failure instanceof UnrecordedError));
  if (started === 1) return first;
  const counts = (['delivered', 'refused', 'unreachable'] as const)
    .map((outcome) => [unrecorded.filter(({ attempt }) => attempt.outcome === outcome).length, outcome] as const)
    .filter(([count]) => count > 0);
  const many = `${unrecorded.length} of ${started} sent events were not recorded`;
  const { message } = unrecorded.length === 1 ? first : (first.cause as AppError);
  const said =
    unrecorded.length === 1
      ? `; 1 of ${started} sent events`
      : `; ${many} (${counts.map((one) => one.join(' ')).join(', ')})`;
  return new AppError(first.kind, message + said, { cause: first, hint: first.hint });
}
