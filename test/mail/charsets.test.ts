import { TextDecoder } from '@exodus/bytes/encoding.js';
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { findCharset, guessCharset } from '../../src/mail/charsets.ts';

const decode = (label: string, bytes: Buffer): string | undefined => findCharset(label)?.decode(bytes);

/** The labels of the Encoding standard (https://encoding.spec.whatwg.org/#names-and-labels), in no order. */
const SINGLE_BYTE = `
  866 cp866 csibm866 ibm866 csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2
  csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3 csisolatin4 iso-8859-4
  iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4 csisolatincyrillic cyrillic iso-8859-5 iso-ir-144
  iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988 arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114
  iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987 csisolatingreek ecma-118
  elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek csiso88598e
  csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual
  csiso88598i iso-8859-8-i logical csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6 iso-8859-13
  iso8859-13 iso885913 iso-8859-14 iso8859-14 iso885914 csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9
  iso-8859-16 cskoi8r koi koi8 koi8-r koi8_r koi8-ru koi8-u csmacintosh mac macintosh x-mac-roman dos-874 iso-8859-11
  iso8859-11 iso885911 tis-620 windows-874 cp1250 windows-1250 x-cp1250 cp1251 windows-1251 x-cp1251 ansi_x3.4-1968 ascii
  cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii
  windows-1252 x-cp1252 cp1253 windows-1253 x-cp1253 cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599
  iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254 cp1255 windows-1255 x-cp1255 cp1256 windows-1256 x-cp1256
  cp1257 windows-1257 x-cp1257 cp1258 windows-1258 x-cp1258 x-mac-cyrillic x-mac-ukrainian`
  .trim()
  .split(/\s+/);

test.each(SINGLE_BYTE)('%s: every byte as the Encoding standard has it', (label) => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  expect(decode(label, bytes)).toBe(new TextDecoder(label).decode(bytes));
});

/** Every pair of bytes from `first` on, a line each. */
function listPairs(first: number): Buffer {
  const all = Array.from({ length: 0xff - first }, (_, i) => first + i);
  return Buffer.from(all.flatMap((lead) => all.flatMap((trail) => [lead, trail, 0x0a])));
}

const MULTI_BYTE: readonly (readonly [labels: string, isKnownDifference: (standard: string) => boolean])[] = [
  // The standard has moved 18 characters of private use to where Unicode has them since.
  [
    'gbk chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk gb18030',
    (text) => /[\ufe10-\ufe19\u9fb4-\u9fbb]/.test(text),
  ],
  ['big5 big5-hkscs cn-big5 csbig5 x-x-big5', () => false],
  ['euc-jp cseucpkdfmtjapanese x-euc-jp', () => false],
  // Users' own characters: iconv-lite lacks their last row.
  ['shift_jis csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis', (text) => /[\ue69d-\ue757]/.test(text)],
  [
    'euc-kr cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949',
    () => false,
  ],
];

test.each(MULTI_BYTE.flatMap(([labels, known]) => labels.split(' ').map((label) => [label, known] as const)))(
  '%s: every pair of bytes as the Encoding standard has it',
  (label, isKnownDifference) => {
    const pairs = listPairs(0x40);
    const [ours, standard] = [decode(label, pairs) ?? '', new TextDecoder(label).decode(pairs)].map((text) =>
      text.split('\n'),
    );
    const wrong = standard?.flatMap((text, at) =>
      text.includes('\ufffd') || text === ours?.[at] || isKnownDifference(text) ? [] : [`${text} ${ours?.[at]}`],
    );
    expect(wrong).toEqual([]);
  },
);

