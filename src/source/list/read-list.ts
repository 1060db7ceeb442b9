import {
  BITS,
  readAddress,
  type Address,
  isMapped,
  networkAround,
  type Network,
  prefixLengthOfMask,
} from '../address.ts';
import type { AddressList, ListEntry, ListProblem, ListRemark } from './address-list.ts';
import { APACHE_LINES, NGINX_LINES, readFormLine } from './form-lines.ts';
import { readEverywhere, readIpv6 } from './read-as.ts';

/** A wrong file has a problem on every line: the first hundred are enough. */
export const MAX_PROBLEMS = 100;
/** More than a server handles well. Stops early when a log was given by mistake. */
const MAX_ENTRIES = 100_000;
const MAX_SHOWN = 100;

/** Rules of a server's configuration that are given as a list by mistake. */
const SERVER_RULES = [
  { server: NGINX_LINES, pattern: /^(?:allow|deny)\s[^;]*;/ },
  { server: APACHE_LINES, pattern: /^(?:Require\s|<\/?Require(?:Any|All|None)>)/i },
];

/**
 * Reads a list: addresses, networks as CIDR or as address/netmask, of IPv4 and IPv6; one a line, or several between
 * commas or white space; `#` begins a comment. Whatever two programs read as different networks is a problem, and stays
 * out of the entries. Nothing is read after the 100th problem; more than 100 000 entries are a problem.
 */
export function readList(text: string, file: string | null): AddressList {
  const list: AddressList = { entries: [], problems: [], remarks: [] };
  for (const item of readItems(text, file)) {
    if ('reason' in item) list.problems.push(item);
    else if ('network' in item) list.entries.push(item);
    else list.remarks.push(item);
    if (list.entries.length > MAX_ENTRIES)
      list.problems.push({ file, line: item.line, text: '', reason: `more than ${MAX_ENTRIES} entries`, readings: [] });
    if (list.problems.length >= MAX_PROBLEMS || list.entries.length > MAX_ENTRIES) break;
  }
  return list;
}

/** Reads a text that must be a single entry: of a configuration, of a command line. */
export function readEntry(text: string): ListEntry | ListProblem {
  const { entries, problems } = readList(text, null);
  const entry = entries.length === 1 && entries[0]?.text === text.trim() ? { ...entries[0], line: null } : null;
  if (problems[0] !== undefined) return { ...problems[0], line: null };
  return (
    entry ?? {
      file: null,
      line: null,
      text: shown(text),
      reason: 'it is not a single address or network',
      readings: [],
    }
  );
}

interface LinePlace {
  file: string | null;
  line: number;
}

type Item = ListEntry | ListProblem | ListRemark;

function* readItems(text: string, file: string | null): Iterable<Item> {
  const end = /\r\n|\n|\r|$/g;
  for (let line = 1, start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; line += 1) {
    end.lastIndex = start;
    const found = end.exec(text);
    const stop = found?.index ?? text.length;
    yield* readLine(text.slice(start, stop), { file, line });
    start = stop + (found?.[0].length || 1);
  }
}

function* readLine(text: string, where: LinePlace): Iterable<Item> {
  const { content, comment } = splitComment(text);
  const ofLine = findLineProblem(content);
  if (content === '' && comment !== null) yield { line: where.line, text: comment };
  const ofServer = findServerRule(content);
  if (ofServer !== null) return yield { ...where, text: shown(content), ...ofServer, readings: [] };
  if (ofLine !== null) return yield { ...where, text: shown(content), reason: ofLine, readings: [] };
  for (const [word] of content.matchAll(/[^\s,]+/g)) {
    const read = readWord(word);
    if (typeof read !== 'string') yield { ...read, text: word, ...where, comment };
    else
      yield { ...where, text: shown(word), reason: read, readings: looksLikeAddress(word) ? readEverywhere(word) : [] };
  }
}

function splitComment(line: string): { content: string; comment: string | null } {
  const at = line.indexOf('#');
  return at === -1
    ? { content: line.trim(), comment: null }
    : { content: line.slice(0, at).trim(), comment: line.slice(at + 1).trim() };
}

