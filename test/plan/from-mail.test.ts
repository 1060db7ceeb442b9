import { expect, test } from 'vitest';
import type { Clock, Ids } from '../../src/model/clock.ts';
import type { Message } from '../../src/model/message.ts';
import { payloadFromMail, type FromMailOptions, type MailKind } from '../../src/plan/from-mail.ts';

const clock: Clock = { now: () => Date.UTC(2025, 10, 4, 8, 15, 2, 345), sleep: () => Promise.resolve() };
const ids: Ids = {
  token: (length) => 'k'.repeat(length),
  uuidV4: () => '',
  uuidV7: () => '',
};
const options: FromMailOptions = {
  linkAttachment: (messageId, index) => `http://127.0.0.1:8099/${messageId}/${index}`,
};

const message: Message = {
  headers: [
    ['Return-Path', '<bounces@example.com>'],
    ['Received', 'second hop'],
    ['received', 'first hop'],
    ['From', 'Alice Archer <alice@example.com>'],
    ['X-Spam-Score', '0.1'],
    ['__proto__', 'polluted'],
  ],
  messageId: '<m1@example.com>',
  inReplyTo: null,
  from: [{ address: 'alice@example.com', name: 'Alice Archer' }, { address: 'second@example.com' }],
  to: [{ address: 'Support@example.org', name: 'Support' }, { address: 'sales@example.org' }],
  bcc: [{ address: 'hidden@example.org', name: 'Hidden' }],
  subject: 'Invoice',
  text: 'text',
  html: '<p>html</p>',
  auth: { spf: 'pass', dkim: 'fail', dmarc: null },
  senderIp: '192.0.2.10',
  attachments: [
    { filename: 'a.pdf', contentType: 'application/pdf', content: new TextEncoder().encode('%PDF') },
    { filename: null, contentType: 'image/png', content: Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 3) },
    { filename: null, contentType: 'application/x-odd', content: new Uint8Array() },
  ],
  notes: [],
};

const nothing: Message = {
  headers: [],
  messageId: null,
  inReplyTo: null,
  from: [],
  to: [],
  bcc: [],
  subject: null,
  text: null,
  html: null,
  auth: { spf: null, dkim: null, dmarc: null },
  senderIp: null,
  attachments: [],
  notes: [],
};

const make = (kind: MailKind, changes: Partial<Message> = {}, more: Partial<FromMailOptions> = {}) =>
  payloadFromMail(kind, { ...message, ...changes }, { ...options, ...more }, clock, ids);

const MSG = `msg_${'k'.repeat(16)}`;

test('MailKite: every field in the documented order', () => {
  // Compared as text, since the order of the keys counts.
  expect(JSON.stringify(make('mailkite-message').payload)).toBe(
    JSON.stringify({
      id: MSG,
      type: 'email.received',
      from: { address: 'alice@example.com', name: 'Alice Archer' },
      to: [{ address: 'Support@example.org', name: 'Support' }],
      subject: 'Invoice',
      text: 'text',
      html: '<p>html</p>',
      threadId: '<m1@example.com>',
      receivedAt: 1762244102345,
      receivedAtIso: '2025-11-04T08:15:02.345Z',
      auth: { spf: 'pass', dkim: 'fail', dmarc: null, spam: null },
      attachments: [
        {
          id: `${MSG}:0`,
          filename: 'a.pdf',
          contentType: 'application/pdf',
          size: 4,
          url: `http://127.0.0.1:8099/${MSG}/0`,
        },
        {
          id: `${MSG}:1`,
          filename: null,
          contentType: 'image/png',
          size: 2,
          url: `http://127.0.0.1:8099/${MSG}/1`,
        },
        {
          id: `${MSG}:2`,
          filename: null,
          contentType: 'application/x-odd',
          size: 0,
          url: `http://127.0.0.1:8099/${MSG}/2`,
        },
      ],
    }),
  );
});

test('MailKite: what the links point at comes along, with its filename', () => {
  const { attachments } = make('mailkite-message');
  expect(attachments.map(({ messageId, index, attachment }) => [messageId, index, attachment.filename])).toEqual([
    [MSG, 0, 'a.pdf'],
    [MSG, 1, 'attachment-1.png'],
    [MSG, 2, 'attachment-2.bin'],
  ]);
});

test('MailKite: inline attachments carry their bytes, no id and no link', () => {
  const { payload, attachments } = make('mailkite-message', {}, { inlineAttachments: true });
  expect(JSON.stringify(payload['attachments'])).toBe(
    JSON.stringify([
      { filename: 'a.pdf', contentType: 'application/pdf', size: 4, content: 'JVBERg==' },
      { filename: null, contentType: 'image/png', size: 2, content: 'AgM=' },
      { filename: null, contentType: 'application/x-odd', size: 0, content: '' },
    ]),
  );
  expect(attachments).toEqual([]);
});

test('MailKite: a mail that says nothing keeps every key', () => {
  expect(make('mailkite-message', nothing).payload).toEqual({
    id: MSG,
    type: 'email.received',
    from: { address: '' },
    to: [],
    subject: null,
    text: null,
    html: null,
    threadId: null,
    receivedAt: 1762244102345,
    receivedAtIso: '2025-11-04T08:15:02.345Z',
    auth: { spf: null, dkim: null, dmarc: null, spam: null },
    attachments: [],
  });
});

