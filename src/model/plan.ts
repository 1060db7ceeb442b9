import type { Method } from './body-format.ts';
import type { MailAttachment } from './message.ts';
import type { Vendor, VendorEvent } from './vendor.ts';

/** A header as it goes on the wire: the name keeps its letter case. */
export type Header = readonly [name: string, value: string];

/** An attachment that the body points at by a signed link, until its bytes are asked for. */
export interface LinkedAttachment {
  messageId: string;
  index: number;
  attachment: MailAttachment;
}

/** What will be sent, before it is signed. The body is bytes from here on: encoded once. */
export interface Plan {
  vendor: Vendor;
  /** Of a batch the first. */
  event: VendorEvent;
  webhookUuid: string;
  deliveryId: string;
  /** The vendor's id of the event (in the body or a header); null where it has none. */
  eventId: string | null;
  url: URL;
  /** The end of the URL's query that is the event, of a vendor that writes it there. */
  query?: string;
  method: Method;
  headers: readonly Header[];
  /** The user wrote or removed the signature header (`-H`): signing leaves the headers as they are. */
  hasOwnSignature: boolean;
  body: Uint8Array;
  /** Milliseconds since the epoch. */
  createdAt: number;
  attachments: readonly LinkedAttachment[];
}

/** A request ready for the wire: nothing is added or changed after this. */
export interface SignedRequest {
  url: URL;
  method: string;
  headers: readonly Header[];
  body: Uint8Array;
  /** Milliseconds since the epoch. */
  signedAt: number;
}
