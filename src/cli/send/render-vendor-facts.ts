import type { Fact, Vendor, VendorHeader } from '../../model/vendor.ts';
import { noteOf, successText } from '../../vendors/facts.ts';
import { mistakesOf } from '../../vendors/receiver-mistakes.ts';
import { formatDuration, wrapText } from '../terminal/text.ts';

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
    ...continued('links', [
      attachments && factText(attachments.validForMs, (ms) => `to attachments are valid for ${ms / DAY_MS} days`),
    ]),
    ...trustFacts(vendor),
  ]);
  return [
    facts,
    ...listUnder(
      'notes',
      (vendor.notes ?? []).map(({ text, certainty }) => tagged(text, certainty)),
    ),
    ...listUnder(
      'receivers fail by',
      mistakesOf(vendor).map(({ text }) => text),
    ),
  ].join('\n');
}

function layOut(vendor: Vendor, facts: readonly FactLine[]): string {
  return [
    `${vendor.title}  ${vendor.id}  ${vendor.documentation}`,
    ...facts.flatMap(([label, text]) => wrapText(text, `  ${label.padEnd(12)}`)),
    '  events',
    ...vendor.events.flatMap((event) =>
      wrapText(tagged(event.summary, event.certainty), `    ${event.name.padEnd(28)}`),
    ),
  ].join('\n');
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
  return factText(signature, (value) => (value === null ? 'none' : `${value.header}: ${value.format}`));
}

/** How a receiver makes `{v}` itself. */
function recipeText({ value, certainty }: Vendor['signature']): string | undefined {
  if (value === null) return undefined;
  const parts = value.message.map((part) =>
    typeof part === 'string' ? { timestamp: 't', body: 'the raw body bytes' }[part] : JSON.stringify(part.text),
  );
  return tagged(
    `v = lower-case hex HMAC-SHA256 over ${parts.join(' + ')}; its key is the whole secret as UTF-8 text`,
    certainty,
  );
}

function toleranceText({ value, certainty }: Vendor['signature']): string | undefined {
  if (value?.toleranceMs === undefined) return undefined;
  const unit = tagged(`t in ${value.timestampUnit === 's' ? 'seconds' : 'milliseconds'}`, certainty);
  return `${unit}, ${factText(value.toleranceMs, (ms) => `receivers accept ±${formatDuration(ms)}`)}`;
}

function ackModesText({ value, certainty }: Vendor['success']): string | undefined {
  const modes = value.ackModes?.map((mode, at) => (at === 0 ? `${mode} (default)` : mode));
  return modes && tagged(modes.join(', '), certainty);
}

function headerText(header: VendorHeader): string {
  const { name, value, certainty } = header;
  const shown = typeof value === 'string' ? value : `<${'field' in value ? value.field : value.generated}>`;
  const note = noteOf(header);
  return tagged(`${name}: ${shown}`, certainty) + (note === null ? '' : `; ${note}`);
}

const statusText = ({ success }: Vendor): string => factText(success, successText);

function deliveryFacts({ timeoutMs, retries: { delaysMs, deactivatesAfterMs } }: Vendor): FactLine[] {
  const steps = factText(delaysMs, (delays) => `after ${delays.map(formatDuration).join(', ')}`);
  const end =
    deactivatesAfterMs &&
    factText(deactivatesAfterMs, (ms) => `after ${formatDuration(ms)} the webhook is deactivated`);
  return [
    ['time-out', factText(timeoutMs, formatDuration)],
    ['retries', [steps, ...(end === undefined ? [] : [end])].join('; ')],
  ];
}

function trustFacts({
  trust: { clientCertificate, networks, reverseDnsSuffix, pinnedCertificate, needsListedIssuer },
}: Vendor): FactLine[] {
  const inWords = (fact: Fact<true> | undefined): string | undefined =>
    fact && factText(fact, () => fact.note ?? 'yes');
  return [
    ...continued('trust', [inWords(clientCertificate)]),
    ...continued('network', [networks && factText(networks, (cidrs) => cidrs.join(', '))]),
    ...continued('pinned', [inWords(pinnedCertificate)]),
    ...continued('client TLS', [inWords(needsListedIssuer)]),
    ...continued('reverse DNS', [reverseDnsSuffix && factText(reverseDnsSuffix, (suffix) => `*.${suffix}`)]),
  ];
}
