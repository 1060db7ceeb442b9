import type { Message } from '../model/message.ts';
import { tokenizeHeader } from './structured-header.ts';

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
