import { domainToASCII } from 'node:url';

/** What a route's `match` means. */
export type ReadPattern =
  | { kind: 'exact'; address: MailAddress }
  | { kind: 'domain'; domain: string }
  | { kind: 'plus-tag'; user: string; domain: string }
  | { kind: 'regex'; source: string; flags: string }
  /** What stands between the `*` of the part before the @; `domain` is null where nothing says it. */
  | { kind: 'glob'; pieces: readonly string[]; domain: string | null };

/** Longer expressions are a program and no pattern. */
const MAX_REGEX = 500;

/** The part before an @ is far shorter. */
const MAX_GLOB = 256;

/** Reads a `match`. Returns a text instead of a pattern when something is wrong with it, and says what. */
export function parsePattern(match: string): ReadPattern | string {
  if (match.startsWith('/')) return parseRegex(match);
  const at = match.lastIndexOf('@');
  if (at < 0)
    return (
      `expected user@domain, *@domain, user+*@domain or /regex/, found ${JSON.stringify(shorten(match))}` +
      '; a self-hosted server accepts it: --vendor mailkite-selfhost'
    );
  const [local, domain] = [match.slice(0, at), parseDomain(match.slice(at + 1))];
  if (domain === '')
    return `${JSON.stringify(shorten(match.slice(at + 1)))} is not a domain: a * is only allowed before the @`;
  if (local === '*') return { kind: 'domain', domain };
  if (local.endsWith('+*') && !local.slice(0, -2).includes('*') && local.length > 2)
    return { kind: 'plus-tag', user: local.slice(0, -2).toLowerCase(), domain };
  if (local.includes('*'))
    return (
      `a * must be alone before the @ or after a +, not as in ${JSON.stringify(shorten(local))}; use ` +
      `/regex/ for anything else`
    );
  const address = parseAddress(match);
  return address === null ? `${JSON.stringify(shorten(match))} is not an address` : { kind: 'exact', address };
}

/**
 * Reads a pattern as a self-hosted server does. Returns a text instead when something is wrong with it, and says what.
 * @param scope the domain that the route is one of; null where nothing says it
 */
export function parseGlob(match: string, scope: string | null): ReadPattern | string {
  const text = match.trim().toLowerCase();
  if (/^\/.+\/[a-z]*$/s.test(text))
    return 'a self-hosted server does not support /regex/: a * matches any characters, as in support-* or *-agent';
  const at = text.lastIndexOf('@');
  const [local, named] = at < 0 ? [text, null] : [text.slice(0, at), parseDomain(text.slice(at + 1))];
  const own = scope === null ? null : parseDomain(scope);
  if (named === '' || own === '')
    return `${JSON.stringify(shorten(named === '' ? match : (scope ?? '')))} has no domain`;
  if (named !== null && own !== null && named !== own)
    return `${JSON.stringify(shorten(match))} is not a pattern of the route's own domain, ${shorten(own)}`;
  if (local === '' || /\s/.test(local) || local.length > MAX_GLOB)
    return `expected an address, or part of one with a *, found ${JSON.stringify(shorten(match))}`;
  return { kind: 'glob', pieces: local.split('*'), domain: named ?? own };
}

function parseRegex(match: string): ReadPattern | string {
  const [, source, given] = /^\/(.+)\/([a-z]*)$/s.exec(match) ?? [];
  if (source === undefined || given === undefined)
    return 'a regex is written between two slashes: /^sales-.*@example\\.org$/';
  if (source.length > MAX_REGEX)
    return `a regex has at most ${MAX_REGEX} characters, but this one has ${source.length}`;
  if (!/^[iu]*$/.test(given)) return `a regex allows the flags i and u, not ${JSON.stringify(given)}`;
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

/** A mail address in a form that can be compared: lower case, the domain as ASCII. */
export interface MailAddress {
  local: string;
  domain: string;
}

/** RFC 5321 §4.5.3.1: 64 octets before the @, 255 behind it. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;

/** Splits `local@domain`; null when it is no address. The part before the @ becomes lower case, to be compared. */
export function parseAddress(text: string): MailAddress | null {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0)).toLowerCase();
  const domain = at < 0 ? '' : parseDomain(text.slice(at + 1));
  // oxlint-disable-next-line no-control-regex -- they are what an address cannot hold
  if (local === '' || local.length > MAX_LOCAL || domain === '' || /[\s\u0000-\u001f\u007f<>]/.test(local)) return null;
  if (local.includes('@') && !/^".*"$/.test(local)) return null;
  return { local, domain };
}

/** Lower case, ASCII, without the dot of the root; empty when it is no domain. */
function parseDomain(text: string): string {
  if (text.length > MAX_DOMAIN || !/^[^\s/\\?#@:*]+$/.test(text)) return '';
  return domainToASCII(text).replace(/\.$/, '');
}
