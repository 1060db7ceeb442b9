const HEX = /^[0-9a-f]{2}$/i;

/**
 * The path that locations are compared with, of the path in the request line: `%41` decoded, `.` and `..` resolved,
 * `//` merged. Null where nginx answers 400.
 * https://github.com/nginx/nginx/blob/release-1.22.1/src/http/ngx_http_parse.c#L1195
 */
export function readNginxPath(bytes: string, mergeSlashes: boolean): string | null {
  if (!bytes.startsWith('/') || /[\u0000- \u007f]/.test(bytes)) return null; // oxlint-disable-line no-control-regex
  const decoded = decode(/^[^?#]*/.exec(bytes)?.[0] ?? '');
  if (decoded === null) return null;
  const kept: string[] = [];
  const parts = decoded.slice(1).split('/');
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (part === '..') {
      if (kept.length === 0) return null;
      kept.pop();
      if (isLast) kept.push('');
    } else if (part === '.') {
      if (isLast) kept.push('');
    } else if (part !== '' || isLast || !mergeSlashes) kept.push(part);
  }
  return `/${kept.join('/')}`;
}

/** A decoded `?`, `#` or `%` is part of the path, a decoded slash or dot counts as if written. */
function decode(path: string): string | null {
  let decoded = '';
  for (let at = 0; at < path.length; at += 1) {
    if (path[at] !== '%') {
      decoded += path[at];
      continue;
    }
    const hex = path.slice(at + 1, at + 3);
    if (!HEX.test(hex) || hex === '00') return null;
    decoded += String.fromCodePoint(Number.parseInt(hex, 16));
    at += 2;
  }
  return decoded;
}
