import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseMail } from '../../src/mail/parse-mail.ts';

/** By what iconv calls the charset: labels as mails write them, and a text. */
const CHARSETS: readonly (readonly [iconv: string, labels: string, text: string])[] = [
  ['CP1252', 'windows-1252 iso-8859-1 latin-1 ISO_8859-1:1987 us-ascii x-cp1252', 'It’s 5 € – Grüße'],
  ['CP1250', 'windows-1250 cp1250', 'Žluťoučký kůň – „ano“'],
  ['ISO-8859-2', 'iso-8859-2 latin2', 'Příliš žluťoučký'],
  ['CP850', 'cp850 ibm850 CP00850', 'Müller ½ Øre'],
  ['CP852', 'ibm852 cp852', 'Łódź'],
  ['CP1251', 'windows-1251 win-1251 cp1251', 'Привет, мир'],
  ['KOI8-R', 'koi8-r', 'Привет'],
  ['KOI8-U', 'koi8-u', 'Їжак'],
  ['MAC-CYRILLIC', 'mac-cyrillic x-mac-cyrillic', 'Привет'],
  ['CP866', 'cp866', 'Привет'],
  ['CP932', 'cp932 x-sjis shift_jis windows-31j', '表示①㈱ ｱｲｳ'],
  ['EUC-JP', 'euc-jp', '漢字 かな'],
  ['ISO-2022-JP', 'iso-2022-jp csISO2022JP', '漢字かな交じり'],
  ['GBK', 'gbk gb2312 gb18030', '中文邮件'],
  ['BIG5', 'big5 cp950', '繁體中文'],
  ['CP949', 'cp949 euc-kr ks_c_5601-1987', '한글 메일'],
  ['ISO-2022-KR', 'iso-2022-kr', '한글'],
  ['UTF-8', 'utf-8 utf8', 'Zoë 漢字 🐘'],
  ['UTF-16LE', 'utf-16le', 'Zoë 漢字'],
  ['UTF-7', 'utf-7', 'Grüße'],
];

const MAILS = CHARSETS.flatMap(([charset, labels, text]) => {
  const { stdout } = spawnSync('iconv', ['-f', 'UTF-8', '-t', charset], { input: text });
  return labels
    .split(' ')
    .flatMap((label) => (['B', 'Q', 'cut', 'raw'] as const).map((form) => [label, form, text, stdout] as const));
});

const hex = (bytes: Buffer, before: string): string =>
  [...bytes].map((byte) => `${before}${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
const word = (label: string, encoding: string, payload: string): string => `=?${label}?${encoding}?${payload}?=`;

function encodeWord(label: string, form: string, bytes: Buffer): string {
  if (form === 'B' || form === 'raw') return word(label, 'B', bytes.toString('base64'));
  if (form === 'Q') return word(label, 'Q', hex(bytes, '='));
  return [bytes.subarray(0, 3), bytes.subarray(3)].map((part) => word(label, 'q', hex(part, '='))).join('\r\n ');
}

test('the corpus is large enough', () => {
  expect(MAILS.length).toBeGreaterThanOrEqual(150);
});

test.each(MAILS)('%s, %s: name, subject, header, text and file name agree', async (label, form, text, bytes) => {
  const words = encodeWord(label, form, bytes);
  const isRaw = form === 'raw' && label !== 'utf-16le';
  const head = [
    `From: ${words} <a@example.com>`,
    `Subject: ${words}`,
    `X-Note: ${words}`,
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    `Content-Type: text/plain; charset="${label}"`,
    `Content-Transfer-Encoding: ${isRaw ? '8bit' : 'base64'}`,
    '',
    '',
  ].join('\r\n');
  const name = form === 'B' ? `filename="${words}"` : `filename*=${label}''${hex(bytes, '%')}`;
  const rest = `\r\n--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; ${name}\r\n\r\na\r\n--b--\r\n`;
  const body = isRaw ? bytes : Buffer.from(bytes.toString('base64'));
  const mail = await parseMail(Buffer.concat([Buffer.from(head), body, Buffer.from(rest)]));
  const note = mail.headers.find(([header]) => header === 'X-Note')?.[1];
  expect([mail.from[0]?.name, mail.subject, note, mail.text, mail.attachments[0]?.filename]).toEqual(
    Array.from({ length: 5 }, () => text),
  );
});
