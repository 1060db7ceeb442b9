import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseMail } from '../../src/mail/parse-mail.ts';
import { AppError } from '../../src/model/error.ts';

const fixture = (file: string): string => fileURLToPath(new URL(`../../fixtures/mail/${file}`, import.meta.url));
const mail = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'));

test('headers keep their order, their repetition and their spelling, and are decoded', async () => {
  const { headers } = await parseMail(await readFile(fixture('encoded-words.eml')));
  expect(headers).toEqual([
    ['Message-ID', '<words-1@example.com>'],
    ['Date', 'Tue, 11 Nov 2025 15:00:00 +0000 (GMT)'],
    ['From', 'Dvořák, Antonín <antonin@example.com>'],
    ['To', 'Zoë (the boss) <zoe@example.org>, "Plain, Name" <plain@example.org>'],
    ['Subject', 'Žluťoučký kůňžlutý and plain'],
    ['X-Campaign', 'jaro – léto'],
    ['X-Odd', '=?x-nobody-knows?Q?stays?='],
    ['MIME-Version', '1.0'],
    ['Content-Type', 'text/plain; charset=ISO-8859-2'],
    ['Content-Transfer-Encoding', 'quoted-printable'],
  ]);
  const chain = await parseMail(await readFile(fixture('received-chain.eml')));
  expect(chain.headers.map(([name]) => name).slice(0, 4)).toEqual([
    'Received',
    'Authentication-Results',
    'Received',
    'Authentication-Results',
  ]);
});

test('a stream gives the same message as the whole file', async () => {
  const path = fixture('attachments.eml');
  expect(await parseMail(createReadStream(path, { highWaterMark: 7 }))).toEqual(await parseMail(await readFile(path)));
});

test('a byte-order mark and empty lines in front are passed over', async () => {
  const { subject, text } = await parseMail(Buffer.from('\uFEFF\r\n\nSubject: here\r\n\r\nbody'));
  expect({ subject, text }).toEqual({ subject: 'here', text: 'body' });
});

test.each([
  ['no bytes', Buffer.alloc(0), 'empty (0 bytes)'],
  ['a binary file', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x3a, 0, 0, 0, 13]), 'binary file'],
  ['UTF-16', Buffer.from('Subject: x\r\n\r\nbody', 'utf16le'), 'binary file'],
  ['prose', Buffer.from('Dear all,\r\n\r\nSubject: not a header any more\r\n'), 'no header line'],
  ['JSON', Buffer.from('{\n  "from": "alice@example.com"\n}\n'), 'no header line'],
  ['line breaks only', Buffer.from('\r\n\r\n\r\n'), 'no header line'],
])('%s cannot be read, and the error says what to give', async (_name, bytes, reason) => {
  const error = await parseMail(bytes).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({
    kind: 'input',
    message: expect.stringContaining(reason),
    hint: expect.stringContaining('.eml'),
  });
});

test('an error of the stream comes out unchanged', async () => {
  const broken = Readable.from(
    (function* () {
      yield mail('Subject: x', '', 'y'.repeat(100_000));
      throw new Error('disk on fire');
    })(),
  );
  await expect(parseMail(broken)).rejects.toThrow(/^disk on fire$/);
});

test('a directory is an error, not a hang', async () => {
  await expect(parseMail(createReadStream(fixture('.')))).rejects.toMatchObject({ code: 'EISDIR' });
});

const nest = (depth: number): string =>
  Array.from({ length: depth }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`).join('');

test.each([
  ['10 000 parts inside each other', nest(10_000)],
  [
    '10 000 parts beside each other',
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(10_000)}`,
  ],
  ['headers of 2 MB', `X-Long: ${'x'.repeat(2_000_000)}\r\n\r\n`],
  ['a To list of 2 MB', `To: ${'anna@example.com, '.repeat(120_000)}\r\n\r\n`],
  ['100 000 headers', `${'A: b\r\n'.repeat(100_000)}\r\n`],
])('%s are refused with a reason', async (_name, text) => {
  await expect(parseMail(Buffer.from(text))).rejects.toMatchObject({
    kind: 'input',
    message: expect.stringContaining('exceeded'),
  });
});

