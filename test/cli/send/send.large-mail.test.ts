import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openReader } from '../../../src/history/reader.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine } from '../../helpers/program.ts';

const SIZE = 25 * 1024 * 1024;

const TELL_PEAK = new URL('../../helpers/tell-peak.js', import.meta.url).href;

const line = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do \r\n';
const head = ['From: a@example.com', 'To: b@example.org', 'Subject: large', 'MIME-Version: 1.0'];
const text = [...head, '', line.repeat(SIZE / line.length)].join('\r\n');
const base64 = `${Buffer.alloc(57, 'x').toString('base64')}\r\n`;
const attached = [
  ...head,
  'Content-Type: multipart/mixed; boundary=x',
  '',
  '--x',
  'Content-Type: text/plain',
  '',
  'see below',
  '--x',
  'Content-Type: application/pdf; name=a.pdf',
  'Content-Transfer-Encoding: base64',
  '',
  base64.repeat(SIZE / base64.length),
  '--x--',
  '',
].join('\r\n');

test.each([
  ['a text, to MailKite', text, ['--vendor', 'mailkite']],
  ['a text, to Mail-Plus', text, ['--vendor', 'mail-plus']],
  ['an attachment with a link', attached, ['--vendor', 'mailkite']],
  ['an attachment in the body', attached, ['--vendor', 'mailkite', '--inline-attachments']],
])('a mail of 25 MiB is sent and recorded in less than 8 times its size: %s', async (_, mail, flags) => {
  const cwd = testFolder();
  const history = join(cwd, 'history.db');
  writeFileSync(join(cwd, 'large.eml'), mail);
  const endpoint = await openEndpoint();
  const args = [
    '--import',
    TELL_PEAK,
    bin('webhook'),
    'send',
    ...flags,
    '--eml',
    'large.eml',
    '--url',
    endpoint.url,
    '--secret-env',
    'S',
    '--history',
    history,
  ];
  const ended = await runCommandLine(process.execPath, args, {
    cwd,
    env: { S: 'whsec_large', PEAK_FILE: join(cwd, 'peak') },
  });
  expect(ended.code, ended.stderr).toBe(0);
  const peakBytes = Number(readFileSync(join(cwd, 'peak'), 'utf8')) * 1024;
  expect(peakBytes / SIZE).toBeLessThan(8);
  const reader = await openReader(history);
  const stored = Buffer.from((await reader.find('last')).body);
  await reader.close();
  expect(stored.toString() === String(endpoint.seen[0]?.body), 'the stored body is the one received').toBe(true);
});
