import type { Mailbox, Message } from '../../src/model/message.ts';

/** A message without headers, its attachments' bytes as Latin-1 text. */
export interface ExpectedMessage extends Omit<Message, 'headers' | 'attachments'> {
  attachments: { filename: string | null; contentType: string; content: string }[];
}

const NOTHING: ExpectedMessage = {
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

const office: Mailbox[] = [{ address: 'office@example.org' }];

function expectMessage(differences: Partial<ExpectedMessage>): ExpectedMessage {
  return { ...NOTHING, ...differences };
}

/** What every mail in fixtures/mail says. A test fails for a file without an entry here, and for the reverse. */
export const EXPECTED: Readonly<Record<string, ExpectedMessage>> = {
  'alternative.eml': expectMessage({
    messageId: '<alternative-1@example.com>',
    from: [{ address: 'bob@example.com', name: 'Bob B. Baker' }],
    to: [{ address: 'support@example.org', name: 'Support' }],
    subject: 'Text and HTML',
    text: 'Grüße aus Köln, ein langer Satz. https://example.com/a',
    html: '<p>Grüße aus <b>Köln</b></p>',
  }),
  'attachments.eml': expectMessage({
    messageId: '<attachments-1@example.com>',
    from: [{ address: 'carol@example.com' }],
    to: office,
    subject: 'Four files',
    text: 'See attached.',
    attachments: [
      { filename: 'order 1042.pdf', contentType: 'application/pdf', content: '%PDF-1.4 order' },
      { filename: 'Přehled za říjen.csv', contentType: 'text/csv', content: 'a;b\r\n1;2' },
      { filename: 'Menü.zip', contentType: 'application/octet-stream', content: 'PK-zip' },
      { filename: null, contentType: 'image/gif', content: 'GIF89a' },
    ],
  }),
  'bounce.eml': expectMessage({
    messageId: '<bounce-1@example.net>',
    inReplyTo: '<sent-1@example.org>',
    from: [{ address: '', name: 'MAILER-DAEMON' }],
    to: [{ address: 'sender@example.org' }],
    subject: 'Undelivered Mail Returned to Sender',
    text: 'Your mail could not be delivered.',
    senderIp: '198.51.100.25',
    attachments: [
      {
        filename: null,
        contentType: 'message/delivery-status',
        content:
          'Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; gone@example.net\r\n' +
          'Action: failed\r\nStatus: 5.1.1',
      },
      {
        filename: null,
        contentType: 'message/rfc822',
        content: 'Message-ID: <sent-1@example.org>\r\nSubject: Hello\r\n\r\nHello',
      },
    ],
  }),
  'broken-mime.eml': expectMessage({
    messageId: '<broken-1@example.com>',
    from: [{ address: 'otto@example.com' }],
    to: office,
    subject: '=?utf-8?Q?Never closed',
    text: '100% =ZZ wrong',
    attachments: [{ filename: 'cut.pdf', contentType: 'application/pdf', content: '%PDF cut ' }],
  }),
  'encoded-words.eml': expectMessage({
    messageId: '<words-1@example.com>',
    from: [{ address: 'antonin@example.com', name: 'Dvořák, Antonín' }],
    to: [
      { address: 'zoe@example.org', name: 'Zoë' },
      { address: 'plain@example.org', name: 'Plain, Name' },
    ],
    subject: 'Žluťoučký kůňžlutý and plain',
    text: 'žluťoučký\n',
  }),
  'forwarded.eml': expectMessage({
    messageId: '<forward-1@example.com>',
    from: [{ address: 'erik@example.com', name: 'Erik' }],
    to: office,
    subject: 'Fwd: Original',
    text: 'See the message below.',
    attachments: [
      {
        filename: null,
        contentType: 'message/rfc822',
        content: [
          'Message-ID: <original-1@example.net>',
          'From: Frida <frida@example.net>',
          'To: erik@example.com',
          'Subject: Original',
          'MIME-Version: 1.0',
          'Content-Type: multipart/mixed; boundary=inner',
          '',
          '--inner',
          'Content-Type: text/plain',
          '',
          'The original text.',
          '--inner',
          'Content-Type: application/pdf',
          'Content-Disposition: attachment; filename=inner.pdf',
          'Content-Transfer-Encoding: base64',
          '',
          'JVBERiBpbm5lcg==',
          '--inner--',
        ].join('\r\n'),
      },
    ],
  }),
  'groups.eml': expectMessage({
    messageId: '<groups-1@example.com>',
    from: [{ address: 'greta@example.com', name: 'Greta' }],
    to: [
      { address: 'heide@example.org', name: 'Heide, H.' },
      { address: 'ivo@example.org' },
      { address: 'jana@example.org', name: 'Jana' },
      { address: 'second-header@example.org' },
    ],
    bcc: [{ address: 'hidden@example.org' }, { address: 'hidden2@example.org', name: 'Hidden Two' }],
    subject: '',
    text: 'To a group.\n',
  }),
  'html-only.eml': expectMessage({
    messageId: '<html-1@example.net>',
    from: [{ address: 'news@example.net' }],
    to: [{ address: 'reader@example.org' }],
    subject: 'Newsletter',
    html: '<html><body><h1>News</h1><a href="https://example.net/x">read</a></body></html>\n',
  }),
  'inline-image.eml': expectMessage({
    messageId: '<inline-1@example.com>',
    from: [{ address: 'dora@example.com', name: 'Dora' }],
    to: office,
    subject: 'A picture',
    text: 'A picture below.',
    html: '<p>A picture: <img src="cid:logo@example.com"></p>',
    attachments: [{ filename: null, contentType: 'image/png', content: '\u0089PNG-inline' }],
  }),
  'iso-8859-1.eml': expectMessage({
    messageId: '<latin1-1@example.com>',
    from: [{ address: 'joerg@example.com', name: 'Jörg Müller' }],
    to: office,
    subject: 'Straße und Café',
    text: 'Déjà vu: © 2025\n',
  }),
  'lf-mbox.eml': expectMessage({
    messageId: 'lf-1@example.com',
    from: [{ address: 'nina@example.com' }],
    to: office,
    subject: 'From a mailbox file, folded',
    text: 'Unix line ends.\n',
    senderIp: '192.0.2.200',
  }),
  'missing-headers.eml': expectMessage({ text: 'The nightly job failed.\n' }),
  'mixed-text.eml': expectMessage({
    messageId: '<mixed-1@example.com>',
    from: [{ address: 'mona@example.com' }],
    to: [{ address: 'list@example.org' }],
    subject: 'Text, HTML and a footer',
    text: 'First text.\nA list footer.',
    html: '<p>Then HTML.</p>\n<p>More HTML.</p>',
  }),
  'plain.eml': expectMessage({
    messageId: '<plain-1@example.com>',
    from: [{ address: 'alice@example.com', name: 'Alice Archer' }],
    to: [{ address: 'support@example.org' }],
    subject: 'Invoice 1042',
    text: 'Looks good, approved!\n',
    auth: { spf: 'pass', dkim: 'pass', dmarc: 'pass' },
    senderIp: '192.0.2.10',
  }),
  'received-chain.eml': expectMessage({
    messageId: '<chain-1@example.com>',
    from: [{ address: 'karl@example.com' }],
    to: office,
    subject: 'Over two servers',
    text: 'Hop, hop.\n',
    auth: { spf: 'softfail', dkim: 'pass', dmarc: 'none' },
    senderIp: '2001:db8::25',
  }),
  'reply.eml': expectMessage({
    messageId: '<reply-2@example.com>',
    inReplyTo: '<first-1@example.org>',
    from: [{ address: 'lena@example.com', name: 'Lena L.' }],
    to: [{ address: 'support@example.org' }],
    subject: 'Re: First',
    text: 'A flowed line that goes on.\n> quoted\n',
    senderIp: '203.0.113.7',
  }),
  'spam.eml': expectMessage({
    messageId: '<spam-1@example.net>',
    from: [{ address: 'prize@example.net', name: 'Prize; Office' }],
    to: [{ address: 'reader@example.org' }],
    subject: 'You won',
    text: 'Click now.\n',
    auth: { spf: 'fail', dkim: 'none', dmarc: 'fail' },
    senderIp: '2001:db8:208::15',
  }),
};
