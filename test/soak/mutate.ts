import * as fc from 'fast-check';

/** One change of bytes; places are shares of their length, so that a smaller input is changed in a like place. */
type Change =
  | { kind: 'cut'; at: number; length: number }
  | { kind: 'cut-off'; at: number }
  | { kind: 'copy'; from: number; length: number; at: number }
  | { kind: 'repeat'; at: number; length: number; times: number }
  | { kind: 'insert'; at: number; bytes: Buffer }
  | { kind: 'replace'; at: number; bytes: Buffer }
  | { kind: 'flip'; at: number; bit: number }
  | { kind: 'number'; nth: number; text: string };

/** What a parser may stumble over, whatever it parses. */
export const EVIL = [
  '',
  '\0',
  '\u001b[2J',
  '\ufeff',
  '\u202e',
  '\ud800',
  '\r',
  '\n\n',
  '\r\n',
  '"',
  "'",
  '\\',
  '{',
  '}',
  '[',
  ']',
  '<',
  '%',
  '%00',
  '%zz',
  '$',
  '${a}',
  '=',
  ';',
  ',',
  ':',
  '#',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'true',
  '[]',
  '{}',
  '-',
  '..',
  '٣',
  '𐍈'.repeat(20),
  'a'.repeat(5000),
  '('.repeat(300),
  '[['.repeat(600),
  '{"a":'.repeat(600),
  ' '.repeat(3000),
  '\t'.repeat(3000),
  'aA0-_.'.repeat(400),
];
export const NUMBERS = [
  '0',
  '-1',
  '1e309',
  '1e-400',
  '99999999999999999999',
  '9007199254740993',
  '0x10',
  '1.5',
  '-0',
  '2147483648',
];

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const short = fc.integer({ min: 0, max: 64 });

function changes(words: readonly string[]): fc.Arbitrary<readonly Change[]> {
  const word = fc.oneof(
    fc.constantFrom(...EVIL),
    fc.constantFrom(...(words.length > 0 ? words : EVIL)),
    fc.string({ maxLength: 8 }),
  );
  const bytes = fc.oneof(
    { weight: 4, arbitrary: word.map((text) => Buffer.from(text, 'utf8')) },
    fc.uint8Array({ maxLength: 8 }).map((some) => Buffer.from(some)),
  );
  const change: fc.Arbitrary<Change> = fc.oneof(
    fc.record({ kind: fc.constant('cut' as const), at: share, length: short }),
    fc.record({ kind: fc.constant('cut-off' as const), at: share }),
    fc.record({ kind: fc.constant('copy' as const), from: share, length: short, at: share }),
    fc.record({ kind: fc.constant('repeat' as const), at: share, length: short, times: fc.constantFrom(2, 30, 400) }),
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('insert' as const), at: share, bytes }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('replace' as const), at: share, bytes }) },
    fc.record({ kind: fc.constant('flip' as const), at: share, bit: fc.integer({ min: 0, max: 7 }) }),
    fc.record({ kind: fc.constant('number' as const), nth: fc.nat(40), text: fc.constantFrom(...NUMBERS) }),
  );
  // One change gets deeper than many.
  return fc.oneof(fc.array(change, { minLength: 1, maxLength: 1 }), fc.array(change, { minLength: 1, maxLength: 6 }));
}

/** What may stand in the place of any value of JSON. */
const evilValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1e308, 0.1, '', ' ', [], {}, [[]], [null], { '': '' }, [1, 'a', {}]),
  fc.constantFrom(...EVIL),
  fc.constantFrom(
    'https://a.example/',
    'ftp://a',
    '127.0.0.1',
    '../..',
    'optin',
    '2026-11-01',
    '^(a+)+$',
    '{t}',
    'a.b.c',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** What is done to the nth value of a document. */
type Edit = {
  nth: number;
  kind: 'set' | 'remove' | 'add' | 'wrap' | 'move';
  value: unknown;
  key: string;
  from: number;
};

const edit: fc.Arbitrary<Edit> = fc.record({
  nth: fc.nat(200),
  kind: fc.constantFrom('set', 'set', 'set', 'remove', 'add', 'wrap', 'move'),
  value: evilValue,
  key: fc.oneof(fc.constantFrom(...EVIL), fc.constantFrom('value', 'header', 'name', 'id', 'text', 'path')),
  from: fc.nat(200),
});

/** JSON of one of the documents, some of whose values are others: what is read behind the syntax. */
export function editedJson(documents: readonly unknown[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...documents), fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([document, edits]) => Buffer.from(JSON.stringify(edits.reduce(editOnce, document)) ?? 'null', 'utf8'));
}

