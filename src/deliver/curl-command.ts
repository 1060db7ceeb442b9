import type { Header, SignedRequest } from '../model/plan.ts';
import { hideSecretHeader } from '../model/header.ts';
import { quoteForShell } from '../model/shell-word.ts';
import { splitQuery, parseHttpUrl } from '../model/http-url.ts';

/** The same flags in curl's spelling; files by name, never their content. */
export interface CurlOptions {
  maxTimeMs?: number | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  pfx?: string | undefined;
  cacert?: string | undefined;
  /** Anything but undefined: the key has a passphrase. It is not shown; the command asks the environment for it. */
  passphrase?: unknown;
  insecure?: boolean | undefined;
  /** As the user wrote them. */
  resolve?: readonly string[] | undefined;
  connectTo?: readonly string[] | undefined;
  /** A file that holds the body; the command then names it instead of carrying the bytes. */
  bodyFile?: string | undefined;
  /** The end of the URL's query that is the event itself, and no secret of the address. */
  eventQuery?: string | undefined;
  /** For a report, which indents what has several lines: no line of the command may belong to the body. */
  body?: 'on one line' | { gzipped: Uint8Array } | undefined;
}

const LINE_FEED = 0x0a;
/** What curl adds by itself and hookproof does not send. */
const CURL_DEFAULTS = ['Accept', 'User-Agent', 'Content-Type', 'Expect'];
/** Linux refuses a single argument of 128 KiB (MAX_ARG_STRLEN), so larger bodies go through a pipe. */
const LONGEST_ARGUMENT = 100_000;

/**
 * A command for a POSIX shell that sends the same bytes, to paste or to keep. The signature is shown, it is on
 * the wire anyway; credentials and passphrases are not: the command takes them from variables and says which.
 */
export function curlCommand(request: SignedRequest, options: CurlOptions = {}): string {
  const { url } = request;
  const credentials = hasCredentials(url);
  const body = bodyArguments(request, options);
  const lines = [
    // --globoff: brackets and braces in the URL are meant; --noproxy: hookproof asks no proxy either.
    `${body.before}curl -sS -i --http1.1 --globoff --path-as-is --noproxy '*' ` +
      `-X ${quoteForShell(request.method)} ${requestUrl(url, options.eventQuery ?? '')}`,
    ...connectionArguments(options),
    ...(credentials ? ['--user "${WEBHOOK_CREDENTIALS:?set it to user:password}"'] : []),
    ...request.headers.flatMap(headerArgument),
    ...CURL_DEFAULTS.filter((name) => !hasHeader(request.headers, name)).map(
      (name) => `-H ${quoteForShell(`${name}:`)}`,
    ),
    ...body.arguments,
  ];
  return lines.join(' \\\n  ');
}

function requestUrl(url: URL, eventQuery: string): string {
  if (eventQuery === '') return urlForShell(url, 'curl');
  const address = new URL(url);
  address.search = url.search.slice(0, -eventQuery.length).replace(/&$/, '');
  const rest = `${address.search === '' ? '?' : '&'}${eventQuery}`;
  return urlForShell(address, 'curl') + quoteForShell(rest);
}

/**
 * A command that reads a URL, for its answer alone; credentials and secrets come from variables that begin with
 * `prefix`.
 */
export function curlGet(target: string, options: CurlOptions, prefix: string): string {
  const user = hasCredentials(parseHttpUrl(target))
    ? [`--user "\${${prefix}_CREDENTIALS:?set it to user:password}"`]
    : [];
  return [
    `curl -sS --globoff --noproxy '*' ${urlForShell(target, 'curl', prefix)}`,
    ...connectionArguments(options),
    ...user,
  ].join(' ');
}

/**
 * A URL as a word of a POSIX shell. Its secrets are not shown: the shell takes them from variables that begin with
 * `prefix`, and says which is missing. curl gets user and password by a flag of its own.
 */
export function urlForShell(target: string | URL, reader: 'curl' | 'hookproof', prefix = 'WEBHOOK'): string {
  const url = new URL(target);
  const credentials = hasCredentials(url) && reader === 'hookproof';
  [url.username, url.password, url.hash] = ['', '', ''];
  const [origin = '', rest = ''] = credentials
    ? [`${url.protocol}//`, url.href.slice(url.protocol.length + 2)]
    : ['', url.href];
  const start = credentials ? `${origin}"\${${prefix}_CREDENTIALS:?set it to user:password}"@` : '';
  return (
    start +
    splitQuery(rest)
      .map(({ text, secretOf }) => (secretOf === null ? quotePart(text) : queryVariable(secretOf, prefix)))
      .join('')
  );
}

