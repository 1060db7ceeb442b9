import type { MessagePart, Signature } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';

/** One difference between what was signed and what the vendor signs, and its fix. */
export interface Deviation {
  /** Short and stable: `trimmed-secret`. */
  cause: string;
  /** Ends a sentence that begins "the signature fits …". */
  fits: string;
  fix: string;
}

export interface KeyVariant extends Deviation {
  key: Uint8Array;
}

export interface BodyVariant extends Deviation {
  body: Uint8Array;
}

export interface MessageVariant extends Deviation {
  parts: readonly MessagePart[];
  timestamp: string | undefined;
}

/** Lists the keys that other programs make of the same secret. Never equal to the secret itself. */
export function listKeyVariants(secret: string, spec: Signature): KeyVariant[] {
  const trimmed = secret.trim();
  const bare = trimmed.replace(/^(["'])(.*)\1$/s, '$2');
  const variants = [...spacingVariants(trimmed, bare), ...encodingVariants(bare, spec)];
  return variants.filter(
    ({ key }, index) =>
      key.length > 0 &&
      !Buffer.from(secret, 'utf8').equals(key) &&
      variants.findIndex((other) => Buffer.from(other.key).equals(key)) === index,
  );
}

function spacingVariants(trimmed: string, bare: string): KeyVariant[] {
  return [
    {
      key: text(trimmed),
      cause: 'trimmed-secret',
      fits: 'the secret without the white space around it',
      fix: 'take the line break or blank off the secret where it is kept',
    },
    {
      key: text(bare),
      cause: 'quoted-secret',
      fits: 'the secret without the quotes around it',
      fix: 'take the quotes off the secret where it is kept',
    },
    {
      key: text(`${trimmed}\n`),
      cause: 'secret-with-newline',
      fits: 'the secret with a line break at its end',
      fix: 'trim the secret where the signer reads it: echo and editors add a line break',
    },
    {
      key: text(`${trimmed}\r\n`),
      cause: 'secret-with-newline',
      fits: 'the secret with a Windows line break at its end',
      fix: 'trim the secret where the signer reads it',
    },
  ];
}

function encodingVariants(bare: string, spec: Signature): KeyVariant[] {
  const prefix = spec.key?.prefix ?? 'whsec_';
  const withoutPrefix = bare.startsWith(prefix) ? bare.slice(prefix.length) : bare;
  const whole = `the key is the whole secret as text${spec.key?.prefix === undefined ? '' : `, ${prefix} included`}`;
  return [
    { key: text(withoutPrefix), cause: 'secret-without-prefix', fits: `the secret without ${prefix}`, fix: whole },
    {
      key: text(`${prefix}${bare}`),
      cause: 'secret-without-prefix',
      fits: `the secret with ${prefix} before it`,
      fix: `copy the whole secret, ${prefix} included`,
    },
    {
      key: Buffer.from(withoutPrefix, 'base64'),
      cause: 'base64-decoded-secret',
      fits: 'the secret decoded from base64',
      fix: `leave the secret undecoded: ${whole}`,
    },
    {
      key: text(Buffer.from(bare, 'utf8').toString('base64')),
      cause: 'base64-encoded-secret',
      fits: 'the secret encoded as base64',
      fix: `leave the secret as it is: ${whole}`,
    },
    ...hexVariant(withoutPrefix, whole),
  ];
}

function hexVariant(secret: string, whole: string): KeyVariant[] {
  if (!/^(?:[0-9a-f]{2})+$/i.test(secret)) return [];
  return [
    {
      key: Buffer.from(secret, 'hex'),
      cause: 'hex-decoded-secret',
      fits: 'the secret decoded from hex',
      fix: `leave the secret undecoded: ${whole}`,
    },
  ];
}

function text(value: string): Uint8Array {
  return Buffer.from(value, 'utf8');
}

const TIMESTAMPED: readonly (readonly [parts: readonly MessagePart[], name: string])[] = [
  [['timestamp', { text: '.' }, 'body'], 'time, dot, body'],
  [['timestamp', 'body'], 'time and body without a dot between'],
  [['body', 'timestamp'], 'body, then time'],
  [['body', { text: '.' }, 'timestamp'], 'body, dot, time'],
  [['timestamp', { text: '\n' }, 'body'], 'time, line break, body'],
  [['timestamp', { text: ':' }, 'body'], 'time, colon, body'],
];

/**
 * Lists what else may have been signed: the time in another unit, other parts, other vendors' messages.
 * @param timestamps what the headers offer, the signature's own first
 */
export function listMessageVariants(
  spec: Signature,
  timestamps: readonly string[],
  webhookId: string | undefined,
  others: readonly Vendor[],
): MessageVariant[] {
  const fix = `sign ${describeMessage(spec.message)}, and nothing else`;
  const variants: MessageVariant[] = [
    ...timestamps.flatMap((timestamp) => otherUnits(spec, timestamp)),
    { parts: ['body'], timestamp: undefined, cause: 'other-message', fits: 'the body alone', fix },
    ...otherVendors(spec, timestamps, others, fix),
    ...timestamps.flatMap((timestamp) => otherParts(timestamp, webhookId, fix)),
  ];
  const own = keyOf(spec.message, timestamps[0]);
  return variants.filter(
    (one, index) =>
      keyOf(one.parts, one.timestamp) !== own &&
      variants.findIndex((other) => keyOf(other.parts, other.timestamp) === keyOf(one.parts, one.timestamp)) === index,
  );
}

function otherVendors(
  spec: Signature,
  timestamps: readonly string[],
  others: readonly Vendor[],
  fix: string,
): MessageVariant[] {
  const signed = describeMessage(spec.message);
  return others.flatMap(({ title, signature: { value: signature } }) => {
    if (signature === null || describeMessage(signature.message) === signed) return [];
    const { message: parts } = signature;
    const fits = `what ${title} signs (${describeMessage(parts)})`;
    return needed(parts, timestamps).map((timestamp) => ({ parts, timestamp, cause: 'other-vendor', fits, fix }));
  });
}

function otherParts(timestamp: string, webhookId: string | undefined, fix: string): MessageVariant[] {
  const variants: MessageVariant[] = TIMESTAMPED.map(([parts, fits]) => ({
    parts,
    timestamp,
    cause: 'other-message',
    fits,
    fix,
  }));
  if (webhookId === undefined) return variants;
  return [
    ...variants,
    {
      parts: [{ text: `${webhookId}.` }, 'timestamp', { text: '.' }, 'body'],
      timestamp,
      cause: 'standard-webhooks',
      fits: 'id, time and body, as Standard Webhooks signs them',
      fix,
    },
  ];
}

/** `time, ".", body` */
export function describeMessage(parts: readonly MessagePart[]): string {
  return parts.map((part) => (typeof part === 'string' ? PART_WORDS[part] : describePart(part))).join(', ');
}

const PART_WORDS: Readonly<Record<Extract<MessagePart, string>, string>> = {
  body: 'the raw body',
  timestamp: 'time',
  id: 'id',
  url: 'the URL',
  host: 'the host',
  path: 'the path',
  query: 'the query',
  target: 'path and query',
  method: 'the method',
  secret: 'the secret',
  event: 'the name of the event',
};

function describePart(part: Exclude<MessagePart, string>): string {
  if ('text' in part) return JSON.stringify(part.text);
  if ('header' in part) return `the ${part.header} header`;
  if ('json' in part) return `the value ${part.json} of the body`;
  if ('form' in part) return `the form field ${part.form}`;
  if ('hash' in part) return `the ${part.hash.toUpperCase()} of (${describeMessage(part.of)})`;
  if ('encode' in part) return `${part.encode.join(' and ')} of (${describeMessage(part.of)})`;
  return part.fields === 'sorted' ? `all ${part.from} fields, sorted` : `the fields ${part.fields.join(', ')}`;
}

function otherUnits(spec: Signature, timestamp: string): MessageVariant[] {
  if (spec.timestamp === undefined) return [];
  const unit = spec.timestamp.unit === 'ms' ? 'milliseconds' : 'seconds';
  const fix = `sign the digits exactly as they stand in the header, in ${unit}`;
  return [
    {
      parts: spec.message,
      timestamp: timestamp.slice(0, -3),
      cause: 'seconds-for-milliseconds',
      fits: "the header's time cut down to seconds",
      fix,
    },
    {
      parts: spec.message,
      timestamp: `${timestamp}000`,
      cause: 'milliseconds-for-seconds',
      fits: "the header's time times 1000",
      fix,
    },
  ];
}

function needed(parts: readonly MessagePart[], timestamps: readonly string[]): readonly (string | undefined)[] {
  return parts.includes('timestamp') ? timestamps : [undefined];
}

function keyOf(parts: readonly MessagePart[], timestamp: string | undefined): string {
  return JSON.stringify([parts, parts.includes('timestamp') ? timestamp : null]);
}
