import { describePlace } from '../../model/signature.ts';
import { findWebhook } from '../../config/select-webhook.ts';
import { AppError, type AppErrorKind } from '../../model/error.ts';
import type { Certainty } from '../../model/fact.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config, Webhook } from '../../model/webhook.ts';
import type { Address } from '../../source/address.ts';
import { type ListEntry, makeMatcher } from '../../source/list/address-list.ts';
import { readEntry } from '../../source/list/read-list.ts';
import { readSuffix } from '../../source/reverse-dns/host-names.ts';
import type { ExpectedNetwork } from '../../source/rules/ask-rules.ts';
import { hostsIn, networksIn } from '../../vendors/facts.ts';
import { readUsableList, type ListBytes } from './read-allowlist.ts';

/** Where a genuine call may come from. One of these sources is enough, because vendors offer them as alternatives. */
export interface AcceptedSources {
  networks: readonly AcceptedNetworks[];
  /** Names whose addresses in DNS call for a vendor. */
  hosts: readonly AcceptedHost[];
  /** The domains of reverse DNS, in the form that names are compared with. */
  suffixes: readonly string[];
}

export interface AcceptedHost {
  name: string;
  vendor: Vendor;
  certainty: Certainty;
}

/** The networks that the user allows, or the vendor's own. */
export type AcceptedNetworks = {
  entries: readonly ListEntry[];
  match: (address: Address) => ListEntry | null;
} & ({ kind: 'list' } | { kind: 'network'; vendor: Vendor; certainty: Certainty });

export interface SourceOptions {
  /** Their ids; none: that of the configured webhook. */
  vendors: readonly string[];
  /** A configured webhook: its vendor and its `allow`. */
  to?: string;
  suffix: readonly string[];
  /** Addresses and networks, one each. */
  allow: readonly string[];
  allowFiles: readonly ListBytes[];
}

/**
 * All sources that were given, at least one. Errors: AppError `usage`, `config`, and `input` for a file with a problem.
 */
export async function chooseAcceptedSources(
  options: SourceOptions,
  config: Config,
  registry: VendorRegistry,
): Promise<AcceptedSources> {
  const { to, vendors: named } = options;
  const given = await Promise.all([...new Set(named)].map((reference) => registry.load(reference)));
  const ids = given.map(({ id }) => id);
  const webhook = to === undefined ? null : findWebhook(config.webhooks, to, { vendor: ids });
  const vendors = given.length > 0 || webhook === null ? given : [await registry.load(webhook.vendor)];
  refuseWithoutSources(vendors, webhook);
  const sources = {
    networks: [...allowedNetworks(options, webhook), ...vendors.flatMap(vendorNetworks)],
    hosts: vendors.flatMap(vendorHosts),
    suffixes: [
      ...new Set([
        ...vendors.flatMap(({ trust }) => trust.reverseDnsSuffix?.value ?? []),
        ...options.suffix.map(checkSuffix),
      ]),
    ],
  };
  if (sources.networks.length + sources.suffixes.length + sources.hosts.length > 0) return sources;
  const [vendor] = vendors;
  if (webhook !== null && vendor !== undefined)
    throw noSourcesOf(
      vendor,
      'give the addresses that may call with --allow or --allow-file, or configure them as "allow" of the ' +
        `webhook ${JSON.stringify(webhook.name)}`,
    );
  throw new AppError('usage', 'no allowed addresses were given', {
    hint: 'add --vendor mail-plus, --suffix DOMAIN, --allow CIDR, --allow-file FILE, or --webhook NAME',
  });
}

function refuseWithoutSources(vendors: readonly Vendor[], webhook: Webhook | null): void {
  for (const vendor of vendors) {
    const { id, trust } = vendor;
    const hasNoSources = trust.networks === undefined && trust.reverseDnsSuffix === undefined;
    if (hasNoSources && webhook?.vendor !== id)
      throw noSourcesOf(
        vendor,
        `leave out --vendor ${id}, and give the addresses that may call with --allow CIDR or --allow-file FILE`,
      );
  }
}

