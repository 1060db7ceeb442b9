import { selectWebhooks } from '../../config/select-webhook.ts';
import { AppError, type AppErrorKind } from '../../model/error.ts';
import type { Certainty, Vendor } from '../../model/vendor.ts';
import type { Config, Webhook } from '../../model/webhook.ts';
import type { Address } from '../../source/address/address.ts';
import type { ListEntry } from '../../source/list/list-entry.ts';
import { makeMatcher } from '../../source/list/match-list.ts';
import { readEntry } from '../../source/list/read-list.ts';
import { readSuffix } from '../../source/reverse-dns/read-suffix.ts';
import { findVendor } from '../../vendors/index.ts';
import { readUsableAllowlist, type GivenList } from './read-allowlist.ts';

/** The ways in which a caller can be told to be the vendor. They are alternatives, as vendors offer them. */
export interface Ways {
  lists: readonly ListWay[];
  /** Of reverse DNS: domains as names are compared with them. */
  suffixes: readonly string[];
}

/** What the user allows, or the vendor's own network. */
export type ListWay =
  | { kind: 'list'; entries: readonly ListEntry[]; match: (address: Address) => ListEntry | null }
  | {
      kind: 'network';
      vendor: Vendor;
      certainty: Certainty;
      entries: readonly ListEntry[];
      match: (address: Address) => ListEntry | null;
    };

export interface WayOptions {
  /** Their ids; none: that of the configured webhook. */
  vendors: readonly string[];
  /** A configured webhook: its vendor and its `allow`. */
  to?: string;
  suffix: readonly string[];
  /** Addresses and networks, one each. */
  allow: readonly string[];
  allowFiles: readonly Omit<GivenList, 'from'>[];
}

/** All the ways that were given, at least one. Errors: AppError `usage`, `config`, and `input` for a file with a problem. */
export function chooseWays(options: WayOptions, config: Config): Ways {
  const webhook = options.to === undefined ? null : findWebhook(options.to, options.vendors, config);
  const vendors = vendorsOf(options, webhook);
  const ways = {
    lists: [...allowedWays(options, webhook), ...vendors.flatMap(networkWays)],
    suffixes: [
      ...new Set([
        ...vendors.flatMap(({ trust }) => trust.reverseDnsSuffix?.value ?? []),
        ...options.suffix.map(checkSuffix),
      ]),
    ],
  };
  if (ways.lists.length + ways.suffixes.length > 0) return ways;
  const [vendor] = vendors;
  if (webhook !== null && vendor !== undefined)
    throw cannotTell(
      vendor,
      `give the addresses that may call with --allow or --allow-file, or keep them as "allow" of the webhook ${JSON.stringify(webhook.name)} in the configuration`,
    );
  throw new AppError('usage', 'whose addresses are allowed?', {
    hint: '--vendor mail-plus, --suffix DOMAIN, --allow CIDR, --allow-file FILE, or --to NAME for a configured webhook',
  });
}

/** Its vendor must be among those that are named, if any are. */
function findWebhook(to: string, vendors: readonly string[], { webhooks }: Config): Webhook | null {
  const [webhook = null] = selectWebhooks(webhooks, { to });
  const [vendor] = vendors;
  return webhook === null || vendor === undefined || vendors.includes(webhook.vendor)
    ? webhook
    : (selectWebhooks(webhooks, { to, vendor })[0] ?? null);
}

function vendorsOf({ vendors }: WayOptions, webhook: Webhook | null): Vendor[] {
  const ids = vendors.length > 0 || webhook === null ? vendors : [webhook.vendor];
  return [...new Set(ids)].map((id) => {
    const vendor = findVendor(id);
    const isOfNoUse = vendor.trust.networks === undefined && vendor.trust.reverseDnsSuffix === undefined;
    if (isOfNoUse && webhook?.vendor !== id)
      throw cannotTell(
        vendor,
        `leave out --vendor ${id}, and give the addresses that may call with --allow CIDR or --allow-file FILE`,
      );
    return vendor;
  });
}

function allowedWays({ allow, allowFiles }: WayOptions, webhook: Webhook | null): ListWay[] {
  const entries = [
    ...readEntries(allow, 'usage', '--allow'),
    ...allowFiles.flatMap(readFile),
    ...readEntries(webhook?.allow ?? [], 'config', `the webhook ${JSON.stringify(webhook?.name)}`),
  ];
  const isGiven = allow.length > 0 || allowFiles.length > 0 || (webhook?.allow ?? []).length > 0;
  return isGiven ? [{ kind: 'list', entries, match: makeMatcher(entries) }] : [];
}

/** What was not understood could be the address in question. */
function readEntries(texts: readonly string[], kind: AppErrorKind, where: string): ListEntry[] {
  return texts.map((text) => {
    const read = readEntry(text);
    if ('network' in read) return read;
    throw new AppError(kind, `${where}: ${read.text}: ${read.reason}`, {
      hint: 'an entry is an address, a network such as 192.0.2.0/24, or 192.0.2.0/255.255.255.0',
    });
  });
}

function readFile(given: WayOptions['allowFiles'][number]): ListEntry[] {
  const { entries } = readUsableAllowlist({ ...given, from: 'list' });
  if (entries.length === 0)
    throw new AppError('input', `--allow-file ${given.name}: it holds no address, so nobody would be allowed`);
  return entries;
}

function networkWays(vendor: Vendor): ListWay[] {
  if (vendor.trust.networks === undefined) return [];
  const { value: cidrs, certainty } = vendor.trust.networks;
  const entries = readEntries(cidrs, 'config', vendor.title);
  return [{ kind: 'network', vendor, certainty, entries, match: makeMatcher(entries) }];
}

/** The networks of a way, as they are written. */
export const networksText = ({ entries }: ListWay): string => entries.map(({ text }) => text).join(', ');

function cannotTell({ title, signature: { value: signature }, trust }: Vendor, hint: string): AppError {
  const instead =
    signature !== null
      ? `; its signature (${signature.header}) tells who called: webhook verify`
      : trust.clientCertificate === undefined
        ? ''
        : '; its client certificate tells who called: webhook verify-cert';
  return new AppError(
    'usage',
    `no address tells a call of ${title}'s: it names neither networks nor reverse DNS of its callers${instead}`,
    { hint },
  );
}

function checkSuffix(text: string): string {
  const suffix = readSuffix(text);
  if (suffix === null)
    throw new AppError('usage', `--suffix ${text} is no domain`, { hint: 'such as --suffix mail-plus.com' });
  return suffix;
}
