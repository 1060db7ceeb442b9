/**
 * The pairs of a form body, decoded one by one: anybody may have sent it, and a parser of the whole makes millions of
 * texts of a body of `&a&a&a`.
 */
export function* listFormPairs(body: Uint8Array): Generator<[name: string, value: string]> {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  for (let start = 0; start < text.length;) {
    const next = text.indexOf('&', start);
    const end = next === -1 ? text.length : next;
    if (end > start) yield readPair(text.slice(start, end));
    start = end + 1;
  }
}

/** The name alone: of a body of millions of pairs one is looked for. */
export const nameOfPair = (pair: string): string => decode(pair.split('=', 1)[0] ?? '');

function readPair(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=');
  return at === -1 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
}

/** As every parser of forms does. */
const decode = (text: string): string => (/[%+]/.test(text) ? (new URLSearchParams(`x=${text}`).get('x') ?? '') : text);
