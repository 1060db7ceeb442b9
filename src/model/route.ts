import type { Evidence, VendorId, VendorNote } from './vendor.ts';

/** One line of a vendor's routing table: which recipients, and what becomes of their mail. */
export interface Route {
  /** As written: an address, a pattern, or `/regex/`. */
  match: string;
  /** Name of a `RouteAction`. */
  action: string;
  /** A URL or an address, as the action wants it; null where it wants none. */
  destination: string | null;
}

export interface RouteAction {
  name: string;
  /** What it must name; null: nothing. */
  destination: 'url' | 'address' | null;
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
  documentation: string;
  actions: readonly RouteAction[];
  /** Where a route names none. */
  defaultAction: string;
  patterns: readonly RoutePattern[];
  notes: readonly VendorNote[];
}
