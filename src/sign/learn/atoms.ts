import { createHash } from 'node:crypto';
import type { Hash, MessagePart, RequestPlace, SignatureTime } from '../../model/signature.ts';
import { collectMessage, type SignedSubject } from '../scheme/message.ts';
import { writePlace } from '../scheme/place.ts';
import { formOf, listCarriers, listJsonObjects, listJsonTexts, type Carrier } from './carriers.ts';
import { readingsOf, timeUnitOfText, type LearnSubject } from './learn-subject.ts';
import type { SignatureSlot } from './slots.ts';

export type AtomKind = 'body' | 'time' | 'id' | 'url' | 'method' | 'text' | 'hash' | 'value' | 'secret';

/** How the grammar says the bytes of an atom. */
export interface AtomReading {
  parts: readonly MessagePart[];
  /** The parts are `timestamp`, and this is where it stands. */
  time?: SignatureTime;
  /** The same without a time of its own, where a message has two. */
  plain?: readonly MessagePart[];
}

/** A piece that a message may be made of. Texts of the same bytes are one, with several readings. */
export interface Atom {
  kind: AtomKind;
  bytes: Buffer;
  /** Likeliest first. */
  readings: AtomReading[];
}

const MAX_VALUE = 2000;
const MAX_VALUES = 40;
const MAX_IDS = 6;
const MAX_TIMES = 4;
const MAX_OBJECTS = 12;
const VERSIONS = ['v0', 'v1', 'v2'];

/** Everything in the request that a message may hold, likeliest first; the secret too. */
export function listAtoms(subject: LearnSubject, slots: readonly SignatureSlot[], secrets: readonly Buffer[]): Atom[] {
  const carriers = listCarriers(subject).filter(({ text }) => text.length <= MAX_VALUE);
  const signatures = new Set(slots.map(({ at }) => JSON.stringify(at)));
  const others = carriers.filter(({ at }) => !signatures.has(JSON.stringify(at)));
  const times = timeCarriers(others);
  const values = others.filter((carrier) => !times.includes(carrier));
  const ofTimes = timeAtoms(times, slots);
  const ids = idAtoms(values);
  const atoms = [
    ...bodyAtoms(subject),
    ...ofTimes,
    ...ids,
    ...urlAtoms(subject),
    ...ownPlaceAtoms(subject, slots, secrets),
    ...hashAtoms(subject.body),
    ...mixedHashAtoms(subject, [...ofTimes.slice(0, 1), ...ids.slice(0, 2)]),
    ...versionAtoms(slots),
    ...secrets.map((bytes): Atom => ({ kind: 'secret', bytes, readings: [{ parts: ['secret'] }] })),
    ...valueAtoms(values),
  ];
  return mergeAtoms(atoms);
}

/** The first kind that some bytes have counts; all their readings do. */
function mergeAtoms(atoms: readonly Atom[]): Atom[] {
  const merged = new Map<string, Atom>();
  for (const atom of atoms) {
    if (atom.bytes.length === 0) continue;
    const key = atom.bytes.length > 4096 ? `${atom.bytes.length} ${sha256(atom.bytes)}` : atom.bytes.toString('latin1');
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { ...atom, readings: [...atom.readings] });
    else known.readings.push(...atom.readings.filter((one) => !known.readings.some((other) => isSame(one, other))));
  }
  return [...merged.values()];
}

const isSame = (one: AtomReading, other: AtomReading): boolean => JSON.stringify(one) === JSON.stringify(other);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const textAtom = (kind: AtomKind, text: string, ...readings: AtomReading[]): Atom => ({
  kind,
  bytes: Buffer.from(text, 'utf8'),
  readings,
});

/** The bytes of parts, as the code that signs collects them. */
function partAtom(kind: AtomKind, parts: readonly MessagePart[], subject: SignedSubject): Atom {
  const chunks = collectMessage(parts, { ...subject, secret: () => Buffer.alloc(0) });
  return { kind, bytes: Buffer.concat(chunks), readings: [{ parts }] };
}

function bodyAtoms(subject: LearnSubject): Atom[] {
  const [one] = readingsOf(subject);
  if (one === undefined || subject.body.length === 0) return [];
  const forms = [...(formOf(subject.body) ?? [])].filter(([, text]) => isPayload(text)).map(([form]) => form);
  const objects = listJsonObjects(subject.body).slice(0, MAX_OBJECTS);
  const long = listJsonTexts(subject.body)
    .filter(({ text }) => isPayload(text))
    .slice(0, MAX_OBJECTS);
  const parts: MessagePart[] = [
    'body',
    ...long.map(({ path }) => ({ json: path })),
    ...[...new Set(forms)].slice(0, MAX_OBJECTS).map((form) => ({ form })),
    ...objects.map((json) => ({ json, as: 'raw' as const })),
    { encode: ['base64'], of: ['body'] },
  ];
  return parts.map((part) => partAtom('body', [part], one));
}

