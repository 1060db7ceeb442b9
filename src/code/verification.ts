import {
  flattenParts,
  furtherHeaders,
  isInHeaders,
  jwtOf,
  numberedName,
  separatorOf,
  type Encoding,
  type Hash,
  type Jwt,
  type PublicKeyAlgorithm,
  type RequestPlace,
  type Signature,
  type SignatureAlgorithm,
} from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { idHeaderOf } from '../vendors/facts.ts';
import { ages, futureWindowMs, windowMs } from '../vendors/signing-facts.ts';
import { unwritable, type CodePiece, type Dialect, type Statement, type TokenDialect } from './dialect.ts';
import { escapePattern, patternOf } from './format-pattern.ts';
import { piecesOf } from './message-code.ts';

/** Of a JWT: who signed it, that it is of now, and that each of its claims is of this request. */
function tokenChecks(vendor: Vendor, spec: Signature, jwt: Jwt, dialect: Dialect): Statement[] {
  const { tokens } = dialect;
  if (tokens === undefined || spec.several !== undefined) return unwritable('its signature is a JWT');
  if (!spec.algorithm.startsWith('hmac-')) return unwritable('its signature is a JWT signed with a key pair');
  const hashes = [spec.algorithm, ...(jwt.algorithms ?? [])].map((one) => one.replace('hmac-sha', ''));
  const { judged, isNow } = timeOfToken(vendor, jwt, tokens);
  const conditions = Object.entries(jwt.claims).flatMap(([name, claim]): string[] => {
    if (typeof claim !== 'object') return [tokens.is(name, claim)];
    if ('time' in claim) return judged.includes(name) ? [] : [tokens.isTime(name)];
    const isAnyText = 'id' in claim || (claim.text.length === 1 && claim.text[0] === 'event');
    if (isAnyText) return [tokens.isText(name)];
    const text = dialect.text(piecesOf(claim.text, { dialect, vendor, spec }));
    return [tokens.fits(name, text, claim.withoutBody === 'left-out')];
  });
  return [
    { kind: 'let', name: 'claims', code: tokens.read(dialect.variable('given'), hashes) },
    ...conditions.map((condition): Statement => ({ kind: 'require', condition })),
    { kind: 'return', condition: isNow },
  ];
}

interface TokenWindow {
  /** The claims that are held against the present: there is nothing else to see of them. */
  judged: string[];
  isNow: string;
}

/** By `exp` a token gets old, by `nbf` it is not yet good; else by what other time there is. */
function timeOfToken(vendor: Vendor, { claims }: Jwt, tokens: TokenDialect): TokenWindow {
  const times = Object.entries(claims).flatMap(([name, claim]) =>
    typeof claim === 'object' && 'time' in claim ? [{ name, offset: claim.time }] : [],
  );
  const named = (...names: string[]): (typeof times)[number] | undefined =>
    names.flatMap((name) => times.filter((one) => one.name === name))[0] ?? times[0];
  const [past, future] = [named('exp', 'iat'), named('nbf', 'iat')];
  const late = futureWindowMs(vendor);
  if (past === undefined || future === undefined || !ages(vendor)) return { judged: [], isNow: tokens.always };
  const isNotOld = tokens.isWithin(past.name, past.offset, windowMs(vendor) / SECOND_MS, 'past');
  const isNotEarly = late === null ? [] : [tokens.isWithin(future.name, future.offset, late / SECOND_MS, 'future')];
  const judged = [past.name, ...(late === null ? [] : [future.name])];
  return { judged, isNow: [isNotOld, ...isNotEarly].join(tokens.and) };
}

/** With a key pair, receivers hold the public key. */
export const isPublicKeyAlgorithm = (algorithm: SignatureAlgorithm): algorithm is PublicKeyAlgorithm =>
  !/^hmac-|^md5$|^sha\d+$|^token$/.test(algorithm);

/** The function that tells whether a request is genuine, line by line. Throws AppError `usage` for what it cannot. */
export function verificationOf(vendor: Vendor, spec: Signature, dialect: Dialect): Statement[] {
  const jwt = jwtOf(spec);
  if (jwt !== null) return [...readGiven(spec, dialect), ...tokenChecks(vendor, spec, jwt, dialect)];
  const { fields, message } = separateFields(spec, piecesOf(spec.message, { dialect, vendor, spec }), dialect);
  return [
    ...addedQuery(vendor, spec, dialect),
    ...readGiven(spec, dialect),
    ...judgeTime(vendor, spec, dialect),
    ...readId(vendor, spec, dialect),
    ...fields,
    ...compareGiven(spec, message, dialect),
  ];
}