/** Finds a rule of a server's configuration; `form` is set where the line can be read with `--from`. */
function findServerRule(content: string): Pick<ListProblem, 'reason' | 'form'> | null {
  const rule = SERVER_RULES.find(({ pattern }) => pattern.test(content));
  if (rule === undefined) return null;
  const { server } = rule;
  return {
    reason: `a rule for ${server.title}, not a list entry`,
    form: readFormLine(content, server) === null ? undefined : server.id,
  };
}

/** Finds what reads as two entries but was meant as one. */
function findLineProblem(content: string): string | null {
  // A comment to some, the end of an entry to others.
  if (content.includes(';')) return 'a semicolon: write # before a comment, and a comma or a new line between entries';
  if (/\s[/-]|[/-]\s/.test(content)) return 'an entry contains no spaces: write 192.0.2.0/24';
  for (const [, address = '', mask = ''] of content.matchAll(
    /(?<![^\s,])([\d.]{7,15})\s+(?=([\d.]{7,15})(?![^\s,]))/g,
  )) {
    const [first, second] = [readAddress(address), readAddress(mask)];
    if (first !== null && second !== null && isMaskLike(second))
      return `two addresses, or an address and its netmask? Write ${address}/${mask}, or a comma between them`;
  }
  return null;
}

/** `255.255.255.0`, and `0.0.0.255` as some routers have it. */
function isMaskLike(address: Address): boolean {
  const inverse = { ...address, value: address.value ^ 0xffff_ffffn };
  return prefixLengthOfMask(address) !== null || prefixLengthOfMask(inverse) !== null;
}

type ReadWord = Pick<ListEntry, 'network' | 'form' | 'hasHostBits'>;

/** Reads the network, or says why it is none. */
function readWord(word: string): ReadWord | string {
  const slash = word.indexOf('/');
  const address = readAddress(slash === -1 ? word : word.slice(0, slash));
  if (address === null) return whyNoAddress(slash === -1 ? word : word.slice(0, slash));
  if (isMapped(address))
    return (
      `IPv4 within IPv6, which some programs read as ${readAddressWithin(address)} and others never match: ` +
      'write the IPv4 address'
    );
  if (slash === -1) return ofLength(address, BITS[address.family], 'address');
  return readBehindSlash(address, word.slice(slash + 1));
}

function readBehindSlash(address: Address, text: string): ReadWord | string {
  if (/^(0|[1-9]\d{0,2})$/.test(text)) {
    return Number(text) <= BITS[address.family]
      ? ofLength(address, Number(text), 'prefix')
      : `an IPv${address.family} prefix has at most ${BITS[address.family]} bits`;
  }
  if (text === '') return 'nothing after the slash: write the prefix length';
  if (/^0\d+$/.test(text)) return 'a prefix length with a leading zero';
  const mask = readAddress(text);
  if (mask?.family !== 4)
    return address.family === 4
      ? 'write a prefix length or a netmask after the slash'
      : 'write a prefix length after the slash';
  if (address.family === 6) return 'an IPv4 netmask after an IPv6 address';
  const prefixLength = prefixLengthOfMask(mask);
  if (prefixLength === null) return 'this netmask is not contiguous: no network has it';
  return ofLength(address, prefixLength, 'netmask');
}

function ofLength(address: Address, prefixLength: number, form: ListEntry['form']): ReadWord {
  const network: Network = networkAround(address, prefixLength);
  return { network, form, hasHostBits: network.first.value !== address.value };
}

const readAddressWithin = ({ value }: Address): string =>
  [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');

function whyNoAddress(text: string): string {
  if (/^[\d.]+$/.test(text)) return whyNoIpv4(text);
  const ipv6 = readIpv6(text);
  if (ipv6 !== null) return `an IPv6 address with a dotted tail, which programs read differently: write ${ipv6.text}`;
  if (text.includes('%')) return 'an address with a zone, which is valid on one machine only';
  if (text.startsWith('[')) return 'an IPv6 address in a list must not have brackets';
  return 'not an address';
}

function whyNoIpv4(text: string): string {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.includes(''))
    return 'an IPv4 address has four numbers, and programs read other forms differently';
  if (parts.some((part) => /^0\d/.test(part)))
    return 'a number with a leading zero: decimal to some programs, octal to others';
  return 'a number above 255';
}

/** Words of prose and configuration have no readings worth a table. */
const looksLikeAddress = (word: string): boolean => /^[\da-fx.:/%+-]+$/i.test(word) && /\d|::/.test(word);

const shown = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
