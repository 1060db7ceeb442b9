import type { MessagePart, Signature } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { eventFieldOf, eventHeaderOf } from '../vendors/facts.ts';
import { unwritable, type Dialect, type CodePiece } from './dialect.ts';

/** What the code of a message is made with. */
export interface MessageSource {
  dialect: Dialect;
  vendor: Vendor;
  spec: Signature;
}

/** The message, piece by piece. Throws AppError `usage` for a part that cannot be written. */
export const piecesOf = (parts: readonly MessagePart[], source: MessageSource): CodePiece[] =>
  parts.map((part) => pieceOf(part, source));

function pieceOf(part: MessagePart, source: MessageSource): CodePiece {
  const { dialect, spec } = source;
  if (typeof part === 'object') return objectPiece(part, source);
  switch (part) {
    case 'body':
      return { bytes: dialect.body };
    case 'secret':
      return dialect.keyPiece(spec.key ?? { encoding: 'utf8' });
    case 'timestamp':
      return { text: dialect.variable('timestamp') };
    case 'method':
      return { text: dialect.method };
    case 'id':
      return { text: dialect.variable('id') };
    case 'event':
      return { text: eventName(source) };
    default:
      return { text: dialect.url(part) };
  }
}

function eventName({ dialect, vendor }: MessageSource): string {
  const header = eventHeaderOf(vendor);
  if (header !== null) return dialect.header(header);
  return dialect.json(eventFieldOf(vendor) ?? unwritable('it signs the event name, which is not in the request'));
}

function objectPiece(part: Exclude<MessagePart, string>, source: MessageSource): CodePiece {
  const { dialect } = source;
  if ('text' in part) return { literal: part.text };
  if ('header' in part) return { text: dialect.header(part.header) };
  if ('form' in part) return { text: dialect.form(part.form) };
  if ('fields' in part) return { text: dialect.fields(part) };
  if ('encode' in part) return { text: dialect.encode(piecesOf(part.of, source), part.encode) };
  if ('json' in part)
    return part.as === 'raw'
      ? unwritable(`it signs the field ${part.json} as it is written`)
      : { text: dialect.json(part.json) };
  if ('hash' in part) return hashPiece(part, source);
  if ('jwt' in part) return unwritable('its signature is a JWT');
  return unwritable('it signs the body with another text in place of the signature');
}

function hashPiece(
  { hash, as = 'hex', of }: Extract<MessagePart, { hash: unknown }>,
  source: MessageSource,
): CodePiece {
  const { dialect } = source;
  const pieces = piecesOf(of, source);
  if (hash === 'crc32')
    return as === 'decimal' ? { text: dialect.crc32(pieces) } : unwritable('it signs a CRC-32 that is not in decimal');
  if (as === 'decimal') return unwritable(`it signs a ${hash} in decimal`);
  if (as === 'raw') return { bytes: dialect.digest({ hash, key: null, encoding: null }, pieces) };
  return { text: dialect.digest({ hash, key: null, encoding: ['hex'] }, pieces) };
}
