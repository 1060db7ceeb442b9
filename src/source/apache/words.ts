const SPACE = /\s/;

/** Words as `ap_getword_conf` takes them: in either quotes, where a backslash keeps the quote and itself; else up to a space. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  for (let rest = text.trimStart(); rest !== '';) {
    const [word, length] = takeWord(rest);
    words.push(word);
    rest = rest.slice(length).trimStart();
  }
  return words;
}

/** The first word and how much of the text it took. The text does not begin with a space. */
export function takeWord(text: string): [word: string, length: number] {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") {
    const end = text.search(SPACE);
    const word = end === -1 ? text : text.slice(0, end);
    return [word.replaceAll('\\\\', '\\'), word.length];
  }
  let word = '';
  let at = 1;
  for (; at < text.length && text[at] !== quote; at += 1) {
    const next = text[at + 1];
    if (text[at] === '\\' && (next === quote || next === '\\')) at += 1;
    word += text[at];
  }
  return [word, Math.min(at + 1, text.length)];
}
