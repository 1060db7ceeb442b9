/** What double quotes do not keep in PowerShell, cmd or Git Bash. A backslash at the end would hide the quote. */
const NOT_IN_DOUBLE_QUOTES = /["$`%!\n\r]|\\\\|\\$/;

/**
 * A text as one word of the shell, whatever is in it: of a POSIX shell. On Windows nobody knows which one reads it:
 * double quotes are the same to all, and what they do not keep is quoted for Git Bash.
 */
export function quoteForShell(text: string, platform: NodeJS.Platform = process.platform): string {
  // Not as one match of the whole: of megabytes it would take the stack.
  if (text !== '' && !/[^\w./:=@%+,-]/.test(text)) return text;
  if (platform === 'win32' && !NOT_IN_DOUBLE_QUOTES.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
