// https://www.mailkit.com/resources/documentation/account-management/integration
// Certainty tags: doc = that page; pub = seen in later public documentation; inf = inferred; us = our choice.
//
// Field lists are in the order of the documentation. Every value is a string and a blank one is "" [pub]; the
// minimal samples leave EMAIL, ID_EMAIL and IP out, as the documentation's own example call does.
import type { Field, Vendor, VendorEvent } from '../model/vendor.ts';

const PRAGUE_TIME = { time: 'YYYY-MM-DD HH:mm:ss', zone: 'Europe/Prague' } as const;

const RECIPIENT = [
  { name: 'EMAIL', type: 'string', certainty: 'doc', optional: true, example: 'zoe.novakova@example.com' },
  { name: 'ID_EMAIL', type: 'string', certainty: 'doc', optional: true, generated: { digits: 9 }, mayBeBlank: true },
  {
    name: 'DATE',
    type: 'string',
    certainty: 'doc',
    generated: PRAGUE_TIME,
    mayBeBlank: true,
    remarks: [{ text: 'zone Europe/Prague', certainty: 'us', about: 'meaning' }],
  },
  { name: 'IP', type: 'string', certainty: 'doc', optional: true, example: '203.0.113.7' },
  { name: 'IP_ORIG', type: 'string', certainty: 'doc', example: '198.51.100.24', minimal: '' },
  { name: 'ID_ML', type: 'string', certainty: 'doc', example: '41268', note: 'the mailing list' },
] as const satisfies readonly Field[];

const CUSTOM_FIELDS: readonly Field[] = Array.from({ length: 25 }, (_, index) => ({
  name: `CUSTOM${index + 1}`,
  type: 'string',
  prose: 'line',
  certainty: 'doc',
  example: `custom value ${index + 1}`,
  minimal: '',
}));

const SUBSCRIBE_FIELDS: readonly Field[] = [
  ...RECIPIENT,
  { name: 'CHANNEL', type: 'string', certainty: 'doc', example: 'web-form', minimal: '' },
  {
    name: 'UA',
    type: 'string',
    certainty: 'doc',
    example: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    minimal: '',
  },
  { name: 'DATE_REQUEST', type: 'string', certainty: 'doc', generated: PRAGUE_TIME, mayBeBlank: true, minimal: '' },
  {
    name: 'UA_REQUEST',
    type: 'string',
    certainty: 'doc',
    example: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    minimal: '',
  },
  { name: 'IP_REQUEST', type: 'string', certainty: 'doc', example: '203.0.113.7', minimal: '' },
  { name: 'IP_ORIG_REQUEST', type: 'string', certainty: 'doc', example: '198.51.100.24', minimal: '' },
  { name: 'URL_CODE', type: 'string', certainty: 'doc', generated: { id: '[a-z0-9]{20}' } },
  { name: 'FIRST_NAME', type: 'string', prose: 'line', certainty: 'pub', example: 'Zoë', minimal: '' },
  { name: 'LAST_NAME', type: 'string', prose: 'line', certainty: 'doc', example: 'Nováková', minimal: '' },
  { name: 'FAX', type: 'string', certainty: 'doc', example: '+420 555 010 101', minimal: '' },
  {
    name: 'GENDER',
    type: 'string',
    certainty: 'doc',
    example: 'F',
    minimal: '',
    values: { value: ['M', 'F', ''], certainty: 'pub' },
  },
  { name: 'MOBILE', type: 'string', certainty: 'doc', example: '+420 555 010 102', minimal: '' },
  { name: 'NICK_NAME', type: 'string', prose: 'line', certainty: 'doc', example: 'zoe', minimal: '' },
  { name: 'PHONE', type: 'string', certainty: 'doc', example: '+420 555 010 103', minimal: '' },
  { name: 'PREFIX', type: 'string', certainty: 'doc', example: 'Ing.', minimal: '' },
  { name: 'REPLY_TO', type: 'string', certainty: 'doc', example: 'zoe.novakova@example.com', minimal: '' },
  { name: 'STATE', type: 'string', prose: 'line', certainty: 'doc', example: 'Plzeňský kraj', minimal: '' },
  { name: 'STREET', type: 'string', prose: 'line', certainty: 'doc', example: 'Příkladná 1/2', minimal: '' },
  { name: 'VOCATIVE', type: 'string', prose: 'line', certainty: 'doc', example: 'Zoë', minimal: '' },
  { name: 'ZIP', type: 'string', certainty: 'doc', example: '301 00', minimal: '' },
  { name: 'CITY', type: 'string', prose: 'line', certainty: 'doc', example: 'Plzeň', minimal: '' },
  { name: 'COMPANY', type: 'string', prose: 'line', certainty: 'doc', example: 'Example s.r.o.', minimal: '' },
  { name: 'COUNTRY', type: 'string', certainty: 'doc', example: 'CZ', minimal: '' },
  ...CUSTOM_FIELDS,
];

