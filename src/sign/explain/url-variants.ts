import { DEFAULT_PORTS } from '../../model/changed-url.ts';
import { basicAuthorization, displayUrl } from '../../model/http-url.ts';
import type { MessagePart } from '../../model/signature.ts';
import { textOfUrl, urlTextOf, type SignedSubject } from '../scheme/message.ts';
import { headerValues } from '../scheme/place.ts';

/** A URL that may have been signed in the place of the one that is known. */
export interface UrlVariant {
  text: string;
  /** Ends "the signature fits …". */
  fits: string;
}

interface UrlPieces {
  scheme: string;
  /** With its `@`. */
  user: string;
  host: string;
  /** With its colon. */
  port: string;
  path: string;
  /** With its `?`. */
  query: string;
}

/** One way to write a piece otherwise; null where it changes nothing. */
interface UrlChange {
  words: string;
  pieces: Partial<UrlPieces>;
}

const PIECES = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*@)?([^/?#]*?)(:\d+)?(\/[^?#]*)?(\?[^#]*)?(?:#.*)?$/i;

/** The same endpoint under other URLs, those with the fewest changes first: what proxies and frameworks make of one. */
export function listUrlVariants(request: SignedSubject, others: readonly string[]): UrlVariant[] {
  const own = urlTextOf(request);
  const pieces = own === undefined ? null : split(own);
  if (own === undefined || pieces === null) return [];
  const changed = combine(changesOf(pieces, request)).map(({ words, pieces: other }) => ({
    text: join({ ...pieces, ...other }),
    fits: `the URL ${words}`,
  }));
  const known = others.map((text) => ({ text, fits: `the URL ${displayUrl(text)}` }));
  const written = URL.canParse(own) ? [{ text: new URL(own).href, fits: 'the URL as a parser rewrites it' }] : [];
  return [...known, ...changed, ...written].filter(({ text }) => text !== own);
}

function split(url: string): UrlPieces | null {
  const found = PIECES.exec(url);
  if (found === null) return null;
  const [, scheme = '', user = '', host = '', port = '', path = '', query = ''] = found;
  return { scheme: scheme.toLowerCase(), user, host, port, path, query };
}

const join = ({ scheme, user, host, port, path, query }: UrlPieces): string =>
  `${scheme}://${user}${host}${port}${path}${query}`;

/** For each piece the ways in which it may be otherwise. */
function changesOf(pieces: UrlPieces, request: SignedSubject): UrlChange[][] {
  const other = pieces.scheme === 'https' ? 'http' : 'https';
  return [
    [{ words: `with ${other} instead of ${pieces.scheme}`, pieces: { scheme: other } }],
    pieces.port === ''
      ? Object.values(DEFAULT_PORTS).map((port) => ({ words: `with the port :${port}`, pieces: { port: `:${port}` } }))
      : [{ words: 'without its port', pieces: { port: '' } }],
    pieces.query === '' ? [] : [{ words: 'without its query', pieces: { query: '' } }],
    slashChanges(pieces),
    userChanges(pieces, request),
    pathChanges(pieces),
  ];
}

function slashChanges({ path }: UrlPieces): UrlChange[] {
  return path.endsWith('/')
    ? [{ words: 'without its trailing slash', pieces: { path: path.slice(0, -1) } }]
    : [{ words: 'with a trailing slash', pieces: { path: `${path}/` } }];
}

/** Credentials in a URL go as an Authorization header: what was registered holds them. */
function userChanges({ user }: UrlPieces, { headers }: SignedSubject): UrlChange[] {
  if (user !== '') return [{ words: 'without its user and password', pieces: { user: '' } }];
  const [given = ''] = headerValues(headers, 'authorization');
  const [, encoded = ''] = /^basic ([a-z\d+/]+=*)$/i.exec(given.trim()) ?? [];
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  const url = `http://${credentials}@h`;
  return credentials.includes(':') && URL.canParse(url) && basicAuthorization(new URL(url)) !== null
    ? [{ words: 'with the user and password that it was called with', pieces: { user: `${credentials}@` } }]
    : [];
}

function pathChanges({ path }: UrlPieces): UrlChange[] {
  try {
    const decoded = decodeURI(path);
    return decoded === path ? [] : [{ words: 'with its path percent-decoded', pieces: { path: decoded } }];
  } catch {
    return [];
  }
}

/** Each change alone, then two of different pieces, then three. */
function combine(groups: readonly (readonly UrlChange[])[]): UrlChange[] {
  const combined = [{ words: '', pieces: {}, count: 0 }];
  for (const group of groups) {
    const further = combined
      .filter(({ count }) => count < MAX_CHANGES)
      .flatMap((before) =>
        group.map(({ words, pieces }) => ({
          words: before.words === '' ? words : `${before.words} and ${words}`,
          pieces: { ...before.pieces, ...pieces },
          count: before.count + 1,
        })),
      );
    combined.push(...further);
  }
  return combined.filter(({ count }) => count > 0).toSorted((one, other) => one.count - other.count);
}

const MAX_CHANGES = 3;
const URL_PARTS: ReadonlySet<unknown> = new Set(['url', 'host', 'path', 'query', 'target']);

/** The message with the parts of this URL as texts, further down too; null where it has none. */
export function withUrl(parts: readonly MessagePart[], url: string): readonly MessagePart[] | null {
  let isChanged = false;
  const changed = parts.map((part): MessagePart => {
    if (URL_PARTS.has(part)) {
      isChanged = true;
      return { text: textOfUrl(part as 'url', url) };
    }
    if (typeof part !== 'object' || !('of' in part)) return part;
    const of = withUrl(part.of, url);
    if (of === null) return part;
    isChanged = true;
    return { ...part, of };
  });
  return isChanged ? changed : null;
}
