import { unwritable } from './dialect.ts';
import { php as dialect, phpPath, quotePhp, serverKey } from './php-dialect.ts';
import type { EventPlace, Framework, PlainQuestion, ReceiverParts } from './receiver-parts.ts';

/** Functions that the code calls, by their names. */
const HELPERS: Readonly<Record<string, readonly string[]>> = {
  refuse: ['function refuse(int $status): never', '{', '    http_response_code($status);', '    exit;', '}'],
  is_signed: [
    'function is_signed(string $message, string $signature, string $key): bool',
    '{',
    '    $isWhole = strlen($signature) === SODIUM_CRYPTO_SIGN_BYTES;',
    '    return $isWhole && sodium_crypto_sign_verify_detached($signature, $message, $key);',
    '}',
  ],
  text_of: [
    'function text_of(mixed $value): string',
    '{',
    "    return is_string($value) || is_int($value) ? (string) $value : '';",
    '}',
  ],
  fields_of: [
    'function fields_of(array $values, array $names, callable $write, bool $blank = false): array',
    '{',
    '    $lines = [];',
    '    foreach ($names as $name)',
    "        foreach ((array) ($values[$name] ?? ($blank ? [''] : [])) as $value) $lines[] = $write($name, $value);",
    '    return $lines;',
    '}',
  ],
  sorted_fields: [
    'function sorted_fields(array $values, callable $write): array',
    '{',
    '    $lines = [];',
    '    ksort($values, SORT_STRING);',
    '    foreach ($values as $name => $own) {',
    '        $own = array_unique((array) $own);',
    '        sort($own, SORT_STRING);',
    '        foreach ($own as $value) $lines[] = $write($name, $value);',
    '    }',
    '    return $lines;',
    '}',
  ],
  pairs_of: [
    '// Of a form or a query: PHP itself changes names, and keeps the last of each.',
    'function pairs_of(string $text): array',
    '{',
    '    $pairs = [];',
    "    foreach (array_filter(explode('&', $text), 'strlen') as $pair) {",
    "        [$name, $value] = array_map('urldecode', explode('=', \"$pair=\", 2));",
    '        $pairs[$name][] = substr($value, 0, -1);',
    '    }',
    '    return $pairs;',
    '}',
  ],
};

function write(parts: ReceiverParts): string[] {
  const body = [...setup(parts), ...handler(parts), ...verifier(parts)];
  const found = new Set<string>();
  // A helper may call another one.
  for (const [name, lines] of Object.entries(HELPERS))
    if (
      [...body, ...[...found].flatMap((one) => HELPERS[one] ?? [])].some((line) => line.includes(`${name}(`)) &&
      lines
    )
      found.add(name);
  return ['<?php', '', ...body, ...[...found].flatMap((name) => ['', ...(HELPERS[name] ?? [])])];
}

function setup({ secret }: ReceiverParts): string[] {
  if (secret === null) return [];
  const { variable, key } = secret;
  const code = `getenv('${variable}') ?: throw new RuntimeException('${variable} is not set')`;
  if (key === '' || key === '$secret') return [`$key = ${code};`];
  return [`$secret = ${code};`, `$key = ${key};`];
}

function verifier({ verification, readsEvent }: ReceiverParts): string[] {
  if (verification.length === 0) return [];
  return [
    '',
    `function is_genuine(string $body, ${readsEvent ? 'mixed $event, ' : ''}mixed $key): bool`,
    '{',
    ...(verification.some((line) => line.includes('$url')) ? CALLED_URL : []),
    ...verification.map((line) => `    ${line}`),
    '}',
  ];
}

const CALLED_URL = [
  '    // Behind a proxy, set PUBLIC_ORIGIN to what the vendor calls: https://example.com',
  "    $called = (empty($_SERVER['HTTPS']) ? 'http://' : 'https://') . ($_SERVER['HTTP_HOST'] ?? '');",
  "    $url = (getenv('PUBLIC_ORIGIN') ?: $called) . $_SERVER['REQUEST_URI'];",
];

const refuse = (status: number): string => `refuse(${status});`;

