/** One address as a mail header names it. */
export interface Mailbox {
  address: string;
  name?: string;
}

export interface MailAttachment {
  filename: string | null;
  contentType: string;
  content: Uint8Array;
}

/** A mail after parsing: what the payloads of inbound-mail vendors are made from. */
export interface Message {
  /** Headers in the order of the file, decoded; a name may repeat. */
  headers: readonly (readonly [name: string, value: string])[];
  messageId: string | null;
  inReplyTo: string | null;
  from: readonly Mailbox[];
  to: readonly Mailbox[];
  bcc: readonly Mailbox[];
  subject: string | null;
  text: string | null;
  html: string | null;
  /** Results of the topmost Authentication-Results header (RFC 8601): `pass`, `fail`, … or null. */
  auth: { spf: string | null; dkim: string | null; dmarc: string | null };
  /** Address of the server that handed the mail over, from the topmost Received header. */
  senderIp: string | null;
  attachments: readonly MailAttachment[];
  /** What the file holds and this message does not, in plain words. */
  notes: readonly string[];
}
