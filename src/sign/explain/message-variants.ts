import type { MessagePart, Signature, Vendor } from '../../model/vendor.ts';
import type { MessageVariant } from './deviation.ts';

const TIMESTAMPED: readonly (readonly [parts: readonly MessagePart[], name: string])[] = [
  [['timestamp', { text: '.' }, 'body'], 'time, dot, body'],
  [['timestamp', 'body'], 'time and body without a dot between'],
  [['body', 'timestamp'], 'body, then time'],
  [['body', { text: '.' }, 'timestamp'], 'body, dot, time'],
  [['timestamp', { text: '\n' }, 'body'], 'time, line break, body'],
  [['timestamp', { text: ':' }, 'body'], 'time, colon, body'],
];

/**
 * What else may have been signed: the time in another unit, other parts, other vendors' messages.
 * `timestamps`: what the headers offer, the signature's own first.
 */
export function listMessageVariants(
  spec: Signature,
  timestamps: readonly string[],
  webhookId: string | undefined,
  others: readonly Vendor[],
): MessageVariant[] {
  const signed = describeMessage(spec.message);
  const fix = `sign ${signed}, and nothing else`;
  const variants: MessageVariant[] = timestamps.flatMap((timestamp) => otherUnits(spec, timestamp));
  variants.push({ parts: ['body'], timestamp: undefined, cause: 'other-message', fits: 'the body alone', fix });
  for (const { title, signature } of others) {
    if (signature === null || describeMessage(signature.message) === signed) continue;
    for (const timestamp of needed(signature.message, timestamps)) {
      variants.push({
        parts: signature.message,
        timestamp,
        cause: 'other-vendor',
        fits: `what ${title} signs (${describeMessage(signature.message)})`,
        fix,
      });
    }
  }
  for (const timestamp of timestamps) {
    for (const [parts, name] of TIMESTAMPED)
      variants.push({ parts, timestamp, cause: 'other-message', fits: name, fix });
    if (webhookId !== undefined) {
      const parts: MessagePart[] = [{ text: `${webhookId}.` }, 'timestamp', { text: '.' }, 'body'];
      variants.push({
        parts,
        timestamp,
        cause: 'standard-webhooks',
        fits: 'id, time and body, as Standard Webhooks signs them',
        fix,
      });
    }
  }
  const own = keyOf(spec.message, timestamps[0]);
  return variants.filter(
    (one, index) =>
      keyOf(one.parts, one.timestamp) !== own &&
      variants.findIndex((other) => keyOf(other.parts, other.timestamp) === keyOf(one.parts, one.timestamp)) === index,
  );
}

/** `time, ".", body` */
export function describeMessage(parts: readonly MessagePart[]): string {
  return parts
    .map((part) =>
      typeof part === 'object' ? JSON.stringify(part.text) : part === 'timestamp' ? 'time' : 'the raw body',
    )
    .join(', ');
}

function otherUnits(spec: Signature, timestamp: string): MessageVariant[] {
  if (spec.timestampUnit === undefined) return [];
  const unit = spec.timestampUnit === 'ms' ? 'milliseconds' : 'seconds';
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
