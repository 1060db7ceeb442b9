import { AppError } from '../../model/error.ts';
import { calledUrl, targetOf } from './called-urls.ts';

/** How curl changes the URL that it is given. */
export interface UrlRules {
  /** No pattern is looked for in brackets and braces (`--globoff`). */
  isLiteral: boolean;
  /** `/../` stays (`--path-as-is`). */
  isPathAsIs: boolean;
  /** What goes behind the query (`-G`, `--url-query`), as it is. */
  query: readonly string[];
}

/** The URL that curl calls, letter by letter. Throws AppError `input` for none, and for a pattern of several. */
export function curlUrl(given: string, { isLiteral, isPathAsIs, query }: UrlRules): string {
  const plain = isLiteral ? given : readPattern(given);
  const url = calledUrl(/^[a-z][a-z\d+.-]*:\/\//i.test(plain) ? plain : `http://${plain}`);
  // oxlint-disable-next-line no-control-regex -- curl refuses these, too
  if (url === null || /[\u0000-\u0020\u007f]/.test(url))
    throw new AppError('input', 'the curl command has no URL that can be read', {
      hint: 'copy the whole command, and put the URL in quotes',
    });
  const target = targetOf(url);
  const origin = url.slice(0, url.length - target.length);
  const [path = '', ...rest] = target.split('?');
  const asked = rest.length === 0 ? '' : `?${rest.join('?')}`;
  const added = query.reduce((all, part) => all + (all === '' ? '?' : all === '?' ? '' : '&') + part, asked);
  return origin + encodeLetters(isPathAsIs ? path : removeDotSegments(path)) + added;
}

/** `{a,b}` and `[1-9]` are several URLs; `{a}` is a, and with a backslash before it each of these is itself. */
function readPattern(url: string): string {
  if (/(?<!\\)(?:\{[^{}]*(?<!\\),[^{}]*\}|\[(?:[a-z]-[a-z]|\d+-\d+)(?::\d+)?\])/i.test(url))
    throw new AppError('input', 'the URL of the curl command is a pattern for several URLs', {
      hint: 'write the one that was called, or add --globoff if its brackets and braces are literal',
    });
  return url.replace(/\\([{}[\]])|\{([^{}\\]*)\}/g, '$1$2');
}

/** curl percent-encodes what of a path is not ASCII, in small letters, and nothing of a query. */
function encodeLetters(path: string): string {
  return path.replace(/[\u0080-\u00ff]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
}

/** RFC 3986, section 5.2.4: `/a/./b/../c` is `/a/c`. */
function removeDotSegments(path: string): string {
  if (!/\/\.\.?(?:\/|$)/.test(path)) return path;
  const kept: string[] = [];
  const segments = path.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    const isDots = segment === '.' || segment === '..';
    if (segment === '..') kept.pop();
    if (!isDots) kept.push(segment);
    else if (index === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}
