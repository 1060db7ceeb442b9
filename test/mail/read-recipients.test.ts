import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readRecipients } from '../../src/mail/read-recipients.ts';
import { EXPECTED } from './expected-messages.ts';

const fixture = (file: string): URL => new URL(`../../fixtures/mail/${file}`, import.meta.url);

test.each(Object.entries(EXPECTED))(
  '%s: the To mailboxes, from bytes and from a stream in small pieces',
  async (file, { to }) => {
    expect(await readRecipients(await readFile(fixture(file)))).toEqual(to);
    expect(await readRecipients(createReadStream(fixture(file), { highWaterMark: 7 }))).toEqual(to);
  },
);

test.each([
  ['CRLF', 'To: a@example.com\r\n\r\n'],
  ['LF', 'To: a@example.com\n\n'],
  ['a byte-order mark and empty lines in front', '\uFEFF\r\n\nTo: a@example.com\r\n\r\n'],
])('what comes after the head is not read: %s', async (_name, head) => {
  const asked = { body: false, closed: false };
  const source = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from(head.slice(0, -1));
      yield Buffer.from(`${head.slice(-1)}To: body@example.com\r\n`);
      asked.body = true;
      yield Buffer.from('body');
    } finally {
      asked.closed = true;
    }
  };
  expect(await readRecipients(source())).toEqual([{ address: 'a@example.com' }]);
  expect(asked).toEqual({ body: false, closed: true });
});

test('a stream is closed without having been read to its end', async () => {
  const stream = Readable.from([Buffer.from('To: a@example.com\r\n\r\n'), Buffer.from('body')]);
  await readRecipients(stream);
  expect(stream).toMatchObject({ destroyed: true, readableEnded: false });
});

test('an address that is named twice is one recipient', async () => {
  const mail = Buffer.from('To: A <a@example.com>, b@example.com\r\nTo: A@EXAMPLE.com\r\n\r\nbody');
  expect(await readRecipients(mail)).toEqual([{ address: 'a@example.com', name: 'A' }, { address: 'b@example.com' }]);
});

test('headers without end are refused after 1 MiB', async () => {
  let asked = 0;
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) {
      asked += 1;
      yield Buffer.from(`X-Long: ${'x'.repeat(65_526)}\r\n`);
    }
  };
  await expect(readRecipients(endless())).rejects.toMatchObject({
    kind: 'input',
    message: expect.stringContaining('exceeded'),
  });
  expect(asked).toBe(17);
  await expect(readRecipients(Buffer.alloc(2_000_000, 'X-Long: x\r\n'))).rejects.toMatchObject({ kind: 'input' });
});

test('what is no mail is refused as parseMail refuses it', async () => {
  await expect(readRecipients(Buffer.alloc(0))).rejects.toMatchObject({
    kind: 'input',
    message: expect.stringContaining('empty'),
  });
});
