import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Header } from '../../../src/model/plan.ts';
import type { MessagePart } from '../../../src/model/signature.ts';
import { collectMessage, MissingPartError, type MessageContext } from '../../../src/sign/scheme/message.ts';

const context = (parts: Partial<Omit<MessageContext, 'body'>> & { body?: string | Uint8Array }): MessageContext => ({
  method: 'POST',
  url: new URL('https://user:pw@hooks.example.org:8443/in/x?b=2&a=1&b=1#frag'),
  headers: [],
  secret: () => Buffer.from('s3cret'),
  ...parts,
  body: Buffer.from(parts.body ?? ''),
});
const bytesOf = (parts: readonly MessagePart[], given: Parameters<typeof context>[0] = {}): Buffer =>
  Buffer.concat(collectMessage(parts, context(given)));

const FORM = 'b=2&a=x%2By+z&c=&b=1&b=2&__proto__=p&%zz=%c3%28';
const SNS =
  '{"Type":"Notification","Count":19421777835146490,"Message":"a\\nb","Nested":{"a":1},"None":null,"Yes":true}';

describe('what each part is', () => {
  test.each<[what: string, parts: MessagePart[], given: Parameters<typeof context>[0], text: string]>([
    ['the URL without its fragment', ['url'], {}, 'https://user:pw@hooks.example.org:8443/in/x?b=2&a=1&b=1'],
    ['host, with its port', ['host'], {}, 'hooks.example.org:8443'],
    ['path', ['path'], {}, '/in/x'],
    ['query', ['query'], {}, 'b=2&a=1&b=1'],
    ['path and query', ['target'], {}, '/in/x?b=2&a=1&b=1'],
    [
      'the URL letter by letter',
      ['url'],
      { urlText: "https://EX.org:443/a/../b?n=O'B|x#f" },
      "https://EX.org:443/a/../b?n=O'B|x",
    ],
    ['its path, too', ['path', { text: ' ' }, 'target'], { urlText: 'http://h/a/./b?' }, '/a/./b /a/./b?'],
    ['a URL without a path', ['target', { text: ' ' }, 'host'], { urlText: 'http://h:80' }, '/ h:80'],
    ['method and secret', ['method', { text: '|' }, 'secret'], {}, 'POST|s3cret'],
    ['a header, in any letter case', [{ header: 'X-A' }], { headers: [['x-a', ' v ']] }, 'v'],
    ['the id', ['id'], { headers: [['webhook-id', 'msg_1']], idHeader: 'Webhook-Id' }, 'msg_1'],
    ['a form field', [{ form: 'a' }], { body: FORM }, 'x+y z'],
    [
      'sorted form fields, a repeated one once for each value',
      [{ fields: 'sorted', from: 'form', each: '{name}{value}' }],
      { body: FORM },
      '%zz\ufffd(__proto__pax+y zb1b2c',
    ],
    [
      'chosen form fields',
      [{ fields: ['c', 'a', 'no'], from: 'form', each: '{name}={value}', join: '&' }],
      { body: FORM },
      'c=&a=x+y z',
    ],
    [
      'missing ones as empty',
      [{ fields: ['no', 'a'], from: 'form', each: '{value}', join: ':', missing: 'empty' }],
      { body: FORM },
      ':x+y z',
    ],
    [
      'a value that looks like a slot',
      [{ fields: 'sorted', from: 'form', each: '{name}{value}' }],
      { body: 'a={name}$&' },
      'a{name}$',
    ],
    ['fields of the query', [{ fields: 'sorted', from: 'query', each: '{name}{value};' }], {}, 'a1;b1;b2;'],
    [
      'fields of JSON, as they are written',
      [{ fields: 'sorted', from: 'json', each: '{name}\n{value}\n' }],
      { body: SNS },
      'Count\n19421777835146490\nMessage\na\nb\nType\nNotification\nYes\ntrue\n',
    ],
    ['a value of JSON', [{ json: 'Message' }], { body: SNS }, 'a\nb'],
    ['the same as it is written', [{ json: 'Message', as: 'raw' }], { body: SNS }, '"a\\nb"'],
    ['a hash as hex', [{ hash: 'sha1', of: ['body'] }], { body: 'x' }, createHash('sha1').update('x').digest('hex')],
    [
      'a checksum as a number',
      [{ hash: 'crc32', as: 'decimal', of: ['body'] }],
      { body: 'hello' },
      String(crc32('hello')),
    ],
    [
      'a checksum as hex',
      [{ hash: 'crc32', as: 'hex', of: ['body'] }],
      { body: 'codding' },
      crc32('codding').toString(16).padStart(8, '0'),
    ],
    [
      'an encoding',
      [{ encode: ['base64', 'percent'], of: ['body'] }],
      { body: '\u00ff?>' },
      encodeURIComponent(Buffer.from('\u00ff?>').toString('base64')),
    ],
  ])('%s', (_, parts, given, text) => {
    expect(bytesOf(parts, given).toString('utf8')).toBe(text);
  });

  const binary = Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]);
  test('bytes stay bytes', () => {
    expect(bytesOf(['body', { text: '.' }], { body: binary })).toEqual(Buffer.concat([binary, Buffer.from('.')]));
    expect(bytesOf([{ json: 'a', as: 'raw' }], { body: binary })).toEqual(binary.subarray(5, 9));
    expect(bytesOf([{ hash: 'sha256', as: 'raw', of: ['body'] }], { body: binary })).toEqual(
      createHash('sha256').update(binary).digest(),
    );
    expect(bytesOf([{ hash: 'crc32', as: 'raw', of: ['body'] }], { body: 'hello' }).toString('hex')).toBe('3610a686');
  });
});

const twice: Header[] = [
  ['X-A', '1'],
  ['x-a', '2'],
];
test.each<[what: string, parts: MessagePart[], given: Parameters<typeof context>[0], message: string]>([
  ['no URL', ['path'], { url: null }, 'the URL, but it is not known which URL was called'],
  [
    'no URL for its fields',
    [{ fields: 'sorted', from: 'query', each: '{name}' }],
    { url: null },
    'the URL, but it is not known',
  ],
  ['no time', ['timestamp'], {}, 'a time, but none was given'],
  ['no id', ['id'], { idHeader: 'X-Id' }, 'the X-Id header, which is missing'],
  ['no name of the event', ['event'], {}, "the event's name"],
  ['no such field', [{ json: 'a.b' }], { body: '{"a":1}' }, 'the field a.b of the body, which is missing'],
  ['no JSON', [{ json: 'a', as: 'raw' }], { body: 'a=1' }, 'the field a of the body, which is missing'],
  [
    'a header that repeats',
    [{ header: 'X-A' }],
    { headers: twice },
    'the X-A header, but there are 2: which one counts',
  ],
  ['a form field that repeats', [{ form: 'b' }], { body: FORM }, 'the form field b, but there are 3: which one counts'],
  [
    'too many fields',
    [{ fields: 'sorted', from: 'form', each: '{name}' }],
    { body: 'a&'.repeat(100_000) },
    'more than 10000',
  ],
  [
    'too many keys',
    [{ fields: ['a'], from: 'json', each: '{name}' }],
    { body: `{${'"a":1,'.repeat(100_000)}"b":1}` },
    'more than 10000',
  ],
])('%s: a part is missing', (_, parts, given, message) => {
  expect(() => bytesOf(parts, given)).toThrow(MissingPartError);
  expect(() => bytesOf(parts, given)).toThrow(message);
});