/** A body within the body: long, or JSON. */
const isPayload = (text: string): boolean => text.length > MAX_VALUE || /^\s*[[{]/.test(text);

/** A text that is a time in a form which the grammar has no unit for: signed as it stands there. */
const OTHER_TIME =
  /^(?:1\d{15}|1\d{18}|\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d .*|\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*|\d{10}\.\d+)$/;

const TIME_NAME = /time|stamp|date|created|(?:^|[-_.])ts(?:$|[-_.])|(?:^|[-_.])t(?:$|[-_.])/i;

function timeCarriers(carriers: readonly Carrier[]): Carrier[] {
  return carriers
    .filter(({ at, text }) => timeUnitOfText(text) !== null || (OTHER_TIME.test(text) && !('query' in at)))
    .toSorted((one, other) => timeOrder(one) - timeOrder(other))
    .slice(0, MAX_TIMES);
}

/** Where the time stands: in the signature's own text, in a header, or with the event. */
function timeAtoms(carriers: readonly Carrier[], slots: readonly SignatureSlot[]): Atom[] {
  const own = slots.flatMap(({ time }) =>
    time === null ? [] : [textAtom('time', time.text, { parts: ['timestamp'], time: { unit: time.unit } })],
  );
  return [...own, ...carriers.map((carrier) => textAtom('time', carrier.text, timeReading(carrier)))];
}

const timeOrder = ({ at, name }: Carrier): number => ('header' in at ? 0 : 1) + (TIME_NAME.test(name) ? 0 : 2);

function timeReading({ at, text }: Carrier): AtomReading {
  const unit = timeUnitOfText(text);
  const plain = partOf(at);
  if (unit === null) return { parts: plain === null ? [] : [plain] };
  // What stands in the body was made with the event.
  const time: SignatureTime = { unit, at, ...('json' in at || 'form' in at ? { isOfEvent: true as const } : {}) };
  return { parts: ['timestamp'], time, ...(plain && { plain: [plain] }) };
}

/** The value of a place as a part of a message; null for one of the query, which is none. */
function partOf(at: RequestPlace): MessagePart | null {
  return 'query' in at ? null : at;
}

/** The time that is sent and not signed, if a header's name says that it is one. */
export function findUnsignedTime(subject: LearnSubject): SignatureTime | undefined {
  const found = listCarriers(subject).find(
    ({ at, name, text }) =>
      'header' in at && /time-?stamp|(?:^|[-_])ts$|[-_]time$/i.test(name) && timeUnitOfText(text) !== null,
  );
  return found && timeReading(found).time;
}

const ID_NAME =
  /(?:^|[-_.])(?:id|guid|uuid|nonce|delivery|token|salt|trace|request|message|transmission)s?(?:$|[-_.])|Id$/i;
/** The name of the event is signed by some, as their ids are. */
const EVENT_NAME = /(?:^|[-_])(?:event|topic|type|action)(?:[-_]?(?:name|type))?$/i;
const isEventHeader = ({ at, name }: Carrier): boolean =>
  'header' in at && EVENT_NAME.test(name) && !/content-type/i.test(name);

function idAtoms(carriers: readonly Carrier[]): Atom[] {
  const ids = carriers.filter(
    ({ at, name, text }) =>
      ID_NAME.test(name) && text.length <= 200 && (!('json' in at) || at.json.split('.').length <= 2),
  );
  const events = carriers.filter(isEventHeader);
  const order = (one: Carrier): number => Number('json' in one.at) * 2 + Number(isEventHeader(one));
  return [...ids, ...events]
    .toSorted((one, other) => order(one) - order(other))
    .flatMap((carrier) => valueAtom('id', carrier))
    .slice(0, MAX_IDS);
}

function valueAtoms(carriers: readonly Carrier[]): Atom[] {
  return carriers.flatMap((carrier) => valueAtom('value', carrier)).slice(0, MAX_VALUES);
}

function valueAtom(kind: AtomKind, { at, text }: Carrier): Atom[] {
  const part = partOf(at);
  if (part !== null) return [textAtom(kind, text, { parts: [part] })];
  if (!('query' in at)) return [];
  return [textAtom(kind, text, { parts: [{ fields: [at.query], from: 'query', each: '{value}' }] })];
}

function urlAtoms(subject: LearnSubject): Atom[] {
  const urls = readingsOf(subject).flatMap((one) => {
    if (one.url === null) return [];
    const scheme = { text: `${one.url.protocol}//` };
    const parts: MessagePart[][] = [
      ['url'],
      ['target'],
      ['path'],
      [scheme, 'host', 'path'],
      ['host', 'path'],
      ['host', 'target'],
      ['host'],
      ['query'],
      ...URL_SEPARATORS.flatMap((text): MessagePart[][] => [
        ['host', { text }, 'path'],
        ['host', { text }, 'target'],
        ['path', { text }, 'query'],
        ['host', { text }, 'path', { text }, 'query'],
      ]),
      [{ encode: ['percent'], of: ['url'] }],
    ];
    return parts.map((part) => partAtom('url', part, one));
  });
  const lower = subject.method.toLowerCase();
  return [
    ...urls,
    textAtom('method', subject.method, { parts: ['method'] }),
    textAtom('method', lower, { parts: [{ text: lower }] }),
  ];
}

const URL_SEPARATORS = ['\n', '|', ':', '.', ' '];

/** The scheme's name in the signature's own text (`v0=…`), and the usual ones. */
function versionAtoms(slots: readonly SignatureSlot[]): Atom[] {
  const seen = slots.flatMap(({ format }) =>
    [...format.matchAll(/[A-Za-z][\w-]{0,15}(?=[=,:]\{v\})/g)].map(([one]) => one),
  );
  return [...new Set([...seen, ...VERSIONS])].slice(0, 5).map((text) => textAtom('text', text, { parts: [{ text }] }));
}

const MAX_PLACES = 3;

/** The body as it was before the signature came into it: with the secret there, or with nothing. */
function ownPlaceAtoms({ body }: LearnSubject, slots: readonly SignatureSlot[], secrets: readonly Buffer[]): Atom[] {
  const all = slots.flatMap(({ at }) => ('json' in at || 'form' in at ? [at] : []));
  const places = new Map(all.map((at) => [JSON.stringify(at), at]));
  return [...places.values()].slice(0, MAX_PLACES).flatMap((place) => {
    const atomOf = (kind: AtomKind, part: MessagePart, text: string): Atom => ({
      kind,
      bytes: Buffer.from(writePlace(place, { url: null, headers: [], body }, text).body),
      readings: [{ parts: [{ bodyWith: place, of: [part] }] }],
    });
    return [
      ...secrets.map((secret) => atomOf('secret', 'secret', secret.toString('utf8'))),
      atomOf('body', { text: '' }, ''),
    ];
  });
}

const raw = (hash: Hash): MessagePart => ({ hash, as: 'raw', of: ['body'] });

function hashAtoms(body: Uint8Array): Atom[] {
  const one: SignedSubject = { method: '', url: null, headers: [], body };
  const parts: MessagePart[] = [
    { hash: 'sha256', as: 'hex', of: ['body'] },
    raw('sha256'),
    { encode: ['base64'], of: [raw('sha256')] },
    { hash: 'md5', as: 'hex', of: ['body'] },
    { encode: ['base64'], of: [raw('md5')] },
    { hash: 'sha1', as: 'hex', of: ['body'] },
    { hash: 'sha512', as: 'hex', of: ['body'] },
    { encode: ['HEX'], of: [raw('sha256')] },
    { hash: 'crc32', as: 'decimal', of: ['body'] },
    { encode: ['HEX'], of: [raw('md5')] },
    { encode: ['base64'], of: [raw('sha1')] },
    { encode: ['base64'], of: [raw('sha512')] },
    { hash: 'crc32', as: 'hex', of: ['body'] },
  ];
  return parts.map((part) => partAtom('hash', [part], one));
}

/** A hash of the body with the time or an id before it. */
function mixedHashAtoms(subject: LearnSubject, before: readonly Atom[]): Atom[] {
  const hashes = ['raw', 'hex'] as const;
  return before.flatMap(({ bytes, readings: [reading] }) =>
    hashes.map((as): Atom => {
      const state = createHash('sha256').update(bytes).update(subject.body);
      const digest = as === 'raw' ? state.digest() : Buffer.from(state.digest('hex'));
      const of: MessagePart[] = [...(reading?.parts ?? []), 'body'];
      return { kind: 'hash', bytes: digest, readings: [{ ...reading, parts: [{ hash: 'sha256', as, of }] }] };
    }),
  );
}
