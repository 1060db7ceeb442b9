import { isIP } from 'node:net';
import type { Message } from '../model/message.ts';

/** `dkim=pass`, `dkim/1 = pass`: RFC 8601, section 2.2. */
const RESULT = /^\s*([a-z][\w-]*)(?:\s*\/\s*\d+)?\s*=\s*([a-z]+)/i;

/**
 * Reads an Authentication-Results value (RFC 8601). Several signatures give several dkim results:
 * one that passes is enough (section 2.7.1); of the others the first counts. What is not named is null.
 */
export function readAuthenticationResults(value: string | undefined): Message['auth'] {
  const results: Record<string, string[]> = { spf: [], dkim: [], dmarc: [] };
  // The name of the judging server comes first, but Microsoft leaves it out: it holds no `=`, so
  // it needs no rule of its own.
  for (const clause of splitClauses(value ?? '')) {
    const [, method = '', result = ''] = RESULT.exec(clause) ?? [];
    results[method.toLowerCase()]?.push(result.toLowerCase());
  }
  const { spf = [], dkim = [], dmarc = [] } = results;
  return {
    spf: spf[0] ?? null,
    dkim: dkim.includes('pass') ? 'pass' : (dkim[0] ?? null),
    dmarc: dmarc[0] ?? null,
  };
}

/** Semicolons separate results, except inside comments and quoted strings. */
function splitClauses(value: string): string[] {
  const clauses: string[] = [''];
  for (const token of tokenizeHeader(value)) {
    if (token.kind === 'comment') continue;
    const [first = '', ...rest] = token.kind === 'quoted' ? [token.value] : token.value.split(';');
    clauses.push(`${clauses.pop() ?? ''}${first}`);
    for (const clause of rest) clauses.push(clause);
  }
  return clauses;
}

/**
 * The address of the server that handed the mail over, from the value of the topmost Received
 * header; null when it names none (a mail submitted locally). RFC 5321, section 4.4: what the
 * receiving server saw stands in a comment, `from helo (name [192.0.2.1])`; what stands outside
 * is only what the sender claimed, and serves when there is nothing better.
 */
export function readSenderIp(received: string | undefined): string | null {
  if (received === undefined || !/^from\s/i.test(received)) return null;
  let claimed = '';
  let seen = '';
  for (const { kind, value } of tokenizeHeader(received)) {
    if (kind === 'comment') {
      // Exim and qmail put the greeting here too: that is a claim, whatever address it names.
      seen += ` ${value.replace(/\b(?:helo|ehlo)[=\s]+\S+/gi, '')}`;
      continue;
    }
    const by = value.search(/(?:^|\s)by\s/i);
    claimed += by < 0 ? value : value.slice(0, by);
    if (by >= 0) break;
  }
  return findBracketed(seen) ?? findBare(seen) ?? findBracketed(claimed);
}

/** `[192.0.2.1]`, `[IPv6:2001:db8::1]`, and Google's `[2001:db8::1]`. */
function findBracketed(text: string): string | null {
  const literals = [...text.matchAll(/\[([^[\]\s]+)\]/g)].map(([, literal = '']) => literal.replace(/^ipv6:/i, ''));
  return literals.find((literal) => isIP(literal) !== 0) ?? null;
}

/** qmail and Microsoft write the address without brackets. */
function findBare(text: string): string | null {
  return text.split(/[\s[\],;]+/).find((word) => isIP(word) !== 0) ?? null;
}

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
