import type { Encoding, FieldsPart, Hash, PublicKeyAlgorithm, Signature } from '../model/signature.ts';
import { unwritable, type Dialect, type CodePiece, type Statement, type TimeWindow } from './dialect.ts';

/** A JSON text is one of Python's, but for what is beyond the first plane. */
export const quotePython = (text: string): string => JSON.stringify(text);

const codeOf = (piece: CodePiece): string =>
  'literal' in piece ? quotePython(piece.literal) : 'text' in piece ? piece.text : `${piece.bytes}.decode()`;

const isName = (code: string): boolean => /^\w+$/.test(code);

/** As an f-string where only names stand in it: before Python 3.12 it cannot hold quotes. */
function textOf(pieces: readonly CodePiece[]): string {
  if (pieces.every((piece) => 'literal' in piece)) return quotePython(pieces.map(({ literal }) => literal).join(''));
  if (pieces.length === 1) return codeOf(pieces[0] as CodePiece);
  if (!pieces.every((piece) => 'literal' in piece || ('text' in piece && isName(piece.text))))
    return pieces.map(codeOf).join(' + ');
  const inside = pieces.map((piece) =>
    'literal' in piece ? quotePython(piece.literal).slice(1, -1).replaceAll(/[{}]/g, '$&$&') : `{${codeOf(piece)}}`,
  );
  return `f"${inside.join('')}"`;
}

function encoded(pieces: readonly CodePiece[]): string {
  const code = textOf(pieces);
  const isAscii = pieces.every((piece) => 'literal' in piece && /^[\x20-\x7e\n]*$/.test(piece.literal));
  if (isAscii) return `b${code}`;
  return `${code.includes(' + ') ? `(${code})` : code}.encode()`;
}

function bytesOf(pieces: readonly CodePiece[]): string {
  const groups: CodePiece[][] = [];
  for (const piece of pieces) {
    const last = groups.at(-1);
    if (last !== undefined && !('bytes' in piece) && !('bytes' in (last[0] as CodePiece))) last.push(piece);
    else groups.push([piece]);
  }
  return groups
    .map((group) => ('bytes' in (group[0] as CodePiece) ? (group[0] as { bytes: string }).bytes : encoded(group)))
    .join(' + ');
}

/** From the code of bytes to that of a text. */
function written(bytes: string, [first, ...others]: readonly Encoding[]): string {
  const start: Record<Encoding, string> = {
    hex: `${bytes}.hex()`,
    HEX: `${bytes}.hex().upper()`,
    base64: `base64.b64encode(${bytes}).decode()`,
    base64url: `base64.urlsafe_b64encode(${bytes}).rstrip(b"=").decode()`,
    percent: `quote(${bytes}, safe="!~*'()")`,
  };
  const text = start[first ?? 'hex'];
  return others.length === 0 ? text : written(others[0] === 'percent' ? text : `${text}.encode()`, others);
}

function digest(
  hash: Hash,
  key: string | null,
  pieces: readonly CodePiece[],
  encoding: readonly Encoding[] | null,
): string {
  const message = bytesOf(pieces);
  const hashing = key === null ? `hashlib.${hash}(${message})` : `hmac.new(${key}, ${message}, hashlib.${hash})`;
  if (encoding === null) return `${hashing}.digest()`;
  const [first, ...others] = encoding;
  if (first === 'hex' && others.length === 0) return `${hashing}.hexdigest()`;
  return written(`${hashing}.digest()`, encoding);
}

function publicKey({ algorithm, keyShown = 'spki-pem', key }: Signature): string {
  const text = key?.prefix === undefined ? 'secret' : `secret.removeprefix(${quotePython(key.prefix)})`;
  if (keyShown === 'spki-pem') return `load_pem_public_key(${text}.encode())`;
  if (keyShown === 'x509-pem') return `load_pem_x509_certificate(${text}.encode()).public_key()`;
  if (keyShown === 'spki-base64') return `load_der_public_key(base64.b64decode(${text}))`;
  if (algorithm !== 'ed25519' || keyShown === 'jwks') unwritable(`its ${algorithm} key has the form ${keyShown}`);
  return `Ed25519PublicKey.from_public_bytes(${RAW[keyShown](text)})`;
}

const RAW = {
  'raw-hex': (text: string) => `bytes.fromhex(${text})`,
  'raw-base64': (text: string) => `base64.b64decode(${text})`,
  'raw-base64url': (text: string) => `base64.urlsafe_b64decode(${text} + "==")`,
};

const VERIFY_OPTIONS: Readonly<Record<PublicKeyAlgorithm, string>> = {
  ed25519: '',
  'ecdsa-p256-sha256': ', ec.ECDSA(hashes.SHA256())',
  'rsa-sha1': ', padding.PKCS1v15(), hashes.SHA1()',
  'rsa-sha256': ', padding.PKCS1v15(), hashes.SHA256()',
  'rsa-sha512': ', padding.PKCS1v15(), hashes.SHA512()',
  'rsa-pss-sha512': ', padding.PSS(padding.MGF1(hashes.SHA512()), 64), hashes.SHA512()',
};

