import { createHash } from 'node:crypto';
import { markup, textOfMarkup, type MarkupPiece } from './markup.ts';
import { STYLE_SHEET } from './style.ts';

export interface Page {
  /** What kind of page it is, beside the program's name at the top. */
  topic: string;
  /** The only h1. */
  title: string;
  /** When it was made. */
  made: string;
  /** Below the title. */
  lead: MarkupPiece;
  body: MarkupPiece;
  footer: MarkupPiece;
}

const STYLE_ELEMENT = markup`<style>${STYLE_SHEET}</style>`;

/**
 * Nothing is loaded and nothing is run, whatever a text from outside may have managed to put in: the one style sheet
 * is known by its hash. https://www.w3.org/TR/CSP3/
 */
const POLICY = [
  `default-src 'none'`,
  `style-src 'sha256-${createHash('sha256').update(textOfMarkup(STYLE_SHEET)).digest('base64')}'`,
  `base-uri 'none'`,
  `form-action 'none'`,
].join('; ');

/** One file that needs no other, no script and no network. Its tags are closed as XML wants them, too. */
export function writePage({ topic, title, made, lead, body, footer }: Page): string {
  const page = markup`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="referrer" content="no-referrer" />
      <meta name="color-scheme" content="light dark" />
      <meta name="generator" content="hookproof" />
      <title>${topic}: ${title}</title>
      ${STYLE_ELEMENT}
    </head>
    <body>
      <header>
        <p class="brand"><span>hookproof: ${topic}</span><span>${made}</span></p>
        <h1>${title}</h1>
        ${lead}
      </header>
      <main>${body}</main>
      <footer class="note">${footer}</footer>
    </body>
  </html>
`;
  return `<!DOCTYPE html>\n${textOfMarkup(page)}`;
}
