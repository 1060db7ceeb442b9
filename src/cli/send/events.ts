import type { Command } from 'commander';
import type { Field, Vendor, VendorEvent } from '../../model/vendor.ts';
import { noteOf, withEvidence } from '../../vendors/facts.ts';
import { mistakesOf } from '../../vendors/receiver-mistakes.ts';
import { findEvent, findVendor, VENDORS } from '../../vendors/index.ts';
import { eventSchema } from '../../vendors/schema.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson } from '../terminal/output.ts';
import { renderTable } from '../terminal/table.ts';
import { renderVendor, renderVendorWhole } from './render-vendor-facts.ts';

const CERTAINTY = `Certainty: doc  the vendor's own documentation says it
          pub  seen in the vendor's public code or later documentation
          inf  inferred; can be overridden with --set
          us   documented nowhere: hookproof's choice`;

/** `webhook events [vendor] [event]` */
export function eventsCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'what can be sent, field by field, with the certainty of each fact',
    examples: [
      ['webhook events', 'every vendor and its events'],
      ['webhook events mailkit', 'all that is known of one: retries, success, trust, how receivers fail'],
      ['webhook events mailkite email.received', 'the fields of one event: type, example, certainty'],
      ['webhook events mail2many optin --schema', 'its JSON Schema'],
    ],
  })
    .argument('[vendor]', 'mailkit, mailkite, …')
    .argument('[event]', 'an event of that vendor')
    .option('--schema', 'the JSON Schema of the payload')
    .addOption(jsonFlag())
    .addHelpText('after', `\n${CERTAINTY}`)
    .action(
      act(
        async (
          vendorId: string | undefined,
          eventName: string | undefined,
          flags: { schema?: boolean; json?: boolean },
        ) => {
          const vendor = vendorId === undefined ? undefined : findVendor(vendorId);
          const event = vendor === undefined || eventName === undefined ? undefined : findEvent(vendor, eventName);
          if (event !== undefined && flags.schema) answer(JSON.stringify(eventSchema(event), null, 2));
          else if (flags.json)
            answerJson({ vendors: (vendor ? [vendor] : VENDORS).map((one) => vendorDocument(one, event)) });
          else if (vendor !== undefined && event !== undefined) answer(`${renderEvent(vendor, event)}\n\n${CERTAINTY}`);
          else if (vendor !== undefined) answer(`${renderVendorWhole(vendor)}\n\n${CERTAINTY}`);
          else answer(VENDORS.map(renderVendor).join('\n\n'));
          return 0;
        },
      ),
    );
}

function vendorDocument(vendor: Vendor, only: VendorEvent | undefined): Record<string, unknown> {
  const events = only ? [only] : vendor.events;
  return {
    ...(withEvidence(vendor, { ...vendor, receiverMistakes: vendor.receiverMistakes && mistakesOf(vendor) }) as object),
    events: events.map((event) => ({ ...(withEvidence(vendor, event) as object), schema: eventSchema(event) })),
  };
}

function renderEvent(vendor: Vendor, event: VendorEvent): string {
  const variants = Object.keys(event.variants ?? {});
  return [
    `${vendor.title} ${event.name}: ${event.summary}  (${event.certainty})`,
    ...(variants.length > 0 ? [`variants: ${variants.join(', ')}`] : []),
    '',
    renderTable(['field', 'type', 'example', 'sure', 'note'], fieldRows(event.fields, '')),
  ].join('\n');
}

function fieldRows(fields: readonly Field[], prefix: string): string[][] {
  return fields.flatMap((field) => {
    const path = `${prefix}${field.name}`;
    const flags = [field.optional ? 'optional' : '', field.nullable ? 'nullable' : ''].filter(Boolean);
    const type = [field.type, ...flags].join(', ');
    const row = [path, type, exampleOf(field), field.certainty, noteOf(field) ?? ''];
    const below = [...fieldRows(field.fields ?? [], `${path}.`), ...fieldRows(field.items?.fields ?? [], `${path}[].`)];
    return [row, ...below];
  });
}

function exampleOf(field: Field): string {
  if (field.generated !== undefined) return `<${field.generated}>`;
  if (field.fields !== undefined || field.items?.fields !== undefined) return '';
  const text = JSON.stringify(field.example ?? null);
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}
