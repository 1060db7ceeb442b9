import type { Vendor } from './vendor.ts';

/** What is known of a vendor before its data is read: names, and the little that decides whom a hint names. */
export interface VendorEntry {
  id: string;
  title: string;
  events: readonly string[];
  /** Payload elements that can be switched on or off; empty where the vendor offers no choice. */
  selectable: readonly string[];
  isSigned: boolean;
  /** It shows a certificate when it calls. */
  showsCertificate: boolean;
  /** Of those that hookproof began with. Their names mean them first, whoever comes later. */
  isOriginal: boolean;
  /** Of a vendor of the user's own: its file, absolute. */
  file?: string;
}

/** The vendors that there are. It arrives as an argument, as clock and ids do; pure rooms get a `Vendor`. */
export interface VendorRegistry {
  /** In the order they are shown. */
  readonly entries: readonly VendorEntry[];
  /** The vendor of this id, and no other, is read. Throws AppError `usage` for an unknown one. */
  load(id: string): Promise<Vendor>;
  /** In the order of the entries. */
  loadAll(): Promise<Vendor[]>;
}

/** Whether `--vendor`, or a configuration, names a file and not the id of a vendor. */
export const isVendorFile = (reference: string): boolean => VENDOR_FILE.test(reference);

/** Ids have neither. */
export const VENDOR_FILE = /[/\\]|\.json$/;