test.each([
  ['900 parts inside each other', `${nest(900)}\r\nbody`],
  ['a header line of 1 MB', `X-Long: ${'x'.repeat(1_000_000)}\r\n\r\nbody`],
  ['50 000 recipients', `To: ${'a@example.com,'.repeat(50_000)}\r\n\r\nbody`],
  ['parentheses never closed', `To: ${'('.repeat(500_000)}\r\nReceived: from ${'(['.repeat(200_000)}\r\n\r\nbody`],
  [
    'encoded words without end',
    `Subject: ${'=?utf-8?q?'.repeat(50_000)}${'=?utf-8?q?a?= '.repeat(30_000)}\r\n\r\nbody`,
  ],
  ['100 000 results', `Authentication-Results: x;${';"";(a)dkim=x'.repeat(60_000)}\r\n\r\nbody`],
])('%s are read to the end', async (_name, text) => {
  expect((await parseMail(Buffer.from(text))).text).toBe('body');
});

test('flowed lines join at the same quote depth only, and never into a signature', async () => {
  const { text } = await parseMail(
    mail(
      'Content-Type: text/plain; format=flowed; delsp=yes',
      '',
      'one ',
      'two',
      '> quo ',
      '> ted ',
      '>> deeper',
      ' >stuffed',
      '-- ',
      'Alice',
    ),
  );
  expect(text).toBe('onetwo\n> quoted\n>> deeper\n>stuffed\n-- \nAlice');
});

test('a text part marked as attachment stays one', async () => {
  const message = await parseMail(
    mail('Content-Type: text/plain', 'Content-Disposition: attachment; filename=a.txt', '', 'a'),
  );
  expect(message.text).toBeNull();
  expect(message.attachments).toMatchObject([{ filename: 'a.txt', contentType: 'text/plain' }]);
});

test('UTF-16 text keeps characters whose bytes look like a line end', async () => {
  const body = Buffer.from('a\r\nb\u0A0D', 'utf16le').toString('base64');
  const message = await parseMail(
    mail('Content-Type: text/plain; charset=utf-16le', 'Content-Transfer-Encoding: base64', '', body),
  );
  expect(message.text).toBe('a\nb\u0A0D');
});

test.each([
  ['Your message of "Mon, 3 Nov"', null],
  ['<>', null],
  ['Your message of "Mon" <first@example.org>', '<first@example.org>'],
  ['first@example.org', 'first@example.org'],
  ['"Bob <bob@example.com>" of Monday', null],
  ['<"a b"@example.org>', '<"a b"@example.org>'],
])('In-Reply-To: %s names %j', async (value, inReplyTo) => {
  expect((await parseMail(mail(`In-Reply-To: ${value}`, '', 'x'))).inReplyTo).toBe(inReplyTo);
});

test.each(['Content-Type:', 'Content-Type: ;charset=utf-8', 'Content-Type: text', 'Content-Type: a/'])(
  'an attachment of %j has a type',
  async (type) => {
    const { attachments } = await parseMail(mail(type, 'Content-Disposition: attachment; filename=a', '', 'x'));
    expect(attachments.map(({ contentType }) => contentType)).toEqual(['application/octet-stream']);
  },
);

test('a part of a digest is a message', async () => {
  const { attachments } = await parseMail(
    mail('Content-Type: multipart/digest; boundary=b', '', '--b', '', 'Subject: inner', '', 'x', '--b--'),
  );
  expect(attachments.map(({ contentType }) => contentType)).toEqual(['message/rfc822']);
});

test.each([
  ['From : alice@example.com first', 'From : alice@example.com\r\nSubject: s\r\n\r\nbody'],
  ['CRCRLF', 'From: alice@example.com\r\r\nSubject: s\r\r\n\r\r\nbody'],
  ['CR', 'From: alice@example.com\rSubject: s\r\rbody'],
])('%s is read', async (_name, text) => {
  const { from, subject, text: body } = await parseMail(Buffer.from(text));
  expect([from, subject, body]).toEqual([[{ address: 'alice@example.com' }], 's', 'body']);
});

// Whoever searches it again from each of its places needs time by the square of its length.
test.each([
  ['of CR', `From: alice@example.com\r\r\nSubject: s\r\r\n\r\r\n${'\r'.repeat(8 * 1024 * 1024)}\nbody`, '\nbody'],
  ['within <', `From: alice@example.com\r\nSubject: s\r\nMessage-ID: <${'a'.repeat(900_000)}\r\n\r\nbody`, 'body'],
])('a mail with a long run %s is read in one pass', async (_, text, expected) => {
  const { subject, text: body } = await parseMail(Buffer.from(text));
  expect([subject, body]).toEqual(['s', expected]);
});

test.each([false, true])('UTF-16 with its mark is read, big endian: %s', async (isBigEndian) => {
  const bytes = Buffer.from('\ufeffSubject: Grüße\r\n\r\nZoë', 'utf16le');
  const { subject, text } = await parseMail(isBigEndian ? bytes.swap16() : bytes);
  expect([subject, text]).toEqual(['Grüße', 'Zoë']);
});