/** Fields of a body take a line of their own, however they are put into the message. */
function separateFields(
  { message: parts }: Signature,
  message: readonly CodePiece[],
  dialect: Dialect,
): { fields: Statement[]; message: readonly CodePiece[] } {
  const at = parts.findIndex((part) => typeof part === 'object' && 'fields' in part);
  const piece = message[at];
  if (piece === undefined || !('text' in piece)) return { fields: [], message };
  return {
    fields: [{ kind: 'let', name: 'fields', code: piece.text }],
    message: message.with(at, { text: dialect.variable('fields') }),
  };
}

function readId(vendor: Vendor, { message }: Signature, dialect: Dialect): Statement[] {
  const header = idHeaderOf(vendor);
  if (!flattenParts(message).includes('id')) return [];
  if (header === null) return unwritable('it signs an id that no header carries');
  return [{ kind: 'let', name: 'id', code: dialect.header(header) }];
}

/** What the vendor adds to the URL must be of this request. */
function addedQuery(vendor: Vendor, spec: Signature, dialect: Dialect): Statement[] {
  return Object.entries(spec.addedQuery ?? {}).map(([name, parts]) => ({
    kind: 'require',
    condition: dialect.isEqual(dialect.query(name), dialect.text(piecesOf(parts, { dialect, vendor, spec }))),
  }));
}

const encodingOf = ({ encoding, algorithm }: Signature): readonly Encoding[] =>
  encoding ?? (algorithm === 'token' ? [] : ['hex']);

/** The signature is compared as a whole text: its format holds nothing that must be read first. */
const isComparedWhole = (spec: Signature): boolean =>
  !isPublicKeyAlgorithm(spec.algorithm) && jwtOf(spec) === null && !spec.format.includes('{t}');

/** One text, or the texts of several signatures, in the variables that `compareGiven` uses. */
function readGiven(spec: Signature, dialect: Dialect): Statement[] {
  const { at, several, format, timestamp } = spec;
  const separateTime: Statement[] =
    timestamp?.at === undefined ? [] : [{ kind: 'let', name: 'timestamp', code: readPlace(timestamp.at, dialect) }];
  if (several !== undefined) return [...separateTime, ...readSeveral(spec, dialect)];
  const text = readPlace(at, dialect);
  if (isComparedWhole(spec)) return [...separateTime, { kind: 'let', name: 'given', code: text }];
  const { pattern, slots } = patternOf(format, jwtOf(spec) === null ? encodingOf(spec) : [], timestamp);
  const names = slots.map((slot) => (slot === 'v' ? 'given' : 'timestamp'));
  return [...separateTime, { kind: 'match', pattern, text, names }];
}

function readSeveral(spec: Signature, dialect: Dialect): Statement[] {
  const { at, several, format, timestamp } = spec;
  if (!format.includes('{t}')) return [{ kind: 'let', name: 'signatures', code: signatureTexts(spec, dialect) }];
  const separator = several?.repeat === 'part' ? separatorOf(several) : '';
  const pieces = separator === '' ? [] : format.split(separator).map((piece) => piece.trim());
  const withTime = pieces.find((piece) => piece.includes('{t}') && !piece.includes('{v}'));
  if (withTime === undefined) return unwritable('each of its several signatures has its own time');
  const edge = escapePattern(separator);
  const pattern = `(?:^|${edge}) *${patternOf(withTime, [], timestamp).pattern} *(?:${edge}|$)`;
  return [
    { kind: 'let', name: 'header', code: readPlace(at, dialect) },
    { kind: 'match', pattern, text: dialect.variable('header'), names: ['timestamp'], isWithin: true },
    { kind: 'let', name: 'signatures', code: dialect.split(dialect.variable('header'), separator) },
  ];
}

function signatureTexts({ at, several = { repeat: 'all' } }: Signature, dialect: Dialect): string {
  if (!isInHeaders(several)) return dialect.split(readPlace(at, dialect), separatorOf(several));
  if (!('header' in at)) return unwritable('its several signatures are not in a header');
  if (several.repeat === 'numbered-header')
    return dialect.headersLike(`${escapePattern(numberedName(at.header).toLowerCase())}\\d{1,3}`);
  const names = [at.header, ...furtherHeaders({ at, several })].map((name) => escapePattern(name.toLowerCase()));
  return dialect.headersLike(`(?:${names.join('|')})`);
}

function readPlace(place: RequestPlace, dialect: Dialect): string {
  if ('header' in place) return dialect.header(place.header);
  if ('query' in place) return dialect.query(place.query);
  return 'json' in place ? dialect.json(place.json) : dialect.form(place.form);
}

const SECOND_MS = 1000;

function judgeTime(vendor: Vendor, { timestamp }: Signature, dialect: Dialect): Statement[] {
  if (timestamp === undefined || !ages(vendor)) return [];
  const future = futureWindowMs(vendor);
  const window = { past: windowMs(vendor) / SECOND_MS, future: future === null ? null : future / SECOND_MS };
  const unit = timestamp.unit === 'iso-ms' ? 'iso' : timestamp.unit;
  return [{ kind: 'require', condition: dialect.isRecent(dialect.variable('timestamp'), unit, window) }];
}

