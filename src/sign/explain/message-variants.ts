import { flattenParts, type MessagePart, type Signature, type SignatureTime } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import { idHeaderOf } from '../../vendors/facts.ts';
import type { SignedSubject } from '../scheme/message.ts';
import { readTimestamp, writeTimestamp } from '../scheme/signature-text.ts';
import { describeMessage } from './describe-message.ts';
import type { MessageVariant } from './deviation.ts';
import { listPartsVariants } from './part-variants.ts';
import { listUrlVariants, withUrl } from './url-variants.ts';

/** What a request offers to be signed. */
export interface Offered {
  request: SignedSubject;
  /** Of the signature's own first. */
  timestamps: readonly string[];
  /** Other URLs that it may have been called under. */
  urls: readonly string[];
}

const TIMESTAMPED: readonly (readonly [parts: readonly MessagePart[], name: string])[] = [
  [['timestamp', { text: '.' }, 'body'], 'time, dot, body'],
  [['timestamp', 'body'], 'time and body without a dot between them'],
  [['body', 'timestamp'], 'body, then time'],
  [['body', { text: '.' }, 'timestamp'], 'body, dot, time'],
  [['timestamp', { text: '\n' }, 'body'], 'time, line break, body'],
  [['timestamp', { text: ':' }, 'body'], 'time, colon, body'],
];

/**
 * Lists what else may have been signed: the time in another unit, another URL, other parts, other vendors' messages.
 * Those that are mistaken most often come first.
 */
export function listMessageVariants(spec: Signature, offered: Offered, others: readonly Vendor[]): MessageVariant[] {
  const { timestamps } = offered;
  const fix = `sign ${describeMessage(spec.message)}, and nothing else`;
  const variants: MessageVariant[] = [
    ...timestamps.slice(1).map((timestamp) => otherTime(spec, timestamp)),
    ...timestamps.flatMap((timestamp) => otherUnits(spec, timestamp)),
    { parts: ['body'], timestamp: undefined, cause: 'other-message', fits: 'only the body', fix },
    // What the parts themselves say comes first: many vendors sign the time and the body in some way.
    ...timestamps.flatMap((timestamp) => timedMessages(timestamp, fix)),
    ...otherVendors(spec, timestamps, others, fix),
    ...identifiedMessages(offered, fix),
    ...otherParts(spec, offered, fix),
    ...otherUrls(spec, offered),
  ];
  const own = keyOf(spec.message, timestamps[0]);
  const seen = new Set([own]);
  return variants.filter((one) => {
    const key = keyOf(one.parts, one.timestamp);
    return !seen.has(key) && seen.add(key);
  });
}

/** Vendors that sign the same are named together: which of them is meant, the message cannot tell. */
function otherVendors(
  spec: Signature,
  timestamps: readonly string[],
  others: readonly Vendor[],
  fix: string,
): MessageVariant[] {
  const signed = describeMessage(spec.message);
  const titles = new Map<string, { titles: string[]; parts: readonly MessagePart[] }>();
  for (const vendor of others) {
    const { title, signature } = vendor;
    if (signature.value === null || signature.value.algorithm === 'token') continue;
    const parts = withIdOf(vendor, signature.value.message);
    const name = describeMessage(parts);
    if (name === signed) continue;
    const known = titles.get(name);
    if (known === undefined) titles.set(name, { titles: [title], parts });
    else known.titles.push(title);
  }
  return [...titles].flatMap(([name, { titles: signers, parts }]) => {
    const fits = `what ${listTitles(signers)} (${name})`;
    return needed(parts, timestamps).map((timestamp) => ({ parts, timestamp, cause: 'other-vendor', fits, fix }));
  });
}

const NAMED = 2;

function listTitles(titles: readonly string[]): string {
  if (titles.length === 1) return `${titles[0]} signs`;
  const left = titles.length - NAMED;
  return left <= 0 ? `${titles.join(' and ')} sign` : `${titles.slice(0, NAMED).join(', ')} and ${left} more sign`;
}

/** The id is in a header of another name. */
function withIdOf(vendor: Vendor, parts: readonly MessagePart[]): readonly MessagePart[] {
  const header = idHeaderOf(vendor);
  return header === null ? parts : parts.map((part) => (part === 'id' ? { header } : part));
}

const timedMessages = (timestamp: string, fix: string): MessageVariant[] =>
  TIMESTAMPED.map(([parts, fits]) => ({ parts, timestamp, cause: 'other-message', fits, fix }));

