/** A text of a JSON document in its quotes, or what else was looked for. */
interface JsonToken {
  token: string;
  start: number;
}

/**
 * The texts of a JSON document, and what `others` matches between them. Goes over a text by hand: a regular expression
 * keeps places to return to for each of its characters, and has no space left for them in one of 4 MiB, such as an
 * attachment. A text without an end is none of JSON, and ends the list.
 */
export function* listJsonTokens(json: string, others: RegExp): Generator<JsonToken> {
  const tokens = new RegExp(`"|${others.source}`, 'g');
  for (let found = tokens.exec(json); found !== null; found = tokens.exec(json)) {
    const { 0: token, index: start } = found;
    if (token === '"') {
      const end = endOfText(json, start);
      if (end === null) return;
      tokens.lastIndex = end;
      yield { token: json.slice(start, end), start };
    } else yield { token, start };
  }
}

/** The document with what matches between its texts changed. */
export function changeBetweenTexts(json: string, pattern: RegExp, change: (found: string) => string): string {
  const parts: string[] = [];
  let end = 0;
  for (const { token, start } of listJsonTokens(json, pattern)) {
    if (token.startsWith('"')) continue;
    parts.push(json.slice(end, start), change(token));
    end = start + token.length;
  }
  return parts.join('') + json.slice(end);
}

/** Behind the quote that ends the text beginning at `start`. */
function endOfText(json: string, start: number): number | null {
  for (let at = start + 1; at < json.length; at += 1) {
    if (json[at] === '"') return at + 1;
    if (json[at] === '\\') at += 1;
  }
  return null;
}
