// https://developers.mail2many.de/en/docs/api-docs/erweitert/webhooks
// Certainty tags: doc = that page; us = documented nowhere, our choice.
import type { Field, Vendor, VendorEvent } from '../model/vendor.ts';
import { ASSUMED_DELAYS_MS } from './retry-rule.ts';

const FIELDS = [
  { name: 'accountId', type: 'integer', certainty: 'doc', example: 1, note: 'the mail2many account' },
  {
    name: 'event',
    type: 'string',
    certainty: 'doc',
    generated: 'event-name',
    note: 'the event, as in X-Mail2Many-Event',
  },
  {
    name: 'date',
    type: 'string',
    certainty: 'doc',
    generated: { time: 'YYYY-MM-DD HH:mm:ss' },
    note: 'UTC; signed, unlike the header X-Mail2Many-Event-Date',
  },
  { name: 'email', type: 'string', certainty: 'doc', example: 'mia.mueller@example.com' },
  { name: 'title', type: 'string', certainty: 'doc', example: 'Dr.', minimal: '' },
  { name: 'firstname', type: 'string', prose: 'line', certainty: 'doc', example: 'Mia', minimal: '' },
  { name: 'lastname', type: 'string', prose: 'line', certainty: 'doc', example: 'Müller', minimal: '' },
  {
    name: 'genderId',
    type: 'integer',
    certainty: 'doc',
    example: 2,
    minimal: 4,
    values: { value: [1, 2, 3, 4], certainty: 'doc' },
    note: '1 male, 2 female, 3 non-binary, 4 not specified',
  },
  {
    name: 'ip',
    type: 'string',
    certainty: 'doc',
    example: '203.0.113.7',
    minimal: '',
    note: 'address of the recipient',
  },
  { name: 'channelIds', type: 'array', certainty: 'doc', example: [1, 2], minimal: [], items: { type: 'integer' } },
  {
    name: 'newsletterId',
    type: 'integer',
    certainty: 'doc',
    example: 1,
    minimal: null,
    nullable: true,
    remarks: [{ text: 'null without a newsletter', certainty: 'us', about: 'null' }],
  },
  {
    name: 'newsletterSubject',
    type: 'string',
    prose: 'line',
    certainty: 'doc',
    example: 'News in November / Neuigkeiten für Sie',
    minimal: null,
    nullable: true,
    remarks: [{ text: 'null without a newsletter', certainty: 'us', about: 'null' }],
  },
] as const satisfies readonly Field[];

const EVENTS = [
  {
    name: 'optin',
    summary: 'a recipient confirmed the subscription',
    certainty: 'doc',
    fields: FIELDS,
    keyField: 'email',
  },
  {
    name: 'optin_additional_channels',
    summary: 'a known recipient subscribed to further channels',
    certainty: 'doc',
    fields: FIELDS,
    keyField: 'email',
  },
  {
    name: 'optout',
    summary: 'a recipient unsubscribed from everything',
    certainty: 'doc',
    fields: FIELDS,
    keyField: 'email',
  },
  {
    name: 'optout_individual_channels',
    summary: 'a recipient unsubscribed from some channels',
    certainty: 'doc',
    fields: FIELDS,
    keyField: 'email',
  },
] as const satisfies readonly VendorEvent[];

export const mail2many = {
  id: 'mail2many',
  title: 'mail2many',
  documentation: 'https://developers.mail2many.de/en/docs/api-docs/erweitert/webhooks',
  asOf: '2026-11-22',

  events: EVENTS,
  headers: [
    { name: 'Content-Type', value: 'application/json', certainty: 'us' },
    { name: 'User-Agent', value: 'mail2many-Webhook', certainty: 'us' },
    { name: 'X-Mail2Many-Account-Id', value: { field: 'accountId' }, certainty: 'doc' },
    { name: 'X-Mail2Many-Event', value: { field: 'event' }, certainty: 'doc' },
    { name: 'X-Mail2Many-Event-Date', value: { field: 'date' }, certainty: 'doc' },
    {
      name: 'X-Mail2Many-Event-Id',
      value: { generated: { id: 'uuid' } },
      certainty: 'doc',
      note: 'unique',
      remarks: [
        { text: 'that it is a UUID and stays the same over retries is ours', certainty: 'us', about: 'meaning' },
      ],
    },
  ],
  signature: {
    value: { at: { header: 'X-Mail2Many-Signature' }, algorithm: 'hmac-sha256', message: ['body'], format: '{v}' },
    certainty: 'doc',
  },
  vectors: [
    {
      name: 'check value',
      secret: 'your_webhook_secret',
      body: '{"accountId":1,"event":"optin"}',
      signature: '19cc2aabd182c514435cf4ca9729c34ec7adae13105c010876305bdc6673966e',
      source: 'HMAC-SHA256 over the raw body, as documented; recomputed with openssl dgst',
    },
    {
      name: 'PHP-style escapes are signed as they stand',
      secret: 'your_webhook_secret',
      body: '{"accountId":1,"event":"optout","lastname":"M\\u00fcller","url":"https:\\/\\/example.com\\/"}',
      signature: 'ccc64c5ea153c8a7f3e682a4919a7206c66196574551a457f2fcffd51fd4c5e2',
      source: 'openssl dgst -sha256 -hmac',
    },
    {
      name: 'an empty body',
      secret: 'your_webhook_secret',
      body: '',
      signature: 'b35e99de615ecc62ffbea5465cb4ed866921c463a73a7c5ce0245fe6260c8dc7',
      source: 'openssl dgst -sha256 -hmac',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'doc' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: {
    delaysMs: {
      value: ASSUMED_DELAYS_MS,
      certainty: 'us',
      note: 'retried several times, finally marked as failed [doc]; the steps are ours',
    },
  },
  trust: { httpsOnly: { value: true, certainty: 'doc', note: 'the URL uses HTTPS' } },
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    { text: 'an account may have several webhooks; one event goes to every webhook that lists it', certainty: 'doc' },
    {
      text: 'JSON is compact with UTF-8 unescaped; --json-style php escapes / and non-ASCII like PHP',
      certainty: 'us',
    },
    { text: 'redirects are not followed', certainty: 'us' },
  ],
  receiverMistakes: [
    {
      id: 'case-sensitive-header',
      certainty: 'doc',
      text: "expecting one letter case in header names: the documentation's PHP sample reads X-Mail2many-Signature",
    },
    {
      id: 'trusts-event-headers',
      text:
        'trusting Event-Id and Event-Date: they are not signed and the id is not in the body; ' +
        'only the signed date can be trusted',
    },
    { id: 'tight-window', text: 'setting a tight window on Event-Date, which refuses genuine late retries' },
  ],
} as const satisfies Vendor;