const CAMPAIGN = [
  { name: 'ID_SEND', type: 'string', certainty: 'doc', generated: { digits: 9 }, mayBeBlank: true },
  { name: 'ID_MESSAGE', type: 'string', certainty: 'doc', generated: { digits: 9 }, mayBeBlank: true, minimal: '' },
] as const satisfies readonly Field[];

/** All METHOD values the documentation names; a receiver must survive another one. */
const METHODS = [
  'link_in_mail',
  'manual',
  'spam_report',
  'list-unsubscribe_mail',
  'api_unsubscribe',
  'list-unsubscribe_oneclick',
  'timeout',
] as const;

const REASON = [
  { name: 'TIMEOUT', type: 'string', certainty: 'doc', example: '30', minimal: '', note: 'days' },
  {
    name: 'EXPIRE',
    type: 'string',
    certainty: 'doc',
    generated: { ...PRAGUE_TIME, offsetMs: 30 * 86_400_000 },
    mayBeBlank: true,
    minimal: '',
    remarks: [{ text: 'TIMEOUT days after DATE', certainty: 'us', about: 'meaning' }],
  },
  {
    name: 'METHOD',
    type: 'string',
    certainty: 'doc',
    example: 'link_in_mail',
    values: { value: METHODS, certainty: 'doc' },
  },
  {
    name: 'UNSUBSCRIBE_ANSWER',
    type: 'string',
    prose: 'line',
    certainty: 'doc',
    example: 'Too many e-mails',
    minimal: '',
  },
  {
    name: 'UNSUBSCRIBE_NOTE',
    type: 'string',
    prose: 'line',
    certainty: 'doc',
    example: 'Příště možná ano.',
    minimal: '',
  },
] as const satisfies readonly Field[];

const UNSUBSCRIBE_FIELDS: readonly Field[] = [
  ...RECIPIENT,
  ...CAMPAIGN,
  { name: 'ID_TOPIC_ACTIVE', type: 'string', certainty: 'doc', example: '', note: 'filled in topics_change' },
  { name: 'ID_TOPIC_INACTIVE', type: 'string', certainty: 'doc', example: '', note: 'filled in topics_change' },
  ...REASON,
];

const TOPICS_CHANGE_FIELDS: readonly Field[] = [
  ...RECIPIENT,
  ...CAMPAIGN,
  {
    name: 'ID_TOPIC_ACTIVE',
    type: 'string',
    certainty: 'doc',
    example: '12,15',
    remarks: [{ text: 'comma-separated', certainty: 'us', about: 'meaning' }],
  },
  {
    name: 'ID_TOPIC_INACTIVE',
    type: 'string',
    certainty: 'doc',
    example: '17',
    remarks: [{ text: 'comma-separated', certainty: 'us', about: 'meaning' }],
  },
  ...REASON,
];

/** Only a recipient who follows a link answers why; only a pause has an end. Which is blank when is ours [us]. */
const FOR_GOOD = { TIMEOUT: '', EXPIRE: '' } as const;
const UNANSWERED = { ...FOR_GOOD, UNSUBSCRIBE_ANSWER: '', UNSUBSCRIBE_NOTE: '' } as const;
const OUTSIDE_A_MAIL = { ID_SEND: '', ID_MESSAGE: '', ...UNANSWERED } as const;

const METHOD_VARIANTS = {
  link_in_mail: { METHOD: 'link_in_mail', ...FOR_GOOD },
  manual: { METHOD: 'manual', ...OUTSIDE_A_MAIL },
  spam_report: { METHOD: 'spam_report', ...UNANSWERED },
  'list-unsubscribe_mail': { METHOD: 'list-unsubscribe_mail', ...UNANSWERED },
  api_unsubscribe: { METHOD: 'api_unsubscribe', ...OUTSIDE_A_MAIL },
  'list-unsubscribe_oneclick': { METHOD: 'list-unsubscribe_oneclick', ...UNANSWERED },
  timeout: { METHOD: 'timeout' },
} as const satisfies VendorEvent['variants'];

