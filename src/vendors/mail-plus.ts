// https://mail-plus.com/documentation
// Certainty tags: doc = that page; us = documented nowhere, our choice.
import type { Field, Vendor } from '../model/vendor.ts';
import { ASSUMED_DELAYS_MS } from './retry-rule.ts';

/** The header element: an object of whatever headers the mail has; these are the ones the documentation shows. */
const HEADER_FIELDS = [
  {
    name: 'Message-ID',
    type: 'string',
    certainty: 'doc',
    optional: true,
    generated: { id: '<[a-z0-9]{20}@mail.example.com>' },
  },
  { name: 'Date', type: 'string', certainty: 'doc', optional: true, generated: { time: 'rfc5322', of: 'mail' } },
  {
    name: 'From',
    type: 'string',
    certainty: 'doc',
    optional: true,
    example: 'robin@example.com',
    minimal: 'robin@example.com',
  },
  { name: 'To', type: 'string', certainty: 'doc', optional: true, example: 'support@example.org' },
  {
    name: 'Subject',
    type: 'string',
    prose: 'line',
    certainty: 'doc',
    optional: true,
    example: 'Grüße / your order 1042',
  },
] as const satisfies readonly Field[];

const FIELDS = [
  { name: 'timestamp', type: 'string', certainty: 'doc', generated: { time: 'iso' }, selectable: 'timestamp' },
  {
    name: 'header',
    type: 'object',
    certainty: 'doc',
    fields: HEADER_FIELDS,
    anyKeys: true,
    selectable: 'header',
    remarks: [{ text: 'it contains all headers of the mail', certainty: 'inf', about: 'meaning' }],
  },
  {
    name: 'body',
    type: 'string',
    prose: 'long',
    certainty: 'doc',
    example: 'Hello,\r\n\r\nwhere is my order 1042?\r\n\r\nRobin\r\n',
    minimal: '',
    selectable: 'body',
    note: 'can be large',
  },
  {
    name: 'subject',
    type: 'string',
    prose: 'line',
    certainty: 'doc',
    example: 'Grüße / your order 1042',
    minimal: '',
    selectable: 'subject',
  },
  {
    name: 'from',
    type: 'string',
    certainty: 'doc',
    example: 'robin@example.com',
    selectable: 'from',
    note: 'a plain string',
  },
  {
    name: 'to',
    type: 'string',
    certainty: 'doc',
    example: 'support@example.org',
    selectable: 'to',
    note: 'a plain string',
  },
  {
    name: 'bcc',
    type: 'string',
    certainty: 'doc',
    optional: true,
    example: 'archive@example.org',
    selectable: 'bcc',
    note: 'a plain string',
  },
  { name: 'spf', type: 'string', certainty: 'doc', optional: true, example: 'pass', selectable: 'spf' },
  { name: 'dkim', type: 'string', certainty: 'doc', optional: true, example: 'pass', selectable: 'dkim' },
  { name: 'spam_score', type: 'number', certainty: 'doc', optional: true, example: 0.1, selectable: 'spam' },
  {
    name: 'ip_address',
    type: 'string',
    certainty: 'doc',
    optional: true,
    example: '198.51.100.25',
    selectable: 'ip',
    note: "the mail sender's server, not the webhook's caller",
  },
] as const satisfies readonly Field[];

export const mailPlus = {
  id: 'mail-plus',
  title: 'Mail-Plus',
  documentation: 'https://mail-plus.com/documentation',
  asOf: '2026-11-22',

  events: [
    {
      name: 'inbound',
      // The format is documented; Mail-Plus names no events.
      summary: 'a mail arrived; each element can be switched on or off [doc], the name is ours',
      certainty: 'us',
      fields: FIELDS,
      keyField: 'header.Message-ID',
      variants: {
        spam: { spf: 'fail', dkim: 'fail', spam_score: 9.8 },
      },
      fromMail: 'mail-plus-message',
    },
  ],
  headers: [
    { name: 'Content-Type', value: 'application/json', certainty: 'doc' },
    { name: 'User-Agent', value: 'Mail-Plus', certainty: 'us' },
  ],
  signature: { value: null, certainty: 'doc' },
  success: {
    value: { statuses: '2xx' },
    certainty: 'us',
    note: '"appropriate HTTP status codes" [doc]; that any 2xx will do is ours',
  },
  timeoutMs: { value: 30_000, certainty: 'us' },
  retries: {
    delaysMs: { value: ASSUMED_DELAYS_MS, certainty: 'us' },
  },
  trust: {
    httpsOnly: { value: true, certainty: 'doc', note: 'the URL uses HTTPS' },
    // No `networks`: the documentation's 192.0.2.x are placeholders, the real list is in the client area.
    reverseDnsSuffix: { value: 'mail-plus.com', certainty: 'doc' },
    pinnedCertificate: {
      value: true,
      note: 'if the customer provides an X.509 certificate (PEM), Mail-Plus trusts only that one, not the system store',
      certainty: 'doc',
    },
    needsListedIssuer: {
      value: true,
      note: "runs on the JDK, which sends no certificate when the server's list of CAs does not name its issuer",
      certainty: 'inf',
    },
  },
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    {
      text: 'the PTR of the calling address is a subdomain of mail-plus.com and resolves back to the same address',
      certainty: 'doc',
    },
    {
      text: 'instead of reverse DNS: the IP list from the client area, or a VPN with non-public URLs',
      certainty: 'doc',
    },
    { text: 'bodies can be large; expect chunked transfer encoding', certainty: 'doc' },
    { text: 'redirects are not followed', certainty: 'us' },
  ],
  receiverMistakes: [
    {
      id: 'ptr-suffix',
      certainty: 'doc',
      text: "checking endswith('mail-plus.com'), as the documentation's Python sample does: evilmail-plus.com passes",
    },
    { id: 'ptr-letter-case' },
    { id: 'ptr-one-address' },
    { id: 'ptr-lookup-fails' },
    { id: 'trusts-forwarded-for', text: 'trusting X-Forwarded-For from anyone, which defeats the IP list' },
  ],
} as const satisfies Vendor;
