/**
 * JSON text on several lines, as far as `maxLines`. Only white space between values changes: numbers, escapes and
 * doubled keys stay as they came. Text that is no JSON is laid out all the same, and never makes this fail.
 */
export function indentJson(text: string, maxLines: number): { lines: string[]; isWhole: boolean } {
  const lines: string[] = [];
  let line = '';
  let depth = 0;
  const breakLine = (): void => {
    lines.push(line);
    line = '  '.repeat(Math.min(depth, MAX_INDENT));
  };
  for (const [token] of text.matchAll(TOKEN)) {
    if (lines.length >= maxLines) return { lines, isWhole: false };
    if (token === '{' || token === '[') {
      line += token;
      depth += 1;
      breakLine();
    } else if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1);
      breakLine();
      line += token;
    } else if (token === ',') {
      line += token;
      breakLine();
    } else line += EMPTY.test(token) ? token.replace(/\s/g, '') : token === ':' ? ': ' : token;
  }
  if (line.trim() !== '') lines.push(line);
  return { lines, isWhole: true };
}

/** An empty object or array, a bracket, a string, or a run of anything else; white space in between is left out. */
const TOKEN = /\{\s*\}|\[\s*\]|[{}[\],:]|"(?:[^"\\]|\\.)*"?|[^\s{}[\],:"]+/gs;
const EMPTY = /^[{[]\s*[}\]]$/;
const MAX_INDENT = 20;
