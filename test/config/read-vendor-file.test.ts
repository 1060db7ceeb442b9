import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readVendorFile } from '../../src/config/read-vendor-file.ts';
import type { AppError } from '../../src/model/error.ts';
import type { JsonObject, JsonValue } from '../../src/model/json.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { prepareSample } from '../../src/plan/payload.ts';
import { builtInVendors } from '../../src/vendors/registry.ts';
import { testFolder } from '../helpers/folder.ts';
import { VENDORS } from '../helpers/vendors.ts';
import { ACME, writeVendor } from './vendor-files.ts';

const read = async (path: string, kind: 'config' | 'input' = 'config'): Promise<Vendor> =>
  (await readVendorFile('acme.json', path, { kind, builtIn: builtInVendors })).vendor;

const load = (content: JsonObject | string): Promise<Vendor> => read(writeVendor(testFolder(), 'acme.json', content));

test.each(VENDORS.map((vendor) => [vendor.id, vendor] as const))(
  '%s as a file is the same vendor again',
  async (_, vendor) => {
    expect(await load(JSON.parse(JSON.stringify(vendor)) as JsonObject)).toEqual(vendor);
  },
);

test('what a file leaves out is assumed, and what it says is the word of its author', async () => {
  const { documentation, asOf, events, signature, ...vendor } = await load(ACME);
  expect(documentation).toBe('acme.json');
  expect(asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(signature).toMatchObject({ certainty: 'user', value: { timestamp: { toleranceMs: { certainty: 'user' } } } });
  expect(events[0]).toMatchObject({
    certainty: 'user',
    summary: '',
    fields: [{ certainty: 'user' }, {}, {}, {}, {}, {}],
  });
  expect(vendor).toEqual({
    id: 'acme',
    title: 'Acme',
    headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'us' }],
    success: { value: { statuses: '2xx' }, certainty: 'us' },
    timeoutMs: { value: 10_000, certainty: 'us' },
    retries: { delaysMs: { value: [], certainty: 'us' } },
    trust: {},
    jsonStyle: { value: 'compact', certainty: 'us' },
  });
});

test.each([
  [{ format: 'form' }, ['application/x-www-form-urlencoded']],
  [{ format: 'json-lines' }, ['application/x-ndjson']],
  [{ format: 'query' }, []],
])('of bodies in the format %j the content type is theirs', async (body, types) => {
  const { headers } = await load({ ...ACME, body: { value: body } });
  expect(headers.map(({ value }) => value)).toEqual(types);
});

test('of an unknown signature nothing is sure, and of none the author is', async () => {
  const { signature: _, ...unknown } = ACME;
  expect((await load(unknown)).signature).toMatchObject({ value: null, certainty: 'us' });
  expect((await load({ ...ACME, signature: { value: null } })).signature).toEqual({ value: null, certainty: 'user' });
});

test('the sample comes out as it was written, with its generated values anew', async () => {
  const [event] = (await load(ACME)).events;
  const [{ sample } = { sample: {} }] = ACME['events'] as { sample: JsonObject }[];
  expect(prepareSample(event as Vendor['events'][number], { sample: 'full' })(() => 'made')).toEqual({
    ...sample,
    id: 'made',
  });
});

test('a file that extends another says what differs; inherited facts keep their source', async () => {
  const vendor = await load({
    id: 'acme',
    extends: 'mail2many',
    documentation: 'https://acme.example/',
    events: [
      { name: 'paid', sample: { id: 1 } },
      { name: 'optin', sample: { address: 'a@b.example' } },
    ],
    trust: { networks: { value: ['192.0.2.0/24'] } },
    timeoutMs: { value: 5000, certainty: 'doc' },
  });
  const base = VENDORS.find(({ id }) => id === 'mail2many') as Vendor;
  expect(vendor.events.map(({ name }) => name)).toEqual([
    'paid',
    'optin',
    'optin_additional_channels',
    'optout',
    'optout_individual_channels',
  ]);
  expect(vendor.events[1]?.fields.map(({ name }) => name)).toEqual(['address']);
  expect(vendor.trust).toMatchObject({
    httpsOnly: { value: true, certainty: 'doc', source: base.documentation, asOf: base.asOf },
    networks: { value: ['192.0.2.0/24'], certainty: 'user' },
  });
  expect(vendor.signature).toEqual({ ...base.signature, source: base.documentation, asOf: base.asOf });
  expect([vendor.title, vendor.documentation]).toEqual(['acme', 'https://acme.example/']);
  expect(vendor.timeoutMs).toEqual({ value: 5000, certainty: 'doc' });
});

