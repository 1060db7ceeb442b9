/** As wide as a help text gets. */
const WIDTH = 100;

/** Lines of at most 100 columns, the first behind `prefix`, the others indented by its length; a longer word stands alone. */
export function wrapText(text: string, prefix: string): string[] {
  const indent = ' '.repeat(prefix.length);
  const lines: string[] = [];
  let line = prefix;
  let isEmpty = true;
  // A tag stays with the word before it.
  for (const word of text.split(/ (?! |\()/)) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
