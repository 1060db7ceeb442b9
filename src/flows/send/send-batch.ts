import type { Clock, Ids } from '../../model/clock.ts';
import { runClosedLoop, type NextItem } from '../../load/closed-loop.ts';
import { AppError } from '../../model/error.ts';
import type { Plan } from '../../model/plan.ts';
import type { OpenTargetedEvent } from '../session/open-target.ts';
import type { BatchRecords } from './batch-records.ts';
import { UnrecordedError } from './send-event.ts';
import { prepareFor, type EventContent, type MailSource, type MakeNextEvent } from './make-event.ts';

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

/**
 * Plans one event after the other, each when it is asked for; null when there are no more, or the run is interrupted.
 * Of mails one is read at a time: they may be large.
 */
export function planEvents(
  { orders, count, content }: Batch,
  attachmentOrigin: string | undefined,
  environment: BatchEnvironment,
): NextItem<PlannedEvent> {
  const makers: MakeNextEvent[] = [];
  let index = 0;
  let before: Promise<PlannedEvent | null> = Promise.resolve(null);
  return () => {
    if (index >= orders.length * count || environment.signal.aborted) return null;
    const [at, clock, ids] = [index % orders.length, environment.clockOf(index), environment.idsOf(index)];
    index += 1;
    const { target, recipient } = orders[at] as Order;
    const makeNext = (makers[at] ??= prepareFor(target, target.event.name, content, { recipient, attachmentOrigin }));
    const make = (): Plan | Promise<Plan> => makeNext(environment.newDeliveryId(), clock, ids);
    const toSend = (plan: Plan): PlannedEvent => ({ plan, target, clock });
    if (content.mail !== undefined) return (before = before.then(make).then(toSend));
    const plan = make();
    return plan instanceof Promise ? plan.then(toSend) : toSend(plan);
  };
}

/**
 * Calls `sendOne` for each event, at most `connections` at a time, and starts no other once one has failed. Of several
 * that were answered and not recorded, the error counts them.
 */
export async function sendMany(
  next: NextItem<PlannedEvent>,
  connections: number,
  sendOne: (event: PlannedEvent) => Promise<void>,
  records: Pick<BatchRecords, 'hasFailed' | 'lost'>,
): Promise<void> {
  const goOn: NextItem<PlannedEvent> = () => (records.hasFailed() ? null : next());
  const { started, failures } = await runClosedLoop(goOn, connections, sendOne);
  const all = [...failures, ...(await records.lost())];
  if (all.length > 0) throw sumUp(all, started);
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
