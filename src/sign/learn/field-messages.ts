import type { FieldsPart, MessagePart } from '../../model/signature.ts';
import { collectMessage, MissingPartError, type SignedSubject } from '../scheme/message.ts';
import type { Atom } from './atoms.ts';
import { formOf, listJsonObjects, listJsonTexts } from './carriers.ts';
import { readingsOf, type LearnSubject } from './learn-subject.ts';
import { test, type Hit, type SearchBudget } from './message-search.ts';
import type { Probe } from './probes.ts';
import type { SignatureSlot } from './slots.ts';

/** How several fields are written as one text. */
type FieldTemplate = readonly [each: string, join: string];

const VALUES = ['', ':', '|', '.', ',', ';', '\n', '&', '-', '_', '~', '^', '#', '+', '*', ' '];
const TEMPLATES: readonly FieldTemplate[] = [
  ['{name}{value}', ''],
  ['{name}={value}', '&'],
  ...VALUES.map((join): FieldTemplate => ['{value}', join]),
  ['{name}\n{value}\n', ''],
  ['&{name}={value}', ''],
  ...[',', '\n', ';', '|', '&', ''].map((join): FieldTemplate => ['{name}:{value}', join]),
  ...['', ',', '|', '\n', ';', '; '].map((join): FieldTemplate => ['{name}={value}', join]),
];
/** Those that stand beside other things in a message. */
const COMMON = new Set(['{name}{value}', '{name}={value}&', '{value}']);

/** Between the fields and the secret of a plain hash. */
const SECRET_JOINS = [
  '',
  '&key=',
  '&',
  ':',
  '|',
  '.',
  ',',
  '\n',
  '-',
  '&secret=',
  '&secret_key=',
  '&api_key=',
  '&apikey=',
  '&app_secret=',
  '&appSecret=',
  '&token=',
  '&secretKey=',
  '&sign_key=',
];
const MAX_TEXT = 200_000;
const MAX_NAMES = 200;
const MAX_OBJECTS = 10;

export interface FieldSearch {
  probes: readonly Probe[];
  atoms: readonly Atom[];
  slots: readonly SignatureSlot[];
}

/** Messages of many fields: a form's, the query's, those of a JSON object. First alone, then beside others. */
export function searchFields(subject: LearnSubject, search: FieldSearch, budget: SearchBudget, found: Hit[]): void {
  for (const pass of [tryAlone, tryBeside]) {
    for (const fields of listFieldAtoms(subject, search.slots, budget)) {
      for (const probe of search.probes) {
        if (budget.left <= 0) return;
        pass(fields, search.atoms, probe.needsSecret, (...pieces) => tryAll(probe, pieces, budget, found));
      }
      if (found.length > 0) return;
    }
  }
}

type TryPieces = (...pieces: (Atom | string)[]) => void;

function tryAlone({ atom }: FieldsAtom, atoms: readonly Atom[], needsSecret: boolean, tryPieces: TryPieces): void {
  if (needsSecret) besideSecret(atom, atoms, tryPieces);
  else {
    tryPieces(atom);
    const url = atoms.find(({ kind }) => kind === 'url');
    if (url !== undefined) tryPieces(url, atom);
  }
}

function tryBeside(fields: FieldsAtom, atoms: readonly Atom[], needsSecret: boolean, tryPieces: TryPieces): void {
  if (!needsSecret) besideOthers(fields, atoms, tryPieces);
}

function tryAll(probe: Probe, pieces: readonly (Atom | string)[], budget: SearchBudget, found: Hit[]): void {
  let state = probe.start();
  for (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece.bytes;
    if (bytes.length > 0) state = state.add(bytes);
    budget.left -= bytes.length * probe.cost.byte + 1000;
  }
  test(probe, state, () => pieces.filter((piece) => piece !== ''), budget, found);
}

function besideSecret(fields: Atom, atoms: readonly Atom[], tryPieces: TryPieces): void {
  for (const secret of atoms.filter(({ kind }) => kind === 'secret')) {
    for (const join of SECRET_JOINS) {
      tryPieces(fields, join, secret);
      tryPieces(secret, join, fields);
      tryPieces(secret, join, fields, join, secret);
    }
  }
}