test.each(['unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'utf-8', 'utf8', 'x-unicode20utf8'])(
  '%s',
  (label) => {
    const bytes = Buffer.from('\ufeffZoë 漢字 🐘 and \xff', 'utf8');
    const broken = Buffer.concat([bytes, Buffer.from([0xc3, 0x28, 0xf0, 0x9f])]);
    expect(decode(label, broken)).toBe(new TextDecoder('utf-8').decode(broken));
  },
);

test.each([
  ['utf-16be', 'unicodefffe utf-16be ucs-2be'],
  ['utf-16le', 'csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le'],
])('%s: %s', (name, labels) => {
  const text = 'Zoë said: 漢字 🐘';
  const little = Buffer.from(text, 'utf16le');
  const bytes = name === 'utf-16be' ? little.swap16() : little;
  for (const label of labels.split(' ')) expect([label, decode(label, bytes)]).toEqual([label, text]);
});

test('utf-16 obeys its byte-order mark', () => {
  const little = Buffer.from('\ufeffabc', 'utf16le');
  expect([decode('utf-16', little), decode('utf-16', Buffer.from(little).swap16())]).toEqual(['abc', 'abc']);
});

test('half a surrogate pair is no text', () => {
  expect(decode('utf-16le', Buffer.from('a\ud83d', 'utf16le'))).toBe('a\ufffd');
});

/** What iconv(1) makes of each byte, by its own name for the charset, which the label is here. */
function askIconv(charset: string): Map<number, string> {
  const bytes = Array.from({ length: 128 }, (_, i) => 0x80 + i);
  const input = Buffer.concat(bytes.map((byte) => Buffer.from([...Buffer.from(`${byte}:`), byte, 0x0a])));
  const { stdout } = spawnSync('iconv', ['-c', '-f', charset, '-t', 'UTF-8'], { input });
  return new Map(
    stdout
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(':') as [string, string])
      .map(([byte, text]) => [Number(byte), text]),
  );
}

/** Bytes that glibc's tables have otherwise, or for their controls. */
const ICONV_DIFFERS: Readonly<Record<string, readonly number[]>> = {
  // The glyphs of letters in one position: glibc takes another.
  IBM1046: [0x83, 0x84, 0x85, 0x86, 0xa1, 0xa2, 0xa3, 0xa5, 0xd8, 0xf6],
  IBM1133: [0xdf, 0xff],
  // The Encoding standard has the euro there.
  'MAC-CYRILLIC': [0xff],
  'MAC-UK': [0xff],
  // glibc has the table of before the euro, and other signs.
  'MAC-IS': [0xa0, 0xbd, 0xc6, 0xd0, 0xd1, 0xd7, 0xdc, 0xdd, 0xe0, 0xf0],
};

test.each(
  (
    'CP437 CP737 CP775 CP850 CP852 IBM852 CP855 CP857 CP858 CP860 CP861 CP862 CP863 CP864 CP865 CP866 CP869 CP1125 ' +
    'IBM1046 IBM1124 IBM1129 IBM1133 IBM1161 IBM1163 KOI8-T ARMSCII-8 RK1048 PT154 VISCII TCVN MAC-CYRILLIC MAC-UK ' +
    'MAC-CENTRALEUROPE MAC-IS HP-ROMAN8 GEORGIAN-PS GEORGIAN-ACADEMY ISO-8859-2 ISO-8859-15 LATIN-9 CP1250 IBM850'
  ).split(' '),
)('%s: every byte as iconv has it', (charset) => {
  const wrong = [...askIconv(charset)]
    .filter(([byte, text]) => text !== '' && decode(charset, Buffer.from([byte])) !== text)
    .map(([byte]) => byte);
  expect(wrong).toEqual(ICONV_DIFFERS[charset] ?? []);
});

test.each([
  ['latin-1', 'iso-8859-1'],
  ['Latin1', 'iso-8859-1'],
  [' "ISO-8859-1" ', 'iso-8859-1'],
  ['win-1251', 'windows-1251'],
  ['windows1251', 'windows-1251'],
  ['WIN1252', 'windows-1252'],
  ['csWindows1250', 'windows-1250'],
  ['x-windows-949', 'euc-kr'],
  ['cp932', 'shift_jis'],
  ['IBM-866', 'ibm866'],
  ['dos-866', 'ibm866'],
  ['CP00866', 'ibm866'],
  ['x-iso-8859-5', 'iso-8859-5'],
  ['ANSI_X3.4-1986', 'us-ascii'],
  ['mac-cyrillic', 'x-mac-cyrillic'],
  ['UTF8', 'utf-8'],
  ['cp65001', 'utf-8'],
])('%s is %s', (label, standard) => {
  const bytes = Buffer.from([0x41, 0xc1, 0xe9, 0xd5, 0xf2, 0x20]);
  expect(decode(label, bytes)).toBe(new TextDecoder(standard).decode(bytes));
});

