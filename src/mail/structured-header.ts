/** A piece of a structured header field. */
export interface HeaderToken {
  kind: 'text' | 'quoted' | 'comment';
  value: string;
}

/**
 * Cuts a structured header value into plain text, quoted strings (without their quotes) and
 * comments (without their parentheses; nested ones become part of the outer), in file order.
 * Quoting and nesting follow RFC 5322, section 3.2; what is never closed ends with the value.
 */
export function tokenizeHeader(value: string): HeaderToken[] {
  const tokens: HeaderToken[] = [];
  let token: HeaderToken = { kind: 'text', value: '' };
  let depth = 0;
  const begin = (kind: HeaderToken['kind']): void => {
    if (token.value !== '' || token.kind === 'quoted') tokens.push(token);
    token = { kind, value: '' };
  };
  for (let i = 0; i < value.length; i += 1) {
    const char = value.charAt(i);
    if (char === '\\' && token.kind !== 'text') {
      i += 1;
      token.value += value.charAt(i);
    } else if (char === '"' && token.kind !== 'comment') {
      begin(token.kind === 'quoted' ? 'text' : 'quoted');
    } else if (char === '(' && token.kind !== 'quoted') {
      depth += 1;
      if (depth === 1) begin('comment');
      else token.value += ' ';
    } else if (char === ')' && token.kind === 'comment') {
      depth -= 1;
      if (depth === 0) begin('text');
      else token.value += ' ';
    } else {
      token.value += char;
    }
  }
  begin('text');
  return tokens;
}
