import type { Encoding, FieldsPart, Hash, PublicKeyAlgorithm, Signature } from '../model/signature.ts';
import {
  unwritable,
  type Dialect,
  type CodePiece,
  type Statement,
  type TimeWindow,
  type TokenDialect,
} from './dialect.ts';
import { escapePattern } from './format-pattern.ts';

const quote = (text: string): string =>
  `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", String.raw`\'`)}'`;

/** Within a template literal. */
const inTemplate = (text: string): string =>
  JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('`', '\\`').replaceAll('${', '\\${');

function textOf(pieces: readonly CodePiece[]): string {
  const [first] = pieces;
  if (pieces.every((piece) => 'literal' in piece)) return quote(pieces.map(({ literal }) => literal).join(''));
  if (pieces.length === 1 && first !== undefined) return 'text' in first ? first.text : `String(${codeOf(first)})`;
  const inside = pieces.map((piece) => ('literal' in piece ? inTemplate(piece.literal) : `\${${codeOf(piece)}}`));
  return `\`${inside.join('')}\``;
}

const codeOf = (piece: CodePiece): string =>
  'literal' in piece ? quote(piece.literal) : 'text' in piece ? piece.text : piece.bytes;

/** Texts that stand beside each other are one. */
function chunksOf(pieces: readonly CodePiece[]): { isText: boolean; code: string }[] {
  const groups: CodePiece[][] = [];
  for (const piece of pieces) {
    const last = groups.at(-1);
    if (last !== undefined && !('bytes' in piece) && !('bytes' in (last[0] as CodePiece))) last.push(piece);
    else groups.push([piece]);
  }
  return groups.map((group) =>
    'bytes' in (group[0] as CodePiece)
      ? { isText: false, code: codeOf(group[0] as CodePiece) }
      : { isText: true, code: textOf(group) },
  );
}

function bytesOf(pieces: readonly CodePiece[]): string {
  const chunks = chunksOf(pieces).map(({ isText, code }) => (isText ? `Buffer.from(${code})` : code));
  return chunks.length === 1 ? (chunks[0] as string) : `Buffer.concat([${chunks.join(', ')}])`;
}

/** From a text to a text. */
const furtherEncoded = (code: string, encoding: readonly Encoding[]): string =>
  encoding.reduce(
    (text, one) =>
      one === 'percent'
        ? `encodeURIComponent(${text})`
        : one === 'HEX'
          ? `Buffer.from(${text}).toString('hex').toUpperCase()`
          : `Buffer.from(${text}).toString('${one}')`,
    code,
  );

function written(code: string, call: string, [first, ...others]: readonly Encoding[]): string {
  const text = first === 'HEX' ? `${code}.${call}('hex').toUpperCase()` : `${code}.${call}('${first}')`;
  return furtherEncoded(text, others);
}

const HASHES: Readonly<Record<PublicKeyAlgorithm, Hash | null>> = {
  ed25519: null,
  'ecdsa-p256-sha256': 'sha256',
  'rsa-sha1': 'sha1',
  'rsa-sha256': 'sha256',
  'rsa-sha512': 'sha512',
  'rsa-pss-sha512': 'sha512',
};

function publicKey({ algorithm, keyShown = 'spki-pem', key }: Signature, source = 'secret'): string {
  const text = key?.prefix === undefined ? source : `${source}.replace(/^${escapePattern(key.prefix)}/, '')`;
  if (keyShown === 'spki-pem') return `createPublicKey(${text})`;
  if (keyShown === 'x509-pem') return `new X509Certificate(${text}).publicKey`;
  if (keyShown === 'jwks') return `createPublicKey({ key: JSON.parse(${text}).keys[0], format: 'jwk' })`;
  if (keyShown === 'spki-base64')
    return `createPublicKey({ key: Buffer.from(${text}, 'base64'), format: 'der', type: 'spki' })`;
  if (algorithm !== 'ed25519') unwritable(`its ${algorithm} key has the form ${keyShown}`);
  const x = `Buffer.from(${text}, '${keyShown.slice('raw-'.length)}').toString('base64url')`;
  return `createPublicKey({\n  key: { kty: 'OKP', crv: 'Ed25519', x: ${x} },\n  format: 'jwk',\n})`;
}

function verify(
  algorithm: PublicKeyAlgorithm,
  message: readonly CodePiece[],
  signature: string,
  hashName?: string,
): string {
  const key =
    algorithm === 'rsa-pss-sha512'
      ? '{ key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }'
      : 'key';
  const hash = HASHES[algorithm];
  return `verify(${hashName ?? (hash === null ? 'null' : quote(hash))}, ${bytesOf(message)}, ${key}, ${signature})`;
}

