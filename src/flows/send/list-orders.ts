import type { OpenTargetedEvent } from '../session/open-target.ts';
import type { MailSource } from './make-event.ts';

/** One event to one target; of a mail, the copy of one recipient. */
export interface Order {
  target: OpenTargetedEvent;
  recipient?: string;
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
