import type { Command } from 'commander';
import { makeEvent } from '../flows/make-event.ts';
import { answer, answerJson } from './output.ts';
import { act, makeCommand } from './command.ts';
import { addEventFlags, eventOptionsOf, type EventFlags } from './event-flags.ts';
import { addRepeatFlags, jsonFlag, type RepeatFlags, type StoreFlags } from './flags.ts';
import { openWorld } from './world.ts';
import { chooseVendor } from '../flows/choose-targets.ts';

type Flags = EventFlags & RepeatFlags & StoreFlags & { json?: boolean };

/** `webhook sample [vendor] EVENT`: the body alone, byte for byte as `send` would send it. */
export function sampleCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'the body of a sample event, as it would be sent',
    examples: [
      ['webhook sample optin', 'a mail2many body'],
      ['webhook sample unsubscribe --variant spam_report', 'one variant of it'],
      ['webhook sample email.received --minimal > body.json', 'blank or missing what may be'],
    ],
  })
    .argument('[event]', 'the event to show; --vendor where several vendors have it');
  return addRepeatFlags(addEventFlags(command))
    .addOption(jsonFlag())
    .action(act(async (eventName: string | undefined, flags: Flags) => {
      const { vendor, event } = chooseVendor({ ...flags, ...(eventName === undefined ? {} : { event: eventName }) });
      const world = await openWorld(flags);
      const clock = world.clock;
      const ids = world.idsOf(0);
      const options = await eventOptionsOf(flags, event.name);
      const plan = await makeEvent({ ...options, url: 'http://127.0.0.1/', webhookUuid: ids.uuidV4() }, vendor, null, clock, ids);
      const body = Buffer.from(plan.body).toString('utf8');
      if (flags.json) answerJson({ vendor: vendor.id, event: event.name, eventId: plan.eventId, body });
      else answer(body);
      return 0;
    }));
}
