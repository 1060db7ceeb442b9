/** As wide as a help text gets, on a terminal and elsewhere. */
export function textWidth(): number {
  return Math.min(process.stdout.columns ?? 100, 100);
}

/** Lines of at most `textWidth()` columns, the first behind `prefix`, the others indented by its length; a longer word stands alone. */
export function wrapText(text: string, prefix: string): string[] {
  const width = textWidth();
  const indent = ' '.repeat(prefix.length);
  const lines: string[] = [];
  let line = prefix;
  let isEmpty = true;
  // A tag stays with the word before it.
  for (const word of text.split(/ (?! |\()/)) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
