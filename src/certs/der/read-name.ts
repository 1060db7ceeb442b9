import { readWhole } from './read-bytes.ts';
import { DER, readDer, readDerValues, readOid, type DerValue } from './read-der.ts';

/** The short names of RFC 4514 §3, and those that OpenSSL prints beside them. */
const SHORT_NAME: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.42': 'GN',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

interface Attribute {
  type: string;
  value: string;
}

const MAX_NAME_CHARACTERS = 500;
const MAX_VALUE_CHARACTERS = 100;

/**
 * A DER Name for people: `CN=Test CA, O=Example`, the most particular part first (RFC 4514). Bounded in length; what
 * somebody else wrote is in it, so it must be made safe before it is printed. Never throws.
 */
export function describeName(name: Buffer): string {
  const parts = readName(name);
  if (parts === null) return `(unreadable name of ${name.length} bytes)`;
  if (parts.length === 0) return '(empty name)';
  return shorten(
    parts
      .toReversed()
      .map((attributes) => attributes.map(describeAttribute).join('+'))
      .join(', '),
    MAX_NAME_CHARACTERS,
  );
}

/**
 * Whether two DER Names say the same although their bytes differ: in case, spaces or the type of a string (RFC 5280
 * §7.1). Java and OpenSSL compare them like this.
 */
export function nameTheSame(one: Buffer, other: Buffer): boolean {
  const [first, second] = [one, other].map((name) =>
    JSON.stringify(readName(name)?.map((attributes) => attributes.map(foldAttribute).toSorted()) ?? null),
  );
  return first !== 'null' && first === second;
}

const foldAttribute = ({ type, value }: Attribute): string =>
  `${type}=${value.trim().replaceAll(/\s+/g, ' ').toLowerCase()}`;

const shorten = (text: string, maxCharacters: number): string =>
  text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;

function describeAttribute({ type, value }: Attribute): string {
  const escaped = shorten(value, MAX_VALUE_CHARACTERS).replaceAll(/["+,;<>\\]/g, String.raw`\$&`);
  return `${SHORT_NAME[type] ?? type}=${escaped}`;
}

/** RFC 5280 §4.1.2.4: a sequence of sets of (type, value). Null when it is none. */
function readName(name: Buffer): Attribute[][] | null {
  const outer = readWhole(name, readDer);
  const sets = outer?.tag === DER.sequence ? readDerValues(outer.content) : null;
  return sets === null ? null : allOrNull(sets, readSet);
}

function readSet(set: DerValue): Attribute[] | null {
  const pairs = set.tag === DER.set ? readDerValues(set.content) : null;
  return pairs === null ? null : allOrNull(pairs, readAttribute);
}

function readAttribute(pair: DerValue): Attribute | null {
  const [type, value] = (pair.tag === DER.sequence ? readDerValues(pair.content) : null) ?? [];
  const oid = type?.tag === DER.oid ? readOid(type.content) : null;
  return oid === null || value === undefined ? null : { type: oid, value: readText(value) };
}

function allOrNull<From, To>(items: readonly From[], read: (item: From) => To | null): To[] | null {
  const found = items.map(read).filter((item) => item !== null);
  return found.length === items.length ? found : null;
}

/** The string types of RFC 5280 §4.1.2.4; anything else as RFC 4514 §2.4 has it, in hexadecimal. */
function readText({ tag, content, whole }: DerValue): string {
  if (tag === 0x0c) return content.toString('utf8');
  if ([0x12, 0x13, 0x14, 0x16, 0x1a].includes(tag)) return content.toString('latin1');
  if (tag === 0x1e && content.length % 2 === 0) return Buffer.from(content).swap16().toString('utf16le');
  return `#${whole.subarray(0, MAX_VALUE_CHARACTERS).toString('hex')}`;
}