test('a file takes the vectors of the other over unless it signs otherwise', async () => {
  const { vectors } = VENDORS.find(({ id }) => id === 'standard-webhooks') as Vendor;
  const child = { id: 'child', extends: 'standard-webhooks' };
  expect((await load({ ...child, title: 'Child' })).vectors).toEqual(vectors);
  expect((await load({ ...child, signature: ACME['signature'] as JsonObject })).vectors).toBeUndefined();
});

test('files extend files by their paths, and may want none of their events', async () => {
  const folder = testFolder();
  writeVendor(folder, 'base.json', ACME);
  const child = { id: 'child', extends: './base.json', withoutBaseEvents: true, events: [{ name: 'e', sample: {} }] };
  const vendor = await read(writeVendor(folder, 'child.json', child));
  expect(vendor.events.map(({ name }) => name)).toEqual(['e']);
  expect(vendor.signature.value?.at).toEqual({ header: 'X-Acme-Signature' });
});

const { privateKey } = generateKeyPairSync('ed25519');
const signature = (change: JsonObject): JsonObject => {
  const { value } = ACME['signature'] as { value: JsonObject };
  return { ...ACME, signature: { value: { ...value, ...change } } };
};
const event = (change: JsonObject): JsonObject => ({ ...ACME, events: [{ name: 'e', sample: { id: 1 }, ...change }] });
const jwt = (claims: JsonObject): JsonObject => ({ jwt: { claims } });
const jwtFile = (change: JsonObject): JsonObject => ({
  ...ACME,
  signature: { value: { algorithm: 'hmac-sha256', at: { header: 'X-Token' }, format: '{v}', ...change } },
});
const said = (value: number | null): JsonObject => ({ value, certainty: 'user' });
const noted = (note: string): JsonObject => ({ ...ACME, notes: [{ text: note }] });
const networks = (value: JsonValue): JsonObject => ({ ...ACME, trust: { networks: { value } } });
const NO_KEY = 'a private key: vendor files are meant to be committed, so remove it';

