import type { Evidence } from './fact.ts';
import type { VendorId, VendorNote } from './vendor.ts';
import type { SecretSource } from './webhook.ts';

/** One line of a vendor's routing table: which recipients, and what becomes of their mail. */
export interface Route {
  /** As written: an address, a pattern, or `/regex/`. */
  match: string;
  /** Name of a `RouteAction`. */
  action: string;
  /** A URL or an address, as the action wants it; null where it wants none. */
  destination: string | null;
  /** One that is switched off gets nothing, whatever it matches. */
  isActive: boolean;
  /** The domain whose addresses it is about, where its pattern does not say; null: the file does not, either. */
  domain: string | null;
  /** What its deliveries are signed with, where it is not the account's. */
  secret?: SecretSource;
}

export interface RouteAction extends Evidence {
  name: string;
  /** What it must name; null: nothing. */
  destination: 'url' | 'address' | null;
  /** What it names decides nothing, and may be there. */
  ignoresDestination?: true;
  /** Ends a sentence that begins "the message is …". */
  does: string;
}

/** What a route may match by. */
export interface RoutePattern extends Evidence {
  form: string;
  matches: string;
}

/** How a vendor routes inbound mail. Data only. */
export interface Routing {
  vendor: VendorId;
  /** The event that a webhook gets. */
  event: string;
  /** Where that event names the recipient, as dotted paths: the whole address, and its domain. */
  recipient: { address: string; domain?: string };
  documentation: string;
  actions: readonly RouteAction[];
  /** Where a route names none; null: each has to. */
  defaultAction: string | null;
  /** How a pattern is read: `address`, with a few places for a `*` or as a regex; `glob`, with a `*` anywhere. */
  grammar: 'address' | 'glob';
  /** Which mail the domain's own webhook gets: what no route matches, or all of it. */
  domainWebhook: 'unmatched' | 'always';
  patterns: readonly RoutePattern[];
  notes: readonly VendorNote[];
}