function fields({ fields: names, from, each, join = '', missing }: FieldsPart): string {
  const line = `\`${inTemplate(each).replaceAll('{name}', '${name}').replaceAll('{value}', '${value}')}\``;
  const list = names === 'sorted' ? null : `[${names.map(quote).join(', ')}]`;
  if (from === 'json') {
    if (missing === 'empty') unwritable('it signs fields of JSON that may be missing as empty texts');
    const all = list ?? 'Object.keys(event).sort()';
    const isScalar = "event[name] != null && typeof event[name] !== 'object'";
    const own = line.replace('${value}', '${event[name]}');
    return `${all}.filter((name) => ${isScalar}).map((name) => ${own}).join(${quote(join)})`;
  }
  if (list === null)
    return (
      `[...new Set(${from}.keys())].sort()` +
      `.flatMap((name) => [...new Set(${from}.getAll(name))].sort().map((value) => ${line})).join(${quote(join)})`
    );
  const values = missing === 'empty' ? `(${from}.has(name) ? ${from}.getAll(name) : [''])` : `${from}.getAll(name)`;
  return `${list}.flatMap((name) => ${values}.map((value) => ${line})).join(${quote(join)})`;
}

function isRecent(time: string, unit: 's' | 'ms' | 'iso', { past, future }: TimeWindow): string {
  const factor = unit === 's' ? 1 : 1000;
  const now = unit === 's' ? 'Date.now() / 1000' : 'Date.now()';
  const then = unit === 'iso' ? `Date.parse(${time})` : `Number(${time})`;
  if (past === future) return `Math.abs(${now} - ${then}) <= ${past * factor}`;
  const late = `${now} - ${then} <= ${past * factor}`;
  return future === null ? late : `${late} && ${then} - (${now}) <= ${future * factor}`;
}

const URL_CODE = {
  url: 'url',
  host: "request.get('host')",
  path: "request.originalUrl.split('?')[0]",
  query: "request.originalUrl.split('?').slice(1).join('?')",
  target: 'request.originalUrl',
} as const;

const MAX_COLUMNS = 110;

/** A long chain of calls has one on each line. */
function brokenAtCalls(line: string): string[] {
  if (line.length <= MAX_COLUMNS) return [line];
  const [start = '', ...calls] = callsOf(line);
  return [start, ...calls.map((call) => `  ${call}`)];
}

/** What comes before the first call of the chain, and each call; those within their brackets stay there. */
function callsOf(line: string): string[] {
  const pieces = [''];
  let depth = 0;
  for (const part of line.split(/(\.(?:update|digest|filter|map|flatMap|join)(?=\()|[()])/)) {
    if (part === '(') depth += 1;
    if (part === ')') depth -= 1;
    if (depth === 0 && part.startsWith('.')) pieces.push(part);
    else pieces.push((pieces.pop() ?? '') + part);
  }
  return pieces;
}

function write(statement: Statement): string[] {
  switch (statement.kind) {
    case 'let':
      return brokenAtCalls(`const ${statement.name} = ${statement.code};`);
    case 'match': {
      const { names, pattern, text, isWithin } = statement;
      const ends = isWithin ? pattern : `^${pattern}$`;
      return [`const [, ${names.map((name) => `${name} = ''`).join(', ')}] = /${ends}/.exec(${text}) ?? [];`];
    }
    case 'require':
      return [`if (${negated(statement.condition)}) return false;`];
    case 'return':
      return [`return ${statement.condition};`];
  }
}

/** One name, or one call with whatever stands in it, needs no brackets. */
function negated(condition: string): string {
  const bare = condition.replaceAll(/'(?:[^'\\]|\\.)*'/g, "''");
  let [rest, before] = [bare, ''];
  while (rest !== before) [rest, before] = [rest.replaceAll(/\([^()]*\)/g, ''), rest];
  return /^[\w.]+$/.test(rest) ? `!${condition}` : `!(${condition})`;
}

const claimAt = (claim: string): string => pathOf(claim, 'claims');

