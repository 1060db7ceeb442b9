import { findCharset, guessCharset } from './charsets.ts';
import { decodeHeader, trimBlanks } from './header-lines.ts';

/** A Content-Type or Content-Disposition, taken apart and decoded. */
export interface MimeHeader {
  /** In lower case; empty when the header is. */
  value: string;
  /** By name in lower case; the first of several with one name. */
  parameters: ReadonlyMap<string, string>;
}

/**
 * Reads a structured MIME header, one character per byte. Parameters may be plain, with encoded words or raw bytes in
 * them, or as RFC 2231 has them, in pieces and with a charset; the latter win. mailparser decodes them by a list of
 * labels of its own, and raw bytes as UTF-8 alone.
 */
export function readMimeHeader(binary: string): MimeHeader {
  const [value = '', ...rest] = splitParameters(binary);
  const plain = new Map<string, string>();
  for (const one of rest) {
    const equals = one.indexOf('=');
    const name = trimBlanks(one.slice(0, Math.max(equals, 0))).toLowerCase();
    if (name !== '' && !plain.has(name)) plain.set(name, unquote(trimBlanks(one.slice(equals + 1))));
  }
  const parameters = new Map<string, string>();
  for (const [name, text] of plain) if (!name.includes('*')) parameters.set(name, decodeHeader(text));
  for (const [name, text] of joinPieces(plain)) parameters.set(name, text);
  return { value: trimBlanks(value).toLowerCase(), parameters };
}

/** Cuts at semicolons outside quoted strings, comments left out; one that is never closed is no comment. */
function splitParameters(binary: string): string[] {
  const parts = [''];
  // Behind the characters of a value a parenthesis is one of them: `filename=Invoice(1).pdf`.
  const tokens = /"(?:[^"\\]|\\.)*"?|;|(?<![^\s;"])\([^()]*(?:\([^()]*\)[^()]*)*\)|[^";(]+|\(/gs;
  for (const [token] of binary.matchAll(tokens)) {
    if (token === ';') parts.push('');
    else if (!token.startsWith('(') || token === '(') parts.push(`${parts.pop() ?? ''}${token}`);
  }
  return parts;
}

/** What follows a closed quoted string is none of the value. */
function unquote(text: string): string {
  // Quoted twice: `""koi8-r""`.
  const [, quoted] = /^"(?:"(?=[^"]))?((?:[^"\\]|\\.)*)/s.exec(text) ?? [];
  return quoted === undefined ? text : quoted.replace(/\\(.)/gs, '$1');
}

interface Piece {
  at: number;
  isEncoded: boolean;
  text: string;
}

/** RFC 2231: `filename*0*=utf-8''na%C3%AF; filename*1*=ve.txt`. */
function joinPieces(plain: ReadonlyMap<string, string>): Map<string, string> {
  const byName = new Map<string, Piece[]>();
  for (const [key, text] of plain) {
    const [, name, number = '0', star] = /^([^*]+)\*(?:(\d+)(\*)?)?$/.exec(key) ?? [];
    if (name === undefined) continue;
    const piece = { at: Number(number), isEncoded: star !== undefined || key.endsWith('*'), text };
    const pieces = byName.get(name);
    if (pieces === undefined) byName.set(name, [piece]);
    else pieces.push(piece);
  }
  return new Map([...byName].map(([name, pieces]) => [name, decodePieces(pieces.toSorted((a, b) => a.at - b.at))]));
}

function decodePieces(pieces: readonly Piece[]): string {
  if (!pieces.some(({ isEncoded }) => isEncoded)) return decodeHeader(pieces.map(({ text }) => text).join(''));
  const [, label, start] = /^([^']*)'[^']*'(.*)$/s.exec(pieces[0]?.text ?? '') ?? [];
  const binary = pieces.map(({ text, isEncoded }, at) => {
    const own = at === 0 && start !== undefined ? start : text;
    if (!isEncoded) return own;
    return own.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  });
  const bytes = Buffer.from(binary.join(''), 'latin1');
  return (findCharset(label ?? '') ?? guessCharset(bytes)).decode(bytes);
}
