/** One block of a PEM text, as OpenSSL reads it. */
export interface PemBlock {
  /** `CERTIFICATE`, `RSA PRIVATE KEY` … */
  label: string;
  /** From its BEGIN line to the end of its END line. */
  text: string;
  /** Without the headers of an old encrypted key (RFC 1421). */
  base64: string;
}

/** Why OpenSSL stops reading, at the first thing that it refuses. */
export interface PemFault {
  kind: 'cut' | 'shared-line' | 'other-end' | 'mark' | 'base64' | 'headers';
  /** Of the block that it ends. */
  label: string;
  /** Which block, from 1. */
  number: number;
  /** Which line of the text, from 1. */
  line: number;
}

export interface PemText {
  /** Those before the fault, if there is one. */
  blocks: readonly PemBlock[];
  fault: PemFault | null;
  /** The first line that looks like the beginning of a block and is none, from 1: OpenSSL passes it over. */
  missedAt: number | null;
}

/** OpenSSL reads a certificate under these labels. */
export const isCertificate = ({ label }: Pick<PemBlock, 'label'>): boolean =>
  /^(?:TRUSTED |X509 )?CERTIFICATE$/.test(label);

/** A private key that needs a passphrase: RFC 5958 §3, or the headers of RFC 1421. */
export const isEncryptedKey = ({ label, text }: PemBlock): boolean =>
  label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: *4, *ENCRYPTED/m.test(text);

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
/** A mark somewhere in a line, whatever its dashes. Bounded, or a line of dashes alone would take for ever. */
const ANY_MARK = /-\s{0,4}(?:BEGIN|END) [A-Z0-9 #]{1,64}-/i;
const ANY_BEGIN = /-\s{0,4}BEGIN [A-Z0-9 #]{1,64}-/i;
/** A regular expression for what looks like a hyphen or dash, in UTF-8 or as Windows writes it, a character a byte. */
export const ANY_HYPHEN = String.raw`(?:-|\u00e2\u0080[\u0090-\u0095]|\u00e2\u0088\u0092|[\u0096\u0097])`;
/**
 * A line that is a mark but for what stands around it: OpenSSL passes over the certificate that it begins, without a
 * word.
 */
const SPOILT_BEGIN = new RegExp(
  String.raw`^(?:[\s>]|\u00ef\u00bb\u00bf){0,40}${ANY_HYPHEN}{1,20} ?BEGIN ` +
    `((?:[A-Z0-9]{1,20} ){0,3}(?:CERTIFICATE|PRIVATE KEY)) ?${ANY_HYPHEN}{1,20}$`,
);
/** RFC 1421 §4.6: OpenSSL takes lines of at most 64 characters after a header, and a shorter one as the last. */
const MAX_LINE_AFTER_HEADER = 64;

/**
 * Reads a text (one character for each byte) by the rules of OpenSSL's PEM_read_bio, of which curl, nginx and Node make
 * use, and is nowhere laxer: a mark has a line of its own and stands at its beginning, the two of a block name the
 * same, and between them is base64. Other text before, between and after is passed over. One pass: a search for each
 * block's end would take for ever on a file of beginnings alone.
 * @see https://github.com/openssl/openssl/blob/openssl-3.0/crypto/pem/pem_lib.c get_name, get_header_and_data
 */
export function readPem(text: string, maxBlocks = Number.POSITIVE_INFINITY): PemText {
  const lines = text.replace(/^\u00ef\u00bb\u00bf/, '').split('\n');
  const blocks: PemBlock[] = [];
  let missedAt: number | null = null;
  let spoilt: PemFault | null = null;
  for (let at = 0; at < lines.length && blocks.length < maxBlocks; at += 1) {
    const line = trimEnd(lines[at] ?? '');
    if (isBegin(line)) {
      const label = line.slice(BEGIN.length, -DASHES.length);
      const read = readBlock(lines, at, label);
      if ('kind' in read) {
        const { kind, index } = read;
        const fault = { kind, label: cleanLabel(label), number: blocks.length + 1, line: index + 1 };
        return { blocks, fault, missedAt };
      }
      blocks.push({ label, text: read.text, base64: read.base64 });
      at = read.endsAt;
    } else if (missedAt === null && ANY_BEGIN.test(line)) missedAt = at + 1;
    spoilt ??= spoiltMark(line, at, blocks.length);
  }
  // Without any block there is nothing that could be taken for the whole.
  return { blocks, fault: blocks.length === 0 ? null : spoilt, missedAt };
}

function spoiltMark(line: string, index: number, before: number): PemFault | null {
  const label = SPOILT_BEGIN.exec(line)?.[1];
  return label === undefined || isBegin(line) ? null : { kind: 'mark', label, number: before + 1, line: index + 1 };
}

const isBegin = (line: string): boolean =>
  line.startsWith(BEGIN) && line.length >= BEGIN.length + DASHES.length && line.endsWith(DASHES);

interface LineFault {
  kind: PemFault['kind'];
  /** Of the line. */
  index: number;
}

interface ReadBlock {
  text: string;
  base64: string;
  /** Index of its END line. */
  endsAt: number;
}

/** The block whose BEGIN line is number `first` of the lines, from 0. */
function readBlock(lines: readonly string[], first: number, label: string): ReadBlock | LineFault {
  // A second mark is part of the name where both share the first line.
  if (label.includes(DASHES)) return { kind: 'shared-line', index: first };
  for (let at = first + 1; at < lines.length; at += 1) {
    const line = trimEnd(lines[at] ?? '');
    if (line === `${END}${label}${DASHES}`) {
      const body = readBody(lines.slice(first + 1, at));
      if ('kind' in body) return { kind: body.kind, index: first + 1 + body.index };
      return { text: [...lines.slice(first, at), line].join('\n'), base64: body.base64, endsAt: at };
    }
    if (line.startsWith(END)) return { kind: endFault(line, label), index: at };
    if (ANY_MARK.test(line)) return { kind: line.startsWith(BEGIN) ? 'cut' : markFault(line), index: at };
  }
  return { kind: 'cut', index: first };
}

/** OpenSSL strips everything up to the space, control characters too. */
function trimEnd(line: string): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) <= 0x20) end -= 1;
  return line.slice(0, end);
}

