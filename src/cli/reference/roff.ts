/** Text for a man page: what roff would read as a command of its own, and what no terminal's font is sure to have. */
export function roffText(text: string): string {
  return [...text]
    .map((char) => {
      if (char === '\\') return '\\e';
      // A hyphen of a flag must stay one when it is copied.
      if (char === '-') return '\\-';
      const code = char.codePointAt(0) ?? 0;
      return code > 126 ? `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]` : char;
    })
    .join('')
    .replace(/^(?=[.'])/gm, '\\&');
}

/** In the argument of a macro. */
const quoted = (text: string): string => `"${roffText(text).replaceAll('"', '\\(dq')}"`;

export const section = (title: string): string => `.SH ${quoted(title.toUpperCase())}`;
export const subsection = (title: string): string => `.SS ${quoted(title)}`;
export const paragraph = (text: string): string => `.PP\n${roffText(text)}`;
export const term = (name: string, text: string): string => `.TP\n.B ${quoted(name)}\n${roffText(text)}`;

/**
 * The head of a page: without a date, so that the same source makes the same bytes; lines are neither stretched nor
 * hyphenated, for a flag is no word.
 */
export const pageHead = (name: string, version: string): string =>
  `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(`hookproof ${version}`)} "hookproof"\n.ad l\n.nh`;
