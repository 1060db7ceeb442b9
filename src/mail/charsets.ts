import iconv from 'iconv-lite';
import { isUtf8 } from 'node:buffer';

/**
 * The labels that iconv-lite does not know, or reads otherwise than the Encoding standard and mail programs do: their
 * ISO-8859-1 is windows-1252, their GB 2312 is GBK. Letters and digits alone, behind iconv-lite's name for the charset.
 */
const LABELS: Readonly<Record<string, string>> = {
  utf8: 'unicode20utf8 xunicode20utf8 unicode11utf8 cp65001 windows65001 utf8mb4',
  utf16be: 'unicodefffe ucs2be',
  utf16le: 'csunicode iso10646ucs2 unicode unicodefeff ucs2le',
  utf7: 'cp65000',
  windows1252: 'iso88591 cp819 ibm819 csisolatin1 isolatin1 isoir100 latin1 l1 cp28591 ansi',
  windows1254: 'iso88599 csisolatin5 isoir148 latin5 l5 turkish turkish8 cp28599',
  windows874: 'iso885911 tis620 tis6200 tis62025291 tis62025330 isoir166 dos874 thai thai8 cp28601',
  iso88596: 'csiso88596e csiso88596i iso88596e iso88596i',
  iso88597: 'suneugreek',
  iso88598: 'iso88598e iso88598i csiso88598e csiso88598i logical visual',
  iso885915: 'csisolatin9',
  koi8r: 'koi koi8',
  koi8ru: 'koi8u cskoi8u cp21866 ibm1168',
  macintosh: 'xmacroman macroman mac csmacintosh cp10000',
  maccenteuro: 'xmacce macce maccentraleurope maccentraleuropean xmaccentraleurroman cp10029',
  macukraine: 'maccyrillic xmaccyrillic xmacukrainian macuk cp10007 cp10017',
  maciceland: 'macicelandic xmacicelandic macis cp10079',
  macgreek: 'cp10006',
  macturkish: 'cp10081',
  gbk: 'gb2312 csgb2312 csiso58gb231280 gb23121980 gb231280 eucgb2312cn euccn cp1386',
  eucjp: 'cseucpkdfmtjapanese ujis eucjpms cp51932 cp20932',
  shiftjis: 'cp943 ibm943',
  euckr: 'uhc cp51949',
};

const BY_LABEL = new Map(
  Object.entries(LABELS).flatMap(([name, labels]) => labels.split(' ').map((label) => [label, name] as const)),
);

/** ASCII in its spellings: what says so and holds more says nothing. */
const ASCII_LABELS = new Set(
  'ascii usascii csascii ansix341968 ansix341986 iso646us iso646irv isoir6 us cp367 ibm367'.split(' '),
);

/** What iconv-lite knows as well and what is no charset of a text. */
const NO_CHARSETS = new Set(['binary', 'base64', 'hex', 'utf7imap']);

/** How to read the bytes of one charset. */
export interface Charset {
  /** The same for all labels of it. */
  name: string;
  /** Without a byte-order mark; what is broken becomes U+FFFD. */
  decode: (bytes: Buffer) => string;
  /** Whether every character takes two bytes or four, line ends too. */
  isWide: boolean;
}

/** The charset of a label in any of its spellings (`latin-1`, `x-cp1252`, csISOLatin1); null when it names none. */
export function findCharset(label: string): Charset | null {
  const key = keyOf(label);
  if (/^(?:x|cs)?(?:iso2022|jis7?$|cp5022)/.test(key)) return ISO_2022;
  if (/^(?:x|cs)?hz/.test(key)) return HZ;
  if (ASCII_LABELS.has(key)) return ASCII;
  const name = findName(key);
  return name === null ? null : makeCharset(name);
}

function makeCharset(name: string): Charset {
  return { name, decode: (bytes) => decodeNamed(bytes, name), isWide: /^(?:utf|ucs)(?:16|32|2|4)/.test(name) };
}

const UTF_8 = makeCharset('utf8');
const WINDOWS_1252 = makeCharset('windows1252');
const ISO_2022: Charset = { name: 'iso2022', decode: decodeIso2022, isWide: false };
const ASCII: Charset = { name: 'ascii', decode: (bytes) => guessCharset(bytes).decode(bytes), isWide: false };
const HZ: Charset = { name: 'hz', decode: decodeHz, isWide: false };

/** Whether a text would be told apart by its looks all the same. */
export const saysNothing = (charset: Charset): boolean => charset === ASCII;

/** As iconv-lite compares them: `ISO_8859-1:1987` is `iso88591`. */
function keyOf(label: string): string {
  return label.toLowerCase().replace(/:\d{4}$|[^0-9a-z]/g, '');
}

/** iconv-lite's name; prefixes of a label are tried last: `x-cp1251`, csWindows1251, IBM00858, dos850. */
function findName(key: string): string | null {
  const spellings = [
    key,
    key.replace(/^(?:x|cs)/, ''),
    key.replace(/^(?:ccsid|ibm|cp|msdos|dos|oem|codepage)0*/, 'cp'),
  ];
  for (const spelling of spellings) {
    const name = BY_LABEL.get(spelling) ?? spelling.replace(/^(?:cp|win)(?=125\d$|874$)/, 'windows');
    if (!NO_CHARSETS.has(name) && iconv.encodingExists(name)) return name;
  }
  return null;
}