const PARTIAL = {
  value: true,
  certainty: 'inf',
  note:
    "the documentation's example call leaves EMAIL, ID_EMAIL and IP out [doc]; that others may be left out " +
    'is inferred',
} as const satisfies VendorEvent['partial'];

export const mailkit = {
  id: 'mailkit',
  title: 'Mailkit',
  documentation: 'https://www.mailkit.com/resources/documentation/account-management/integration',
  asOf: '2026-11-22',

  events: [
    {
      name: 'subscribe',
      summary: 'a recipient signed up',
      certainty: 'doc',
      fields: SUBSCRIBE_FIELDS,
      keyField: 'EMAIL',
      partial: PARTIAL,
    },
    {
      name: 'unsubscribe',
      summary: 'a recipient unsubscribed, for good or for TIMEOUT days',
      certainty: 'doc',
      fields: UNSUBSCRIBE_FIELDS,
      keyField: 'EMAIL',
      partial: PARTIAL,
      variants: METHOD_VARIANTS,
    },
    {
      // Mailkit calls the unsubscribe URL for this, too [doc]; the separate name is ours.
      name: 'topics_change',
      summary: 'a recipient changed topics; goes to the unsubscribe URL [doc], the name is ours',
      certainty: 'us',
      fields: TOPICS_CHANGE_FIELDS,
      keyField: 'EMAIL',
      partial: PARTIAL,
      variants: METHOD_VARIANTS,
    },
  ],
  headers: [
    {
      name: 'Content-Type',
      value: 'application/json',
      certainty: 'us',
      alsoSent: {
        value: ['application/x-www-form-urlencoded'],
        certainty: 'doc',
        note: "the documentation's example call is curl -d, which sets no other type",
      },
    },
    { name: 'User-Agent', value: 'Mailkit-Webhook', certainty: 'us' },
  ],
  signature: { value: null, certainty: 'doc' },
  success: { value: { statuses: [200] }, certainty: 'doc', note: '201, 202 and 204 are failures' },
  timeoutMs: { value: 30_000, certainty: 'us' },
  retries: {
    // 1m, 5m, 15m, 30m, 1h, 2h, 4h, 8h, and 8h09m that complete the 24 hours.
    delaysMs: {
      value: [60_000, 300_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 29_340_000],
      certainty: 'us',
      note: '"increasing delay", 24 hours in all [doc]; the steps are ours',
    },
    deactivatesAfterMs: { value: 86_400_000, certainty: 'doc' },
  },
  trust: {
    clientCertificate: {
      value: true,
      certainty: 'doc',
      note:
        "Mailkit's standard certificate, or the customer's own with a password-protected RSA key; Apache: " +
        'SSLVerifyClient require, SSLVerifyDepth 1, SSLCACertificateFile or SSLCACertificatePath + c_rehash',
    },
    ownKey: { value: { type: 'rsa', encrypted: true }, certainty: 'doc' },
    // Only the range is inferred.
    networks: { value: ['185.136.200.0/22'], certainty: 'inf' },
  },
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    {
      text: 'subscribe and unsubscribe differ only by the URL they are configured for: no event or id header',
      certainty: 'doc',
    },
    { text: 'every value is a string, ids and day counts too; an empty field is ""', certainty: 'pub' },
    {
      text: "fields may be blank; the documentation's example call leaves EMAIL, ID_EMAIL and IP out",
      certainty: 'doc',
    },
    { text: 'the zone of the dates is Europe/Prague; set them with --set', certainty: 'us' },
    { text: 'redirects are not followed', certainty: 'us' },
    { text: "calls come from Mailkit's own network, no cloud", certainty: 'doc' },
    { text: 'allowed addresses are written as a single address, CIDR, or address/netmask', certainty: 'doc' },
  ],
  receiverMistakes: [
    { id: 'answers-201', text: 'answering 201 or 204' },
    {
      id: 'strict-values',
      text: 'throwing on an unknown METHOD or GENDER: a 500 means 24 hours of retries, then deactivation',
    },
    { id: 'requires-every-field', text: 'parsing a blank EXPIRE as a date' },
    { id: 'expects-numbers' },
  ],
} as const satisfies Vendor;