test.each([
  ['support@EXAMPLE.org', [{ address: 'support@EXAMPLE.org', name: 'Support' }]],
  ['bcc@example.org', [{ address: 'bcc@example.org' }]],
])('MailKite: one event for %s', (recipient, to) => {
  expect(make('mailkite-message', {}, { recipient }).payload['to']).toEqual(to);
});

test('MailKite: a reply belongs to the thread it answers', () => {
  expect(make('mailkite-message', { inReplyTo: '<first@example.org>' }).payload['threadId']).toBe(
    '<first@example.org>',
  );
});

test.each([
  [[['X-Spam-Flag', 'YES']], 'spam'],
  [[['x-spam-flag', 'No']], 'ham'],
  [[['X-Spam-Status', 'Yes, score=7.3 required=5.0']], 'spam'],
  [[['X-Spam-Status', 'No, score=-1.9']], 'ham'],
  [[['X-Spam-Status', 'none']], null],
] as const)('MailKite: %j makes the mail %s', (headers, spam) => {
  expect(make('mailkite-message', { headers }).payload['auth']).toMatchObject({ spam });
});

test('self-hosted MailKite: every field in its order', () => {
  expect(JSON.stringify(make('mailkite-selfhost-message').payload)).toBe(
    JSON.stringify({
      event: 'inbound',
      domain: 'example.org',
      rcpt: 'Support@example.org',
      mailfrom: 'bounces@example.com',
      from: 'Alice Archer <alice@example.com>',
      subject: 'Invoice',
      uid: 396410934,
      receivedAt: '2025-11-04T08:15:02.345Z',
      raw_url: 'https://mailkite.invalid/api/admin/raw?mailbox=INBOX&uid=396410934',
    }),
  );
});

test.each([
  ['a bounce', [['Return-Path', '<>']], ''],
  ['no Return-Path', [], 'alice@example.com'],
] as const)('self-hosted MailKite: the envelope sender of %s', (_name, headers, mailfrom) => {
  expect(make('mailkite-selfhost-message', { headers }).payload['mailfrom']).toBe(mailfrom);
});

test('self-hosted MailKite: one event for one recipient', () => {
  expect(make('mailkite-selfhost-message', {}, { recipient: 'bcc@example.net' }).payload).toMatchObject({
    rcpt: 'bcc@example.net',
    domain: 'example.net',
  });
});

test('self-hosted MailKite: a mail that says nothing gives empty strings', () => {
  expect(make('mailkite-selfhost-message', nothing).payload).toMatchObject({
    domain: '',
    rcpt: '',
    mailfrom: '',
    from: '',
    subject: '',
  });
});

test('Mail-Plus: every field in the documented order', () => {
  expect(JSON.stringify(make('mail-plus-message').payload)).toBe(
    '{"timestamp":"2025-11-04T08:15:02Z",' +
      '"header":{"Return-Path":"<bounces@example.com>","Received":["second hop","first hop"],' +
      '"From":"Alice Archer <alice@example.com>","X-Spam-Score":"0.1","__proto__":"polluted"},' +
      '"body":"text","subject":"Invoice","from":"alice@example.com","to":"Support@example.org, sales@example.org",' +
      '"bcc":"hidden@example.org","spf":"pass","dkim":"fail","spam_score":0.1,"ip_address":"192.0.2.10"}',
  );
});

test('Mail-Plus: a mail that says nothing', () => {
  expect(make('mail-plus-message', nothing).payload).toEqual({
    timestamp: '2025-11-04T08:15:02Z',
    header: {},
    body: '',
    subject: '',
    from: '',
    to: '',
    bcc: '',
    spf: 'none',
    dkim: 'none',
    spam_score: 0,
    ip_address: '',
  });
});

test('Mail-Plus: HTML is the body where there is no text, and a score that is no number is 0', () => {
  const { payload } = make('mail-plus-message', { text: null, headers: [['X-Spam-Score', 'high']] });
  expect(payload).toMatchObject({ body: '<p>html</p>', spam_score: 0 });
});

test.each([
  ['X-Spam-Score', '7.1 (+++++++)', 7.1],
  ['X-Spam-Score', '-0.5/5.0', -0.5],
  ['X-Spam-Status', 'Yes, score=7.1 required=5.0', 7.1],
  ['X-Spam-Status', 'No, hits=-1.9', -1.9],
  ['X-Spam-Score', '0x10', 0],
  ['X-Spam-Score', '1e3', 0],
  ['X-Spam-Score', 'Infinity', 0],
  ['X-Spam-Score', '9'.repeat(400), 0],
  ['X-Spam-Score', ' ', 0],
])('Mail-Plus: %s: %s is %d', (name, value, score) => {
  expect(make('mail-plus-message', { headers: [[name, value]] }).payload['spam_score']).toBe(score);
});

test('Mail-Plus: what a mail may have but once is a text, though it be there twice', () => {
  const headers = [
    ['To', 'a@example.org'],
    ['Subject', 'first'],
    ['to', 'b@example.org'],
    ['subject', 'second'],
    ['X-Mark', '1'],
    ['x-mark', '2'],
  ] as const;
  expect(make('mail-plus-message', { headers }).payload['header']).toEqual({
    To: 'a@example.org, b@example.org',
    Subject: 'first',
    'X-Mark': ['1', '2'],
  });
});
