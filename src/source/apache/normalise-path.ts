/** What Apache makes of the path of a request line: the path that sections are compared with, or its refusal. */
export type NormalPath = { path: string } | { status: 400 | 404; because: string };

/** One character that needs no encoding (RFC 3986 §2.3). */
const UNRESERVED = /^[A-Za-z0-9._~-]$/;

/**
 * As `ap_normalize_path` and `ap_unescape_url`: dot segments go, slashes are merged unless MergeSlashes is off, and the
 * rest is decoded. The text is one of bytes, a character each; what is beyond ASCII becomes UTF-8.
 */
export function normalisePath(
  requested: string,
  mergesSlashes: boolean,
  encodedSlashes: 'off' | 'on' | 'nodecode',
): NormalPath {
  const bytes = Buffer.from(requested.split(/[?#]/, 1)[0] ?? '', 'utf8').toString('latin1');
  if (!bytes.startsWith('/')) return { status: 400, because: 'the path does not begin with a slash' };
  if (/%(?![0-9A-Fa-f]{2})/.test(bytes)) return { status: 400, because: 'a % in the path begins no byte' };
  const segments = resolveDots(
    bytes.replace(/%([0-9A-Fa-f]{2})/g, (whole, hex: string) => decodeIf(whole, hex, UNRESERVED)),
    mergesSlashes,
  );
  if (segments === null) return { status: 400, because: 'the path leads above the root' };
  if (/%00/.test(segments)) return { status: 400, because: 'the path holds a NUL' };
  if (encodedSlashes === 'off' && /%2f/i.test(segments))
    return { status: 404, because: 'the path holds an encoded slash' };
  const path = segments.replace(/%([0-9A-Fa-f]{2})/g, (whole, hex: string) =>
    encodedSlashes === 'nodecode' && hex.toLowerCase() === '2f' ? whole : decodeIf(whole, hex, /^[^]$/),
  );
  return { path: encodedSlashes === 'on' ? (resolveDots(path, mergesSlashes) ?? path) : path };
}

function decodeIf(whole: string, hex: string, allowed: RegExp): string {
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  return allowed.test(character) ? character : whole;
}

function resolveDots(path: string, mergesSlashes: boolean): string | null {
  const segments = path.slice(1).split('/');
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') {
      if (kept.length === 0) return null;
      kept.pop();
    } else if (segment !== '.' && !(mergesSlashes && segment === '' && !isLast)) {
      kept.push(segment);
      continue;
    }
    if (isLast && segment !== '') kept.push('');
  }
  return `/${kept.join('/')}`;
}
