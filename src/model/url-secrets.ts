/** A part of a query as it stands in the URL; the parts put together are the query, letter by letter. */
export interface QueryPart {
  text: string;
  /** Of a value that is a secret, the name it goes by; empty for a value without one. Else null. */
  secretOf: string | null;
}

/** Stands where a secret stood. */
export const HIDDEN = '***';
/**
 * Names that tell of a secret wherever these words stand in them: `access_token`, `X-Amz-Signature`, `clientSecret`.
 */
const TELLING =
  /token|secret|passw|passphrase|passcode|pwd|signature|credential|auth(?!or(?!i))|jwt|session|hmac|api-?_?key/i;
/**
 * Short words would be found in harmless names, too (`keyword`, `encoder`), so they stand alone: `key`, `app_key`,
 * `sig`.
 */
const TELLING_WORDS = new Set(['key', 'sig', 'sign', 'pass', 'code', 'pin', 'otp', 'sid', 'hash', 'mac', 'jwt']);
/** Whatever it is called: nobody types this, so it was given out by a machine. */
const RANDOM = /^(?=.*\d)(?=.*[a-z])[\w.~+/=-]{16,}$/i;

/**
 * The URL, or its path and query, with `***` for every secret in the query: a value whose name tells of one, or that
 * looks random (16 characters or more, letters and digits). Whatever stands before the query stays as it is.
 */
export function hideQuerySecrets(url: string): string {
  if (!url.includes('?')) return url;
  return splitQuery(url)
    .map(({ text, secretOf }) => (secretOf === null ? text : HIDDEN))
    .join('');
}

/** The parts of a URL of which each is a secret of the query, or what stands between two of them. */
export function splitQuery(url: string): QueryPart[] {
  const at = url.indexOf('?');
  if (at === -1) return [{ text: url, secretOf: null }];
  // A fragment is no part of the query, but its tokens are tokens.
  const pairs = url.slice(at + 1).split(/([&#])/);
  return joinPlain([{ text: url.slice(0, at + 1), secretOf: null }, ...pairs.flatMap(splitPair)]);
}

function joinPlain(parts: readonly QueryPart[]): QueryPart[] {
  const joined: QueryPart[] = [];
  let plain = '';
  for (const part of parts) {
    if (part.secretOf === null) plain += part.text;
    else {
      joined.push({ text: plain, secretOf: null }, part);
      plain = '';
    }
  }
  return plain === '' ? joined : [...joined, { text: plain, secretOf: null }];
}

function splitPair(pair: string): QueryPart[] {
  let at = 0;
  // Some servers read `a=1;token=x` as two. What follows a secret may be a part of it.
  for (const one of pair.split(';')) {
    const valueAt = one.indexOf('=') + 1;
    const name = decode(one.slice(0, Math.max(0, valueAt - 1)));
    if (isTelling(name) || RANDOM.test(decode(one.slice(valueAt)))) return cut(pair, at + valueAt, name);
    at += one.length + 1;
  }
  return [{ text: pair, secretOf: null }];
}

function cut(pair: string, at: number, name: string): QueryPart[] {
  const value = pair.slice(at);
  return [{ text: pair.slice(0, at), secretOf: null }, ...(value === '' ? [] : [{ text: value, secretOf: name }])];
}

function isTelling(name: string): boolean {
  if (TELLING.test(name)) return true;
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/);
  return words.some((word) => TELLING_WORDS.has(word));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
