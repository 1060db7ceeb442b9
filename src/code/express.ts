import { unwritable } from './dialect.ts';
import { callCodeOf, type CallCode } from './express-calls.ts';
import { javascript, literalScript, memberOf, pathOf, quoteScript } from './javascript.ts';
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

const LOCALS: readonly (readonly [mark: RegExp, ...lines: string[]])[] = [
  [/\bquery\./, "const query = new URL(request.originalUrl, 'http://localhost').searchParams;"],
  [/\bform\./, 'const form = new URLSearchParams(String(body));'],
  [
    // As a name, and in no text.
    /[({]url\b/,
    '// Behind a proxy, set PUBLIC_ORIGIN to what the vendor calls: https://example.com',
    'const url = (process.env.PUBLIC_ORIGIN ?? `${request.protocol}://${request.headers.host}`) + request.originalUrl;',
  ],
];

function write(parts: ReceiverParts): string[] {
  const isGenuine = verifier(parts);
  const calls = callCodeOf(parts);
  const uses = (name: string): boolean => isGenuine.some((line) => line.includes(name));
  const code = [
    ...setup(parts, calls),
    ...handler(parts, calls),
    'app.listen(process.env.PORT ?? 3000);',
    ...isGenuine,
    ...(uses('readToken(') ? READ_TOKEN : []),
    ...(uses('isEqual(') || uses('readToken(') ? IS_EQUAL : []),
    ...calls.functions,
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

function setup({ secret }: ReceiverParts, { constants }: CallCode): string[] {
  if (secret === null) return [...constants, 'const app = express();'];
  const { variable, key } = secret;
  const name = key === 'secret' ? 'key' : 'secret';
  return [
    `const ${name} = process.env.${variable};`,
    `if (!${name}) throw new Error('${variable} is not set');`,
    ...(key === name || name === 'key' ? [] : [`const key = ${key};`]),
    ...constants,
    'const app = express();',
  ];
}

function verifier({ verification, readsEvent }: ReceiverParts): string[] {
  if (verification.length === 0) return [];
  const text = verification.join('\n');
  return [
    '',
    `${isAwaited(verification) ? 'async ' : ''}function isGenuine(request, body${readsEvent ? ', event' : ''}) {`,
    ...LOCALS.filter(([mark]) => mark.test(text)).flatMap(([, ...lines]) => lines.map((line) => `  ${line}`)),
    ...verification.map((line) => `  ${line}`),
    '}',
  ];
}

/** Once the key is fetched. */
const AWAITED = [
  'const isOwn = await isGenuine(request, body, event).catch(() => null);',
  'if (isOwn === null) return response.sendStatus(503); // its key cannot be fetched now: the vendor retries',
  'if (!isOwn) return response.sendStatus(401);',
];

const isAwaited = (verification: readonly string[]): boolean => verification.some((line) => line.includes('await '));

function handler(parts: ReceiverParts, calls: CallCode): string[] {
  const { verification, readsEvent, method, asksByHead, answer } = parts;
  const check = `if (!isGenuine(request, body${readsEvent ? ', event' : ''})) return response.sendStatus(401);`;
  const reading = readEvent(parts);
  const verifying = verification.length === 0 ? [] : isAwaited(verification) ? AWAITED : [check];
  const types = parts.mediaTypes.length === 1 ? quoteScript(parts.mediaTypes[0] as string) : '() => true';
  const isAsync = [...verifying, ...calls.answers].some((line) => line.includes('await '));
  const start = isAsync ? 'async (request, response)' : '(request, response)';
  const success = answer === '' ? 'response.sendStatus(200);' : `response.send(${quoteScript(answer)});`;
  return [
    ...(asksByHead ? ["app.head('/hook', (request, response) => response.sendStatus(200));"] : []),
    '',
    '// The raw bytes: JSON that is parsed and written again is not what was signed.',
    `app.${method.toLowerCase()}('/hook', express.raw({ type: ${types}, limit: '30mb' }), ${start} => {`,
    ...[
      // Without bytes Express 5 leaves nothing there, and Express 4 an object.
      'const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);',
      ...(readsEvent ? [...reading, ...verifying] : [...verifying, ...reading]),
      ...calls.answers,
      ...parts.questions.flatMap(answerQuestion),
      ...handleEvents(parts),
      success,
    ].map((line) => `  ${line}`),
    '});',
  ];
}

function answerQuestion({ told, challenge, answer }: PlainQuestion): string[] {
  const condition = told.map(([path, value]) => `${memberOf(path)} === ${literalScript(value)}`).join(' && ');
  const value = challenge === null ? "''" : memberOf(challenge);
  const reply =
    answer === null
      ? 'response.sendStatus(200)'
      : answer === 'text'
        ? `response.type('text').send(String(${value}))`
        : `response.json({ ${answer.member}: ${value} })`;
  return [`if (${condition}) return ${reply};`];
}

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
  return 'header' in place ? `request.get(${quoteScript(place.header)})` : memberOf(place.path);
}

function handleEvents({ name, id, unsignedId, nameAgain, format, batch }: ReceiverParts): string[] {
  const [nameCode, idCode] = [placeCode(name), placeCode(id)];
  const isText = format.format === 'text' || format.format === 'xml';
  const shown = [nameCode, idCode].filter((code) => code !== null);
  const lines = [
    ...(nameAgain === null ? [] : [`if (request.get(${quoteScript(nameAgain)}) !== ${nameCode}) return ${BAD};`]),
    ...(idCode === null
      ? ['// The vendor sends no id: recognise a retry by its content.']
      : unsignedId !== null
        ? [
            `// The id in ${unsignedId} is not signed: recognise a retry by its signature, or by a digest of the ` +
              'body.',
          ]
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
  callsBack: true,
  write,
};
