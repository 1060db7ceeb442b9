import type { Command } from 'commander';
import { CERTAINTIES, type Fact } from '../../model/fact.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type {
  Field,
  NamedNetwork,
  RetryCondition,
  RetryLadder,
  RetrySteps,
  Vendor,
  VendorEvent,
  VendorHeader,
} from '../../model/vendor.ts';
import { withEvidence } from '../../vendors/evidence.ts';
import { noteOf, variantNames, successText } from '../../vendors/facts.ts';
import { describeGenerated } from '../../vendors/generated-forms.ts';
import { mistakesOf } from '../../vendors/receiver-mistakes.ts';
import { openAllVendors, openCommandVendors, processEnvironment } from '../terminal/environment.ts';
import { findEvent } from '../../vendors/find-event.ts';
import { eventSchema } from '../../vendors/schema.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson } from '../terminal/output.ts';
import type { TableColumn } from '../terminal/fit-columns.ts';
import { renderTable } from '../terminal/table.ts';
import { formatDuration, textWidth, wrapText } from '../terminal/text.ts';
import { renderFurther, splitVendors } from './further-vendors.ts';
import { renderSources } from './vendor-sources.ts';
import { describeRecipe, describeSignature } from './signature-recipe.ts';

function certaintyText(): string {
  const lines = CERTAINTIES.flatMap(([name, meaning], index) =>
    wrapText(meaning, `${index === 0 ? 'Certainty: ' : '           '}${name.padEnd(4)} `),
  );
  return lines.join('\n');
}

/** `webhook events [vendor] [event]` */
export function eventsCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'show what each vendor sends, field by field, and how certain each fact is',
    topics: ['vendors'],
    examples: [
      ['webhook events', 'every vendor and its events'],
      ['webhook events mailkit', 'everything known about one: retries, success, trust, common receiver bugs'],
      ['webhook events mailkite email.received', 'the fields of one event: type, example, certainty'],
      ['webhook events mail2many optin --schema', 'its JSON Schema'],
    ],
  })
    .argument('[vendor]', 'mailkit, mailkite, …, or a vendor file')
    .argument('[event]', 'an event of that vendor')
    .option('--schema', 'the JSON Schema of the payload')
    .addOption(jsonFlag())
    .action(
      act(
        async (
          vendorId: string | undefined,
          eventName: string | undefined,
          flags: { schema?: boolean; json?: boolean },
        ) => {
          const open = vendorId === undefined ? openAllVendors : openCommandVendors;
          const vendors = await open(processEnvironment());
          const vendor = vendorId === undefined ? undefined : await vendors.load(vendorId);
          const event = vendor === undefined || eventName === undefined ? undefined : findEvent(vendor, eventName);
          if (event !== undefined && flags.schema) answer(JSON.stringify(eventSchema(event), null, 2));
          else if (flags.json)
            answerJson({
              vendors: (vendor ? [vendor] : await vendors.loadAll()).map((one) => vendorDocument(one, event)),
            });
          else if (vendor !== undefined && event !== undefined)
            answer(`${renderEvent(vendor, event)}\n\n${certaintyText()}`);
          else if (vendor !== undefined) answer(`${renderVendorWhole(vendor)}\n\n${certaintyText()}`);
          else answer(await renderAll(vendors));
          return 0;
        },
      ),
    );
}

async function renderAll(vendors: VendorRegistry): Promise<string> {
  const { shown, further } = await splitVendors(vendors);
  const rest = renderFurther(further, 'webhook events VENDOR', ({ events }) => events.join(', '));
  return [...shown.map(renderVendor), ...rest].join('\n\n');
}

function vendorDocument(vendor: Vendor, only: VendorEvent | undefined): Record<string, unknown> {
  const events = only ? [only] : vendor.events;
  return {
    ...(withEvidence(vendor, { ...vendor, receiverMistakes: vendor.receiverMistakes && mistakesOf(vendor) }) as object),
    events: events.map((event) => ({ ...(withEvidence(vendor, event) as object), schema: eventSchema(event) })),
  };
}

function renderEvent(vendor: Vendor, event: VendorEvent): string {
  const variants = variantNames(event);
  return [
    ...wrapText(`${vendor.title} ${event.name}: ${event.summary}  (${event.certainty})`, ''),
    ...(variants.length > 0 ? wrapText(variants.join(', '), 'variants: ') : []),
    ...(event.optIn ? wrapText(`opt-in (${event.optIn.certainty}): ${event.optIn.note}`, '') : []),
    ...(event.partial
      ? wrapText(`any field may be missing (${event.partial.certainty}): ${event.partial.note}`, '')
      : []),
    '',
    renderTable(FIELD_COLUMNS, fieldRows(event.fields, '')),
    ...renderSources(vendor, event),
  ].join('\n');
}

