import { AppError } from '../../model/error.ts';
import { HEADER_NAME } from '../../model/header.ts';
import type { Header } from '../../model/plan.ts';
import type { CurlOption } from './curl-options.ts';
import type { ShellWord } from './shell-word.ts';

/** The headers of a curl command, and what of them it does not hold. */
export interface CurlHeaders {
  headers: Header[];
  notes: string[];
}

/** Options that are headers by another name. */
const AS_HEADER: Record<string, string> = { 'user-agent': 'User-Agent', referer: 'Referer', cookie: 'Cookie' };

/**
 * The headers that the options name, and the Content-Type that curl gives to data. `-H 'Name:'` takes away one that
 * curl would add, and a header of the user's own takes its place. `basic`: that of the credentials in the URL.
 */
export function readCurlHeaders(
  options: readonly CurlOption[],
  basic: string | null,
  { isForm }: { isForm: boolean },
): CurlHeaders {
  const notes: string[] = [];
  const own: Header[] = [];
  const named = new Set<string>();
  for (const { name, value } of options) {
    if (name !== 'header' || value === null) continue;
    const [header, ...others] = readHeader(value, notes);
    if (header === undefined) continue;
    named.add(header[0].toLowerCase());
    own.push(...others);
  }
  const added = addedHeaders(options, basic, isForm, notes).filter(([name]) => !named.has(name.toLowerCase()));
  return { headers: [...added, ...own], notes };
}

/** The header that is named and, unless that only takes one away, the header that is sent. */
function readHeader(value: ShellWord, notes: string[]): Header[] {
  const line = value.bytes.toString('latin1');
  if (line.startsWith('@')) {
    notes.push(`the headers in the file ${line.slice(1, 60)} are not read`);
    return [];
  }
  const [, name = '', separator = '', rest = ''] = /^([^:;]*)([:;]?)([^]*)$/.exec(line) ?? [];
  const text = rest.trim();
  // Without a colon, or with a semicolon before a value, curl sends nothing.
  if (separator === '' || (separator === ';' && text !== '')) return [];
  if (!HEADER_NAME.test(name) || /[\r\n]/.test(text))
    throw new AppError('input', `the curl command has an invalid header: "${name.slice(0, 40)}"`, {
      hint: "write a header as 'Name: value', in quotes",
    });
  const header: Header = [name, text];
  const [unread] = value.unknown;
  if (unread !== undefined) {
    notes.push(`the header ${name.slice(0, 60)} comes from ${unread}, which is not read: it is left out`);
    return [header];
  }
  return separator === ':' && text === '' ? [header] : [header, header];
}

function addedHeaders(
  options: readonly CurlOption[],
  basic: string | null,
  isForm: boolean,
  notes: string[],
): Header[] {
  const json = options.some(({ name }) => name === 'json');
  const type = json ? 'application/json' : 'application/x-www-form-urlencoded';
  return [
    ...authorization(options, basic, notes),
    ...Object.keys(AS_HEADER).flatMap((name) => optionHeader(options, name, notes)),
    ...(isForm ? [['Content-Type', type] as const] : []),
    ...(json ? [['Accept', 'application/json'] as const] : []),
  ];
}

function authorization(options: readonly CurlOption[], basic: string | null, notes: string[]): Header[] {
  const bearer = options.findLast(({ name }) => name === 'oauth2-bearer')?.value;
  const user = options.findLast(({ name }) => name === 'user')?.value;
  const word = bearer ?? user;
  if (word === undefined || word === null) return basic === null ? [] : [['Authorization', basic]];
  const text = word.bytes.toString('latin1');
  const scheme = options.find(({ name }) => /^(?:digest|ntlm|ntlm-wb|negotiate|anyauth)$/.test(name))?.name;
  const [unread] = word.unknown;
  const why =
    unread ??
    (scheme === undefined ? (bearer || text.includes(':') ? null : 'a prompt') : `what --${scheme} negotiates`);
  if (why !== null) notes.push(`the header Authorization comes from ${why}, which is not read: it is left out`);
  if (why !== null) return [];
  return [['Authorization', bearer ? `Bearer ${text}` : `Basic ${Buffer.from(text, 'latin1').toString('base64')}`]];
}

/** `-b` gives the cookies themselves where it has a =, and else names a file. */
function optionHeader(options: readonly CurlOption[], option: string, notes: string[]): Header[] {
  const values = options.flatMap(({ name, value }) => (name === option && value !== null ? [value] : []));
  const isCookie = option === 'cookie';
  const known = values.filter(({ bytes, unknown }) => unknown.length === 0 && (!isCookie || bytes.includes('=')));
  const header = AS_HEADER[option] as string;
  if (known.length < values.length) notes.push(`part of the header ${header} is not in the command: it is left out`);
  const texts = known.map(({ bytes }) => bytes.toString('latin1'));
  const text = isCookie ? texts.join(';') : (texts.at(-1) ?? '').replace(/;auto$/, '');
  return text === '' ? [] : [[header, text]];
}