const MAX_IDS = 2;
const ID_NAME = /^(?:webhook|svix|.*(?:event|delivery|message|request|webhook))[-_]?id$/i;

/** Id, time and body, as Standard Webhooks signs them, and with nothing between. */
function identifiedMessages({ request, timestamps }: Offered, fix: string): MessageVariant[] {
  const names = request.headers.map(([name]) => name).filter((name) => ID_NAME.test(name));
  const ids = [...new Set(names.map((name) => name.toLowerCase()))].slice(0, MAX_IDS);
  return ids.flatMap((header) =>
    timestamps.flatMap((timestamp): MessageVariant[] => [
      {
        parts: [{ header }, { text: '.' }, 'timestamp', { text: '.' }, 'body'],
        timestamp,
        cause: 'standard-webhooks',
        fits: `id (${header}), time and body, as Standard Webhooks signs them`,
        fix,
      },
      {
        parts: [{ header }, 'timestamp', 'body'],
        timestamp,
        cause: 'other-message',
        fits: `id (${header}), time and body without a dot between them`,
        fix,
      },
    ]),
  );
}

function otherParts(spec: Signature, { request, timestamps }: Offered, fix: string): MessageVariant[] {
  return listPartsVariants(spec.message, request).map(({ parts, fits, cause = 'other-message' }) => ({
    parts,
    timestamp: timestamps[0],
    cause,
    fits,
    fix,
  }));
}

function otherUrls({ message }: Signature, { request, timestamps, urls }: Offered): MessageVariant[] {
  return listUrlVariants(request, urls).flatMap(({ text, fits }) => {
    const parts = withUrl(message, text);
    if (parts === null) return [];
    const fix =
      'verify with the exact URL that the vendor calls: behind a proxy, set it in the configuration instead of ' +
      'using the scheme, host and port of the request';
    return [{ parts, timestamp: timestamps[0], cause: 'other-url', fits, fix }];
  });
}

const otherTime = ({ message: parts }: Signature, timestamp: string): MessageVariant => ({
  parts,
  timestamp,
  cause: 'other-time',
  fits: `the time ${timestamp}, found elsewhere in the request`,
  fix: 'sign the time exactly as it is written in its place',
});

const UNIT_WORDS: Readonly<Record<SignatureTime['unit'], string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  iso: 'iso',
  'iso-ms': 'iso',
};

function otherUnits(spec: Signature, timestamp: string): MessageVariant[] {
  const unit = spec.timestamp?.unit;
  if (unit === undefined || !flattenParts(spec.message).includes('timestamp')) return [];
  return unit.startsWith('iso') ? unitsOfIso(spec, timestamp) : unitsOfNumber(spec, timestamp);
}

function unitsOfNumber(spec: Signature, timestamp: string): MessageVariant[] {
  const unit = spec.timestamp?.unit === 'ms' ? 'milliseconds' : 'seconds';
  const fix = `sign the digits exactly as they are in the header, in ${unit}`;
  return [
    {
      parts: spec.message,
      timestamp: timestamp.slice(0, -3),
      cause: 'seconds-for-milliseconds',
      fits: "the header's time truncated to seconds",
      fix,
    },
    {
      parts: spec.message,
      timestamp: `${timestamp}000`,
      cause: 'milliseconds-for-seconds',
      fits: "the header's time multiplied by 1000",
      fix,
    },
  ];
}

function unitsOfIso(spec: Signature, timestamp: string): MessageVariant[] {
  const ms = readTimestamp({ unit: 'iso' }, timestamp);
  if (ms === null) return [];
  const fix = 'sign the time exactly as it is written in the request';
  return (['s', 'ms', 'iso', 'iso-ms'] as const).map((unit) => ({
    parts: spec.message,
    timestamp: writeTimestamp({ unit }, ms),
    cause: unit.startsWith('iso') ? 'other-time' : `${UNIT_WORDS[unit]}-for-iso`,
    fits: `the time written as ${unit.startsWith('iso') ? writeTimestamp({ unit }, ms) : UNIT_WORDS[unit]}`,
    fix,
  }));
}

function needed(parts: readonly MessagePart[], timestamps: readonly string[]): readonly (string | undefined)[] {
  return flattenParts(parts).includes('timestamp') ? timestamps : [undefined];
}

function keyOf(parts: readonly MessagePart[], timestamp: string | undefined): string {
  return JSON.stringify([parts, flattenParts(parts).includes('timestamp') ? timestamp : null]);
}
