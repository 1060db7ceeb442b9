import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Field, Vendor } from '../../src/model/vendor.ts';
import { findVendor, ORIGINALS, VENDORS } from '../helpers/vendors.ts';

// Every constant of every vendor and how sure it is, written down a second time: a slip of a key in `src/vendors`
// changes what hookproof claims in a vendor's name. Fields are told only where their tag differs from the event's.

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const DAY = 24 * H;

function factsOf(vendor: Vendor): unknown {
  const {
    id: _id,
    title: _title,
    documentation: _documentation,
    publicSource: _publicSource,
    asOf: _lookedAt,
    events: _events,
    notes: _notes,
    receiverMistakes: _mistakes,
    vectors: _vectors,
    ...facts
  } = vendor;
  return facts;
}

const MAILKITE_SIGNATURE = {
  at: { header: 'x-mailkite-signature' },
  algorithm: 'hmac-sha256',
  message: ['timestamp', { text: '.' }, 'body'],
  format: 't={t},v1={v}',
  key: { encoding: 'utf8', prefix: 'whsec_', keepsPrefix: true },
};

const FACTS: Record<string, unknown> = {
  mailkit: {
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
    timeoutMs: { value: 30 * S, certainty: 'us' },
    retries: {
      delaysMs: {
        value: [M, 5 * M, 15 * M, 30 * M, H, 2 * H, 4 * H, 8 * H, 8 * H + 9 * M],
        certainty: 'us',
        note: '"increasing delay", 24 hours in all [doc]; the steps are ours',
      },
      deactivatesAfterMs: { value: DAY, certainty: 'doc' },
    },
    trust: {
      clientCertificate: {
        value: true,
        note: expect.stringContaining('password-protected RSA key'),
        certainty: 'doc',
      },
      ownKey: { value: { type: 'rsa', encrypted: true }, certainty: 'doc' },
      networks: { value: ['185.136.200.0/22'], certainty: 'inf' },
    },
    jsonStyle: { value: 'compact', certainty: 'us' },
  },
  mailkite: {
    headers: [
      { name: 'content-type', value: 'application/json', certainty: 'doc' },
      { name: 'User-Agent', value: 'MailKite-Webhook', certainty: 'us' },
    ],
    signature: {
      value: {
        ...MAILKITE_SIGNATURE,
        timestamp: { unit: 'ms', toleranceMs: { value: 300_000, certainty: 'doc' } },
        countedPart: { value: 'last', certainty: 'pub', note: expect.stringContaining('SDKs') },
      },
      certainty: 'doc',
    },
    success: { value: { statuses: '2xx', ackModes: ['lenient', 'ack', 'control'] }, certainty: 'doc' },
    timeoutMs: { value: 15 * S, certainty: 'doc' },
    retries: {
      delaysMs: {
        value: [5 * S, 5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 10 * H],
        certainty: 'pub',
        note: 'every attempt is signed again with a fresh t; afterwards stored for replay',
      },
    },
    trust: {},
    jsonStyle: { value: 'compact', certainty: 'doc' },
    attachments: { validForMs: { value: 7 * DAY, certainty: 'doc' } },
  },
  'mailkite-selfhost': {
    headers: [
      { name: 'content-type', value: 'application/json', certainty: 'pub' },
      { name: 'x-mailkite-event', value: { field: 'event' }, certainty: 'pub' },
      { name: 'user-agent', value: 'MailKite-Server/1.0', certainty: 'pub' },
    ],
    signature: {
      value: { ...MAILKITE_SIGNATURE, timestamp: { unit: 's', toleranceMs: { value: 300_000, certainty: 'us' } } },
      certainty: 'pub',
    },
    success: { value: { statuses: '2xx' }, certainty: 'pub' },
    timeoutMs: { value: 10 * S, certainty: 'pub' },
    retries: { delaysMs: { value: [M, 5 * M, 30 * M, 30 * M], certainty: 'pub' } },
    trust: {},
    jsonStyle: { value: 'compact', certainty: 'us' },
  },
  mail2many: {
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
    success: { value: { statuses: '2xx' }, certainty: 'doc' },
    timeoutMs: { value: 10 * S, certainty: 'us' },
    retries: {
      delaysMs: {
        value: [M, 5 * M, 30 * M, 2 * H, 12 * H],
        certainty: 'us',
        note: 'retried several times, finally marked as failed [doc]; the steps are ours',
      },
    },
    trust: { httpsOnly: { value: true, note: 'the URL uses HTTPS', certainty: 'doc' } },
    jsonStyle: { value: 'compact', certainty: 'us' },
  },
  'mail-plus': {
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
    timeoutMs: { value: 30 * S, certainty: 'us' },
    retries: { delaysMs: { value: [M, 5 * M, 30 * M, 2 * H, 12 * H], certainty: 'us' } },
    trust: {
      httpsOnly: { value: true, note: 'the URL uses HTTPS', certainty: 'doc' },
      reverseDnsSuffix: { value: 'mail-plus.com', certainty: 'doc' },
      pinnedCertificate: { value: true, note: expect.stringContaining('trusts only that one'), certainty: 'doc' },
      needsListedIssuer: { value: true, note: expect.stringContaining('JDK'), certainty: 'inf' },
    },
    jsonStyle: { value: 'compact', certainty: 'us' },
  },
};

test.each(ORIGINALS.map((vendor) => [vendor.id, vendor] as const))('%s: every constant and its tag', (id, vendor) => {
  expect(factsOf(vendor)).toEqual(FACTS[id]);
});

