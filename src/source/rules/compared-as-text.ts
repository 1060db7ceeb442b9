import { addressOf, BITS, networkAround, readAddress, type Address, type Network } from '../address.ts';
import { makeTextMachine, type Position, type TextMachine } from './text-machine.ts';

/** The caller's address in a text that rules look at: what stands before and behind it. */
export interface AddressInText {
  before: string;
  after: string;
}

/** Shorter texts hold an address by chance: `::1` stands in many. */
const MIN_LENGTH = 7;

/** Where an address stands in a text; null: it does not. An IPv4 address counts within IPv6, too. */
export function findAddress(text: string, { text: address }: Address): AddressInText | null {
  if (text === address) return { before: '', after: '' };
  const at = address.length < MIN_LENGTH ? -1 : text.indexOf(address);
  return at === -1 ? null : { before: text.slice(0, at), after: text.slice(at + address.length) };
}

/**
 * The networks in whose addresses, written as text, an expression is found; null where that cannot be told. None
 * where it is found in all of them or in none: then nothing hangs on the address.
 */
export function networksOfExpression(
  source: string,
  ignoreCase: boolean,
  { before, after }: AddressInText,
  family: Address['family'],
): readonly Network[] | null {
  const key = JSON.stringify([source, ignoreCase, before, after, family]);
  const found = known.get(key);
  if (found !== undefined) return found;
  const networks =
    ofWholeAddress(source, before, after, family) ??
    followMachine(makeTextMachine(source, ignoreCase), source, { before, after }, family);
  kept += 1 + (networks?.length ?? 0);
  if (kept > MAX_KEPT) {
    known.clear();
    kept = 0;
  }
  known.set(key, networks);
  return networks;
}

function followMachine(
  machine: TextMachine | null,
  source: string,
  { before, after }: AddressInText,
  family: Address['family'],
): readonly Network[] | null {
  if (machine === null) return null;
  return family === 4 ? inIpv4(machine, before, after) : inIpv6(machine, source, before, after);
}

/** `^192\.0\.2\.1$`, which lists are made of by the thousand, equals one text; null for any other expression. */
function ofWholeAddress(
  source: string,
  before: string,
  after: string,
  family: Address['family'],
): readonly Network[] | null {
  const literal = /^\^(\d{1,3}(?:(?:\\\.|\[\.\])\d{1,3}){3})\$$/.exec(source)?.[1]?.replace(/[\\[\]]/g, '');
  if (literal === undefined) return null;
  const isAround =
    literal.startsWith(before) && literal.endsWith(after) && literal.length > before.length + after.length;
  const address = isAround ? readAddress(literal.slice(before.length, literal.length - after.length)) : null;
  return address?.family === family ? [networkAround(address, BITS[family])] : [];
}

/** Expressions and the networks that they come to. A list may have one for each of its addresses. */
const MAX_KEPT = 200_000;
let kept = 0;
const known = new Map<string, readonly Network[] | null>();

/** From the first to the last of what is left of an address behind some octets. */
type Span = readonly [first: number, last: number];

/** An expression that tells more networks apart than this is none of a list. */
const MAX_SPANS = 4096;
const OCTETS = 4;

function inIpv4(machine: TextMachine, before: string, after: string): Network[] | null {
  const spans = spansOf(machine, walk(machine, machine.begin, before), after);
  return spans?.flatMap(([first, last]) => networksBetween(4, BigInt(first), BigInt(last))) ?? null;
}

const walk = (machine: TextMachine, from: Position, text: string): Position => {
  let at = from;
  for (const character of text) at = machine.step(at, character);
  return at;
};

