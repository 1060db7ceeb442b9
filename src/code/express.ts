import { unwritable } from './dialect.ts';
import { javascript, pathOf, quoteScript } from './javascript.ts';
import type { EventPlace, Framework, PlainQuestion, ReceiverParts } from './receiver-parts.ts';

const FROM_CRYPTO =
  /\b(?:constants|createHash|createHmac|createPublicKey|timingSafeEqual|verify|X509Certificate)(?=[(.]|\()/g;

const IS_EQUAL = [
  '',
  'function isEqual(given, expected) {',
  '  const [one, other] = [Buffer.from(given), Buffer.from(expected)];',
  '  return one.length === other.length && timingSafeEqual(one, other); // in constant time',
  '}',
];

/** Behind a proxy it is called under another URL: then PUBLIC_ORIGIN says under which the vendor called. */
const CALLED_URL = [
  '',
  '// Behind a proxy, set PUBLIC_ORIGIN to what the vendor calls: https://example.com',
  'function calledUrl({ protocol, headers, originalUrl }) {',
  '  return (process.env.PUBLIC_ORIGIN ?? `${protocol}://${headers.host}`) + originalUrl;',
  '}',
];

/** The algorithm is one of ours, whatever the token says. */
const READ_TOKEN = [
  '',
  'function readToken(token, hashes) {',
  "  const [, head = '', payload = '', signature = ''] = /^([\\w-]+)\\.([\\w-]+)\\.([\\w-]+)$/.exec(token) ?? [];",
  '  try {',
  "    const { alg, crit } = JSON.parse(Buffer.from(head, 'base64url'));",
  '    const hash = Object.hasOwn(hashes, alg) && crit === undefined ? hashes[alg] : null;',
  "    const expected = createHmac(hash, key).update(`${head}.${payload}`).digest('base64url');",
  "    return isEqual(signature, expected) ? JSON.parse(Buffer.from(payload, 'base64url')) : null;",
  '  } catch {',
  '    return null;',
  '  }',
  '}',
];

const importLine = (names: string, module: string): string => `import ${names} from ${quoteScript(module)};`;

/** In two words: it is what is written that prints, and not this file. */
const PRINT = ['console', 'log'].join('.');

const LOCALS: readonly (readonly [mark: RegExp, line: string])[] = [
  [/\bquery\./, "const query = new URL(request.originalUrl, 'http://localhost').searchParams;"],
  [/\bform\./, 'const form = new URLSearchParams(String(body));'],
];

function write(parts: ReceiverParts): string[] {
  const isGenuine = verifier(parts);
  const uses = (name: string): boolean => isGenuine.some((line) => line.includes(name));
  const code = [
    ...setup(parts),
    ...handler(parts),
    'app.listen(process.env.PORT ?? 3000);',
    ...isGenuine,
    ...(uses('readToken(') ? READ_TOKEN : []),
    ...(uses('isEqual(') || uses('readToken(') ? IS_EQUAL : []),
    ...(uses('calledUrl(') ? CALLED_URL : []),
  ];
  const text = code.join('\n');
  const crypto = [...new Set(text.match(FROM_CRYPTO))].toSorted();
  return [
    ...(crypto.length === 0 ? [] : [importLine(`{ ${crypto.join(', ')} }`, 'node:crypto')]),
    ...(/\bcrc32\(/.test(text) ? [importLine('{ crc32 }', 'node:zlib')] : []),
    importLine('express', 'express'),
    '',
    ...code,
  ];
}

function setup({ secret }: ReceiverParts): string[] {
  if (secret === null) return ['const app = express();'];
  const { variable, key } = secret;
  const name = key === 'secret' ? 'key' : 'secret';
  return [
    `const ${name} = process.env.${variable};`,
    `if (!${name}) throw new Error('${variable} is not set');`,
    ...(key === name || name === 'key' ? [] : [`const key = ${key};`]),
    'const app = express();',
  ];
}

function verifier({ verification, readsEvent }: ReceiverParts): string[] {
  if (verification.length === 0) return [];
  const text = verification.join('\n');
  return [
    '',
    `function isGenuine(request, body${readsEvent ? ', event' : ''}) {`,
    ...LOCALS.filter(([mark]) => mark.test(text)).map(([, line]) => `  ${line}`),
    ...verification.map((line) => `  ${line}`),
    '}',
  ];
}

function handler(parts: ReceiverParts): string[] {
  const { secret, readsEvent, method, asksByHead, answer } = parts;
  const check = `if (!isGenuine(request, body${readsEvent ? ', event' : ''})) return response.sendStatus(401);`;
  const reading = readEvent(parts);
  const verifying = secret === null ? [] : [check];
  const types = parts.mediaTypes.length === 1 ? quoteScript(parts.mediaTypes[0] as string) : '() => true';
  const success = answer === '' ? 'response.sendStatus(200);' : `response.send(${quoteScript(answer)});`;
  return [
    ...(asksByHead ? ["app.head('/hook', (request, response) => response.sendStatus(200));"] : []),
    '',
    '// The raw bytes: JSON that is parsed and written again is not what was signed.',
    `app.${method.toLowerCase()}('/hook', express.raw({ type: ${types}, limit: '30mb' }), (request, response) => {`,
    ...[
      // Without bytes Express 5 leaves nothing there, and Express 4 an object.
      'const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);',
      ...(readsEvent ? [...reading, ...verifying] : [...verifying, ...reading]),
      ...parts.questions.flatMap(answerQuestion),
      ...handleEvents(parts),
      success,
    ].map((line) => `  ${line}`),
    '});',
  ];
}

function answerQuestion({ told, challenge, answer }: PlainQuestion): string[] {
  const condition = told.map(([path, value]) => `${pathOf(path)} === ${literal(value)}`).join(' && ');
  const value = challenge === null ? "''" : pathOf(challenge);
  const reply =
    answer === null
      ? 'response.sendStatus(200)'
      : answer === 'text'
        ? `response.type('text').send(String(${value}))`
        : `response.json({ ${answer.member}: ${value} })`;
  return [`if (${condition}) return ${reply};`];
}

const literal = (value: string | number | boolean): string =>
  typeof value === 'string' ? quoteScript(value) : String(value);

const BAD = 'response.sendStatus(400)';
const TRIED = (code: string): string[] => [
  'try {',
  `  ${code}`,
  '} catch {',
  '  return response.sendStatus(400);',
  '}',
];

function readEvent({ format: { format, field = '' }, batch }: ReceiverParts): string[] {
  if (format === 'text' || format === 'xml') return ['const event = String(body);'];
  if (format === 'form') return ['const event = Object.fromEntries(new URLSearchParams(String(body)));'];
  if (format === 'query')
    return ["const event = Object.fromEntries(new URL(request.originalUrl, 'http://localhost').searchParams);"];
  if (format === 'multipart') return unwritable('its body is multipart/form-data');
  if (format === 'json-lines')
    return [
      'let events;',
      ...TRIED("events = String(body).split('\\n').filter((line) => line.trim()).map((line) => JSON.parse(line));"),
      `if (!events.every(Boolean)) return ${BAD};`,
    ];
  const json = format === 'form-json' ? `new URLSearchParams(String(body)).get(${quoteScript(field)})` : 'body';
  if (batch === undefined)
    return [
      'let event;',
      ...TRIED(`event = JSON.parse(${json});`),
      `if (typeof event !== 'object' || event === null || Array.isArray(event)) return ${BAD};`,
    ];
  const { shape } = batch;
  const list = shape === 'array' ? `JSON.parse(${json})` : pathOf(shape.wrappedIn, `JSON.parse(${json})`);
  return ['let events;', ...TRIED(`events = [${list}].flat();`), `if (!events.every(Boolean)) return ${BAD};`];
}

function placeCode(place: EventPlace): string | null {
  if (place === null) return null;
  return 'header' in place
    ? `request.get(${quoteScript(place.header)})`
    : pathOf(place.path)
        .replace('?.', '.')
        .replace(/^event\.\[/, 'event[');
}

function handleEvents({ name, id, unsignedId, nameAgain, format, batch }: ReceiverParts): string[] {
  const [nameCode, idCode] = [placeCode(name), placeCode(id)];
  const isText = format.format === 'text' || format.format === 'xml';
  const shown = [nameCode, idCode].filter((code) => code !== null);
  const lines = [
    ...(nameAgain === null ? [] : [`if (request.get(${quoteScript(nameAgain)}) !== ${nameCode}) return ${BAD};`]),
    ...(idCode === null
      ? ['// The vendor sends no id: a retry is told by its content alone.']
      : unsignedId !== null
        ? [`// The id in ${unsignedId} is not signed: know a retry by its signature, or by a digest of the body.`]
        : [`// Retries repeat the id: if (await isKnown(${idCode})) return response.sendStatus(200);`]),
    `${PRINT}(${shown.length > 0 ? shown.join(', ') : isText ? 'event.length' : 'event'});`,
  ];
  const isList = format.format === 'json-lines' || batch !== undefined;
  if (!isList) return lines;
  return [
    'for (const event of events) {',
    ...lines.map((line) => `  ${line.replace('return response.sendStatus(200)', 'continue')}`),
    '}',
  ];
}

export const express: Framework = {
  id: 'express',
  title: 'Express',
  file: 'receiver.mjs',
  install: () => 'npm install express',
  run: 'node receiver.mjs',
  comment: '//',
  dialect: javascript,
  write,
};
