import type { AtomKind } from './atoms.ts';

const MAIN_SEPARATORS = ['.', '', ':', '\n', '|', ','];
const ALL_SEPARATORS = [...MAIN_SEPARATORS, '&', '-', '_', ' ', ';', '+', '/', '\r\n', '#', '~', '=', '::', '@', '*'];

/** Two different ones: `id:time.body`. */
const MIXED_SEPARATORS = MAIN_SEPARATORS.flatMap((one) =>
  MAIN_SEPARATORS.filter((other) => other !== one).map((other) => [one, other]),
);

/** One round of the search: messages of so many pieces of these kinds. */
export interface SearchRound {
  size: number;
  /** What stands between them: one text everywhere, or one after another. */
  separators: readonly (string | readonly string[])[];
  kinds: readonly AtomKind[];
  /** A message without any of these is not worth its time. */
  needs?: readonly AtomKind[];
  /** The kinds in their order, where that is known. */
  sequence?: readonly AtomKind[];
  /** At most so many atoms of each kind, the likeliest. */
  most?: Partial<Record<AtomKind, number>>;
  /** What stands around it all: `[time;body]`. */
  around?: readonly [open: string, close: string];
  /** How late it comes, compared with the others. */
  order: number;
}

const CORE: readonly AtomKind[] = ['body', 'time', 'id', 'url', 'method', 'text'];
const WHOLE: readonly AtomKind[] = ['body', 'hash'];
const LIKELY = { body: 1, time: 2, id: 3, url: 3, text: 3, hash: 3 };
const NEXT = { body: 4, time: 3, id: 4, url: 8, text: 4, hash: 5 };

/** Messages that several vendors sign, in the order of their pieces. */
const SHORT_SEQUENCES: readonly (readonly AtomKind[])[] = [
  ['time', 'body'],
  ['id', 'body'],
  ['url', 'body'],
  ['body', 'time'],
  ['id', 'time', 'body'],
  ['time', 'id', 'body'],
  ['text', 'time', 'body'],
  ['url', 'time', 'body'],
  ['time', 'url', 'body'],
  ['method', 'url', 'body'],
];
const LONG_SEQUENCES: readonly (readonly AtomKind[])[] = [
  ['method', 'url', 'body', 'time'],
  ['method', 'url', 'time', 'body'],
  ['time', 'method', 'url', 'body'],
  ['method', 'url', 'time', 'hash'],
  ['time', 'url', 'hash'],
  ['time', 'method', 'url', 'hash'],
  ['method', 'url', 'hash', 'time'],
  ['time', 'id', 'url', 'body'],
  ['id', 'time', 'hash'],
  ['time', 'id', 'hash'],
  ['id', 'id', 'time', 'body'],
  ['id', 'time', 'id', 'body'],
  ['time', 'id', 'id', 'body'],
  ['text', 'id', 'time', 'body'],
  ['text', 'time', 'id', 'body'],
  ['method', 'url', 'time', 'id', 'body'],
  ['method', 'url', 'id', 'time', 'body'],
  ['method', 'url', 'time', 'id', 'hash'],
  ['method', 'url', 'id', 'time', 'hash'],
  ['time', 'id', 'method', 'url', 'body'],
  ['id', 'time', 'method', 'url', 'body'],
];
/** Of the first requests that were signed at all: with the Content-Type among the values. */
const OLD_SEQUENCES: readonly (readonly AtomKind[])[] = [
  ['method', 'hash', 'value', 'time', 'url'],
  ['method', 'value', 'hash', 'time', 'url'],
  ['method', 'url', 'value', 'time', 'hash'],
];

const AROUND = [
  ['[', ']'],
  ['{', '}'],
  ['(', ')'],
  ['"', '"'],
] as const;
const BETWEEN = [';', ',', ':', '.', '|'];

const sequences = (list: readonly (readonly AtomKind[])[], round: Omit<SearchRound, 'size' | 'kinds'>): SearchRound[] =>
  list.map((sequence) => ({ ...round, size: sequence.length, kinds: sequence, sequence }));

