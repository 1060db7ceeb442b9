import { isIP } from 'node:net';
import { tokenizeHeader } from './structured-header.ts';

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