function besideOthers({ atom, isCommon }: FieldsAtom, atoms: readonly Atom[], tryPieces: TryPieces): void {
  const urls = atoms.filter(({ kind }) => kind === 'url').slice(0, 16);
  for (const join of ['', '.', '\n', '|', ':', '?', '&']) {
    for (const url of urls) {
      tryPieces(url, join, atom);
      if (isCommon) tryPieces(atom, join, url);
    }
  }
  if (!isCommon) return;
  const few = ['time', 'id', 'method', 'hash', 'secret', 'body'].flatMap((kind) =>
    atoms.filter((one) => one.kind === kind).slice(0, 2),
  );
  for (const join of ['', '.', '\n', '|', ':', '&']) {
    for (const one of few) {
      tryPieces(one, join, atom);
      tryPieces(atom, join, one);
      for (const other of [...few, ...urls.slice(0, 4)]) {
        if (other.kind === one.kind) continue;
        tryPieces(one, join, other, join, atom);
        tryPieces(one, join, atom, join, other);
        tryPieces(atom, join, one, join, other);
      }
    }
  }
}

interface FieldsAtom {
  atom: Atom;
  isCommon: boolean;
}

/** One at a time: of a large body all of them together would be. */
function* listFieldAtoms(
  subject: LearnSubject,
  slots: readonly SignatureSlot[],
  budget: SearchBudget,
): Generator<FieldsAtom> {
  for (const [one, parts] of [...known(subject), ...wholeSets(subject, slots), ...objectSets(subject, slots)]) {
    for (const template of parts === null ? TEMPLATES : [undefined]) {
      const message = template === undefined ? (parts ?? []) : one.parts(template);
      // Each part goes over the body to find its field: of a long one with many fields this is what takes the time.
      budget.left -= message.length * subject.body.length;
      if (budget.left <= 0) return;
      const bytes = bytesOrNull(message, one.subject);
      if (bytes === null || bytes.length === 0 || bytes.length > MAX_TEXT) continue;
      const atom: Atom = { kind: 'value', bytes, readings: [{ parts: message }] };
      yield { atom, isCommon: template !== undefined && COMMON.has(template.join('')) };
    }
  }
}

interface FieldSet {
  subject: SignedSubject;
  parts: (template: FieldTemplate) => readonly MessagePart[];
}
type FieldMessage = readonly [set: FieldSet, ready: readonly MessagePart[] | null];

function bytesOrNull(parts: readonly MessagePart[], subject: SignedSubject): Buffer | null {
  try {
    return Buffer.concat(collectMessage(parts, { ...subject, secret: () => Buffer.alloc(0) }));
  } catch (error) {
    if (error instanceof MissingPartError) return null;
    throw error;
  }
}

/** The signature itself, and what stands beside it, are not signed. */
const SIGNATURE_FIELD = /^(?:sign|signature|sign_?type|hash|hmac|mac|digest|checksum|sig|verify_sign)$/i;

/** All fields of the form, the query, or the JSON's top, sorted or in their order, without the signature. */
function wholeSets(subject: LearnSubject, slots: readonly SignatureSlot[]): FieldMessage[] {
  const [one] = readingsOf(subject);
  if (one === undefined) return [];
  const sources: [FieldsPart['from'], string[]][] = [
    ['form', [...(formOf(subject.body)?.keys() ?? [])]],
    ['query', [...(one.url?.searchParams.keys() ?? [])]],
    ['json', listJsonTexts(subject.body).flatMap(({ path }) => (path.includes('.') ? [] : [path]))],
  ];
  return sources.flatMap(([from, names]) =>
    namesToTry([...new Set(names)], placesOf(slots, from)).map((fields): FieldMessage => [
      {
        subject: one,
        parts: ([each, join]) => [{ fields, from, each, ...(join !== '' && { join }) }],
      },
      null,
    ]),
  );
}

const placesOf = (slots: readonly SignatureSlot[], from: FieldsPart['from']): Set<string> =>
  new Set(
    slots.flatMap(({ at }) => Object.entries(at).flatMap(([kind, name]) => (kind === from ? [name as string] : []))),
  );

function namesToTry(names: readonly string[], signatures: ReadonlySet<string>): ('sorted' | string[])[] {
  if (names.length === 0 || names.length > MAX_NAMES) return [];
  const byName = names.filter((name) => !SIGNATURE_FIELD.test(name));
  const byPlace = names.filter((name) => !signatures.has(name));
  const sets = [byName, byPlace, byName.filter((name) => !signatures.has(name))].filter(
    (set) => set.length > 0 && set.length < names.length,
  );
  const distinct = [...new Map(sets.map((set) => [set.join('\n'), set])).values()];
  const partial = distinct.flatMap((set) => [set.toSorted(), set]);
  return distinct.length === 0 ? ['sorted', [...names]] : [...partial, 'sorted'];
}