const FIELD_COLUMNS: readonly TableColumn[] = [
  { title: 'field', atWorst: 16 },
  { title: 'type', wrapTo: 'optional,'.length },
  { title: 'example', wrapTo: 16 },
  { title: 'sure' },
  { title: 'note', wrapTo: 24, leaveOut: 1, below: true },
];

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
  if (field.generated !== undefined) return `<${describeGenerated(field.generated)}>`;
  if (field.fields !== undefined || field.items?.fields !== undefined) return '';
  const text = JSON.stringify(field.example ?? null);
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}

const DAY_MS = 86_400_000;

/** What a line is about, and what it says with its certainty in parentheses. Without a label it continues. */
type FactLine = readonly [label: string, text: string];

/** A vendor at a glance: the facts that decide what is sent and what counts as success, and its events. */
export function renderVendor(vendor: Vendor): string {
  const headers = vendor.headers.map(({ name, certainty }) => `${name} (${certainty})`);
  return layOut(vendor, [
    ['signature', signatureText(vendor.signature)],
    ['headers', headers.join(', ')],
    ['success', statusText(vendor)],
    ...deliveryFacts(vendor),
    ...trustFacts(vendor),
  ]);
}

/** Everything that is known of a vendor, but for the fields of its events. */
export function renderVendorWhole(vendor: Vendor): string {
  const { success, signature, retries, attachments } = vendor;
  const facts = layOut(vendor, [
    ...continued('signature', [signatureText(signature), recipeText(signature)]),
    ...continued('timestamp', [toleranceText(signature)]),
    ...continued('headers', vendor.headers.map(headerText)),
    ...continued('success', [statusText(vendor), success.note]),
    ...continued('ack modes', [ackModesText(success)]),
    ...deliveryFacts(vendor),
    ...continued('', [retries.delaysMs.note]),
    ...decisionFacts(retries),
    ...continued('links', [
      attachments && factText(attachments.validForMs, (ms) => `to attachments are valid for ${ms / DAY_MS} days`),
    ]),
    ...trustFacts(vendor),
  ]);
  return [
    facts,
    ...renderSources(vendor, withoutFields(vendor)),
    ...listUnder(
      'notes',
      (vendor.notes ?? []).map(({ text, certainty }) => tagged(text, certainty)),
    ),
    ...listUnder(
      'common bugs',
      mistakesOf(vendor).map(({ text }) => text),
    ),
  ].join('\n');
}

/** Its own facts first: those of fields are shown with their event. */
const withoutFields = ({ events, ...facts }: Vendor): object => ({
  ...facts,
  events: events.map(({ name, certainty, source, asOf }) => ({ name, certainty, source, asOf })),
});

function layOut(vendor: Vendor, facts: readonly FactLine[]): string {
  return [
    ...headOf(vendor),
    ...facts.flatMap(([label, text]) => wrapText(text, `  ${label.padEnd(12)}`)),
    '  events',
    ...vendor.events.flatMap((event) =>
      wrapText(
        tagged(event.summary, event.certainty) + (event.optIn ? ', opt-in' : ''),
        `    ${event.name.padEnd(28)}`,
      ),
    ),
  ].join('\n');
}

/** On one line where that is not too long. */
function headOf({ title, id, documentation }: Vendor): string[] {
  const line = `${title}  ${id}  ${documentation}`;
  return line.length <= textWidth() ? [line] : [...wrapText(`${title}  ${id}`, ''), ...wrapText(documentation, '  ')];
}

function listUnder(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`  ${title}`, ...items.flatMap((item) => wrapText(item, '    - '))];
}

const tagged = (text: string, certainty: string): string => `${text}  (${certainty})`;

const factText = <T>({ value, certainty }: Fact<T>, say: (value: T) => string): string => tagged(say(value), certainty);

function continued(label: string, texts: readonly (string | undefined)[]): FactLine[] {
  return texts.filter((text) => text !== undefined).map((text, index) => [index === 0 ? label : '', text]);
}

function signatureText(signature: Vendor['signature']): string {
  return factText(signature, (value) => (value === null ? 'none' : describeSignature(value)));
}