test('a line of the text that only begins like one of an archive ends no mail', async () => {
  const lines = ['', 'From the desk of Tom', 'From a Tue Nov 11 15:00:00 2025', 'it rained', ''].join('\n');
  const { text, notes } = await parseMail(Buffer.from(`From a Tue Nov 11 15:00:00 2025\nSubject: 1\n\none\n${lines}`));
  expect([text, notes]).toEqual([`one\n${lines}`, []]);
});

test.each([
  ['UTF-8', 'text/plain', 'Zo\xc3\xab', 'Zoë'],
  ['windows-1252', 'text/plain', 'Zo\xeb', 'Zoë'],
  ['what the HTML says', 'text/html', '<meta charset=koi8-r>\xf0', '<meta charset=koi8-r>П'],
])('text that is said to be ASCII and holds more is read as %s', async (_, type, bytes, expected) => {
  const { text, html } = await parseMail(
    Buffer.from(`Content-Type: ${type}; charset=us-ascii\r\n\r\n${bytes}`, 'latin1'),
  );
  expect(text ?? html).toBe(expected);
});

test('a byte-order mark in HTML counts for more than what it says of itself', async () => {
  const html = Buffer.from('Content-Type: text/html\r\n\r\n\ufeff<meta charset="windows-1251">é');
  expect((await parseMail(html)).html).toBe('<meta charset="windows-1251">é');
});

test.each([
  ['=?utf-8?Q?=C3?= =?utf8?B?qQ?=', 'é'],
  ['=?win-1251?Q?=CF?= =?cp1251?q?=F0?=', 'Пр'],
])('%s, one charset under two labels, is cut between them', async (words, subject) => {
  expect((await parseMail(mail(`Subject: ${words}`, '', 'x'))).subject).toBe(subject);
});

test.each(['""koi8-r""', '" koi8-r "', "'koi8-r'", 'koi8-r;', 'koi8-r (Russian)', '=koi8-r', '"koi8-r"x'])(
  'charset=%s is koi8-r',
  async (label) => {
    const { text } = await parseMail(Buffer.from(`Content-Type: text/plain; charset=${label}\r\n\r\n\xf0`, 'latin1'));
    expect(text).toBe('П');
  },
);

test.each(['filename=""', 'filename=" "', "filename*=utf-8''%20", 'filename="=?utf-8?q?_?="'])(
  '%s names no file',
  async (name) => {
    const { attachments } = await parseMail(mail(`Content-Disposition: attachment; ${name}`, '', 'x'));
    expect(attachments.map(({ filename }) => filename)).toEqual([null]);
  },
);

test('a name of blanks is none', async () => {
  const { from, to } = await parseMail(
    mail('From: " " <a@example.com>', 'To: =?utf-8?q?=20?= <b@example.org>', '', 'x'),
  );
  expect([from, to]).toEqual([[{ address: 'a@example.com' }], [{ address: 'b@example.org' }]]);
});

test('HTML names its own charset where Content-Type does not', async () => {
  const html = '<meta charset="windows-1251"><p>\xcf\xf0</p>';
  const text = `Content-Type: text/html\r\n\r\n${html}`;
  expect((await parseMail(Buffer.from(text, 'latin1'))).html).toContain('<p>Пр</p>');
});

test.each([
  ['multipart without a boundary', 'Content-Type: multipart/mixed\r\n\r\nx', 'it does not name its boundary'],
  ['a boundary that never comes', 'Content-Type: multipart/mixed; boundary=b\r\n\r\nx', 'its boundary is missing'],
  [
    'a second mail of an archive',
    'From a@b.example Tue Nov 11 15:00:00 2025\nSubject: 1\n\none\n\nFrom c@d.example Tue Nov 11 16:00:00 2025\n\ntwo',
    'more than one mail',
  ],
  [
    'a second mail of a sender with a space',
    'From a Tue Nov 11 15:00:00 2025\nSubject: 1\n\none\n\nFrom "c d"@e.example  Tue Nov 11 16:00:00 2025\n\ntwo',
    'more than one mail',
  ],
  [
    'a second mail without an empty line before it',
    'From a Tue Nov 11 15:00:00 2025\nSubject: 1\n\none\nFrom c@d.example Tue Nov 11 16:00:00 2025\r\nSubject: ' +
      '2\n\ntwo',
    'more than one mail',
  ],
])('%s is said', async (_name, text, note) => {
  expect((await parseMail(Buffer.from(text))).notes.join()).toContain(note);
});
