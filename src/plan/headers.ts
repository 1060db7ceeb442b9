import { AppError } from '../model/error.ts';
import { HEADER_NAME, isHeaderValue } from '../model/header.ts';
import type { Header } from '../model/plan.ts';
import { isSignatureHeader } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';

/**
 * The headers with the user's `Name: value` lines applied, as curl's -H does: a known name is replaced
 * (in any letter case), a new one added, `Name:` alone removes, `Name;` sends an empty value.
 */
export function overrideHeaders(headers: readonly Header[], lines: readonly string[]): Header[] {
  let result = [...headers];
  const given = new Set<string>();
  for (const line of lines) {
    const { name, value } = parseHeaderLine(line);
    const key = name.toLowerCase();
    // The first line for a name replaces the vendor's; a second one of the user's own stays beside it.
    if (!given.has(key) || value === null) result = result.filter(([other]) => other.toLowerCase() !== key);
    given.add(key);
    if (value !== null) result.push([name, value]);
  }
  return result;
}

/** Does one of the user's lines set or remove this header? */
export function namesHeader(lines: readonly string[], name: string): boolean {
  return lines.some((line) => parseHeaderLine(line).name.toLowerCase() === name.toLowerCase());
}

/** Does one of them say what the vendor's signature is, in whichever of its headers? */
export function namesSignature(lines: readonly string[], { signature: { value: spec } }: Vendor): boolean {
  return spec !== null && lines.some((line) => isSignatureHeader(spec, parseHeaderLine(line).name));
}

/** A null value: to be removed. */
function parseHeaderLine(line: string): { name: string; value: string | null } {
  const empty = /^([^:;]+);\s*$/.exec(line);
  const colon = line.indexOf(':');
  const name = (empty?.[1] ?? line.slice(0, Math.max(colon, 0))).trim();
  if (!HEADER_NAME.test(name)) {
    // Without a colon the text may be anything, a credential too: only a bad name is repeated.
    throw new AppError('usage', colon > 0 ? `"${name}" is not a valid header name` : 'a -H value has no colon', {
      hint: "write -H 'Name: value'; 'Name:' removes one, 'Name;' sends it empty",
    });
  }
  const value = empty ? '' : line.slice(colon + 1).trim();
  checkHeaderValue(name, value);
  return { name, value: empty || value !== '' ? value : null };
}

/** Throws `usage` for what no header can carry; the value may be a secret, so it is not repeated. */
export function checkHeaderValue(name: string, value: string): void {
  if (isHeaderValue(value)) return;
  throw new AppError('usage', `the header ${name} would contain a line break or another control character`, {
    hint: 'a header value is one line of text, sent as UTF-8',
  });
}
