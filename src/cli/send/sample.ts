import type { Command } from 'commander';
import { makeEvent } from '../../flows/send/make-event.ts';
import { AppError } from '../../model/error.ts';
import { answer, answerBytes, answerJson } from '../terminal/output.ts';
import { plainText } from '../terminal/text.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { addEventFlags, readEventContent, type EventFlags } from './send-flags.ts';
import { addRepeatFlags, jsonFlag, type RepeatFlags, type StoreFlags } from '../terminal/flags.ts';
import { openEnvironment } from '../terminal/environment.ts';
import { chooseVendorAndEvent } from '../../flows/session/choose-targets.ts';
import { screenOf } from '../terminal/stdio.ts';

type SampleFlags = EventFlags & RepeatFlags & StoreFlags & { json?: boolean };

/**
 * `webhook sample [vendor] EVENT`: the body alone, byte for byte as `send` would send it; of a vendor that writes its
 * events into the URL, that part of the query.
 */
export function sampleCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'print the body of a sample event as it would be sent',
    examples: [
      ['webhook sample optin', 'a mail2many body'],
      ['webhook sample unsubscribe --variant spam_report', 'one variant of it'],
      ['webhook sample email.received --minimal > body.json', 'with every optional field blank or missing'],
    ],
  }).argument('[event]', 'the event to show; add --vendor if several vendors have it');
  return addRepeatFlags(addEventFlags(command))
    .addOption(jsonFlag())
    .action(
      act(async (eventName: string | undefined, flags: SampleFlags) => {
        if (eventName !== undefined && flags.event !== undefined)
          throw new AppError('usage', 'the event is given twice', { hint: 'leave out --event' });
        const environment = await openEnvironment(flags);
        const named = { ...flags, event: eventName ?? flags.event };
        const { vendor, event } = await chooseVendorAndEvent(named, environment.config, environment.vendors);
        const options = await readEventContent(flags);
        const nowhere = {
          event: event.name,
          url: new URL('http://127.0.0.1/'),
          webhookUuid: environment.recordIds.uuidV4(),
          deliveryId: environment.newDeliveryId(),
        };
        const plan = await makeEvent({ ...options, ...nowhere }, vendor, null, environment.clock, environment.idsOf(0));
        const shown = Buffer.from(plan.query ?? plan.body);
        if (flags.json)
          answerJson({
            vendor: vendor.id,
            event: event.name,
            eventId: plan.eventId,
            body: shown.toString('utf8'),
          });
        else if (screenOf(1).isTTY) answer(plainText(shown.toString('utf8')));
        else await answerBytes(shown);
        return 0;
      }),
    );
}
