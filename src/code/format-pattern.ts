import type { Encoding, SignatureTime } from '../model/signature.ts';

const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

/** In JavaScript, Python and PHP alike. */
export const escapePattern = (text: string): string =>
  text
    .replaceAll(SPECIAL, String.raw`\$&`)
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\0-\x1f]/g, (one) => String.raw`\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** The regular expression of a format, without its ends, and the names of its groups. */
export interface FormatPattern {
  pattern: string;
  slots: readonly ('v' | 't')[];
}

/** What may stand where the signature and its time stand. */
export function patternOf(
  format: string,
  encoding: readonly Encoding[],
  time: Pick<SignatureTime, 'unit'> | undefined,
): FormatPattern {
  const slots: ('v' | 't')[] = [];
  const pattern = format
    .split(/(\{[vt]\})/)
    .map((piece) => {
      if (piece !== '{v}' && piece !== '{t}') return escapePattern(piece);
      slots.push(piece === '{v}' ? 'v' : 't');
      return piece === '{v}' ? `(${valuePattern(encoding)})` : `(${timePattern(time)})`;
    })
    .join('');
  return { pattern, slots };
}

const VALUES: Readonly<Record<Encoding, string>> = {
  hex: '(?:[0-9a-f]{2})+',
  HEX: '(?:[0-9A-F]{2})+',
  base64: '[A-Za-z0-9+\\/]+={0,2}',
  base64url: '[A-Za-z0-9_-]+',
  percent: '[^\\s,;]+',
};

const valuePattern = (encoding: readonly Encoding[]): string => VALUES[encoding.at(-1) ?? 'percent'];

const timePattern = (time: Pick<SignatureTime, 'unit'> | undefined): string =>
  time?.unit.startsWith('iso') ? '[0-9TZ:.+-]+' : '[0-9]{1,16}';