test('the facts of the further vendors, and how sure they are', async () => {
  const told = VENDORS.slice(ORIGINALS.length).map((vendor) => {
    const facts = Object.entries(factsOf(vendor) as object).map(([name, fact]) => `  ${name} ${JSON.stringify(fact)}`);
    const events = vendor.events.map(({ name, certainty, fields }) => `  ${name} (${certainty}): ${tagsOf(fields)}`);
    return [vendor.id, ...facts, ...events].join('\n');
  });
  await expect(`${told.join('\n\n')}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'further-vendors.txt'));
});

const tagsOf = (fields: readonly Field[]): string =>
  fields
    .map(({ name, certainty, fields: inner, items }) => {
      const below = inner ?? items?.fields;
      return `${name} ${certainty}${below === undefined ? '' : ` (${tagsOf(below)})`}`;
    })
    .join(', ');

test.each([
  ['mailkit', ['pub every value is a string', 'us the zone of the dates', 'us redirects']],
  [
    'mailkite',
    [
      'pub no event, id or timestamp header',
      'pub a route signs with its own secret; wit',
      "pub a route's action may be agent",
    ],
  ],
  [
    'mailkite-selfhost',
    [
      'pub t is in seconds',
      'pub routes match support, support-*',
      'pub a route signs with its own secret',
      'us redirects',
    ],
  ],
  ['mail2many', ['us JSON is compact', 'us redirects']],
  ['mail-plus', ['us redirects']],
])('%s: the notes that are not from its documentation', (id, expected) => {
  const notes = (findVendor(id).notes ?? [])
    .filter(({ certainty }) => certainty !== 'doc')
    .map(({ text, certainty }) => `${certainty} ${text}`);
  expect(notes.map((note, index) => note.slice(0, expected[index]?.length))).toEqual(expected);
});

test.each<[vendor: string, event: string, tag: string, fields: string, exceptions: string[], more?: object]>([
  ['mailkit', 'subscribe', 'doc', 'doc', ['pub FIRST_NAME'], { partial: 'inf' }],
  ['mailkit', 'unsubscribe', 'doc', 'doc', [], { partial: 'inf' }],
  ['mailkit', 'topics_change', 'us', 'doc', [], { partial: 'inf' }],
  [
    'mailkite',
    'email.received',
    'doc',
    'doc',
    ['pub from.name', 'pub to.name', 'pub receivedAt', 'pub receivedAtIso', 'pub attachments.content'],
    { fromMail: 'mailkite-message', perRecipient: true, idField: 'id', shown: ['doc documented'] },
  ],
  ['mailkite', 'email.sent', 'pub', 'pub', [], { idField: 'id' }],
  ['mailkite', 'email.bounced', 'pub', 'pub', [], { idField: 'id' }],
  ['mailkite', 'email.complained', 'pub', 'pub', [], { idField: 'id' }],
  ['mailkite', 'email.opened', 'pub', 'pub', [], { idField: 'id' }],
  ['mailkite', 'email.clicked', 'pub', 'pub', [], { idField: 'id' }],
  [
    'mailkite-selfhost',
    'inbound',
    'pub',
    'pub',
    [],
    { fromMail: 'mailkite-selfhost-message', perRecipient: true, idField: 'uid', shown: ['pub documented'] },
  ],
  ['mail2many', 'optin', 'doc', 'doc', []],
  ['mail2many', 'optin_additional_channels', 'doc', 'doc', []],
  ['mail2many', 'optout', 'doc', 'doc', []],
  ['mail2many', 'optout_individual_channels', 'doc', 'doc', []],
  ['mail-plus', 'inbound', 'us', 'doc', [], { fromMail: 'mail-plus-message' }],
])('%s %s is [%s], its fields [%s] but for %j', (id, name, tag, fieldTag, exceptions, more = {}) => {
  const event = findVendor(id).events.find((one) => one.name === name);
  const { certainty, fields = [], fromMail, perRecipient, idField, examples, partial } = event ?? {};
  const shown = examples && Object.entries(examples).map(([variant, fact]) => `${fact.certainty} ${variant}`);
  expect(certainty).toBe(tag);
  expect(otherTags(fields, fieldTag)).toEqual(exceptions);
  expect(JSON.parse(JSON.stringify({ fromMail, perRecipient, idField, shown, partial: partial?.certainty }))).toEqual(
    more,
  );
});

function otherTags(fields: readonly Field[], tag: string, prefix = ''): string[] {
  return fields.flatMap((field) => [
    ...(field.certainty === tag ? [] : [`${field.certainty} ${prefix}${field.name}`]),
    ...otherTags(field.fields ?? field.items?.fields ?? [], tag, `${prefix}${field.name}.`),
  ]);
}

test('the table has every event of the original vendors', () => {
  expect(ORIGINALS.map(({ id, events }) => `${id}: ${events.map(({ name }) => name).join(' ')}`)).toEqual([
    'mailkit: subscribe unsubscribe topics_change',
    'mailkite: email.received email.sent email.bounced email.complained email.opened email.clicked',
    'mailkite-selfhost: inbound',
    'mail2many: optin optin_additional_channels optout optout_individual_channels',
    'mail-plus: inbound',
  ]);
});

test.each([
  [
    'mailkit',
    'unsubscribe',
    'METHOD',
    [
      'link_in_mail',
      'manual',
      'spam_report',
      'list-unsubscribe_mail',
      'api_unsubscribe',
      'list-unsubscribe_oneclick',
      'timeout',
    ],
  ],
  ['mailkit', 'subscribe', 'GENDER', ['M', 'F', '']],
  ['mail2many', 'optin', 'genderId', [1, 2, 3, 4]],
])('%s %s: the values of %s', (id, name, field, values) => {
  const event = findVendor(id).events.find((one) => one.name === name);
  expect(event?.fields.find((one) => one.name === field)?.values).toMatchObject({ value: values });
});
