import type { Encoding, FieldsPart, PublicKeyAlgorithm, Signature } from '../model/signature.ts';
import { escapePattern } from './format-pattern.ts';
import { unwritable, type Dialect, type CodePiece, type Statement, type TimeWindow } from './dialect.ts';

/** In double quotes only where it has a control character in it. */
export function quotePhp(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (!/[\x00-\x1f]/.test(text)) return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
  return JSON.stringify(text)
    .replaceAll('$', String.raw`\$`)
    .replaceAll(/\\u([0-9a-f]{4})/g, String.raw`\u{$1}`);
}

/** A backslash stands for itself, but for one before a quote or another one. */
function quotePattern(pattern: string, flags = ''): string {
  const text = `/${pattern}/${flags}`;
  return /\\['\\]/.test(text) ? quotePhp(text) : `'${text.replaceAll("'", String.raw`\'`)}'`;
}

/** `??` binds less than the dot. */
const inParens = (code: string): string => (/ \?\? | \? /.test(code) ? `(${code})` : code);

const codeOf = (piece: CodePiece): string =>
  'literal' in piece ? quotePhp(piece.literal) : inParens('text' in piece ? piece.text : piece.bytes);

/** Texts are bytes. */
function joined(pieces: readonly CodePiece[]): string {
  const [only, second] = pieces;
  if (only !== undefined && second === undefined)
    return 'literal' in only ? codeOf(only) : 'text' in only ? only.text : only.bytes;
  return pieces.length === 0 ? "''" : pieces.map(codeOf).join(' . ');
}

function written(bytes: string, encoding: readonly Encoding[]): string {
  return encoding.reduce((code, one) => ENCODERS[one](code), bytes);
}

const ENCODERS: Readonly<Record<Encoding, (code: string) => string>> = {
  hex: (code) => `bin2hex(${code})`,
  HEX: (code) => `strtoupper(bin2hex(${code}))`,
  base64: (code) => `base64_encode(${code})`,
  base64url: (code) => `rtrim(strtr(base64_encode(${code}), '+/', '-_'), '=')`,
  // As JavaScript's encodeURIComponent does.
  percent: (code) =>
    `strtr(rawurlencode(${code}), ['%21' => '!', '%2A' => '*', '%27' => "'", '%28' => '(', '%29' => ')'])`,
};

const DECODERS: Readonly<Record<Encoding, (code: string) => string>> = {
  hex: (code) => `hex2bin(${code})`,
  HEX: (code) => `hex2bin(${code})`,
  base64: (code) => `base64_decode(${code})`,
  base64url: (code) => `base64_decode(strtr(${code}, '-_', '+/'))`,
  percent: (code) => `rawurldecode(${code})`,
};

const OPENSSL: Readonly<Partial<Record<PublicKeyAlgorithm, string>>> = {
  'ecdsa-p256-sha256': 'OPENSSL_ALGO_SHA256',
  'rsa-sha1': 'OPENSSL_ALGO_SHA1',
  'rsa-sha256': 'OPENSSL_ALGO_SHA256',
  'rsa-sha512': 'OPENSSL_ALGO_SHA512',
};

function publicKey({ algorithm, keyShown = 'spki-pem', key }: Signature): string {
  const text =
    key?.prefix === undefined
      ? '$secret'
      : `preg_replace(${quotePattern(`^${escapePattern(key.prefix)}`)}, '', $secret)`;
  if (keyShown === 'jwks') return unwritable('its key is shown as a JWKS');
  if (algorithm === 'ed25519') {
    const der = keyShown === 'spki-pem' ? `base64_decode(preg_replace('/-----.*?-----/', '', ${text}))` : '';
    if (keyShown === 'x509-pem') return unwritable('its Ed25519 key is shown in a certificate');
    // The last 32 bytes of its DER.
    if (keyShown.startsWith('spki')) return `substr(${der || `base64_decode(${text})`}, -32)`;
    return DECODERS[keyShown.slice('raw-'.length) as Encoding](text);
  }
  if (keyShown === 'spki-pem' || keyShown === 'x509-pem') return `openssl_pkey_get_public(${text})`;
  if (keyShown !== 'spki-base64') return unwritable(`its ${algorithm} key has the form ${keyShown}`);
  const pem = `"-----BEGIN PUBLIC KEY-----\\n" . chunk_split(${text}, 64) . '-----END PUBLIC KEY-----'`;
  return `openssl_pkey_get_public(${pem})`;
}

function verify(algorithm: PublicKeyAlgorithm, message: readonly CodePiece[], signature: string): string {
  if (algorithm === 'ed25519') return `is_signed(${joined(message)}, ${signature}, $key)`;
  const name = OPENSSL[algorithm] ?? unwritable(`PHP has no function for ${algorithm}`);
  return `openssl_verify(${joined(message)}, ${signature}, $key, ${name}) === 1`;
}

function fields({ fields: names, from, each, join = '', missing }: FieldsPart): string {
  const pieces = each.split(/(\{name\}|\{value\})/).filter((piece) => piece !== '');
  const line = joined(
    pieces.map((piece) =>
      piece === '{name}' ? { text: '$name' } : piece === '{value}' ? { text: '$value' } : { literal: piece },
    ),
  );
  const source =
    from === 'json' ? '$event' : from === 'form' ? 'pairs_of($body)' : "pairs_of($_SERVER['QUERY_STRING'] ?? '')";
  const writing = `fn ($name, $value) => ${line}`;
  if (names === 'sorted') return `implode(${quotePhp(join)}, sorted_fields(${source}, ${writing}))`;
  const list = `[${names.map(quotePhp).join(', ')}]`;
  const blank = missing === 'empty' ? ', true' : '';
  return `implode(${quotePhp(join)}, fields_of(${source}, ${list}, ${writing}${blank}))`;
}

function isRecent(time: string, unit: 's' | 'ms' | 'iso', { past, future }: TimeWindow): string {
  const then = unit === 'iso' ? `strtotime(${time})` : unit === 'ms' ? `(int) ${time} / 1000` : `(int) ${time}`;
  if (past === future) return `abs(time() - ${then}) <= ${past}`;
  const late = `time() - ${then} <= ${past}`;
  return future === null ? late : `${late} && ${then} - time() <= ${future}`;
}

const URL_CODE = {
  url: '$url',
  host: "$_SERVER['HTTP_HOST'] ?? ''",
  path: "explode('?', $_SERVER['REQUEST_URI'], 2)[0]",
  query: "explode('?', $_SERVER['REQUEST_URI'], 2)[1] ?? ''",
  target: "$_SERVER['REQUEST_URI']",
} as const;

function write(statement: Statement): string[] {
  switch (statement.kind) {
    case 'let':
      return [`$${statement.name} = ${statement.code};`];
    case 'match': {
      const { names, pattern, text, isWithin } = statement;
      const ends = isWithin ? pattern : `^${pattern}$`;
      return [
        `if (!preg_match(${quotePattern(ends, 'D')}, ${text}, $match)) return false;`,
        `[, ${names.map((name) => `$${name}`).join(', ')}] = $match;`,
      ];
    }
    case 'require':
      return [`if (!(${statement.condition})) return false;`];
    case 'return':
      return [`return ${statement.condition};`];
  }
}

/** The name under which PHP has a header. */
export const serverKey = (name: string): string => {
  const upper = name.toUpperCase().replaceAll('-', '_');
  return upper === 'CONTENT_TYPE' || upper === 'CONTENT_LENGTH' ? upper : `HTTP_${upper}`;
};

export const phpPath = (path: string): string =>
  `$event${path
    .split('.')
    .map((name) => `[${/^\d+$/.test(name) ? name : quotePhp(name)}]`)
    .join('')}`;

export const php: Dialect = {
  variable: (name) => `$${name}`,
  text: joined,
  bytes: joined,
  hashesPieces: false,
  body: '$body',
  method: "$_SERVER['REQUEST_METHOD']",
  header: (name) => `$_SERVER['${serverKey(name)}'] ?? ''`,
  // Of a name that stands twice both count, and fit nothing.
  query: (name) => `implode(',', pairs_of($_SERVER['QUERY_STRING'] ?? '')[${quotePhp(name)}] ?? [])`,
  form: (name) => `implode(',', pairs_of($body)[${quotePhp(name)}] ?? [])`,
  json: (path) => `text_of(${phpPath(path)} ?? null)`,
  url: (part) => URL_CODE[part],
  fields,
  headersLike: (pattern) => {
    const isOne = `preg_match(${quotePattern(`^${pattern}$`, 'iD')}, $name)`;
    return `array_filter(getallheaders(), fn ($name) => ${isOne}, ARRAY_FILTER_USE_KEY)`;
  },
  digest: ({ hash, key, encoding }, pieces) => {
    const message = joined(pieces);
    const isHex = encoding !== null && encoding.length === 1 && encoding[0] === 'hex';
    const raw = isHex ? '' : ', true';
    const code = key === null ? `hash('${hash}', ${message}${raw})` : `hash_hmac('${hash}', ${message}, ${key}${raw})`;
    return encoding === null || isHex ? code : written(code, encoding);
  },
  encode: (pieces, encoding) => written(joined(pieces), encoding),
  crc32: (pieces) => `sprintf('%u', crc32(${joined(pieces)}))`,
  key: ({ encoding, prefix, keepsPrefix }) => {
    const text =
      prefix === undefined || keepsPrefix
        ? '$secret'
        : `preg_replace(${quotePattern(`^${escapePattern(prefix)}`)}, '', $secret)`;
    return encoding === 'utf8' ? text : DECODERS[encoding](text);
  },
  keyPiece: () => ({ bytes: '$key' }),
  publicKey,
  verify,
  decode: (text, encoding) => encoding.toReversed().reduce((code, one) => DECODERS[one](code), text),
  isEqual: (given, expected) => `hash_equals(${expected}, ${given})`,
  any: (list, name, condition) => `array_filter(${list}, fn ($${name}) => ${condition}) !== []`,
  split: (text, separator) => {
    const parts = `explode(${quotePhp(separator)}, ${text})`;
    return separator.trim() === '' ? parts : `array_map('trim', ${parts})`;
  },
  startsWith: (text, start) => `str_starts_with(${text}, ${quotePhp(start)})`,
  without: (text, start) => (start === '' ? text : `substr(${text}, ${start.length})`),
  isRecent,
  and: (conditions) => conditions.join(' && '),
  write,
};
