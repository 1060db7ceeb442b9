/** What stands first on a line of a log or a list. */
export interface AddressLine {
  /** From 1; null for what comes from no file. */
  line: number | null;
  text: string;
}

/** An address has 45 characters at most; what a line holds behind its first column is not kept. */
const MAX_KEPT = 1024;
const MAX_PORT = 65_535;

/**
 * The first column of each line, up to white space, a comma or a semicolon: of an access log the caller's address. A
 * port behind it (`203.0.113.9:4711`, `[2001:db8::5]:443`, as HAProxy logs) is left out. Empty lines and those that
 * begin with `#` are left out. A batch for each chunk; a line without an end takes no memory.
 */
export async function* readFirstColumn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<AddressLine[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let line = 0;
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_KEPT);
    yield lines.flatMap((text) => firstOf(text, ++line));
  }
  yield firstOf(rest + decoder.decode(), line + 1);
}

function firstOf(text: string, line: number): AddressLine[] {
  const [, first] = /^\s*([^\s,;]+)/.exec(text) ?? [];
  return first === undefined || first.startsWith('#') ? [] : [{ line, text: withoutPort(first) }];
}

/** Only where nothing else can be meant: `2001:db8::5:443` is an address. */
function withoutPort(text: string): string {
  const [, ipv4, ipv6, port = '0'] =
    /^(?:(\d+(?:\.\d+){3})(?=:)|\[([\da-f:.]+(?:%[^%\]]+)?)\])(?::(\d{1,5}))?$/i.exec(text) ?? [];
  return Number(port) > MAX_PORT ? text : (ipv4 ?? ipv6 ?? text);
}
