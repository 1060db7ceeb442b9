import { describePlace, type MessagePart } from '../../model/signature.ts';

/** `time, ".", the raw body` */
export function describeMessage(parts: readonly MessagePart[]): string {
  return parts.map(describePart).join(', ');
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

export function describePart(part: MessagePart): string {
  if (typeof part === 'string') return PART_WORDS[part];
  if ('text' in part) return JSON.stringify(part.text);
  if ('header' in part) return `the ${part.header} header`;
  if ('json' in part) return `the value ${part.json} of the body`;
  if ('form' in part) return `the form field ${part.form}`;
  if ('bodyWith' in part)
    return `the raw body with (${describeMessage(part.of)}) in its ${describePlace(part.bodyWith)}`;
  if ('hash' in part) return `the ${part.hash.toUpperCase()} of (${describeMessage(part.of)})`;
  if ('encode' in part) return `${part.encode.join(' and ')} of (${describeMessage(part.of)})`;
  if ('jwt' in part) return `a JWT with the claims ${Object.keys(part.jwt.claims).join(', ')}`;
  return part.fields === 'sorted' ? `all ${part.from} fields, sorted` : `the fields ${part.fields.join(', ')}`;
}