test.each<[what: string, content: JsonObject | string, place: RegExp, message: string]>([
  ['no JSON', '{"id": acme}', /^acme\.json:1:8$/, 'not valid JSON: expected a value, found text without quotes'],
  ['an empty file', '', /^acme\.json:1:1$/, 'not valid JSON: expected a value, found the end of the file'],
  ['a list', '[]', /^acme\.json:1:1$/, 'expected a vendor: an object with id, found an empty list'],
  ['an unknown key', { ...ACME, retry: 1 }, /:\d+:\d+: retry$/, 'unknown key "retry", expected one of $schema, id'],
  ['a key twice', '{"id": "a", "id": "b"}', /:1:19: id$/, 'this key is written twice in the same object'],
  [
    'deep nesting',
    `{"id": ${'['.repeat(100_000)}`,
    /^acme\.json:1:\d+$/,
    'not valid JSON: nested deeper than 64 levels',
  ],
  ['many values', `{"id": [${'1,'.repeat(20_000)}1]}`, /^acme\.json:1:\d+$/, 'not valid JSON: more than 10000 values'],
  [
    '__proto__',
    '{"id": "a", "events": [{"name": "e", "sample": {"__proto__": {"x": 1}}}]}',
    /__proto__$/,
    'a key of this name is not allowed',
  ],
  ['constructor', '{"id": "a", "constructor": {}}', /:1:28: constructor$/, 'unknown key "constructor"'],
  [
    'no events',
    { id: 'acme' },
    /^acme\.json:1:1: extends$/,
    '"events" is missing: expected a list of events, or "extends"',
  ],
  [
    'two events of a name',
    {
      ...ACME,
      events: [
        { name: 'a', sample: {} },
        { name: 'a', sample: {} },
      ],
    },
    /events\[1\]\.name$/,
    '"a" is already used by events[0]',
  ],
  ['sample and fields', event({ fields: [] }), /events\[0\]\.fields$/, 'expected a sample or fields, found both'],
  ['neither', { ...ACME, events: [{ name: 'e' }] }, /events\[0\]$/, '"sample" is missing'],
  [
    'a path to nothing',
    event({ generated: { 'data.id': { id: 'uuid' } } }),
    /generated\["data\.id"\]$/,
    'unknown field of the sample "data.id"',
  ],
  [
    'a variant of nothing',
    event({ variants: { other: { it: 1 } } }),
    /variants\.other\.it$/,
    'unknown field "it", expected one of id',
  ],
  ['an id that is no field', event({ idField: 'data.id' }), /idField$/, 'unknown field "data.id", expected one of id'],
  [
    'doc without a source',
    { ...ACME, timeoutMs: { value: 1, certainty: 'doc' } },
    /timeoutMs\.certainty$/,
    '"doc" without a source',
  ],
  [
    'pub without a source',
    { ...ACME, timeoutMs: { value: 1, certainty: 'pub' } },
    /timeoutMs\.certainty$/,
    '"pub" without a source',
  ],
  [
    'an unknown mistake',
    { ...ACME, receiverMistakes: [{ id: 'lazy' }] },
    /receiverMistakes\[0\]\.id$/,
    'unknown mistake "lazy"',
  ],
  [
    'a header of no field',
    { ...ACME, headers: [{ name: 'X-A', value: { field: 'x' } }] },
    /headers\[0\]\.value\.field$/,
    'unknown field "x"',
  ],
  ['no place for the signature', signature({ format: 't={t}' }), /signature\.value\.format$/, 'expected {v} in it'],
  [
    'no place for the time',
    signature({ format: '{v}' }),
    /signature\.value\.format$/,
    'expected {t} in it, or "at" of the timestamp',
  ],
  [
    'a message with an id',
    signature({ message: ['id', 'body'] }),
    /message\[0\]$/,
    'the message contains the id of the event, but no header has one',
  ],
  [
    'a message with a header',
    signature({ message: ['body', { hash: 'md5', of: [{ header: 'X-No' }] }] }),
    /message\[1\]$/,
    'the message contains the header X-No',
  ],
  [
    'a message with a form',
    signature({ message: [{ form: 'a' }] }),
    /message\[0\]$/,
    'the message contains form fields',
  ],
  [
    'a network beyond its bits',
    networks(['192.0.2.0/24', '192.0.2.0/33']),
    /^acme\.json:\d+:\d+: trust\.networks\.value\[1\]$/,
    'expected an address or a network such as 192.0.2.0/24, found "192.0.2.0/33"',
  ],
  [
    'a named network of a name',
    networks([{ name: 'eu', cidrs: ['2001:db8::/129'] }]),
    /\.value\[0\]\.cidrs\[0\]$/,
    'expected an address or a network such as 192.0.2.0/24, found "2001:db8::/129"',
  ],
  ['an address with zeros in front', networks(['010.0.0.1']), /\.value\[0\]$/, 'expected an address or a network'],
  [
    'a network of no address',
    networks([{ name: 'eu' }]),
    /\.value\[0\]$/,
    'it contains no address: expected "cidrs", or "dnsName"',
  ],
  [
    'an id far within',
    event({ sample: { booking: { id: 1 } }, idField: 'booking.idd' }),
    /idField$/,
    'unknown field "booking.idd", expected one of booking, booking.id',
  ],
  [
    'an id not in an object',
    event({ generated: { id: 'uuid' } }),
    /events\[0\]\.generated\.id: expected what is generated: .*$/,
    'found "uuid": write it as { "id": "uuid" }',
  ],
  [
    'a time not in an object',
    event({ generated: { id: 'iso' } }),
    /events\[0\]\.generated\.id: expected what is generated: .*$/,
    'found "iso": write it as { "time": "iso" }',
  ],
  [
    'a time in words',
    event({ generated: { id: { time: 'seconds' } } }),
    /events\[0\]\.generated\.id$/,
    '"seconds" is not a time format: write s, ms, s-decimal, iso, iso-ms, rfc5322, or a template',
  ],
  [
    'a fact that is an object, alone',
    { ...ACME, signature: (ACME['signature'] as JsonObject)['value'] as JsonObject },
    /^acme\.json:\d+:\d+: signature$/,
    '"value" is missing: expected an object such as { "value": { … } }: write it as { "value": … }',
  ],
  [
    'a fact that is a number, alone',
    { ...ACME, timeoutMs: 5000 },
    /: timeoutMs$/,
    'expected an object such as { "value": 10000 }, found 5000: write it as { "value": … }',
  ],
  [
    'a message with a value that no body has',
    signature({ message: ['timestamp', { hash: 'md5', of: [{ json: 'buyer.nam' }] }] }),
    /message\[1\]$/,
    'unknown field of the body "buyer.nam", expected one of id, total, paid, note, buyer, buyer.name',
  ],
  [
    'a message with a value inside of a text',
    signature({ message: ['timestamp', { json: 'buyer.name.first' }] }),
    /message\[1\]$/,
    'unknown field of the body "buyer.name.first", expected one of id, total',
  ],
  [
    'a message with a field that no form has',
    { ...signature({ message: [{ form: 'order' }] }), body: { value: { format: 'form' } } },
    /message\[0\]$/,
    'unknown field of the body "order"',
  ],
  [
    'an id that cannot be made',
    event({ generated: { id: { id: 'x[z-a]{3}' } } }),
    /events\[0\]\.generated\.id$/,
    '"x[z-a]{3}" is not an id: write uuid, uuid-v7, ulid, or text and [class]{count}',
  ],
  [
    'what only code makes',
    event({ generated: { id: 'uid' } }),
    /events\[0\]\.generated\.id$/,
    '"uid" is made by code for vendors of mails',
  ],
  [
    'a hash without a secret',
    signature({ algorithm: 'sha256' }),
    /signature\.value\.message$/,
    'expected the part "secret" in it: otherwise anyone could compute sha256',
  ],
  ...(
    [
      ['a JWT with an algorithm that none has', { algorithm: 'hmac-sha1' }, /algorithm$/, 'no JWT is signed this way'],
      ['a JWT beside other parts', { message: ['body', jwt({})] }, /message$/, 'a JWT is the whole message'],
      ['a JWT within a hash', { message: [{ hash: 'sha256', of: [jwt({})] }] }, /message$/, 'a JWT is the whole'],
      [
        'a claim that holds the secret',
        { message: [jwt({ s: { text: ['secret'] } })] },
        /claims\.s$/,
        'anyone can read a claim',
      ],
      [
        'a claim that holds a time',
        { message: [jwt({ t: { text: ['timestamp'] } })] },
        /claims\.t$/,
        'expected parts of the request',
      ],
      ['a JWT without a time', { timestamp: { unit: 's' } }, /timestamp$/, 'no claim holds a time'],
      ['a JWT with a time beside it', { format: 't={t},v1={v}' }, /format$/, 'the time of a JWT is that of its claims'],
      ['a JWT with an encoding', { encoding: ['hex'] }, /encoding$/, 'a JWT is the whole value'],
      [
        'a JWT with milliseconds',
        { message: [jwt({ exp: { time: 60 } })], timestamp: { unit: 'ms' } },
        /timestamp\.unit$/,
        'expected "s": the times of a JWT are seconds',
      ],
      [
        'a tolerance below exp',
        { message: [jwt({ exp: { time: 60 } })], timestamp: { unit: 's', toleranceMs: { value: 5000 } } },
        /toleranceMs$/,
        'the claim exp says 60 s',
      ],
      [
        'a second algorithm of another key',
        { message: [{ jwt: { claims: {}, algorithms: ['rsa-sha256'] } }] },
        /algorithms\[0\]$/,
        'it needs a different key',
      ],
    ] as const
  ).map(([what, changed, place, message]): [string, JsonObject, RegExp, string] => [
    what,
    jwtFile({ message: [jwt({})], ...changed } as unknown as JsonObject),
    place,
    message,
  ]),
  [
    'an unknown vendor',
    { id: 'a', extends: 'mail2mani' },
    /^acme\.json:3:14: extends$/,
    'unknown vendor "mail2mani", expected one of mailkit',
  ],
  [
    'an address',
    { id: 'a', extends: 'https://acme.example/v.json' },
    /extends$/,
    'expected the id of a vendor or the path',
  ],
  ['itself', { id: 'a', extends: './acme.json' }, /extends$/, 'it extends itself, through ./acme.json'],
  [
    'a private key in PEM',
    noted(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string),
    /notes\[0\]\.text$/,
    NO_KEY,
  ],
  ['one in base64', noted(privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')), /text$/, NO_KEY],
  ['one of Standard Webhooks', noted(`whsk_${'A'.repeat(44)}`), /text$/, NO_KEY],
  ['one as a JWK', event({ sample: { id: privateKey.export({ format: 'jwk' }) as JsonValue } }), /sample\.id$/, NO_KEY],
])('%s is refused, with its place', async (_, content, place, message) => {
  const error = (await load(content).catch((caught: unknown) => caught)) as AppError;
  expect(error.kind).toBe('config');
  expect(error.message).toContain(message);
  expect(error.message.slice(0, error.message.indexOf(message)).replace(/: $/, '')).toMatch(place);
  expect(error.message).not.toContain('AAAAAAAA');
});

test('files that extend one another are refused, where it closes', async () => {
  const folder = testFolder();
  const path = writeVendor(folder, 'acme.json', { id: 'a', extends: './b.json' });
  writeVendor(folder, 'b.json', { id: 'b', extends: './acme.json' });
  await expect(read(path)).rejects.toThrow('b.json:3:14: extends: it extends itself, through ./acme.json');
  for (let index = 0; index < 9; index += 1)
    writeVendor(folder, `chain-${index}.json`, { id: 'c', extends: `./chain-${index + 1}.json` });
  await expect(read(join(folder, 'chain-0.json'))).rejects.toThrow('more than 8 files extend each other');
});

test.each([
  ['config', 'the vendor file acme.json does not exist'],
  ['input', 'the vendor file acme.json does not exist'],
] as const)('a missing file is an error of the kind %s', async (kind, message) => {
  await expect(read('/nowhere/acme.json', kind)).rejects.toThrow(expect.objectContaining({ kind, message }));
});

test('a file that is far too large is not read to its end', async () => {
  await expect(load(`"${'x'.repeat(50 * 1024 * 1024)}"`)).rejects.toThrow('acme.json is larger than 1 MiB');
});

test('texts that begin as a key does and end otherwise are looked at once each', { timeout: 5000 }, async () => {
  // With two ways to match the space each of them takes a third of a second.
  const text = `M${'A'.repeat(50)}${' '.repeat(19_900)}!`;
  const vendor = await load(event({ sample: { id: Array.from({ length: 40 }, () => text) } }));
  expect(vendor.events).toHaveLength(1);
});

const timeOf = async (claims: JsonObject): Promise<unknown> =>
  (await load(jwtFile({ message: [jwt(claims)] }))).signature.value?.timestamp;

test('the time of a JWT follows from its claims', async () => {
  expect(await timeOf({ exp: { time: 60 }, nbf: { time: -5 } })).toEqual({
    unit: 's',
    toleranceMs: said(60_000),
    futureToleranceMs: said(65_000),
  });
  expect(await timeOf({ iat: { time: 0 } })).toEqual({ unit: 's', futureToleranceMs: said(null) });
  expect(await timeOf({ iss: 'acme' })).toBeUndefined();
});
