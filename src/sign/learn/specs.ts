import { isText, type MessagePart, type Signature, type SignatureTime } from '../../model/signature.ts';
import { findUnsignedTime, type Atom, type AtomReading } from './atoms.ts';
import type { PublicKeyCandidate } from './key-candidates.ts';
import type { LearnSubject } from './learn-subject.ts';
import type { Hit } from './message-search.ts';
import type { SignatureSlot } from './slots.ts';

/** Of all the ways to read the pieces of one message: so many are tried. */
const MAX_READINGS = 48;
const MAX_SPECS = 240;

/** Everything that the grammar can say of a hit, likeliest first. Whether it fits must be asked of each. */
export function listSpecs(hit: Hit, subject: LearnSubject, publicKey: PublicKeyCandidate | null): Signature[] {
  const slots = hit.target.slots.toSorted((one, other) => Number(one.isUnlikely) - Number(other.isUnlikely));
  const specs = readMessages(hit.pieces).flatMap((message) =>
    slots.flatMap((slot) => specsOf(message, slot, hit, subject, publicKey)),
  );
  return specs.slice(0, MAX_SPECS);
}

interface MessageReading {
  parts: readonly MessagePart[];
  time?: SignatureTime;
}

/** Every choice of one reading for each piece; those of the likeliest readings first. */
function readMessages(pieces: readonly (Atom | string)[]): MessageReading[] {
  let messages: MessageReading[] = [{ parts: [] }];
  for (const piece of pieces) {
    const readings = typeof piece === 'string' ? [{ parts: [{ text: piece }] }] : piece.readings;
    messages = messages
      .flatMap((message) => readings.map((reading) => appendReading(message, reading)))
      .slice(0, MAX_READINGS);
  }
  return messages;
}

function appendReading(message: MessageReading, reading: AtomReading): MessageReading {
  const isSecond = message.time !== undefined && reading.time !== undefined;
  const parts = isSecond ? (reading.plain ?? reading.parts) : reading.parts;
  const time = message.time ?? reading.time;
  return { parts: joinTexts([...message.parts, ...parts]), ...(time && { time }) };
}

/** Texts beside each other are one. */
function joinTexts(parts: readonly MessagePart[]): MessagePart[] {
  const joined: MessagePart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (isText(part) && last !== undefined && isText(last)) joined[joined.length - 1] = { text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}

function specsOf(
  { parts, time }: MessageReading,
  slot: SignatureSlot,
  { probe }: Hit,
  subject: LearnSubject,
  publicKey: PublicKeyCandidate | null,
): Signature[] {
  const isHex = slot.encoding.length === 1 && slot.encoding[0] === 'hex';
  const isPublic = publicKey?.algorithms.some((algorithm) => algorithm === probe.algorithm) ?? false;
  const spec: Signature = {
    algorithm: probe.algorithm,
    message: parts,
    ...(!isHex && { encoding: slot.encoding }),
    ...(probe.form && { key: probe.form }),
    at: slot.at,
    format: slot.format,
    ...(slot.several && { several: slot.several }),
    ...(isPublic && publicKey?.shown && { keyShown: publicKey.shown }),
  };
  return timesOf(slot, time, subject).map((timestamp) => (timestamp === undefined ? spec : { ...spec, timestamp }));
}

/** The time that is signed, else the one that is sent beside the signature, else none. */
function timesOf(
  slot: SignatureSlot,
  signed: SignatureTime | undefined,
  subject: LearnSubject,
): (SignatureTime | undefined)[] {
  // A format has one time: where it stands in the signature's own text, it is no other.
  if (signed !== undefined) return (signed.at === undefined) === (slot.time !== null) ? [signed] : [];
  if (slot.time !== null) return [{ unit: slot.time.unit }];
  const unsigned = findUnsignedTime(subject);
  return unsigned === undefined ? [undefined] : [unsigned, undefined];
}
