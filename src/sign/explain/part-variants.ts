import { isBody, isText, leavePartOut, type FieldsPart, type MessagePart } from '../../model/signature.ts';
import { listFewPairs, splitPair } from '../scheme/form.ts';
import { writeField, type SignedSubject } from '../scheme/message.ts';
import { describeMessage, describePart } from './describe-message.ts';

/** Another message made of the parts of the vendor's own. */
export interface PartsVariant {
  parts: readonly MessagePart[];
  /** Ends "the signature fits …". */
  fits: string;
  /** Where it is a mistake of its own. */
  cause?: string;
}

/** The parts that a signer has left out, written otherwise, joined otherwise or put in another order. */
export function listPartsVariants(parts: readonly MessagePart[], request: SignedSubject): PartsVariant[] {
  return [
    ...leftOut(parts),
    ...joinedOtherwise(parts),
    ...reordered(parts),
    ...parts.flatMap((part, index) =>
      writtenOtherwise(part, request).map((variant) => ({
        ...variant,
        parts: parts.toSpliced(index, 1, ...variant.parts),
      })),
    ),
  ];
}

/** Without one of the parts, and without a text that stood beside it. */
function leftOut(parts: readonly MessagePart[]): PartsVariant[] {
  return parts.flatMap((part, index) => {
    // An empty body is a mistake of its own.
    if (isBody(part)) return [];
    const fits = `the message without ${describePart(part)}`;
    if (isText(part)) return [{ parts: parts.toSpliced(index, 1), fits }];
    return leavePartOut(parts, index).map((others) => ({ parts: others, fits }));
  });
}

const SEPARATORS = [
  ['', 'with nothing between its parts'],
  ['.', 'with a dot between its parts'],
  [':', 'with a colon between its parts'],
  ['\n', 'with a line break between its parts'],
  ['|', 'with a bar between its parts'],
  [',', 'with a comma between its parts'],
  [' ', 'with a space between its parts'],
  ['&', 'with an & between its parts'],
] as const;

function joinedOtherwise(parts: readonly MessagePart[]): PartsVariant[] {
  const pieces = parts.filter((part) => !isText(part));
  if (pieces.length < 2) return [];
  return SEPARATORS.map(([text, words]) => ({
    parts: pieces.flatMap((part, index) => (index === 0 || text === '' ? [part] : [{ text }, part])),
    fits: `the message ${words}`,
  }));
}

/** Five parts have 120 orders: nobody mixes them up so. */
const MAX_REORDERED = 4;

function reordered(parts: readonly MessagePart[]): PartsVariant[] {
  const pieces = parts.filter((part) => !isText(part));
  if (pieces.length < 2 || pieces.length > MAX_REORDERED) return [];
  return permutations(pieces).map((order) => {
    let next = 0;
    const changed = parts.map((part) => (isText(part) ? part : (order[next++] as MessagePart)));
    return { parts: changed, fits: `its parts in a different order (${describeMessage(changed)})` };
  });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

function writtenOtherwise(part: MessagePart, request: SignedSubject): PartsVariant[] {
  if (typeof part !== 'object') return part === 'body' ? hashedBody : [];
  if ('fields' in part) return otherFields(part, request);
  if ('encode' in part)
    return [{ parts: part.of, fits: `${describeMessage(part.of)} without ${part.encode.join(' and ')}` }];
  if ('json' in part) return [otherJson(part)];
  return 'hash' in part ? otherHash(part) : [];
}

const hashedBody: PartsVariant[] = [
  { parts: [{ hash: 'sha256', of: ['body'] }], fits: 'the SHA-256 of the body in its place' },
];

const otherJson = (part: { json: string; as?: 'raw' }): PartsVariant =>
  part.as === undefined
    ? { parts: [{ ...part, as: 'raw' }], fits: `the value ${part.json} as it is written, quotes included` }
    : { parts: [{ json: part.json }], fits: `the text of ${part.json} without its quotes` };

function otherHash(part: Extract<MessagePart, { hash: unknown }>): PartsVariant[] {
  const name = part.hash.toUpperCase();
  const forms = (['raw', 'hex'] as const).filter((as) => as !== (part.as ?? 'hex'));
  return [
    ...forms.map((as) => ({ parts: [{ ...part, as }], fits: `the ${name} as ${as === 'raw' ? 'its bytes' : 'hex'}` })),
    {
      parts: [{ encode: ['base64' as const], of: [{ ...part, as: 'raw' as const }] }],
      fits: `the ${name} as base64`,
    },
    { parts: part.of, fits: `${describeMessage(part.of)} in place of its ${name}` },
  ];
}

/** As many as are worth listing: texts are made of them before any is tried. */
const MAX_LISTED_BYTES = 256 * 1024;
const MAX_LISTED = 1000;

function otherFields(part: FieldsPart, request: SignedSubject): PartsVariant[] {
  const whole: PartsVariant[] = [
    { parts: ['body'], fits: 'the raw body in place of its fields' },
    { parts: [{ ...part, each: '{name}={value}', join: '&' }], fits: 'its fields as name=value, joined by &' },
    { parts: [{ ...part, each: '{value}', join: '' }], fits: 'only the values of its fields' },
  ];
  if (part.from !== 'form' || request.body.length > MAX_LISTED_BYTES) return whole;
  const pairs = listFewPairs(request, MAX_LISTED);
  return pairs === null ? whole : [...orders(part, pairs), ...undecoded(part, request.body), ...whole];
}

function orders(part: FieldsPart, pairs: readonly [string, string][]): PartsVariant[] {
  const came = [...new Set(pairs.map(([name]) => name))];
  const sorted = came.toSorted();
  return [
    { fields: came, cause: 'unsorted-fields', fits: 'its fields in the order received' },
    { fields: sorted, cause: 'repeated-fields', fits: 'its fields with every value of a repeated one, as received' },
    {
      fields: came.toSorted((one, other) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1)),
      cause: 'unsorted-fields',
      fits: 'its fields sorted case-insensitively',
    },
  ].map(({ fields, cause, fits }) => ({ parts: [{ ...part, fields }], cause, fits }));
}

/** The pairs as they stand in the body, sorted. */
function undecoded(part: FieldsPart, body: Uint8Array): PartsVariant[] {
  const pairs = Buffer.from(body).toString('utf8').split('&').toSorted();
  const text = pairs.map((pair) => writeField(part, ...splitPair(pair))).join(part.join ?? '');
  return [{ parts: [{ text }], cause: 'undecoded-fields', fits: 'its fields as written in the body, not decoded' }];
}