/** Octet by octet: what is behind equal positions is worked out once. */
function spansOf(machine: TextMachine, begin: Position, after: string): readonly Span[] | null {
  const worked = new Map<string, readonly Span[] | null>();
  const find = (position: Position, octet: number): readonly Span[] | null => {
    const size = 256 ** (OCTETS - octet);
    if (position.isFound) return [[0, size - 1]];
    if (position.isLost) return [];
    if (octet === OCTETS) return machine.isFoundAtEnd(walk(machine, position, after)) ? [[0, 0]] : [];
    const key = `${octet} ${position.key}`;
    const before = worked.get(key);
    if (before !== undefined) return before;
    const spans: Span[] = [];
    for (let value = 0; value < 256 && spans.length <= MAX_SPANS; value += 1) {
      const inner = find(walk(machine, position, octet === OCTETS - 1 ? `${value}` : `${value}.`), octet + 1);
      if (inner === null) {
        worked.set(key, null);
        return null;
      }
      for (const [first, last] of inner) addSpan(spans, (value * size) / 256 + first, (value * size) / 256 + last);
    }
    const result = spans.length > MAX_SPANS ? null : spans;
    worked.set(key, result);
    return result;
  };
  return find(begin, 0);
}

function addSpan(spans: Span[], first: number, last: number): void {
  const previous = spans.at(-1);
  if (previous !== undefined && previous[1] + 1 === first) spans[spans.length - 1] = [previous[0], last];
  else spans.push([first, last]);
}

/** The fewest networks that hold every address from the first to the last, and no other. */
export function networksBetween(family: Address['family'], first: bigint, last: bigint): Network[] {
  const networks: Network[] = [];
  for (let at = first; at <= last;) {
    let free = 0;
    while (free < BITS[family] && at % (2n << BigInt(free)) === 0n && at + (2n << BigInt(free)) - 1n <= last) free += 1;
    networks.push(networkAround(addressOf(family, at), BITS[family] - free));
    at += 1n << BigInt(free);
  }
  return networks;
}

const HEX = '0123456789abcdef';
/** 2000::/3 and fc00::/7 and link-local ones: nobody calls from an address with another first group but `::1`. */
const FIRST_GROUP = ['23f', HEX, HEX, HEX, ':'];
const MAX_POSITIONS = 500;
const LOOPBACK = '::1';

/**
 * IPv6 leaves out zeros, so its texts are not followed group by group. Told are: an expression that is found in every
 * such text or in none, whole groups at the beginning (`^2001:db8:`), and one whole address.
 */
function inIpv6(machine: TextMachine, source: string, before: string, after: string): Network[] | null {
  const isBare = before === '' && after === '';
  const groups = isBare ? /^\^((?:[1-9a-f][0-9a-f]{0,3}:){1,7})$/i.exec(source)?.[1] : undefined;
  if (groups !== undefined) {
    const count = groups.split(':').length - 1;
    const address = readAddress(count === 7 ? `${groups}0` : `${groups}:`);
    return address === null ? null : [networkAround(address, count * 16)];
  }
  const whole = isBare ? readAddress(/^\^([0-9a-f:]+)\$$/i.exec(source)?.[1] ?? '') : null;
  if (whole !== null) return [networkAround(whole, 128)];
  const begin = walk(machine, machine.begin, before);
  const isFound = isFoundAlike(machine, begin, after);
  if (isFound === null) return null;
  const isHere = machine.isFoundAtEnd(walk(machine, begin, `${LOOPBACK}${after}`));
  return isHere === isFound ? [] : networksBetween(6, 1n, 1n);
}

/** Whether it is found in every address or in none; null: in some. */
function isFoundAlike(machine: TextMachine, begin: Position, after: string): boolean | null {
  let positions = [begin];
  for (const characters of FIRST_GROUP) positions = stepAll(machine, positions, characters);
  const seen = new Map(positions.map((one) => [one.key, one]));
  while (positions.length > 0 && seen.size <= MAX_POSITIONS) {
    positions = stepAll(machine, positions, `${HEX}:`).filter(({ key }) => !seen.has(key));
    for (const one of positions) seen.set(one.key, one);
  }
  const [first, ...others] = new Set([...seen.values()].map((one) => machine.isFoundAtEnd(walk(machine, one, after))));
  return seen.size > MAX_POSITIONS || first === undefined || others.length > 0 ? null : first;
}

function stepAll(machine: TextMachine, positions: readonly Position[], characters: string): Position[] {
  const next = positions.flatMap((one) => [...characters].map((character) => machine.step(one, character)));
  return [...new Map(next.map((one) => [one.key, one])).values()];
}
