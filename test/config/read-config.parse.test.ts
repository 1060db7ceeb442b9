import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/read-config.ts';
import { AppError } from '../../src/model/error.ts';
import { BLOG, INBOX, KNOWN, SHOP } from './known.ts';

const textOf = (...webhooks: unknown[]): string => JSON.stringify({ webhooks });

function errorOf(text: string): AppError {
  try {
    parseConfig(text, 'w.json', KNOWN);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

test('everything the schema offers is accepted', () => {
  const full = {
    $schema: 'https://example.org/schema.json',
    history: './history.db',
    webhooks: [
      { ...SHOP, secret: { env: 'SHOP_SECRET' }, allow: ['192.0.2.1', '198.51.100.0/24'] },
      {
        ...BLOG,
        secret: 'a literal',
        url: 'HTTPS://user:pass@example.org:8443/x',
        tls: { cert: 'c.pem', key: 'k.pem', passphrase: { file: 'p.txt' }, cacert: 'ca.pem' },
      },
      {
        ...INBOX,
        secret: [{ file: 's.txt' }, { env: 'OLD' }, 'a literal'],
        tls: { pfx: 'c.p12', passphrase: { env: 'P' } },
        dataSelection: ['subject'],
      },
    ],
  };
  expect(parseConfig(JSON.stringify(full), 'w.json', KNOWN)).toEqual(full);
});

test.each<[what: string, change: object, message: RegExp]>([
  [
    'no scheme',
    { url: 'example.org/hook' },
    /webhooks\[0\]\.url: expected an http:\/\/ or https:\/\/ URL .*, found other text$/,
  ],
  ['another scheme', { url: 'ftp://example.org' }, /webhooks\[0\]\.url: expected an http/],
  [
    'a port out of range',
    { url: 'http://example.org:99999/' },
    /webhooks\[0\]\.url: expected a URL with a valid host and a port up to 65535/,
  ],
  ['a URL that is a number', { url: 7 }, /webhooks\[0\]\.url: expected an http.*, found a number$/],
  ['a URL that is null', { url: null }, /webhooks\[0\]\.url: .*, found null$/],
  ['no uuid', { uuid: undefined }, /webhooks\[0\]: "uuid" is missing: expected a UUID such as 123e4567/],
  ['a malformed uuid', { uuid: '123' }, /webhooks\[0\]\.uuid: expected a UUID such as .*, found "123"$/],
  ['an empty name', { name: '' }, /webhooks\[0\]\.name: expected a name of .*, found an empty text$/],
  ['a name like a flag', { name: '-rf' }, /webhooks\[0\]\.name: expected a name/],
  ['a name that moves the cursor', { name: 'a\u001b[2J' }, /webhooks\[0\]\.name: expected a name/],
  [
    'an unknown vendor',
    { vendor: 'acne' },
    /webhooks\[0\]\.vendor: unknown vendor "acne", expected one of acme, picky$/,
  ],
  [
    'an unknown event',
    { events: ['opened', 'closd'] },
    /webhooks\[0\]\.events\[1\]: unknown event of acme "closd", expected one of opened, closed$/,
  ],
  ['no events', { events: [] }, /webhooks\[0\]\.events: expected a list of event names.*, found an empty list$/],
  ['an event twice', { events: ['opened', 'opened'] }, /webhooks\[0\]\.events: .*, found a list with an entry twice$/],
  [
    'events as text',
    { events: 'opened' },
    /webhooks\[0\]\.events: expected a list of event names, .*, found "opened"$/,
  ],
  [
    'an unknown key',
    { sercet: 'x' },
    /webhooks\[0\]\.sercet: unknown key "sercet", expected one of uuid, name, vendor/,
  ],
  ['a key of Object.prototype', { constructor: 1 }, /webhooks\[0\]\.constructor: unknown key "constructor"/],
  ['an empty secret', { secret: '' }, /webhooks\[0\]\.secret: expected \{"env": "NAME"\}.*, found an empty text$/],
  [
    'a secret from two places',
    { secret: { env: 'A', file: 'b' } },
    /webhooks\[0\]\.secret: .*, found an object with env, file$/,
  ],
  ['a secret from nowhere', { secret: {} }, /webhooks\[0\]\.secret: .*, found an object with nothing in it$/],
  [
    'a key without certificate',
    { tls: { key: 'k.pem' } },
    /webhooks\[0\]\.tls: expected an object with cert and perhaps key, or with pfx, found an object with key$/,
  ],
  [
    'PEM and PFX',
    { tls: { cert: 'c.pem', pfx: 'c.p12' } },
    /webhooks\[0\]\.tls: expected .*, found an object with cert, pfx$/,
  ],
  [
    'a selection where there is none',
    { dataSelection: ['subject'] },
    /webhooks\[0\]\.dataSelection\[0\]: unknown payload element of acme "subject", but none is known$/,
  ],
])('%s is told with its place and what was expected', (_, change, message) => {
  const error = errorOf(textOf({ ...SHOP, ...change }));
  expect(error.kind).toBe('config');
  expect(error.message).toMatch(message);
  expect(error.message).toMatch(/^w\.json:1:\d+: /);
});

test.each<[text: string, message: RegExp]>([
  ['[]', /^w\.json:1:1: expected an object with a list of webhooks, found an empty list$/],
  ['{}', /^w\.json:1:1: "webhooks" is missing: expected a list of webhooks$/],
  ['{"webhooks": {}}', /^w\.json:1:14: webhooks: expected a list of webhooks, found an object with nothing in it$/],
  ['{"webhooks": [], "a b/~%#é": 1}', /\["a b\/~%#é"\]: unknown key "a b\/~%#é"/],
  ['{"webhooks": [], "__proto__": 1}', /__proto__: unknown key "__proto__"/],
  ['{"webhooks": [], "\\ud800": 1}', /a key contains half a surrogate pair/],
  ['{"webhooks": [], "webhooks": []}', /webhooks: this key is written twice in the same object$/],
  ['{\n  "webhooks": [\n  ],\n}', /^w\.json:4:1: not valid JSON: expected a key in double quotes, found "}"$/],
])('%s is refused', (text, message) => {
  expect(errorOf(text).message).toMatch(message);
});

test('the nearest name is offered from the right list', () => {
  expect(errorOf(textOf({ ...SHOP, sercet: 'x' })).unknown).toMatchObject({
    given: 'sercet',
    among: expect.arrayContaining(['secret']),
  });
  expect(errorOf(textOf({ ...SHOP, vendor: 'acne' })).unknown).toEqual({ given: 'acne', among: ['acme', 'picky'] });
  expect(errorOf(textOf({ ...SHOP, events: ['opend'] })).unknown).toEqual({
    given: 'opend',
    among: ['opened', 'closed'],
  });
});

test('names and uuids are unique, in any letter case and against each other', () => {
  const upper = { ...BLOG, name: 'SHOP' };
  const crossed = { ...INBOX, name: SHOP.uuid };
  const error = errorOf(textOf(SHOP, upper, crossed));
  expect(error.message).toMatch(/webhooks\[1\]\.name: "SHOP" is already used by webhooks\[0\]\.name/);
  expect(error.message).toMatch(/webhooks\[2\]\.name: "11111111-.*" is already used by webhooks\[0\]\.uuid/);
});

test('the first five problems are told in the order of the file, the rest is counted', () => {
  const bad = { ...SHOP, vendor: 'nobody', url: 'nowhere' };
  const text = JSON.stringify(
    { webhooks: [bad, { ...BLOG, vendor: 'x' }, { ...bad, uuid: 1 }, { name: 'y' }] },
    null,
    2,
  );
  const lines = errorOf(text)
    .message.split('\n')
    .map((line) => line.trim());
  expect(lines[0]).toBe('w.json has 8 problems:');
  expect(lines[1]).toMatch(/^7:14: webhooks\[0\]\.url: /);
  expect(lines[2]).toMatch(/^15:17: webhooks\[1\]\.vendor: unknown vendor "x"/);
  expect(lines).toHaveLength(7);
  expect(lines.at(-1)).toBe('… and 3 more');
});

test.each([
  ['a secret of the wrong type', { secret: [['hunter2']] }],
  ['a list of a wrong one', { secret: [{ env: 'S' }, ['hunter2']] }],
  ['an empty list', { secret: [] }],
  ['a secret in a wrong URL', { url: 'htp://user:hunter2@example.org' }],
  ['a secret under a wrong key', { secrets: 'hunter2' }],
  ['a secret inside its object', { secret: { env: 'hunter2 hunter2' } }],
  ['a passphrase', { tls: { pfx: 'a', passphrase: { value: 'hunter2' } } }],
])('%s is never quoted', (_, change) => {
  const error = errorOf(textOf({ ...SHOP, ...change }));
  expect(`${error.message} ${error.hint} ${JSON.stringify(error.unknown)} ${String(error.cause)}`).not.toContain(
    'hunter2',
  );
});

test('the text around a syntax error is never quoted', () => {
  const error = errorOf('{"webhooks": [{"secret": "hunter2" "url": 1}]}');
  expect(`${error.message} ${String(error.cause)}`).not.toContain('hunter2');
});
