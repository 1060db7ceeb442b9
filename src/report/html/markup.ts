import { INVISIBLE } from '../../model/json.ts';

const WRITTEN = Symbol('markup');

/** HTML or SVG that may stand in a document as it is. The symbol is known here alone, so a text cannot pass for it. */
export interface Markup {
  readonly [WRITTEN]: string;
}

/** What may stand in a template: text is escaped, markup is not, a list is joined, null is left out. */
export type MarkupPiece = Markup | string | number | null | readonly MarkupPiece[];

/**
 * A template of HTML or SVG: `` markup`<p title="${text}">${text}</p>` ``. Whatever is put in is escaped, whether it
 * stands between tags or in an attribute, if the attribute is in double quotes.
 */
export function markup(template: TemplateStringsArray, ...pieces: readonly MarkupPiece[]): Markup {
  return { [WRITTEN]: template.reduce((text, part, index) => text + writePiece(pieces[index - 1] ?? null) + part) };
}

/** The characters of it. */
export function textOfMarkup(piece: Markup): string {
  return piece[WRITTEN];
}

function writePiece(piece: MarkupPiece): string {
  if (piece === null) return '';
  if (typeof piece === 'number') return String(piece);
  if (typeof piece === 'string') return escapeText(piece);
  return WRITTEN in piece ? piece[WRITTEN] : piece.map(writePiece).join('');
}

/**
 * What HTML may not carry (https://html.spec.whatwg.org/multipage/syntax.html#text-2): controls, halves of surrogate
 * pairs, U+FFFE, U+FFFF; and what is not seen, but makes a text look like another.
 */
const FORBIDDEN = new RegExp(
  String.raw`[${INVISIBLE}]|[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]`,
  'gu',
);

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
}
