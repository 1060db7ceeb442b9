import { parseAddress, parseDomain, type Address } from './address.ts';

/** What a route's `match` means. */
export type RoutePattern =
  | { kind: 'exact'; address: Address }
  | { kind: 'domain'; domain: string }
  | { kind: 'plus-tag'; user: string; domain: string }
  | { kind: 'regex'; source: string; flags: string };

/** Longer expressions are a program and no pattern. */
const MAX_REGEX = 500;

/** Reads a `match`. A text instead of a pattern says what is wrong with it. */
export function parsePattern(match: string): RoutePattern | string {
  if (match.startsWith('/')) return parseRegex(match);
  const at = match.lastIndexOf('@');
  if (at < 0)
    return `expected user@domain, *@domain, user+*@domain or /regex/, found ${JSON.stringify(shorten(match))}`;
  const [local, domain] = [match.slice(0, at), parseDomain(match.slice(at + 1))];
  if (domain === '')
    return `${JSON.stringify(shorten(match.slice(at + 1)))} is no domain: a * stands only before the @`;
  if (local === '*') return { kind: 'domain', domain };
  if (local.endsWith('+*') && !local.slice(0, -2).includes('*') && local.length > 2)
    return { kind: 'plus-tag', user: local.slice(0, -2).toLowerCase(), domain };
  if (local.includes('*'))
    return `a * stands alone before the @ or behind a +, not as in ${JSON.stringify(shorten(local))}; for more there is /regex/`;
  const address = parseAddress(match);
  return address === null ? `${JSON.stringify(shorten(match))} is no address` : { kind: 'exact', address };
}

function parseRegex(match: string): RoutePattern | string {
  const [, source, given] = /^\/(.+)\/([a-z]*)$/s.exec(match) ?? [];
  if (source === undefined || given === undefined)
    return 'a regex stands between two slashes: /^sales-.*@example\\.org$/';
  if (source.length > MAX_REGEX) return `a regex has ${MAX_REGEX} characters at most, and this one ${source.length}`;
  if (!/^[iu]*$/.test(given)) return `a regex takes the flags i and u, not ${JSON.stringify(given)}`;
  const flags = [...new Set(`i${given}`)].join('');
  try {
    RegExp(source, flags);
    return { kind: 'regex', source, flags };
  } catch (error) {
    return `not a valid regex: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}`;
  }
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