function recipeText({ value, certainty }: Vendor['signature']): string | undefined {
  return value === null ? undefined : tagged(describeRecipe(value), certainty);
}

const UNIT_WORDS = {
  s: 't in seconds',
  ms: 't in milliseconds',
  iso: 't as ISO 8601',
  'iso-ms': 't as ISO 8601',
} as const;

function toleranceText({ value, certainty }: Vendor['signature']): string | undefined {
  if (value?.timestamp === undefined) return undefined;
  const { unit, toleranceMs } = value.timestamp;
  const said = tagged(UNIT_WORDS[unit], certainty);
  if (toleranceMs === undefined) return said;
  return `${said}, ${factText(toleranceMs, (ms) => `receivers accept ±${formatDuration(ms)}`)}`;
}

function ackModesText({ value, certainty }: Vendor['success']): string | undefined {
  const modes = value.ackModes?.map((mode, at) => (at === 0 ? `${mode} (default)` : mode));
  return modes && tagged(modes.join(', '), certainty);
}

function headerText(header: VendorHeader): string {
  const { name, value, certainty } = header;
  const shown =
    typeof value === 'string' ? value : `<${'field' in value ? value.field : describeGenerated(value.generated)}>`;
  const note = noteOf(header);
  return tagged(`${name}: ${shown}`, certainty) + (note === null ? '' : `; ${note}`);
}

const statusText = ({ success }: Vendor): string => factText(success, successText);

function describeNetwork(network: string | NamedNetwork): string {
  if (typeof network === 'string') return network;
  const { name, cidrs = [], dnsName } = network;
  return `${[...cidrs, ...(dnsName === undefined ? [] : [`the addresses of ${dnsName}`])].join(', ')} (${name})`;
}

const describeSteps = (steps: RetrySteps): string =>
  'everyMs' in steps
    ? `every ${formatDuration(steps.everyMs)} for ${formatDuration(steps.forMs)}`
    : steps.length === 0
      ? 'none: it is sent once'
      : `after ${steps.map(formatDuration).join(', ')}`;

const CONDITION_WORDS: Readonly<Record<string, string>> = { 'no-answer': 'no answer' };
const describeConditions = (conditions: readonly RetryCondition[]): string =>
  conditions.map((one) => CONDITION_WORDS[one] ?? String(one)).join(', ');

/** What an answer decides, beside success. */
function decisionFacts({ onlyOn, neverOn, stopHeader, delaysByEvent = {} }: RetryLadder): FactLine[] {
  return continued('', [
    onlyOn && factText(onlyOn, (ones) => `retried only after ${describeConditions(ones)}; otherwise the event is lost`),
    neverOn && factText(neverOn, (ones) => `never retried after ${describeConditions(ones)}: the event is lost`),
    stopHeader && factText(stopHeader, ({ name, value }) => `never retried after the header ${name}: ${value}`),
    ...Object.entries(delaysByEvent).map(([event, steps]) => `${event}: ${factText(steps, describeSteps)}`),
  ]);
}

function deliveryFacts({ timeoutMs, retries: { delaysMs, deactivatesAfterMs } }: Vendor): FactLine[] {
  const steps = factText(delaysMs, describeSteps);
  const end =
    deactivatesAfterMs &&
    factText(deactivatesAfterMs, (ms) => `after ${formatDuration(ms)} the webhook is deactivated`);
  return [
    ['time-out', factText(timeoutMs, formatDuration)],
    ['retries', [steps, ...(end === undefined ? [] : [end])].join('; ')],
  ];
}

function trustFacts({
  trust: { clientCertificate, networks, reverseDnsSuffix, pinnedCertificate, needsListedIssuer, httpsOnly },
}: Vendor): FactLine[] {
  const inWords = (fact: Fact<true> | undefined): string | undefined =>
    fact && factText(fact, () => fact.note ?? 'yes');
  return [
    ...continued('trust', [inWords(clientCertificate)]),
    ...continued('URL', [inWords(httpsOnly)]),
    ...continued('network', [networks && factText(networks, (all) => all.map(describeNetwork).join(', '))]),
    ...continued('pinned', [inWords(pinnedCertificate)]),
    ...continued('client TLS', [inWords(needsListedIssuer)]),
    ...continued('reverse DNS', [reverseDnsSuffix && factText(reverseDnsSuffix, (suffix) => `*.${suffix}`)]),
  ];
}