/** Likely messages first, few pieces before many. */
export const ROUNDS: readonly SearchRound[] = [
  { size: 1, separators: [''], kinds: [...CORE, 'hash'], order: 0 },
  // The secret alone, hashed.
  { size: 0, separators: [''], kinds: ['secret'], order: 0 },
  { size: 2, separators: MAIN_SEPARATORS, kinds: CORE, needs: ['body'], most: LIKELY, order: 1 },
  { size: 3, separators: MAIN_SEPARATORS, kinds: CORE, needs: ['body'], most: LIKELY, order: 2 },
  { size: 2, separators: ALL_SEPARATORS, kinds: [...CORE, 'hash', 'secret'], most: NEXT, order: 3 },
  ...sequences(SHORT_SEQUENCES, { separators: ALL_SEPARATORS, most: LIKELY, order: 2.4 }),
  ...sequences(LONG_SEQUENCES, { separators: MAIN_SEPARATORS, most: NEXT, order: 2.5 }),
  ...sequences(OLD_SEQUENCES, {
    separators: ['\n', '', '|'],
    most: { hash: 9, value: 6, time: 2, url: 3 },
    order: 4.5,
  }),
  ...AROUND.flatMap((around) => sequences(SHORT_SEQUENCES, { separators: BETWEEN, most: LIKELY, around, order: 4.4 })),
  // A hash of the body with the time or an id before it.
  ...sequences(
    [
      ['url', 'hash'],
      ['method', 'url', 'hash'],
    ],
    { separators: ['', '\n'], most: { url: 4 }, order: 4.7 },
  ),
  // Host, path and query as pieces of their own.
  ...sequences(
    [
      ['method', 'url', 'body'],
      ['method', 'url', 'hash'],
      ['url', 'body'],
      ['method', 'url', 'time', 'body'],
      ['time', 'method', 'url', 'body'],
    ],
    { separators: ['\n', '|', ':', '', '.'], most: { url: 60, hash: 3, time: 2 }, order: 4.6 },
  ),
  // What a shop says of a payment, and the secret behind it.
  { size: 3, separators: ['', '|', ':', '&'], kinds: ['value', 'id'], most: { value: 10, id: 3 }, order: 3.2 },
  { size: 1, separators: [''], kinds: ['value'], order: 3 },
  {
    size: 2,
    separators: ALL_SEPARATORS,
    kinds: ['value', 'body', 'time', 'id', 'url', 'hash'],
    most: { ...LIKELY, value: 30 },
    order: 4,
  },
  { size: 3, separators: MAIN_SEPARATORS, kinds: [...CORE, 'hash'], needs: WHOLE, most: NEXT, order: 5 },
  {
    size: 4,
    separators: MAIN_SEPARATORS,
    kinds: [...CORE, 'hash'],
    needs: WHOLE,
    most: { body: 1, time: 2, id: 2, url: 3, text: 1, hash: 3 },
    order: 6,
  },
  { size: 3, separators: ALL_SEPARATORS, kinds: CORE, needs: ['body'], most: LIKELY, order: 7 },
  {
    size: 3,
    separators: MAIN_SEPARATORS,
    kinds: ['value', 'time', 'id', 'secret'],
    most: { value: 22, time: 2, id: 3 },
    order: 8,
  },
  {
    size: 3,
    separators: MAIN_SEPARATORS,
    kinds: ['value', 'body', 'time', 'id', 'url', 'method', 'hash'],
    needs: WHOLE,
    most: { value: 14, body: 1, time: 2, id: 2, url: 2, hash: 3 },
    order: 9,
  },
  { size: 3, separators: MIXED_SEPARATORS, kinds: CORE, needs: WHOLE, most: LIKELY, order: 9.5 },
  {
    size: 5,
    separators: ['', '\n', '.', ':', '|'],
    kinds: [...CORE, 'hash'],
    needs: WHOLE,
    most: { body: 1, time: 1, id: 2, url: 3, text: 1, hash: 3 },
    order: 10,
  },
  {
    size: 4,
    separators: ['', '|', '.', ':', '&'],
    kinds: ['value', 'time', 'id', 'body'],
    most: { value: 9, time: 1, id: 2, body: 1 },
    order: 11,
  },
];