/** Every check fails without claims. */
const tokens: TokenDialect = {
  read: (text, hashes) => `readToken(${text}, { ${hashes.map((bits) => `HS${bits}: 'sha${bits}'`).join(', ')} })`,
  is: (claim, value) => `${claimAt(claim)} === ${typeof value === 'string' ? quote(value) : String(value)}`,
  isText: (claim) => `typeof ${claimAt(claim)} === 'string'`,
  isTime: (claim) => `Number.isFinite(${claimAt(claim)})`,
  fits: (claim, text, mayLack) =>
    mayLack
      ? `body.length === 0 ? ${claimAt(claim)} === undefined : ${claimAt(claim)} === ${text}`
      : `${claimAt(claim)} === ${text}`,
  isWithin: (claim, offset, seconds, direction) => {
    const signed = offset === 0 ? claimAt(claim) : `(${claimAt(claim)} - ${offset})`;
    const now = 'Date.now() / 1000';
    return direction === 'past' ? `${now} - ${signed} <= ${seconds}` : `${signed} - ${now} <= ${seconds}`;
  },
  and: ' && ',
  always: 'claims !== null',
};

export const javascript: Dialect = {
  tokens,
  variable: (name) => name,
  text: textOf,
  bytes: bytesOf,
  hashesPieces: true,
  body: 'body',
  method: 'request.method',
  header: (name) => `request.get(${quote(name)}) ?? ''`,
  // Of a name that stands twice both count, and fit nothing.
  query: (name) => `query.getAll(${quote(name)}).join()`,
  form: (name) => `form.getAll(${quote(name)}).join()`,
  json: (path) => `String(${memberOf(path)} ?? '')`,
  url: (part) => URL_CODE[part],
  fields,
  headersLike: (pattern) =>
    `Object.entries(request.headers).flatMap(([name, value]) => (/^${pattern}$/.test(name) ? value : []))`,
  digest: ({ hash, key, encoding }, pieces) => {
    const start = key === null ? `createHash('${hash}')` : `createHmac('${hash}', ${key})`;
    const hashing =
      start +
      chunksOf(pieces)
        .map(({ code }) => `.update(${code})`)
        .join('');
    return encoding === null ? `${hashing}.digest()` : written(hashing, 'digest', encoding);
  },
  encode: (pieces, encoding) =>
    encoding[0] === 'percent'
      ? furtherEncoded(textOf(pieces), encoding)
      : written(bytesOf(pieces), 'toString', encoding),
  crc32: (pieces) => `String(crc32(${bytesOf(pieces)}))`,
  key: ({ encoding, prefix, keepsPrefix }) => {
    const text = prefix === undefined || keepsPrefix ? 'secret' : `secret.replace(/^${escapePattern(prefix)}/, '')`;
    return encoding === 'utf8' ? text : `Buffer.from(${text}, '${encoding}')`;
  },
  keyPiece: ({ encoding }) => (encoding === 'utf8' ? { text: 'key' } : { bytes: 'key' }),
  publicKey,
  verify,
  hashBy: (path, algorithms, usual) =>
    Object.entries(algorithms).reduceRight(
      (code, [said, algorithm]) => `${memberOf(path)} === ${quote(said)} ? ${quote(HASHES[algorithm] ?? '')} : ${code}`,
      quote(HASHES[usual] ?? ''),
    ),
  fetchKey: (path) => `await fetchKey(${memberOf(path)})`,
  decode: (text, encoding) => {
    const [first, second] = encoding.toReversed();
    if (first === undefined) return `Buffer.from(${text})`;
    if (first === 'percent') return `Buffer.from(decodeURIComponent(${text}), '${second?.toLowerCase()}')`;
    return `Buffer.from(${text}, '${first.toLowerCase()}')`;
  },
  isEqual: (given, expected) => `isEqual(${given}, ${expected})`,
  any: (list, name, condition) => `${list}.some((${name}) => ${condition})`,
  split: (text, separator) => {
    const whole = text.includes('??') ? `(${text})` : text;
    const parts = `${whole}.split(${quote(separator)})`;
    return separator.trim() === '' ? parts : `${parts}.map((part) => part.trim())`;
  },
  startsWith: (text, start) => `${text}.startsWith(${quote(start)})`,
  without: (text, start) => (start === '' ? text : `${text}.slice(${start.length})`),
  isRecent,
  and: (conditions) => conditions.join(' && '),
  write,
};

/** What stands there, or undefined. */
export const pathOf = (path: string, root = 'event'): string =>
  root +
  path
    .split('.')
    .map((name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? `?.${name}` : `?.[${/^\d+$/.test(name) ? name : quote(name)}]`))
    .join('');

/** The same of an event that is known to be an object. */
export const memberOf = (path: string): string =>
  pathOf(path).replace(/^event\?\.(\[)?/, (_, bracket?: string) => (bracket === undefined ? 'event.' : 'event['));

export const quoteScript = quote;

export const literalScript = (value: string | number | boolean): string =>
  typeof value === 'string' ? quote(value) : String(value);
