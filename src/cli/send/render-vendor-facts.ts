import type { Signature, Vendor, VendorHeader } from '../../model/vendor.ts';
import { formatDuration } from '../terminal/time.ts';
import { wrapText } from '../terminal/text.ts';

const DAY_MS = 86_400_000;

/**
 * A line of facts: what they are of, and what they say with their certainty in parentheses. Without a label it
 * continues.
 */
type Fact = readonly [label: string, text: string];

/** A vendor at a glance: the facts that decide what is sent and what counts as success, and its events. */
export function renderVendor(vendor: Vendor): string {
  const { success, headers } = vendor;
  return layOut(vendor, [
    ['signature', signatureText(vendor.signature)],
    ['headers', headers.map(({ name, certainty }) => `${name} (${certainty})`).join(', ')],
    ['success', tagged(statusText(vendor), success.certainty)],
    ...deliveryFacts(vendor),
    ...trustFacts(vendor),
  ]);
}

/** Everything that is known of a vendor, but for the fields of its events. */
export function renderVendorWhole(vendor: Vendor): string {
  const { success, signature, retries, attachments } = vendor;
  const facts = layOut(vendor, [
    ...continued('signature', [signatureText(signature), recipeText(signature)]),
    ...(signature?.toleranceMs === undefined ? [] : [['timestamp', toleranceText(signature)] as const]),
    ...continued('headers', vendor.headers.map(headerText)),
    ...continued('success', [tagged(statusText(vendor), success.certainty), success.note]),
    ...(success.ackModes === undefined
      ? []
      : [
          [
            'ack modes',
            tagged(
              success.ackModes.map((mode, at) => (at === 0 ? `${mode} (default)` : mode)).join(', '),
              success.certainty,
            ),
          ] as const,
        ]),
    ...deliveryFacts(vendor),
    ...(retries.note === undefined ? [] : [['', retries.note] as const]),
    ...(attachments === undefined
      ? []
      : [
          [
            'links',
            tagged(`to attachments are valid for ${attachments.validForMs / DAY_MS} days`, attachments.certainty),
          ] as const,
        ]),
    ...trustFacts(vendor),
  ]);
  const notes = (vendor.notes ?? []).map(({ text, certainty }) => tagged(text, certainty));
  return [
    facts,
    ...listUnder('notes', notes),
    ...listUnder(
      'receivers fail by',
      (vendor.receiverMistakes ?? []).map(({ text }) => text),
    ),
  ].join('\n');
}

function layOut(vendor: Vendor, facts: readonly Fact[]): string {
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

function continued(label: string, texts: readonly (string | undefined)[]): Fact[] {
  return texts.filter((text) => text !== undefined).map((text, index) => [index === 0 ? label : '', text]);
}

function signatureText(signature: Signature | null): string {
  return signature === null ? 'none' : tagged(`${signature.header}: ${signature.format}`, signature.certainty);
}

/** How a receiver makes `{v}` itself. */
function recipeText(signature: Signature | null): string | undefined {
  if (signature === null) return undefined;
  const parts = signature.message.map((part) =>
    typeof part === 'string' ? { timestamp: 't', body: 'the raw body bytes' }[part] : JSON.stringify(part.text),
  );
  return tagged(
    `v = lower-case hex HMAC-SHA256 over ${parts.join(' + ')}; its key is the whole secret as UTF-8 text`,
    signature.certainty,
  );
}

function toleranceText({
  timestampUnit,
  certainty,
  toleranceMs = 0,
  toleranceCertainty = certainty,
}: Signature): string {
  const unit = tagged(`t in ${timestampUnit === 's' ? 'seconds' : 'milliseconds'}`, certainty);
  return `${unit}, ${tagged(`receivers accept ±${formatDuration(toleranceMs)}`, toleranceCertainty)}`;
}

function headerText({ name, value, certainty, note }: VendorHeader): string {
  const shown = typeof value === 'string' ? value : `<${'field' in value ? value.field : value.generated}>`;
  return tagged(`${name}: ${shown}`, certainty) + (note === undefined ? '' : `; ${note}`);
}

function statusText({ success: { statuses } }: Vendor): string {
  return statuses === '2xx' ? 'any 2xx' : statuses.join(', ');
}

function deliveryFacts({ timeoutMs, timeoutCertainty, retries }: Vendor): Fact[] {
  const { delaysMs, deactivatesAfterMs, deactivationCertainty = retries.certainty } = retries;
  const steps = tagged(`after ${delaysMs.map(formatDuration).join(', ')}`, retries.certainty);
  const end =
    deactivatesAfterMs === undefined
      ? ''
      : `; ${tagged(`after ${formatDuration(deactivatesAfterMs)} the webhook is deactivated`, deactivationCertainty)}`;
  return [
    ['time-out', tagged(formatDuration(timeoutMs), timeoutCertainty)],
    ['retries', steps + end],
  ];
}

function trustFacts({
  trust: { clientCertificate, networks, reverseDnsSuffix, pinnedCertificate, needsListedIssuer },
}: Vendor): Fact[] {
  return [
    ...(clientCertificate ? [['trust', tagged(clientCertificate.note, clientCertificate.certainty)] as const] : []),
    ...(networks ? [['network', tagged(networks.cidrs.join(', '), networks.certainty)] as const] : []),
    ...(pinnedCertificate ? [['pinned', tagged(pinnedCertificate.note, pinnedCertificate.certainty)] as const] : []),
    ...(needsListedIssuer
      ? [['client TLS', tagged(needsListedIssuer.note, needsListedIssuer.certainty)] as const]
      : []),
    ...(reverseDnsSuffix
      ? [['reverse DNS', tagged(`*.${reverseDnsSuffix.suffix}`, reverseDnsSuffix.certainty)] as const]
      : []),
  ];
}
