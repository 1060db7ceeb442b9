import { AppError } from '../model/error.ts';
import type {
  Encoding,
  FieldsPart,
  Hash,
  KeyForm,
  PublicKeyAlgorithm,
  RsaAlgorithm,
  Signature,
} from '../model/signature.ts';

/** A piece of a signed message: a text that is known, code whose value is a text, code whose value is bytes. */
export type CodePiece = { literal: string } | { text: string } | { bytes: string };

/** One line of the function that verifies. */
export type Statement =
  | { kind: 'let'; name: string; code: string }
  /** Texts out of a text; where it has not this form, the request is not genuine. */
  | { kind: 'match'; pattern: string; text: string; names: readonly string[]; isWithin?: true }
  | { kind: 'require'; condition: string }
  | { kind: 'return'; condition: string };

/** A piece of the URL: letter by letter, as it was called. */
export type CalledPart = 'url' | 'host' | 'path' | 'query' | 'target';

/** How far from now, in seconds; null: nobody looks. */
export interface TimeWindow {
  past: number;
  future: number | null;
}

export interface DigestOptions {
  hash: Hash;
  /** Code of the key's bytes; null for a hash without one. */
  key: string | null;
  /** How the digest is written; null leaves its bytes. */
  encoding: readonly Encoding[] | null;
}

/** What is said of a JWT, and of its claims once they are read; null stands for a token that the key did not sign. */
export interface TokenDialect {
  /** `hashes`: by their bits. */
  read(text: string, hashes: readonly string[]): string;
  is(claim: string, value: string | number | boolean): string;
  isText(claim: string): string;
  isTime(claim: string): string;
  /** `mayLack`: where there is no body, the claim is not there. */
  fits(claim: string, text: string, mayLack: boolean): string;
  /** How far from now, in seconds, the token was signed. */
  isWithin(claim: string, offset: number, seconds: number, direction: 'past' | 'future'): string;
  and: string;
  always: string;
}

/** What is said of the request in one programming language: every member gives a piece of code. */
export interface Dialect {
  variable(name: string): string;
  /** Of several pieces one text, or the bytes of all. */
  text(pieces: readonly CodePiece[]): string;
  bytes(pieces: readonly CodePiece[]): string;
  /** A message of several pieces is given to a hash in pieces; else it is put together before. */
  hashesPieces: boolean;
  /** The raw bytes. */
  body: string;
  method: string;
  /** An empty text where there is none. */
  header(name: string): string;
  query(name: string): string;
  form(name: string): string;
  json(path: string): string;
  url(part: CalledPart): string;
  /** Several fields in one text. */
  fields(part: FieldsPart): string;
  /** The values of all headers whose name has this form. */
  headersLike(pattern: string): string;
  digest(options: DigestOptions, pieces: readonly CodePiece[]): string;
  encode(pieces: readonly CodePiece[], encoding: readonly Encoding[]): string;
  /** In decimal digits. */
  crc32(pieces: readonly CodePiece[]): string;
  /** The key, of the secret as the vendor shows it. */
  key(form: KeyForm): string;
  /** The same within a message. */
  keyPiece(form: KeyForm): CodePiece;
  /** The public key, of the text that the vendor shows. */
  publicKey(spec: Signature, text?: string): string;
  /** `hash`: code of its name, where the request says which. */
  verify(algorithm: PublicKeyAlgorithm, message: readonly CodePiece[], signature: string, hash?: string): string;
  /** The hash that a field of the body chooses. Absent: none can be chosen. */
  hashBy?(path: string, algorithms: Readonly<Record<string, RsaAlgorithm>>, usual: PublicKeyAlgorithm): string;
  /** The key that lies at the address in this field; nothing where it is not the vendor's. Absent: none is fetched. */
  fetchKey?(path: string): string;
  decode(text: string, encoding: readonly Encoding[]): string;
  /** In constant time. */
  isEqual(given: string, expected: string): string;
  any(list: string, name: string, condition: string): string;
  split(text: string, separator: string): string;
  startsWith(text: string, start: string): string;
  without(text: string, start: string): string;
  isRecent(time: string, unit: 's' | 'ms' | 'iso', window: TimeWindow): string;
  and(conditions: readonly string[]): string;
  /** Absent: no JWT can be read. */
  tokens?: TokenDialect;
  write(statement: Statement): string[];
}

/** What is signed, or how, in words: `the receiver has no code for …`. */
export function unwritable(what: string): never {
  throw new AppError('usage', `cannot write a receiver yet: ${what}`, {
    hint: 'to see how it signs: webhook events VENDOR; docs/receiving.md says which receivers can be written',
  });
}
