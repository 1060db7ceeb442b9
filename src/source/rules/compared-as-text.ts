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
  const machine = makeTextMachine(source, ignoreCase);
  const networks =
    machine === null ? null : family === 4 ? inIpv4(machine, before, after) : inIpv6(machine, source, before);
  if (known.size > MAX_KNOWN) known.clear();
  known.set(key, networks);
  return networks;
}

const MAX_KNOWN = 1000;
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

const HEX_AND_COLON = '0123456789abcdef:';
const MAX_POSITIONS = 500;
/** `::1` has that many, and no address has fewer but `::`. */
const SHORTEST = 3;

/**
 * IPv6 leaves out zeros, so its texts are not followed group by group. Told are: an expression that is found in every
 * such text or in none, whole groups at the beginning (`^2001:db8:`), and one whole address.
 */
function inIpv6(machine: TextMachine, source: string, before: string): Network[] | null {
  if (before !== '') return isFoundAlike(machine, walk(machine, machine.begin, before)) ? [] : null;
  const groups = /^\^((?:[1-9a-f][0-9a-f]{0,3}:){1,7})$/i.exec(source)?.[1];
  if (groups !== undefined) {
    const count = groups.split(':').length - 1;
    const address = readAddress(count === 7 ? `${groups}0` : `${groups}:`);
    return address === null ? null : [networkAround(address, count * 16)];
  }
  const whole = readAddress(/^\^([0-9a-f:]+)\$$/i.exec(source)?.[1] ?? '');
  if (whole !== null) return [networkAround(whole, 128)];
  return isFoundAlike(machine, machine.begin) ? [] : null;
}

function isFoundAlike(machine: TextMachine, begin: Position): boolean {
  let positions: Position[] = [begin];
  const seen = new Map<string, Position>();
  for (let length = 0; positions.length > 0; length += 1) {
    const next = new Map<string, Position>();
    for (const position of positions)
      for (const character of HEX_AND_COLON) {
        const one = machine.step(position, character);
        if (length < SHORTEST - 1 || !seen.has(one.key)) next.set(one.key, one);
      }
    if (length >= SHORTEST - 1) for (const [key, one] of next) seen.set(key, one);
    if (seen.size + next.size > MAX_POSITIONS) return false;
    positions = [...next.values()];
  }
  return new Set([...seen.values()].map((one) => machine.isFoundAtEnd(one))).size === 1;
}