const cleanLabel = (label: string): string => label.split(DASHES)[0] ?? label;

/** Of a line with a mark that does not begin with it as it should. */
const markFault = (line: string): PemFault['kind'] =>
  /^[\s-]*(?:BEGIN|END) /i.test(line) && !/[A-Za-z0-9+/=]-----(?:BEGIN|END) /.test(line) ? 'mark' : 'shared-line';

function endFault(line: string, label: string): PemFault['kind'] {
  const named = line.slice(END.length);
  if (named.startsWith(`${label}${DASHES}`)) return 'shared-line';
  return new RegExp(`^${label.replace(/[^A-Za-z0-9 ]/g, '.')}-*$`).test(named) ? 'mark' : 'other-end';
}

/** What stands between the marks. An empty line ends the headers, of which there need be none. */
function readBody(lines: readonly string[]): { base64: string } | LineFault {
  const texts = lines.map(trimEnd);
  const gap = texts.indexOf('');
  if (gap === -1) return readBase64(texts, 0);
  if (gap > 0 && !texts[0]?.startsWith('Proc-Type:')) return { kind: 'headers', index: gap };
  const data = texts.slice(gap + 1);
  const wrong = data.findIndex(
    (line, index) =>
      line === '' ||
      line.length > MAX_LINE_AFTER_HEADER ||
      (line.length < MAX_LINE_AFTER_HEADER && index < data.length - 1),
  );
  return wrong === -1 ? readBase64(data, gap + 1) : { kind: 'headers', index: gap + 1 + wrong };
}

function readBase64(lines: readonly string[], offset: number): { base64: string } | LineFault {
  const wrong = lines.findIndex((line) => /[^A-Za-z0-9+/=\t\r ]/.test(line));
  if (wrong !== -1) return { kind: 'base64', index: offset + wrong };
  const base64 = lines.join('').replace(/[\t\r ]/g, '');
  if (base64.length % 4 === 0 && !base64.replace(/={1,2}$/, '').includes('=')) return { base64 };
  return { kind: 'base64', index: offset + Math.max(0, lines.length - 1) };
}

/** What is wrong, behind the name of the block, and what to do about it. */
export function describePemFault({ kind, label, line }: PemFault): { text: string; hint: string } {
  switch (kind) {
    case 'cut':
      return { text: `has no -----END ${label}----- line: the file is cut off`, hint: 'copy it again' };
    case 'shared-line':
      return {
        text: `cannot be read: a mark shares line ${line} with something else`,
        hint: 'give every -----BEGIN …----- and -----END …----- its own line: cat joins files that lack a last newline',
      };
    case 'other-end':
      return {
        text: `cannot be read: the -----END …----- in line ${line} has a different label`,
        hint: `it must be -----END ${label}-----; copy the file again`,
      };
    case 'mark':
      return { text: `cannot be read: the mark in line ${line} is misspelled`, hint: MARK_HINT };
    case 'base64':
      return {
        text: `is damaged and cannot be read: line ${line} is not base64 to its end`,
        hint: 'copy it again',
      };
    case 'headers':
      return {
        text: `is damaged and cannot be read: an empty line or a header is out of place in line ${line}`,
        hint: 'remove empty lines and headers, or copy it again',
      };
  }
}

/** For a text whose only marks are none, and for one that is misspelled. */
export const MARK_HINT =
  'PEM starts with -----BEGIN …-----: at the start of its own line, with five hyphens on either side';