/** The fields of an object within a JSON body, whose names the grammar can only say one by one. */
function objectSets(subject: LearnSubject, slots: readonly SignatureSlot[]): FieldMessage[] {
  const [one] = readingsOf(subject);
  if (one === undefined) return [];
  const texts = listJsonTexts(subject.body);
  const signatures = placesOf(slots, 'json');
  return listJsonObjects(subject.body)
    .slice(0, MAX_OBJECTS)
    .flatMap((path) => {
      const names = texts
        .filter((text) => text.path.startsWith(`${path}.`) && !text.path.slice(path.length + 1).includes('.'))
        .filter((text) => !signatures.has(text.path))
        .map((text) => text.path.slice(path.length + 1));
      if (names.length < 2 || names.length > MAX_NAMES) return [];
      return [names.toSorted(), names].map((set): FieldMessage => [
        { subject: one, parts: (template) => spellOut(path, set, template) },
        null,
      ]);
    });
}

/** `{name}={value}` for each of the names, as texts and values. */
function spellOut(path: string, names: readonly string[], [each, join]: FieldTemplate): MessagePart[] {
  const parts: MessagePart[] = [];
  let text = '';
  for (const [index, name] of names.entries()) {
    const [before = '', behind = ''] = each.replaceAll('{name}', () => name).split('{value}');
    text += (index === 0 ? '' : join) + before;
    if (text !== '') parts.push({ text });
    parts.push({ json: `${path}.${name}` });
    text = behind;
  }
  return text === '' ? parts : [...parts, { text }];
}

/** Choices of fields that nobody could guess, and that several vendors share. */
const KNOWN_LISTS: readonly {
  names: readonly string[];
  under: string;
  template: FieldTemplate;
  isOrdered: true | 'all';
}[] = [
  {
    under: 'notificationItems.0.NotificationRequestItem.',
    names: [
      'pspReference',
      'originalReference',
      'merchantAccountCode',
      'merchantReference',
      'amount.value',
      'amount.currency',
      'eventCode',
      'success',
    ],
    template: ['{value}', ':'],
    isOrdered: 'all',
  },
  {
    under: '',
    names: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
    template: ['{name}\n{value}\n', ''],
    isOrdered: true,
  },
  {
    under: '',
    names: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
    template: ['{name}\n{value}\n', ''],
    isOrdered: true,
  },
];

function known(subject: LearnSubject): FieldMessage[] {
  const [one] = readingsOf(subject);
  if (one === undefined) return [];
  const present = new Set(listJsonTexts(subject.body).map(({ path }) => path));
  const lines = headerLines(subject).map((ready): FieldMessage => [{ subject: one, parts: () => ready }, ready]);
  const lists = KNOWN_LISTS.flatMap(({ names, under, template, isOrdered }): FieldMessage[] => {
    if (names.filter((name) => present.has(under + name)).length < names.length - 1) return [];
    const [each, join] = template;
    const ready: MessagePart[] =
      isOrdered === 'all'
        ? names.flatMap((name, index): MessagePart[] => [
            ...(index === 0 ? [] : [{ text: join }]),
            ...(present.has(under + name) ? [{ json: under + name }] : []),
          ])
        : [{ fields: [...names], from: 'json', each, missing: 'skip' }];
    return [[{ subject: one, parts: () => ready }, ready]];
  });
  return [...lines, ...lists];
}

/** The lines of headers that the signature itself names: `headers="(request-target) host date"`. */
function headerLines({ method, headers }: LearnSubject): MessagePart[][] {
  return headers.flatMap(([, value]) => {
    const names = /\bheaders="([^"]{1,500})"/.exec(value)?.[1]?.split(' ') ?? [];
    const lines = names.map((name): MessagePart[] | null => {
      if (name === '(request-target)') return [{ text: `${name}: ${method.toLowerCase()} ` }, 'target'];
      if (name === 'host') return [{ text: 'host: ' }, 'host'];
      const header = headers.find(([other]) => other.toLowerCase() === name)?.[0];
      return header === undefined ? null : [{ text: `${name}: ` }, { header }];
    });
    if (lines.length === 0) return [];
    return lines.includes(null)
      ? []
      : [lines.flatMap((line, index) => [...(index === 0 ? [] : [{ text: '\n' }]), ...(line ?? [])])];
  });
}
