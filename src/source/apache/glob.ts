/**
 * Whether a pattern of `*`, `?` and `[a-z]` is the whole text, as `apr_fnmatch` matches. With `perSegment`
 * (APR_FNM_PATHNAME) none of them takes a slash. Takes time in proportion to pattern × text, whatever they are.
 */
export function matchGlob(pattern: string, text: string, perSegment = true): boolean {
  if (!perSegment) return matchSegment(readParts(pattern), text);
  const patterns = pattern.split('/');
  const segments = text.split('/');
  return (
    patterns.length === segments.length &&
    patterns.every((one, index) => matchSegment(readParts(one), segments[index] ?? ''))
  );
}

export const isGlob = (text: string): boolean => /[*?[]/.test(text);

type Part = '*' | ((character: string) => boolean);

function readParts(pattern: string): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] as string;
    const set = character === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(at)) : null;
    if (character === '*') parts.push('*');
    else if (character === '?') parts.push(() => true);
    else if (set !== null) {
      parts.push(readSet(set[2] ?? '', set[1] !== ''));
      at += set[0].length - 1;
    } else {
      if (character === '\\' && at + 1 < pattern.length) at += 1;
      const exact = pattern[at];
      parts.push((one) => one === exact);
    }
  }
  return parts;
}

function readSet(inner: string, isNegated: boolean): (character: string) => boolean {
  const ranges = [...inner.matchAll(/\\?([^])-\\?([^])|\\?([^])/g)].map(
    ([, from, to, single]) => [from ?? single, to ?? single] as [string, string],
  );
  return (one) => ranges.some(([from, to]) => one >= from && one <= to) !== isNegated;
}

/** Goes back to the last star alone: what an earlier one took does not matter. */
function matchSegment(parts: readonly Part[], text: string): boolean {
  let at = 0;
  let part = 0;
  let star = -1;
  let afterStar = 0;
  while (at < text.length) {
    const one = parts[part];
    if (one === '*') {
      star = part;
      part += 1;
      afterStar = at;
    } else if (one !== undefined && one(text[at] as string)) {
      part += 1;
      at += 1;
    } else if (star !== -1) {
      afterStar += 1;
      at = afterStar;
      part = star + 1;
    } else return false;
  }
  return parts.slice(part).every((one) => one === '*');
}