function compareGiven(spec: Signature, message: readonly CodePiece[], dialect: Dialect): Statement[] {
  const { algorithm, several } = spec;
  if (isPublicKeyAlgorithm(algorithm)) return verifyGiven(spec, algorithm, message, dialect);
  const values = expectedText(spec, message, dialect);
  const one = dialect.variable(several === undefined ? 'given' : 'signature');
  const isEqual = dialect.isEqual(one, dialect.variable('expected'));
  const condition = several === undefined ? isEqual : dialect.any(dialect.variable('signatures'), 'signature', isEqual);
  return [...values, { kind: 'return', condition }];
}

const LONG_VALUE = 70;

/** As it stands in the request: with what its format has around it, where it is compared whole. */
function expectedText(spec: Signature, message: readonly CodePiece[], dialect: Dialect): Statement[] {
  const { several, format } = spec;
  const direct = valueText(spec, message, dialect);
  const isJoined = !dialect.hashesPieces && message.length > 1 && direct.length > LONG_VALUE;
  const joined = { bytes: dialect.variable('message') };
  const code = isJoined ? valueText(spec, [joined], dialect) : direct;
  const piece =
    several?.repeat === 'part'
      ? (format.split(separatorOf(several)).find((one) => one.includes('{v}')) ?? '{v}').trim()
      : isComparedWhole(spec)
        ? format
        : '{v}';
  const texts = piece.split(/(\{v\})/).filter((text) => text !== '');
  const isSeparate = texts.length > 1 && code.length > LONG_VALUE;
  const value = { text: isSeparate ? dialect.variable('digest') : code };
  return [
    ...(isJoined ? [{ kind: 'let', name: 'message', code: dialect.bytes(message) } as const] : []),
    ...(isSeparate ? [{ kind: 'let', name: 'digest', code } as const] : []),
    {
      kind: 'let',
      name: 'expected',
      code: dialect.text(texts.map((text) => (text === '{v}' ? value : { literal: text }))),
    },
  ];
}

function valueText(spec: Signature, message: readonly CodePiece[], dialect: Dialect): string {
  const { algorithm } = spec;
  const encoding = encodingOf(spec);
  if (algorithm === 'token') return encoding.length === 0 ? dialect.text(message) : dialect.encode(message, encoding);
  if (encoding[0] === 'percent') unwritable('its bytes are percent-encoded');
  const isKeyed = algorithm.startsWith('hmac-');
  const key = isKeyed ? dialect.variable('key') : null;
  return dialect.digest({ hash: algorithm.replace('hmac-', '') as Hash, key, encoding }, message);
}

/** By the public key: the text is read first, and may be one of several. */
function verifyGiven(
  spec: Signature,
  algorithm: PublicKeyAlgorithm,
  message: readonly CodePiece[],
  dialect: Dialect,
): Statement[] {
  const { several, format } = spec;
  const chosen = [...fetchKey(spec, dialect), ...chooseHash(spec, algorithm, dialect)];
  const hash = spec.algorithmBy === undefined ? undefined : dialect.variable('hash');
  const fits = (text: string): string =>
    dialect.verify(algorithm, message, dialect.decode(text, encodingOf(spec)), hash);
  if (several === undefined) return [...chosen, { kind: 'return', condition: fits(dialect.variable('given')) }];
  const [before = '', after = ''] = format.split('{v}');
  if (after !== '' || several.repeat === 'part') unwritable('several signatures made with a key pair, in parts');
  const bare = dialect.without(dialect.variable('signature'), before);
  const starts = before === '' ? [] : [dialect.startsWith(dialect.variable('signature'), before)];
  const condition = dialect.any(dialect.variable('signatures'), 'signature', dialect.and([...starts, fits(bare)]));
  return [...chosen, { kind: 'return', condition }];
}

function fetchKey({ keyUrl }: Signature, dialect: Dialect): Statement[] {
  if (keyUrl === undefined) return [];
  const code = dialect.fetchKey?.(keyUrl.json) ?? unwritable('each request names the address of its key');
  return [
    { kind: 'let', name: 'key', code },
    { kind: 'require', condition: dialect.variable('key') },
  ];
}

function chooseHash({ algorithmBy }: Signature, usual: PublicKeyAlgorithm, dialect: Dialect): Statement[] {
  if (algorithmBy === undefined) return [];
  const { json, values } = algorithmBy;
  const code = dialect.hashBy?.(json, values, usual) ?? unwritable('a field of the body says by which hash it signs');
  return [{ kind: 'let', name: 'hash', code }];
}