function editOnce(document: unknown, { nth, kind, value, key, from }: Edit): unknown {
  const root = { root: structuredClone(document) };
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const visit = (holder: Record<string, unknown>): void => {
    for (const [name, one] of Object.entries(holder)) {
      places.push([holder, name]);
      if (typeof one === 'object' && one !== null) visit(one as Record<string, unknown>);
    }
  };
  visit(root);
  const at = (n: number): [Record<string, unknown>, string] => places[n % places.length] as [never, string];
  const [holder, name] = at(nth);
  const there = holder[name];
  const [otherHolder, otherName] = at(from);
  if (kind === 'set') holder[name] = value;
  else if (kind === 'remove') delete holder[name];
  else if (kind === 'wrap') holder[name] = [there];
  else if (kind === 'move') holder[name] = structuredClone(otherHolder[otherName]);
  else if (Array.isArray(there)) there.push(value);
  else if (typeof there === 'object' && there !== null) Object.defineProperty(there, key, { value, enumerable: true });
  return root.root;
}

/** An input longer than this is cut: what is tried is the form, and a parser of much has tests of its own. */
const MOST_BYTES = 64 * 1024;

/** Any of the seeds, changed a few times; now and then none of them, or two. `words` mean something to the parser. */
export function mutated(seeds: readonly Buffer[], words: readonly string[] = []): fc.Arbitrary<Buffer> {
  const seed = fc.constantFrom(...seeds);
  const start = fc.oneof(
    { weight: 10, arbitrary: seed },
    fc.tuple(seed, seed, share).map(([one, other, at]) => Buffer.concat([one.subarray(0, one.length * at), other])),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );
  return fc.tuple(start, changes(words)).map(([bytes, list]) => list.reduce(apply, bytes).subarray(0, MOST_BYTES));
}

function apply(bytes: Buffer, change: Change): Buffer {
  const placeOf = (at: number): number => Math.floor(at * (bytes.length + 1));
  switch (change.kind) {
    case 'cut':
      return splice(bytes, placeOf(change.at), change.length, Buffer.alloc(0));
    case 'cut-off':
      return bytes.subarray(0, placeOf(change.at));
    case 'copy': {
      const from = placeOf(change.from);
      return splice(bytes, placeOf(change.at), 0, bytes.subarray(from, from + change.length));
    }
    case 'repeat': {
      const at = placeOf(change.at);
      const part = bytes.subarray(at, at + change.length);
      return splice(bytes, at, 0, Buffer.concat(Array.from({ length: change.times }, () => part)));
    }
    case 'insert':
      return splice(bytes, placeOf(change.at), 0, change.bytes);
    case 'replace':
      return splice(bytes, placeOf(change.at), change.bytes.length, change.bytes);
    case 'flip': {
      const flipped = Buffer.from(bytes);
      const at = Math.floor(change.at * bytes.length);
      if (bytes.length > 0) flipped[at] = (flipped[at] ?? 0) ^ (1 << change.bit);
      return flipped;
    }
    default: {
      const text = bytes.toString('latin1');
      const found = [...text.matchAll(/\d+/g)];
      const number = found[change.nth % Math.max(1, found.length)];
      return number === undefined
        ? bytes
        : splice(bytes, number.index, number[0].length, Buffer.from(change.text, 'latin1'));
    }
  }
}

const splice = (bytes: Buffer, at: number, removed: number, added: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