function handler(parts: ReceiverParts): string[] {
  const { secret, readsEvent, method, asksByHead, answer } = parts;
  const verifying =
    secret === null ? [] : [`if (!is_genuine($body, ${readsEvent ? '$event, ' : ''}$key)) ${refuse(401)}`];
  const reading = readEvent(parts);
  return [
    ...(asksByHead ? ["if ($_SERVER['REQUEST_METHOD'] === 'HEAD') exit;"] : []),
    `if ($_SERVER['REQUEST_METHOD'] !== '${method}') ${refuse(405)}`,
    "$body = file_get_contents('php://input'); // the raw bytes: JSON that is decoded and encoded again was not signed",
    ...(readsEvent ? [...reading, ...verifying] : [...verifying, ...reading]),
    ...parts.questions.flatMap(answerQuestion),
    ...handleEvents(parts),
    ...(answer === '' ? [] : [`echo ${quotePhp(answer)};`]),
  ];
}

function answerQuestion({ told, challenge, answer }: PlainQuestion): string[] {
  const condition = told.map(([path, value]) => `(${phpPath(path)} ?? null) === ${literal(value)}`).join(' && ');
  const value = challenge === null ? "''" : `${phpPath(challenge)} ?? ''`;
  const reply =
    answer === null
      ? 'exit;'
      : answer === 'text'
        ? `exit((string) (${value}));`
        : `exit(json_encode([${quotePhp(answer.member)} => ${value}]));`;
  return [`if (${condition}) ${reply}`];
}

const literal = (value: string | number | boolean): string =>
  typeof value === 'string' ? quotePhp(value) : String(value);

function readEvent({ format: { format, field = '' }, batch }: ReceiverParts): string[] {
  if (format === 'text' || format === 'xml') return ['$event = $body;'];
  if (format === 'form') return ['parse_str($body, $event);'];
  if (format === 'query') return ['$event = $_GET;'];
  if (format === 'multipart') return unwritable('its body is multipart/form-data');
  const notAList = `if (!is_array($events)) ${refuse(400)}`;
  if (format === 'json-lines')
    return [
      '$lines = array_filter(explode("\\n", $body), \'trim\');',
      '$events = array_map(fn ($line) => json_decode($line, true), $lines);',
      `if (in_array(null, $events, true)) ${refuse(400)}`,
    ];
  const json = format === 'form-json' ? `pairs_of($body)[${quotePhp(field)}][0] ?? ''` : '$body';
  if (batch === undefined)
    return [
      `$event = json_decode(${json}, true);`,
      `if (!is_array($event)${json === '$body' ? " || ltrim($body)[0] !== '{'" : ''}) ${refuse(400)}`,
    ];
  const { shape, singleIsBare } = batch;
  const list =
    shape === 'array'
      ? ''
      : shape.wrappedIn
          .split('.')
          .map((name) => `[${quotePhp(name)}]`)
          .join('');
  return [
    `$events = json_decode(${json}, true)${list === '' ? '' : `${list} ?? null`};`,
    notAList,
    ...(singleIsBare ? ['if (!array_is_list($events)) $events = [$events];'] : []),
  ];
}

function placeCode(place: EventPlace): string | null {
  if (place === null) return null;
  return 'header' in place ? `$_SERVER['${serverKey(place.header)}'] ?? ''` : `${phpPath(place.path)} ?? ''`;
}

function handleEvents({ name, id, unsignedId, nameAgain, format, batch }: ReceiverParts): string[] {
  const idCode = placeCode(id);
  const isText = format.format === 'text' || format.format === 'xml';
  const shown = [placeCode(name), idCode].filter((code) => code !== null);
  const isList = format.format === 'json-lines' || batch !== undefined;
  const what =
    shown.length > 0 ? `json_encode([${shown.join(', ')}])` : isText ? 'strlen($event)' : 'json_encode($event)';
  const again = placeCode(nameAgain === null ? null : { header: nameAgain });
  const lines = [
    ...(again === null ? [] : [`if ((${again}) !== (${placeCode(name)})) ${refuse(400)}`]),
    idCode === null
      ? '// The vendor sends no id: recognise a retry by its content.'
      : unsignedId !== null
        ? `// The id in ${unsignedId} is not signed: recognise a retry by its signature, or by a digest of the ` +
          'body.'
        : `// Retries repeat the id: if (is_known(${idCode})) ${isList ? 'continue' : 'exit'};`,
    `error_log(${what});`,
  ];
  return isList ? ['foreach ($events as $event) {', ...lines.map((line) => `    ${line}`), '}'] : lines;
}

export const php: Framework = {
  id: 'php',
  title: 'PHP',
  file: 'receiver.php',
  install: () => null,
  run: 'php -S 127.0.0.1:${PORT:-3000} receiver.php',
  comment: '//',
  dialect,
  write,
};