function allowedNetworks({ allow, allowFiles }: SourceOptions, webhook: Webhook | null): AcceptedNetworks[] {
  const entries = [
    ...readEntries(allow, 'usage', '--allow'),
    ...allowFiles.flatMap(readFile),
    ...readEntries(webhook?.allow ?? [], 'config', `the webhook ${JSON.stringify(webhook?.name)}`),
  ];
  const isGiven = allow.length > 0 || allowFiles.length > 0 || (webhook?.allow ?? []).length > 0;
  return isGiven ? [{ kind: 'list', entries, match: makeMatcher(entries) }] : [];
}

/** Throws for the first text that is no entry: what was not understood could be the address in question. */
function readEntries(texts: readonly string[], kind: AppErrorKind, where: string): ListEntry[] {
  return texts.map((text) => {
    const read = readEntry(text);
    if ('network' in read) return read;
    throw new AppError(kind, `${where}: ${read.text}: ${read.reason}`, {
      hint: 'write an address, a network such as 192.0.2.0/24, or 192.0.2.0/255.255.255.0',
    });
  });
}

function readFile(given: ListBytes): ListEntry[] {
  const { entries } = readUsableList(given);
  if (entries.length === 0)
    throw new AppError('input', `--allow-file ${given.name}: it contains no address, so no caller would be allowed`);
  return entries;
}

function vendorNetworks(vendor: Vendor): AcceptedNetworks[] {
  const listed = networksIn(vendor.trust);
  if (vendor.trust.networks === undefined || listed.length === 0) return [];
  const { certainty } = vendor.trust.networks;
  const entries = listed.flatMap(({ cidr, name }) =>
    readEntries([cidr], 'config', vendor.title).map((entry) => ({ ...entry, comment: name })),
  );
  return [{ kind: 'network', vendor, certainty, entries, match: makeMatcher(entries) }];
}

function vendorHosts(vendor: Vendor): AcceptedHost[] {
  const certainty = vendor.trust.networks?.certainty ?? 'us';
  return hostsIn(vendor.trust).map((name) => ({ name, vendor, certainty }));
}

/** The networks as they are written, comma-separated. */
export const networksText = ({ entries }: AcceptedNetworks): string => entries.map(({ text }) => text).join(', ');

function noSourcesOf({ title, signature: { value: signature }, trust }: Vendor, hint: string): AppError {
  const instead =
    signature !== null
      ? `; its signature (${describePlace(signature.at)}) identifies the caller: webhook verify`
      : trust.clientCertificate === undefined
        ? ''
        : '; its client certificate identifies the caller: webhook verify-cert';
  return new AppError(
    'usage',
    `calls from ${title} cannot be recognised by their address: it publishes neither networks nor reverse ` +
      `DNS of its callers${instead}`,
    { hint },
  );
}

function checkSuffix(text: string): string {
  const suffix = readSuffix(text);
  if (suffix === null)
    throw new AppError('usage', `--suffix ${text} is not a domain`, { hint: 'such as --suffix mail-plus.com' });
  return suffix;
}

/** The callers that an endpoint should admit. */
export interface ExpectedCallers {
  networks: readonly ExpectedNetwork[];
  /** Hosts below these domains, by reverse DNS. */
  suffixes: readonly string[];
  /** Why no network is expected; null when one is. */
  whyNobody: string | null;
}

/** Joins all sources: a caller from any of these networks may be the vendor. */
export function expectCallers({ networks: accepted, suffixes, hosts }: AcceptedSources): ExpectedCallers {
  const networks = accepted.flatMap((one) =>
    one.entries.map((entry) => ({ network: entry.network, source: describeSource(one, entry) })),
  );
  if (networks.length > 0) return { networks, suffixes, whyNobody: null };
  return {
    networks,
    suffixes,
    whyNobody:
      `callers ${nameCallers(suffixes, hosts)} have no networks that are known in advance: give the vendor's ` +
      'list with --allow-file FILE',
  };
}

function nameCallers(suffixes: readonly string[], hosts: readonly AcceptedHost[]): string {
  const below = suffixes.length === 0 ? [] : [`below ${suffixes.join(', ')}`];
  const behind = hosts.length === 0 ? [] : [`behind ${hosts.map(({ name }) => name).join(', ')}`];
  return [...below, ...behind].join(' or ');
}

function describeSource(accepted: AcceptedNetworks, { file, line }: ListEntry): string {
  if (accepted.kind === 'network') {
    const { title } = accepted.vendor;
    return accepted.certainty === 'doc' ? title : `${title}, inferred, not documented`;
  }
  return file === null ? 'your list' : `${file}:${line}`;
}
