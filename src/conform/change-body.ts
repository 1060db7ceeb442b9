/** The same JSON with white space between its tokens. */
export function respace(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body)
    .toString('utf8')
    .replace(
      /("(?:[^"\\]|\\.)*")|([{,:])/g,
      (_, string: string | undefined, mark: string) => string ?? (mark === ':' ? ': ' : `${mark}\n  `),
    );
  return Buffer.from(text, 'utf8');
}

/** With one more member at the end of the object; `value` as its bytes are to stand there. */
export function addMember(body: Uint8Array, name: string, value: string | Uint8Array): Uint8Array {
  const end = Buffer.from(body).lastIndexOf('}');
  return Buffer.concat([
    body.subarray(0, end),
    Buffer.from(`,${JSON.stringify(name)}:`),
    Buffer.from(value as Uint8Array),
    Buffer.from('}'),
  ]);
}

/** The first key and its value once more at the end. */
export function repeatFirstMember(body: Uint8Array): Uint8Array {
  const [first] = Object.entries(JSON.parse(Buffer.from(body).toString('utf8')) as Record<string, unknown>);
  return first === undefined ? body : addMember(body, first[0], JSON.stringify(first[1]));
}

/** With one bit changed in the first letter of the text under this key: still JSON, and of the same form. */
export function flipBit(body: Uint8Array, key: string): Uint8Array {
  const changed = Buffer.from(body);
  const found = new RegExp(`"${key}"\\s*:\\s*"[^"\\\\a-zA-Z]*[a-zA-Z]`).exec(changed.toString('latin1'));
  const index = found === null ? changed.length - 2 : found.index + found[0].length - 1;
  changed[index] = (changed[index] ?? 0) ^ 1;
  return changed;
}

/** Cut between two characters, so that it is malformed as JSON alone, and not as UTF-8. */
export function firstHalf(body: Uint8Array): Uint8Array {
  let end = Math.floor(body.byteLength / 2);
  while (end > 0 && ((body[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return body.subarray(0, end);
}
