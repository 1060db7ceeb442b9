import { unwritable } from './dialect.ts';
import { python, quotePython } from './python.ts';
import type { EventPlace, Framework, PlainQuestion, ReceiverParts } from './receiver-parts.ts';

const MODULES = ['base64', 'hashlib', 'hmac', 'json', 'os', 're', 'sys', 'time', 'zlib'];

const SERIALIZATION = 'cryptography.hazmat.primitives.serialization';
/** What stands in the code, and the line that imports it. */
const IMPORTS: readonly (readonly [mark: RegExp, line: string])[] = [
  [/\bdatetime\./, 'from datetime import datetime'],
  [/\b(?:un)?quote\(|parse_qs\(/, ''],
  [/\bInvalidSignature\b/, 'from cryptography.exceptions import InvalidSignature'],
  [/\bhashes\./, 'from cryptography.hazmat.primitives import hashes'],
  [/\bec\.ECDSA/, 'from cryptography.hazmat.primitives.asymmetric import ec'],
  [/\bpadding\./, 'from cryptography.hazmat.primitives.asymmetric import padding'],
  [/\bEd25519PublicKey\b/, 'from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey'],
  [/\bload_pem_public_key\(/, `from ${SERIALIZATION} import load_pem_public_key`],
  [/\bload_der_public_key\(/, `from ${SERIALIZATION} import load_der_public_key`],
  [/\bload_pem_x509_certificate\(/, 'from cryptography.x509 import load_pem_x509_certificate'],
];

/** Functions that the code calls, by their names. */
const HELPERS: Readonly<Record<string, readonly string[]>> = {
  is_signed: [
    'def is_signed(check):',
    '    try:',
    '        check()',
    '        return True',
    '    except (InvalidSignature, ValueError):',
    '        return False',
  ],
  called_url: [
    'def called_url():  # behind a proxy, set PUBLIC_ORIGIN to what the vendor calls: https://example.com',
    '    origin = os.environ.get("PUBLIC_ORIGIN") or f"{request.scheme}://{request.host}"',
    '    return origin + request.environ["REQUEST_URI"]',
  ],
  text_at: [
    'def text_at(value, *path):',
    '    for name in path:',
    '        value = value.get(name, "") if isinstance(value, dict) else ""',
    '    return value if isinstance(value, str) else json.dumps(value)',
  ],
  seconds_of: [
    'def seconds_of(text):',
    '    try:',
    '        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()',
    '    except ValueError:',
    '        return 0',
  ],
};

const INDENT = '    ';

function write(parts: ReceiverParts): string[] {
  const body = [...setup(parts), '', '', ...handler(parts), ...verifier(parts)];
  const helpers = Object.entries(HELPERS).flatMap(([name, lines]) =>
    body.some((line) => line.includes(`${name}(`)) ? ['', '', ...lines] : [],
  );
  const code = [...body, ...helpers, '', '', 'app.run(port=int(os.environ.get("PORT", 3000)))'];
  const text = code.join('\n');
  const modules = MODULES.filter((name) => new RegExp(String.raw`\b${name}\.`).test(text));
  const parsers = ['parse_qs', 'parse_qsl', 'quote', 'unquote'].filter((name) =>
    new RegExp(String.raw`\b${name}\(`).test(text),
  );
  return [
    `import ${modules.join(', ')}`,
    ...(parsers.length === 0 ? [] : [`from urllib.parse import ${parsers.join(', ')}`]),
    ...IMPORTS.flatMap(([mark, line]) => (line !== '' && mark.test(text) ? [line] : [])),
    'from flask import Flask, request',
    '',
    ...code,
  ];
}

function setup({ secret }: ReceiverParts): string[] {
  if (secret === null) return ['app = Flask(__name__)'];
  const { variable, key } = secret;
  return [
    `secret = os.environ.get("${variable}") or sys.exit("${variable} is not set")`,
    ...(key === '' ? [] : [`key = ${key}`]),
    'app = Flask(__name__)',
  ];
}

function verifier({ verification, readsEvent }: ReceiverParts): string[] {
  if (verification.length === 0) return [];
  const readsForm = verification.some((line) => /\bform[.[)]/.test(line));
  const readsQuery = verification.some((line) => /\bquery[.[)]/.test(line));
  return [
    '',
    '',
    `def is_genuine(body${readsEvent ? ', event' : ''}):`,
    ...(readsForm ? ['form = parse_qs(body.decode(errors="replace"), keep_blank_values=True)'] : []).map(
      (line) => INDENT + line,
    ),
    ...(readsQuery ? [`${INDENT}query = parse_qs(request.query_string.decode(), keep_blank_values=True)`] : []),
    ...verification.map((line) => INDENT + line),
  ];
}

function handler(parts: ReceiverParts): string[] {
  const { secret, readsEvent, method, asksByHead, answer } = parts;
  const verifying =
    secret === null ? [] : [`if not is_genuine(body${readsEvent ? ', event' : ''}):`, '    return "", 401'];
  const reading = readEvent(parts);
  const methods = [method, ...(asksByHead ? ['HEAD'] : [])].map(quotePython).join(', ');
  const route = method === 'POST' && !asksByHead ? '@app.post("/hook")' : `@app.route("/hook", methods=[${methods}])`;
  return [
    route,
    'def hook():',
    ...[
      ...(asksByHead ? ['if request.method == "HEAD":', '    return ""'] : []),
      'body = request.get_data()  # the raw bytes: JSON that is parsed and written again is not what was signed',
      ...(readsEvent ? [...reading, ...verifying] : [...verifying, ...reading]),
      ...parts.questions.flatMap(answerQuestion),
      ...handleEvents(parts),
      `return ${quotePython(answer)}`,
    ].map((line) => INDENT + line),
  ];
}

function answerQuestion({ told, challenge, answer }: PlainQuestion): string[] {
  const condition = told.map(([path, value]) => `${valueAt(path)} == ${literal(value)}`).join(' and ');
  const value = challenge === null ? '""' : valueAt(challenge);
  const reply =
    answer === null ? '""' : answer === 'text' ? `str(${value})` : `{${quotePython(answer.member)}: ${value}}`;
  return [`if ${condition}:`, `    return ${reply}`];
}

const literal = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value);

/** None where there is none. */
function valueAt(path: string): string {
  const names = path.split('.');
  return names.reduce((code, name, index) => {
    const next = /^\d+$/.test(name) ? `[${name}]` : `.get(${quotePython(name)})`;
    return index === 0 ? code + next : `(${code} or {})${next}`;
  }, 'event');
}

/** Brackets may find nothing. */
const TRIED = (line: string): string[] => [
  'try:',
  `    ${line}`,
  `except (ValueError, ${line.endsWith(']') ? 'LookupError, TypeError, ' : ''}RecursionError):`,
  '    return "", 400',
];

function readEvent({ format: { format, field = '' }, batch }: ReceiverParts): string[] {
  if (format === 'text' || format === 'xml') return ['event = body.decode(errors="replace")'];
  if (format === 'form') return ['event = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))'];
  if (format === 'query') return ['event = request.args'];
  if (format === 'multipart') return unwritable('its body is multipart/form-data');
  if (format === 'json-lines')
    return TRIED('events = [json.loads(line) for line in body.splitlines() if line.strip()]');
  const json = format === 'form-json' ? `parse_qs(body.decode())[${quotePython(field)}][0]` : 'body';
  const object = ['if not isinstance(event, dict):', '    return "", 400'];
  if (batch === undefined) return [...TRIED(`event = json.loads(${json})`), ...object];
  const { shape, singleIsBare } = batch;
  const list =
    shape === 'array'
      ? [`events = json.loads(${json})`]
      : [
          `events = json.loads(${json})${shape.wrappedIn
            .split('.')
            .map((name) => `[${quotePython(name)}]`)
            .join('')}`,
        ];
  return [
    ...TRIED(list[0] as string),
    ...(singleIsBare ? ['events = events if isinstance(events, list) else [events]'] : []),
  ];
}

function placeCode(place: EventPlace): string | null {
  if (place === null) return null;
  return 'header' in place ? `request.headers.get(${quotePython(place.header)})` : valueAt(place.path);
}

function handleEvents({ name, id, unsignedId, nameAgain, format, batch }: ReceiverParts): string[] {
  const idCode = placeCode(id);
  const isText = format.format === 'text' || format.format === 'xml';
  const shown = [placeCode(name), idCode].filter((code) => code !== null);
  const isList = format.format === 'json-lines' || batch !== undefined;
  const skip = isList ? 'continue' : 'return ""';
  const lines = [
    ...(nameAgain === null
      ? []
      : [`if request.headers.get(${quotePython(nameAgain)}) != ${placeCode(name)}:`, `    return "", 400`]),
    idCode === null
      ? '# The vendor sends no id: recognise a retry by its content.'
      : unsignedId !== null
        ? `# The id in ${unsignedId} is not signed: recognise a retry by its signature, or by a digest of the body.`
        : `# Retries repeat the id: if is_known(${idCode}): ${skip}`,
    `print(${shown.length > 0 ? shown.join(', ') : isText ? 'len(event)' : 'event'}, flush=True)`,
  ];
  return isList ? ['for event in events:', ...lines.map((line) => INDENT + line)] : lines;
}

export const flask: Framework = {
  id: 'flask',
  title: 'Flask',
  file: 'receiver.py',
  install: (code) => `pip install flask${code.includes('cryptography') ? ' cryptography' : ''}`,
  run: 'python3 receiver.py',
  comment: '#',
  dialect: python,
  write,
};