test.each([
  'x-unknown',
  'unknown-8bit',
  '',
  '8bit',
  'base64',
  'hex',
  'binary',
  'constructor',
  '__proto__',
  'utf-7-imap',
])('%j names no charset', (label) => {
  expect(findCharset(label)).toBeNull();
});

const ESC = '\x1b';

test.each([
  ['words that each begin anew', `${ESC}$B$3${ESC}(B${ESC}$B$s${ESC}(B`, 'こん'],
  ['no end', `${ESC}$B$3$s`, 'こん'],
  ['a line end amid', `${ESC}$B$3\n$s${ESC}(B.`, 'こ\nん.'],
  ['half a character', `${ESC}$B$3$`, 'こ\ufffd'],
  ['katakana of half the width', `${ESC}(I1234${ESC}(B`, 'ｱｲｳｴ'],
  ['what NEC added', `${ESC}$B-!-j${ESC}(B`, '①㈱'],
  ['the second table', `${ESC}$(D0!${ESC}(B`, '丂'],
  ['the Roman set', `${ESC}(Ja${ESC}(B`, 'a'],
  ['bytes of 8 bits', `a\xb1b`, 'a\ufffdb'],
  ['Korean', `${ESC}$)C\x0eGQ1[\x0f ok`, '한글 ok'],
  ['Chinese', `${ESC}$)A\x0eVPND\x0f`, '中文'],
])('ISO 2022, %s', (_name, bytes, text) => {
  expect(decode('iso-2022-jp', Buffer.from(bytes, 'latin1'))).toBe(text);
});

test('ISO-2022-JP: every character as the Encoding standard has it', () => {
  const codes = Array.from({ length: 0x7e - 0x20 }, (_, i) => String.fromCharCode(0x21 + i));
  const lines = codes.flatMap((lead) => codes.map((trail) => `${ESC}$B${lead}${trail}${ESC}(B`));
  const bytes = Buffer.from(lines.join('\n'), 'latin1');
  const ours = decode('csISO2022JP', bytes)?.split('\n');
  const standard = new TextDecoder('iso-2022-jp').decode(bytes).split('\n');
  const wrong = standard.filter((text, at) => !text.includes('\ufffd') && ours?.[at] !== text);
  expect(wrong).toEqual([]);
});

test.each([
  'UTF-7',
  'UTF-32',
  'UTF-32BE',
  'UCS-2LE',
  'ISO-2022-JP-2',
  'ISO-2022-KR',
  'CP949',
  'CP932',
  'CP950',
  'CP936',
  'EUC-KR',
])('%s: what iconv writes is read', (charset) => {
  const text = /KR|949/.test(charset) ? '한글 abc' : /95|36/.test(charset) ? '中文 abc' : '漢字 かな abc';
  const { stdout } = spawnSync('iconv', ['-f', 'UTF-8', '-t', charset], { input: text });
  expect(decode(charset, stdout)).toBe(text);
});

test('HZ', () => {
  expect(decode('hz-gb-2312', Buffer.from('a~{VPND~}b~~c'))).toBe('a中文b~c');
});

test.each([
  ['UTF-8', Buffer.from('Zoë Müller'), 'Zoë Müller'],
  ['UTF-8 that was cut', Buffer.from('Zoë Müller').subarray(0, 7), 'Zoë M\ufffd'],
  ['UTF-8 with a broken byte', Buffer.concat([Buffer.from('Zoë Müll'), Buffer.from([0xff])]), 'Zoë Müll\ufffd'],
  ['Latin-1', Buffer.from('Zoë Müller', 'latin1'), 'Zoë Müller'],
  ['the quotes of Outlook', Buffer.from('It\x92s \x80', 'latin1'), 'It’s €'],
  ['Japanese in 7 bits', Buffer.from(`${ESC}$B$3$s${ESC}(B`), 'こん'],
  ['ASCII', Buffer.from('plain'), 'plain'],
])('bytes that name no charset: %s', (_name, bytes, text) => {
  expect(guessCharset(bytes).decode(bytes)).toBe(text);
});