function fields({ fields: names, from, each, join = '', missing }: FieldsPart): string {
  const value = from === 'json' ? 'event[name]' : 'value';
  const line = textOf(
    each
      .split(/(\{name\}|\{value\})/)
      .filter((piece) => piece !== '')
      .map((piece) =>
        piece === '{name}' ? { text: 'name' } : piece === '{value}' ? { text: value } : { literal: piece },
      ),
  );
  const list = names === 'sorted' ? null : `[${names.map(quotePython).join(', ')}]`;
  if (from === 'json') {
    if (missing === 'empty') unwritable('it signs fields of JSON that may be missing as empty texts');
    const own = `for name in ${list ?? 'sorted(event)'} if isinstance(event.get(name), str)`;
    return `${quotePython(join)}.join(${line} ${own})`;
  }
  const values =
    list === null ? `sorted(set(${from}[name]))` : `${from}.get(name, ${missing === 'empty' ? '[""]' : '[]'})`;
  return `${quotePython(join)}.join(${line} for name in ${list ?? `sorted(${from})`} for value in ${values})`;
}

function isRecent(time: string, unit: 's' | 'ms' | 'iso', { past, future }: TimeWindow): string {
  const then = unit === 'iso' ? `seconds_of(${time})` : unit === 'ms' ? `int(${time}) / 1000` : `int(${time})`;
  const window =
    past === future
      ? `abs(time.time() - ${then}) <= ${past}`
      : future === null
        ? `time.time() - ${then} <= ${past}`
        : `-${future} <= time.time() - ${then} <= ${past}`;
  return unit === 'iso' ? window : `${time}.isdecimal() and ${window}`;
}

const URL_CODE = {
  url: 'called_url()',
  host: 'request.host',
  path: 'request.environ["REQUEST_URI"].partition("?")[0]',
  query: 'request.environ["REQUEST_URI"].partition("?")[2]',
  target: 'request.environ["REQUEST_URI"]',
} as const;

/** `id` is a function of Python's. */
const variable = (name: string): string => (name === 'id' ? 'event_id' : name);

function write(statement: Statement): string[] {
  switch (statement.kind) {
    case 'let':
      return [`${variable(statement.name)} = ${statement.code}`];
    case 'match': {
      const { names, pattern, text, isWithin } = statement;
      const call = isWithin ? 'search' : 'fullmatch';
      const match = `match = re.${call}(r"${pattern.replaceAll('"', '\\"')}", ${text})`;
      // An empty text is no signature, and no time.
      if (names.length === 1) return [match, `${names[0]} = match[1] if match else ""`];
      return [match, 'if not match:', '    return False', `${names.join(', ')} = match.groups()`];
    }
    case 'require': {
      const { condition } = statement;
      const isOne = !condition.includes(' and ') && !/ [<>]=? /.test(condition);
      return [`if not ${isOne ? condition : `(${condition})`}:`, '    return False'];
    }
    case 'return':
      return [`return ${statement.condition}`];
  }
}

export const python: Dialect = {
  variable,
  text: textOf,
  bytes: bytesOf,
  hashesPieces: false,
  body: 'body',
  method: 'request.method',
  header: (name) => `request.headers.get(${quotePython(name)}, "")`,
  // Of a name that stands twice both count, and fit nothing.
  query: (name) => `",".join(request.args.getlist(${quotePython(name)}))`,
  form: (name) => `",".join(form.get(${quotePython(name)}, []))`,
  json: (path) =>
    `text_at(event, ${path
      .split('.')
      .map((name) => (/^\d+$/.test(name) ? name : quotePython(name)))
      .join(', ')})`,
  url: (part) => URL_CODE[part],
  fields,
  headersLike: (pattern) => `[value for name, value in request.headers if re.fullmatch(r"${pattern}", name.lower())]`,
  digest: ({ hash, key, encoding }, pieces) => digest(hash, key, pieces, encoding),
  encode: (pieces, encoding) =>
    written(bytesOf(pieces).includes(' + ') ? `(${bytesOf(pieces)})` : bytesOf(pieces), encoding),
  crc32: (pieces) => `str(zlib.crc32(${bytesOf(pieces)}))`,
  key: ({ encoding, prefix, keepsPrefix }) => {
    const text = prefix === undefined || keepsPrefix ? 'secret' : `secret.removeprefix(${quotePython(prefix)})`;
    if (encoding === 'utf8') return `${text}.encode()`;
    return encoding === 'hex' ? `bytes.fromhex(${text})` : `base64.b64decode(${text})`;
  },
  keyPiece: () => ({ bytes: 'key' }),
  publicKey,
  verify: (algorithm, message, signature) =>
    `is_signed(lambda: key.verify(${signature}, ${bytesOf(message)}${VERIFY_OPTIONS[algorithm]}))`,
  decode: (text, encoding) => {
    const [last, first] = encoding.toReversed();
    if (last === undefined) return `${text}.encode()`;
    if (last === 'percent') return `base64.b64decode(unquote(${text}))${first === 'base64' ? '' : unwritable('')}`;
    if (last === 'base64') return `base64.b64decode(${text})`;
    return last === 'base64url' ? `base64.urlsafe_b64decode(${text} + "==")` : `bytes.fromhex(${text})`;
  },
  isEqual: (given, expected) => `hmac.compare_digest(${encodedName(given)}, ${encodedName(expected)})`,
  any: (list, name, condition) => `any(${condition} for ${name} in ${list})`,
  split: (text, separator) =>
    separator.trim() === ''
      ? `${text}.split(${quotePython(separator)})`
      : `[part.strip() for part in ${text}.split(${quotePython(separator)})]`,
  startsWith: (text, start) => `${text}.startswith(${quotePython(start)})`,
  without: (text, start) => (start === '' ? text : `${text}.removeprefix(${quotePython(start)})`),
  isRecent,
  and: (conditions) => conditions.join(' and '),
  write,
};

const encodedName = (code: string): string => `${code.includes(' + ') ? `(${code})` : code}.encode()`;
