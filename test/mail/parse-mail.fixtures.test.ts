import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseMail } from '../../src/mail/parse-mail.ts';
import { EXPECTED } from './expected-messages.ts';

const FOLDER = new URL('../../fixtures/mail/', import.meta.url);

test.each(Object.entries(EXPECTED))('%s is read as written down', async (file, expected) => {
  const { headers: _headers, attachments, ...message } = await parseMail(await readFile(new URL(file, FOLDER)));
  const readable = attachments.map(({ filename, contentType, content }) => ({
    filename,
    contentType,
    content: Buffer.from(content).toString('latin1'),
  }));
  expect({ ...message, attachments: readable }).toEqual(expected);
});

test('every mail has an expectation and every expectation a mail', async () => {
  const mails = (await readdir(FOLDER)).filter((file) => file.endsWith('.eml'));
  expect(mails.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
});

test('the README has one line per mail', async () => {
  const readme = await readFile(new URL('README.md', FOLDER), 'utf8');
  expect([...readme.matchAll(/^\| `(.+\.eml)` \| .+ \|$/gm)].map(([, file]) => file)).toEqual(
    Object.keys(EXPECTED).toSorted(),
  );
});