/** `"${WEBHOOK_QUERY_TOKEN:?…}"`. Never the name of a variable that the user has for something else. */
function queryVariable(name: string, prefix: string): string {
  const word = name
    .toUpperCase()
    .replace(/[^A-Z\d]+/g, '_')
    .replace(/^_|_$/g, '');
  return `"\${${prefix}_QUERY${word === '' ? '' : `_${word}`}:?set it to the value in the URL}"`;
}

const quotePart = (text: string): string => (text === '' ? '' : quoteForShell(text));

const hasCredentials = ({ username, password }: URL): boolean => username !== '' || password !== '';

function connectionArguments(options: CurlOptions): string[] {
  const { maxTimeMs, cert, key, pfx, cacert, passphrase } = options;
  return [
    ...(maxTimeMs === undefined ? [] : [`--max-time ${maxTimeMs / 1000}`]),
    ...(cert === undefined ? [] : [`--cert ${quoteFile(cert)}`]),
    ...(key === undefined ? [] : [`--key ${quoteForShell(key)}`]),
    ...(pfx === undefined ? [] : [`--cert-type P12 --cert ${quoteFile(pfx)}`]),
    ...(passphrase === undefined ? [] : ['--pass "${WEBHOOK_PASSPHRASE:?set it to the passphrase of the key}"']),
    ...(cacert === undefined ? [] : [`--cacert ${quoteForShell(cacert)}`]),
    ...(options.insecure ? ['--insecure'] : []),
    ...(options.resolve ?? []).map((rule) => `--resolve ${quoteForShell(rule)}`),
    ...(options.connectTo ?? []).map((rule) => `--connect-to ${quoteForShell(rule)}`),
  ];
}

function headerArgument(header: Header): string[] {
  const [name, value] = header;
  const lower = name.toLowerCase();
  if (lower === 'content-length') return [];
  if (hideSecretHeader(header) !== header) {
    const variable = `WEBHOOK_${name.toUpperCase().replace(/[^A-Z\d]+/g, '_')}`;
    return [`-H "${name}: \${${variable}:?set it to the value of this header}"`];
  }
  // `-H 'Name:'` would remove the header; a semicolon sends it empty.
  return [`-H ${quoteForShell(value === '' ? `${name};` : `${name}: ${value}`)}`];
}

/** How the body gets there. */
interface BodyArguments {
  before: string;
  arguments: string[];
}

function bodyArguments({ method, body }: SignedRequest, { bodyFile, body: form }: CurlOptions): BodyArguments {
  if (body.length === 0 && method === 'GET') return { before: '', arguments: [] };
  if (bodyFile !== undefined) return { before: '', arguments: [`--data-binary ${quoteForShell(`@${bodyFile}`)}`] };
  if (typeof form === 'object')
    return { before: piped(form.gzipped, 'gzip -dc \\\n  | '), arguments: ['--data-binary @-'] };
  const text = form === 'on one line' && body.includes(LINE_FEED) ? null : textOf(body);
  // --data-raw, unlike --data-binary, does not read a file when the text begins with @.
  if (text !== null) return { before: '', arguments: [`--data-raw ${quoteForShell(text)}`] };
  // printf is built into the shell, so the limit for arguments is not its limit.
  return { before: piped(body, ''), arguments: ['--data-binary @-'] };
}

/** The bytes through a pipe; each program has a line, as each flag of curl has. */
function piped(bytes: Uint8Array, then: string): string {
  return `printf %s ${quoteForShell(Buffer.from(bytes).toString('base64'))} \\\n  | base64 -d \\\n  | ${then}`;
}

/** The body as text that survives a terminal, or null: invalid UTF-8, control characters, or too long. */
function textOf(body: Uint8Array): string | null {
  if (body.byteLength > LONGEST_ARGUMENT) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    // oxlint-disable-next-line no-control-regex -- line feed and tab are fine, the rest is not
    return /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function hasHeader(headers: readonly Header[], name: string): boolean {
  return headers.some(([one]) => one.toLowerCase() === name.toLowerCase());
}

/** curl takes what follows a colon in `--cert` for the passphrase, unless it is escaped. */
function quoteFile(path: string): string {
  return quoteForShell(path.replaceAll('\\', '\\\\').replaceAll(':', String.raw`\:`));
}
