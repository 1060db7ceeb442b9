import { readPeer } from '../address.ts';
import { readPlain } from './read-plain.ts';

/** What stands in the column of the address, on one line of a log or a list. */
export interface AddressLine {
  /** From 1; null for what comes from no file. */
  line: number | null;
  /** An address, or whatever stands there instead. */
  text: string;
  /** Why nobody can be read from it, where more is to say than that it is no address. */
  reason?: string;
}

/** Where the address stands: in a column, counted from 1, or in a member of a JSON object. Null: nobody has said. */
export type AddressColumn = { number: number } | { name: string } | null;

/** `--column 2`, `--column request.client_ip`; null for what is neither. */
export function readColumn(text: string): AddressColumn {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= MAX_COLUMN ? { number: Number(text) } : null;
  return /^[^\s]+$/.test(text) ? { name: text } : null;
}

const MAX_COLUMN = 1000;
/** What a line holds behind that is not read. */
const MAX_LINE = 256 * 1024;
const MAX_PORT = 65_535;

/**
 * The address of each line of a log, which may be packed by gzip: its first column, up to white space, a comma or a
 * semicolon, or of a line of JSON the member that is known to hold it. A port behind it (`203.0.113.9:4711`,
 * `[2001:db8::5]:443`, as HAProxy logs) is left out, as are empty lines and those that begin with `#`. A batch for each
 * chunk; a line without an end takes no memory. Throws AppError `input` for a packed file that cannot be unpacked.
 */
export async function* readAddressColumn(
  chunks: AsyncIterable<Uint8Array>,
  column: AddressColumn = null,
): AsyncGenerator<AddressLine[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let line = 0;
  const read = (text: string): AddressLine[] => readLine(text, ++line, column);
  for await (const bytes of readPlain(chunks)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    yield lines.flatMap(read);
  }
  yield read(rest + decoder.decode());
}

function readLine(text: string, line: number, column: AddressColumn): AddressLine[] {
  if (/^\s*(?:#|$)/.test(text)) return [];
  if (column !== null && 'name' in column) return [{ line, ...readMember(text, [column.name]) }];
  if (column === null && /^\s*\{/.test(text)) return [{ line, ...readMember(text, KNOWN_MEMBERS) }];
  return readText(text, line, column?.number ?? null);
}

/**
 * One column and what ends it. In quotes or brackets (a time, an address by IPv6) it may hold what ends it otherwise;
 * between two commas it may be empty.
 */
const COLUMN = /\s*("(?:[^"\\]|\\.)*"|\[[^\][]*\][^\s,;]*|[^\s,;]*)(\s*[,;]\s*|\s+|$)/y;

interface Column {
  word: string;
  end: string;
}

function columnsOf(text: string, count: number): Column[] {
  const columns: Column[] = [];
  COLUMN.lastIndex = 0;
  while (columns.length < count && COLUMN.lastIndex < text.length) {
    const [, word, end] = COLUMN.exec(text) ?? [];
    if (word === undefined || end === undefined) break;
    columns.push({ word: word.replace(/^"(.*)"$/, '$1'), end });
  }
  return columns;
}

function readText(text: string, line: number, column: number | null): AddressLine[] {
  const number = column ?? 1;
  const [one, next] = columnsOf(text, number + 1).slice(number - 1);
  if (one === undefined) return [{ line, text: shorten(text), reason: `has no column ${number}` }];
  // Who counts the columns of a table knows that the next one is another.
  const isTable = column !== null && one.end === ',';
  const isList = !isTable && one.end.includes(',') && next !== undefined && isAddress(one.word) && isAddress(next.word);
  return [{ line, ...judge(isList ? `${one.word}, ${next.word}` : one.word) }];
}

const isAddress = (text: string): boolean => readPeer(withoutPort(text)) !== null;

const WHICH_HOP =
  'are the addresses of several hops: the caller can forge all but the last, which your own proxy added. ' +
  'Log the peer itself ($remote_addr, %a), or choose its column with --column';

/** A list, as X-Forwarded-For is one, does not say which of its addresses called. */
function judge(text: string): Pick<AddressLine, 'text' | 'reason'> {
  const parts = text.split(',').map((part) => part.trim());
  return parts.length > 1 && parts.some(isAddress)
    ? { text: shorten(text), reason: WHICH_HOP }
    : { text: withoutPort(text) };
}

/** The peer of a connection in the JSON of Caddy, Traefik, HAProxy, Envoy, and of usual formats of nginx and Apache. */
const KNOWN_MEMBERS = (
  'request.remote_ip request.remote_addr request.client_ip ClientHost ClientAddr httpRequest.remoteIp ' +
  'downstream_remote_address remote_addr remote_ip remote_address remoteAddr remoteIp remoteAddress remoteIP ' +
  'client_ip client_addr client_address clientIp clientIP clientip client ip peer'
).split(' ');

function readMember(text: string, names: readonly string[]): Pick<AddressLine, 'text' | 'reason'> {
  const object = readObject(text);
  if (object === null) return { text: shorten(text), reason: 'is not a JSON object' };
  const found = names
    .map((name) => ({ name, value: memberOf(object, name) }))
    .filter((one): one is { name: string; value: string } => typeof one.value === 'string' && one.value !== '');
  const first = found.find(({ value }) => value.split(',').some((part) => isAddress(part.trim()))) ?? found[0];
  if (first === undefined)
    return {
      text: shorten(text),
      reason: names.length === 1 ? `has no ${names[0]}` : 'has no known address field: name it with --column NAME',
    };
  const judged = judge(first.value);
  const other = found.find(({ value }) => isAddress(value) && judge(value).text !== judged.text);
  return other === undefined
    ? judged
    : {
        text: `${first.name} ${shorten(first.value)} and ${other.name} ${shorten(other.value)}`,
        reason: "differ: choose the caller's with --column NAME",
      };
}

function readObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** `request.remote_ip`: a member of that very name, or one within the other. */
function memberOf(object: object, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name as keyof typeof object];
  let value: unknown = object;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = value[part as keyof typeof value];
  }
  return value;
}

/** An address has 45 characters at most. */
const MAX_SHOWN = 80;

const shorten = (text: string): string =>
  text.length > MAX_SHOWN ? `${text.trim().slice(0, MAX_SHOWN)}…` : text.trim();

/** Only where nothing else can be meant: `2001:db8::5:443` is an address. */
function withoutPort(text: string): string {
  const [, ipv4, ipv6, port = '0'] =
    /^(?:(\d+(?:\.\d+){3})(?=:)|\[([\da-f:.]+(?:%[^%\]]+)?)\])(?::(\d{1,5}))?$/i.exec(text) ?? [];
  return Number(port) > MAX_PORT ? text : (ipv4 ?? ipv6 ?? text);
}