function decodeNamed(bytes: Buffer, name: string): string {
  // Buffer makes strings of half the size from it, which counts at 25 MiB.
  if (name === 'utf8') return withoutMark(bytes).toString('utf8');
  const text = iconv.decode(bytes, name);
  // A surrogate without its other half is no text, and no JSON that every receiver reads.
  if (name.startsWith('utf')) return Buffer.from(text, 'utf8').toString('utf8');
  if (WINDOWS.test(name)) return keepControls(text, bytes);
  if (name === 'macukraine') return text.replaceAll('\u00a4', '\u20ac');
  return name === 'macintosh' ? text.replace(/[\u2126\u00a4\ufffd]/g, (old) => MAC_SINCE_1998[old] ?? old) : text;
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

const WINDOWS = /^windows(?:125\d|874)$/;

/** iconv-lite has the table of before the euro. */
const MAC_SINCE_1998: Readonly<Record<string, string>> = { '\u2126': '\u03a9', '\u00a4': '\u20ac', '\ufffd': '\uf8ff' };

/** What Microsoft left free between 0x80 and 0x9F is a control character in the Encoding standard, and no error. */
function keepControls(text: string, bytes: Buffer): string {
  return text.replace(/\ufffd/g, (broken, at: number) => {
    const byte = bytes[at] ?? 0;
    return byte < 0xa0 ? String.fromCharCode(byte) : broken;
  });
}

/** What an escape sequence of ISO 2022 switches to, by what follows ESC, as the 8-bit charset with the same table. */
const SETS: Readonly<Record<string, { charset: string; before?: number }>> = {
  '$@': { charset: 'eucjp' },
  $B: { charset: 'eucjp' },
  '$(@': { charset: 'eucjp' },
  '$(B': { charset: 'eucjp' },
  '$(D': { charset: 'eucjp', before: 0x8f },
  '(I': { charset: 'shiftjis' },
  $A: { charset: 'gbk' },
  '$(A': { charset: 'gbk' },
  '$)A': { charset: 'gbk' },
  '$(C': { charset: 'euckr' },
  '$)C': { charset: 'euckr' },
};

/** An escape sequence, a shift, or what stands between them. */
const ISO_2022_RUNS = new RegExp(String.raw`\x1b(\$[()][@-Z]|[$(][@-Z])|[\x0e\x0f]|[^\x1b\x0e\x0f]+|\x1b`, 'g');

/**
 * ISO-2022-JP, -KR and -CN: the escape sequences themselves tell which is meant. encoding-japanese, which mailparser
 * asks for the first, writes `?` for what it does not know and loses its place at a line end. A set holds until the
 * next sequence, over line ends and over encoded words that were cut apart.
 */
function decodeIso2022(bytes: Buffer): string {
  let set: string | undefined;
  let shifted: string | undefined;
  let isShifted = false;
  return bytes.toString('latin1').replace(ISO_2022_RUNS, (run, escape: string | undefined) => {
    if (escape?.startsWith('$)')) shifted = escape;
    else if (escape !== undefined) set = escape;
    else if (run === '\x0e' || run === '\x0f') isShifted = run === '\x0e';
    else return decodeRun(run, isShifted ? shifted : set);
    return '';
  });
}

/** Chinese in 7 bits (RFC 1843): between `~{` and `~}`, and `~~` is a tilde. */
function decodeHz(bytes: Buffer): string {
  let isChinese = false;
  return bytes.toString('latin1').replace(/~([{}~]|\r?\n)|[^~]+|~/g, (run, escape: string | undefined) => {
    if (escape === undefined) return decodeRun(run, isChinese ? '$A' : undefined);
    if (escape === '{' || escape === '}') isChinese = escape === '{';
    return escape === '~' ? '~' : '';
  });
}

/** Characters of one set, binary; controls and spaces among them stand for themselves. */
function decodeRun(run: string, escape: string | undefined): string {
  const set = SETS[escape ?? ''];
  if (set === undefined) return iconv.decode(Buffer.from(run, 'latin1'), 'ascii');
  return run.replace(/[!-\xff]+/g, (codes) => {
    const bytes = [...Buffer.from(codes, 'latin1')].map((code) => code | 0x80);
    const { before } = set;
    const whole = before === undefined ? bytes : bytes.flatMap((byte, i) => (i % 2 === 0 ? [before, byte] : [byte]));
    return iconv.decode(Buffer.from(whole), set.charset);
  });
}

/** What old Japanese mails, which name no charset, switch to it with. */
const JAPANESE = ['$@', '$B', '$(D'].map((escape) => `\x1b${escape}`);

/**
 * The charset of bytes that name none, or one that nobody knows: UTF-8 (RFC 6532) also where a byte of it is broken or
 * cut off; Japanese where its escape sequences stand; else windows-1252, as mail programs take it.
 */
export function guessCharset(bytes: Buffer): Charset {
  if (JAPANESE.some((escape) => bytes.includes(escape))) return ISO_2022;
  return isUtf8(bytes) || isMostlyUtf8(bytes.toString('utf8')) ? UTF_8 : WINDOWS_1252;
}

function isMostlyUtf8(text: string): boolean {
  const count = (kind: RegExp): number => text.match(kind)?.length ?? 0;
  const whole = count(/[^\0-\x7f\ufffd]/gu);
  return whole > 0 && whole >= count(/\ufffd/g);
}
