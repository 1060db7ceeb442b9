import { Validator, type Schema } from '@cfworker/json-schema';
import { expect, test } from 'vitest';
import { findMismatches, fillDefaults } from '../../src/config/match-schema.ts';
import { VENDOR_SCHEMA } from '../../src/config/read-vendor-file.ts';
import { pathText } from '../../src/config/check-structure.ts';
import type { Certainty, Evidence } from '../../src/model/fact.ts';
import type { JsonObject, JsonValue } from '../../src/model/json.ts';
import type * as B from '../../src/model/body-format.ts';
import type * as G from '../../src/model/generated.ts';
import type * as H from '../../src/model/handshake.ts';
import type * as S from '../../src/model/signature.ts';
import type * as V from '../../src/model/vendor.ts';
import { NAMED_IDS } from '../../src/vendors/generated-forms.ts';
import { VENDORS } from '../helpers/vendors.ts';

/** The names of a type, each: the compiler asks for one that is missing here. */
type All<Names extends PropertyKey> = Record<Names, true>;

const EVIDENCE: All<keyof Evidence> = { certainty: true, source: true, asOf: true, note: true };
const FIELD: All<keyof V.Field> = {
  name: true,
  type: true,
  example: true,
  minimal: true,
  optional: true,
  nullable: true,
  minimum: true,
  generated: true,
  mayBeBlank: true,
  prose: true,
  values: true,
  fields: true,
  anyKeys: true,
  items: true,
  selectable: true,
  remarks: true,
  ...EVIDENCE,
};
const { name: _name, certainty: _certainty, ...ITEMS } = FIELD;

const VENDOR: All<keyof V.Vendor> = {
  id: true,
  title: true,
  documentation: true,
  publicSource: true,
  asOf: true,
  events: true,
  headers: true,
  signature: true,
  furtherSignatures: true,
  success: true,
  timeoutMs: true,
  retries: true,
  trust: true,
  jsonStyle: true,
  attachments: true,
  notes: true,
  receiverMistakes: true,
  handshakes: true,
  vectors: true,
  body: true,
  batch: true,
  method: true,
};
const EVENT: All<keyof V.VendorEvent> = {
  name: true,
  summary: true,
  optIn: true,
  fields: true,
  variants: true,
  examples: true,
  partial: true,
  fromMail: true,
  perRecipient: true,
  sampleAttachment: true,
  idField: true,
  keyField: true,
  ...EVIDENCE,
};
const HEADER: All<keyof V.VendorHeader> = { name: true, value: true, alsoSent: true, remarks: true, ...EVIDENCE };
const SIGNATURE: All<keyof S.Signature> = {
  algorithm: true,
  algorithmBy: true,
  message: true,
  encoding: true,
  key: true,
  at: true,
  format: true,
  timestamp: true,
  several: true,
  addedQuery: true,
  countedPart: true,
  keyShown: true,
  keyUrl: true,
};
const KEY_ADDRESS: All<keyof S.KeyAddress> = { json: true, hosts: true, ending: true };
const TIME: All<keyof S.SignatureTime> = {
  unit: true,
  at: true,
  isOfEvent: true,
  toleranceMs: true,
  futureToleranceMs: true,
};
const TRUST: All<keyof V.Trust> = {
  clientCertificate: true,
  ownKey: true,
  pinnedCertificate: true,
  needsListedIssuer: true,
  httpsOnly: true,
  networks: true,
  reverseDnsSuffix: true,
};
/** What only a file says: the loader makes something else of it. */
const OF_FILE = { $schema: true, extends: true, withoutBaseEvents: true };
const OF_SAMPLE = { sample: true, generated: true };

const FIELDS_PART: All<keyof S.FieldsPart> = { fields: true, from: true, each: true, join: true, missing: true };
const KEY: All<keyof S.KeyForm> = { encoding: true, prefix: true, keepsPrefix: true };
const SEVERAL: All<keyof S.SeveralSignatures> = { repeat: true, separator: true, headers: true };
const SUCCESS: All<keyof V.SuccessRule> = { statuses: true, ackModes: true, body: true, redirects: true };
const RETRIES: All<keyof V.RetryLadder> = {
  delaysMs: true,
  delaysByEvent: true,
  onlyOn: true,
  neverOn: true,
  stopHeader: true,
  attemptHeaders: true,
  deactivatesAfterMs: true,
};
const RETRY_HEADER: All<keyof V.RetryHeader> = { name: true, value: true, isOfRetries: true, ...EVIDENCE };
const HANDSHAKE: All<keyof H.Handshake> = {
  id: true,
  title: true,
  when: true,
  method: true,
  query: true,
  headers: true,
  body: true,
  isSigned: true,
  answer: true,
  forgedStatuses: true,
  toldBy: true,
  callback: true,
};
const CALLBACK: All<keyof H.HandshakeCallback> = { field: true, hosts: true, account: true };
const ANSWER: All<keyof H.HandshakeAnswer> = { statuses: true, bodies: true, header: true, proof: true };
const PROOF: All<keyof H.ChallengeProof> = { algorithm: true, encoding: true, key: true };
const VECTOR: All<keyof V.VendorVector> = {
  name: true,
  secret: true,
  publicKey: true,
  id: true,
  timestamp: true,
  method: true,
  url: true,
  headers: true,
  event: true,
  body: true,
  signature: true,
  source: true,
  asOf: true,
};
const TIME_MADE: All<keyof G.GeneratedTime> = { time: true, zone: true, offsetMs: true, of: true };
const BODY: All<keyof B.BodyFormat> = { format: true, field: true, tail: true };
const BATCH: All<keyof B.BatchRule> = {
  shape: true,
  max: true,
  mixesEvents: true,
  join: true,
  singleIsBare: true,
};
const NETWORK: All<keyof V.NamedNetwork> = { name: true, cidrs: true, dnsName: true, asOf: true };
const ID_MADE: All<keyof G.GeneratedId> = { id: true, shared: true };
const REMARK: All<keyof V.Remark> = { text: true, about: true, ...EVIDENCE };
const NOTE: All<keyof V.VendorNote> = { text: true, ...EVIDENCE };
const MISTAKE: All<keyof V.ListedMistake> = { id: true, text: true, ...EVIDENCE };
const OWN_KEY: All<keyof V.OwnKeyRule> = { type: true, encrypted: true };

test.each<[pointer: string, names: object]>([
  ['', { ...VENDOR, ...OF_FILE }],
  ['$defs/event', { ...EVENT, ...OF_SAMPLE }],
  ['$defs/field', FIELD],
  ['$defs/items', ITEMS],
  ['$defs/header', HEADER],
  ['$defs/remark', REMARK],
  ['properties/notes/items', NOTE],
  ['properties/receiverMistakes/items', MISTAKE],
  ['$defs/signature', SIGNATURE],
  ['$defs/signature/properties/timestamp', TIME],
  ['$defs/signature/properties/keyUrl', KEY_ADDRESS],
  ['$defs/key', KEY],
  ['properties/body/properties/value', BODY],
  ['properties/batch/properties/value', BATCH],
  ['$defs/namedNetwork', NETWORK],
  ['$defs/retryHeader', RETRY_HEADER],
  ['$defs/handshake', HANDSHAKE],
  ['$defs/handshake/properties/answer', ANSWER],
  ['$defs/handshake/properties/callback', CALLBACK],
  ['$defs/proof', PROOF],
  ['$defs/vector', VECTOR],
  ['$defs/generated/anyOf/1', TIME_MADE],
  ['$defs/generated/anyOf/2', ID_MADE],
  ['$defs/signature/properties/several', SEVERAL],
  ['$defs/fieldsPart', FIELDS_PART],
  ['$defs/success', SUCCESS],
  ['$defs/retries', RETRIES],
  ['$defs/trust', TRUST],
  ['$defs/trust/properties/ownKey/properties/value', OWN_KEY],
])('the schema has the properties of the type: /%s', (pointer, names) => {
  const { properties } = at(pointer) as { properties: object };
  expect(Object.keys(properties).toSorted()).toEqual(Object.keys(names).toSorted());
});

const HASHES: All<S.Hash> = { md5: true, sha1: true, sha256: true, sha384: true, sha512: true };
const KEY_PAIRS: All<S.PublicKeyAlgorithm> = {
  ed25519: true,
  'ecdsa-p256-sha256': true,
  'rsa-sha1': true,
  'rsa-sha256': true,
  'rsa-sha512': true,
  'rsa-pss-sha512': true,
};
const PARTS: All<Extract<S.MessagePart, string>> = {
  body: true,
  timestamp: true,
  id: true,
  url: true,
  host: true,
  path: true,
  query: true,
  target: true,
  method: true,
  secret: true,
  event: true,
};
const ENCODINGS: All<S.Encoding> = { hex: true, HEX: true, base64: true, base64url: true, percent: true };
const CERTAINTIES: All<Certainty> = { doc: true, pub: true, inf: true, us: true, user: true };
const SHOWN: All<NonNullable<S.Signature['keyShown']>> = {
  'spki-pem': true,
  'spki-base64': true,
  'raw-hex': true,
  'raw-base64': true,
  'raw-base64url': true,
  'x509-pem': true,
  jwks: true,
};
const STYLES: All<B.JsonStyle> = { compact: true, spaced: true, pretty: true, php: true, python: true, go: true };
const METHODS: All<B.Method> = { POST: true, GET: true, PUT: true };
const FORMATS: All<B.BodyFormat['format']> = {
  json: true,
  'json-lines': true,
  form: true,
  multipart: true,
  'form-json': true,
  query: true,
  text: true,
  xml: true,
};
const TIMES: All<G.NamedTimeForm> = {
  s: true,
  ms: true,
  's-decimal': true,
  iso: true,
  'iso-ms': true,
  rfc5322: true,
};
const BY_CODE: All<Extract<G.Generated, string>> = {
  'event-name': true,
  uid: true,
  'raw-url': true,
  'attachment-id': true,
  'attachment-url': true,
};

test.each<[pointer: string, names: object]>([
  ['$defs/certainty', CERTAINTIES],
  ['$defs/generated/anyOf/0', BY_CODE],
  ['$defs/generated/anyOf/1/properties/time', TIMES],
  ['$defs/generated/anyOf/2/properties/id', Object.fromEntries(NAMED_IDS.map((id) => [id, true]))],
  ['$defs/hash', HASHES],
  ['properties/jsonStyle/properties/value', STYLES],
  ['properties/body/properties/value/properties/format', FORMATS],
  ['properties/method/properties/value', METHODS],
  ['$defs/algorithm', { ...prefixed('hmac-', HASHES), ...HASHES, ...KEY_PAIRS, token: true }],
  ['$defs/encodings/items', ENCODINGS],
  ['$defs/part/anyOf/0', PARTS],
  ['$defs/signature/properties/keyShown', SHOWN],
])('the schema has the values of the type: /%s', (pointer, names) => {
  // Where other texts may stand there, too, they are examples.
  const { enum: values, examples } = at(pointer) as { enum?: string[]; examples: string[] };
  expect((values ?? examples).toSorted()).toEqual(Object.keys(names).toSorted());
});

function at(pointer: string): JsonValue {
  const steps = pointer.split('/').filter(Boolean);
  return steps.reduce<JsonValue>((node, step) => (node as JsonObject)[step] as JsonValue, VENDOR_SCHEMA);
}

function prefixed(prefix: string, names: object): object {
  return Object.fromEntries(Object.keys(names).map((name) => [`${prefix}${name}`, true]));
}

// Every branch of the grammar, in one signature and its parts.
const PLACES: JsonObject[] = [{ header: 'X-A' }, { query: 'q' }, { json: 'a.b' }, { form: 'f' }];
const WHOLE: JsonObject = {
  id: 'acme',
  events: [{ name: 'paid', sample: { id: 1 }, generated: { id: { digits: 9 } } }],
  headers: [
    { name: 'X-Id', value: { generated: { id: 'uuid', shared: true } } },
    { name: 'X-Date', value: { generated: { time: 'YYYY', zone: 'Europe/Prague', offsetMs: -1, of: 'mail' } } },
    { name: 'X-Event', value: 'paid', alsoSent: { value: ['sold'] } },
    { name: 'X-Number', value: { field: 'id' } },
  ],
  signature: {
    value: {
      algorithm: 'hmac-sha256',
      message: [
        ...Object.keys(PARTS),
        { text: '.' },
        { header: 'X-Id' },
        { json: 'id', as: 'raw' },
        { form: 'f' },
        { fields: 'sorted', from: 'form', each: '{name}{value}', join: '&', missing: 'skip' },
        { fields: ['a', 'b'], from: 'query', each: '{value}' },
        { hash: 'crc32', as: 'decimal', of: [{ hash: 'md5', of: ['body'] }] },
        { bodyWith: { json: 'auth' }, of: ['secret'] },
        { bodyWith: { form: 'auth' }, of: [{ text: '' }] },
        { encode: ['base64', 'percent'], of: ['url', { text: '' }] },
      ],
      encoding: ['base64'],
      key: { encoding: 'base64', prefix: 'whsec_', keepsPrefix: true },
      at: { header: 'X-Sign' },
      format: 't={t},v1={v}',
      timestamp: { unit: 's', at: { json: 'time' }, isOfEvent: true, futureToleranceMs: { value: null } },
      several: { repeat: 'part', separator: ' ' },
    },
  },
  success: {
    value: { statuses: [200, 202], ackModes: ['ack'], body: { json: { ok: 'yes' } }, redirects: { follow: 3 } },
  },
  body: { value: { format: 'form-json', field: 'payload', tail: '\r\n' } },
  batch: { value: { shape: { wrappedIn: 'events' }, max: 9, mixesEvents: true } },
  trust: { networks: { value: ['192.0.2.0/24', { name: 'us', dnsName: 'us.example' }] } },
  retries: {
    delaysMs: { value: { everyMs: 60_000, forMs: 600_000 } },
    delaysByEvent: { paid: { value: [] } },
    onlyOn: { value: [500, '4xx', 'no-answer'] },
    stopHeader: { value: { name: 'X-Stop', value: '1' } },
    attemptHeaders: [{ name: 'X-Attempt', value: 'attempt', isOfRetries: true }],
  },
  handshakes: {
    value: [
      {
        id: 'challenge',
        title: 'it is answered',
        when: 'create',
        method: 'GET',
        query: { c: '{challenge}' },
        body: null,
        answer: { statuses: '2xx', bodies: [{ text: '{v}' }], proof: { algorithm: 'hmac-sha256', encoding: ['hex'] } },
      },
    ],
  },
  vectors: [{ body: '{}', signature: 'v1=00', secret: 's', headers: { 'X-Id': '1' } }],
};

test.each([...VENDORS.map((vendor) => [vendor.id, vendor] as const), ['a made-up one', WHOLE] as const])(
  'the file of %s fits the schema, for us as for a validator',
  (_, vendor) => {
    const file = JSON.parse(JSON.stringify(vendor)) as JsonValue;
    expect(findMismatches(VENDOR_SCHEMA, file)).toEqual([]);
    expect(validate(file)).toBe(true);
  },
);

const validate = (value: JsonValue): boolean =>
  new Validator(structuredClone(VENDOR_SCHEMA) as Schema, '2020-12').validate(value).valid;

test.each(PLACES)('a signature may stand at %j', (place) => {
  expect(changed('signature.value.at', place)).toEqual([]);
});

test.each<[path: string, value: JsonValue, problem: string]>([
  ['vednor', 1, 'vednor: unknown key "vednor", expected one of $schema, id'],
  ['id', 'Acme', 'id: expected an id of lower-case letters, digits and hyphens, such as acme, found "Acme"'],
  ['timeoutMs', 10_000, 'timeoutMs: expected an object such as { "value": 10000 }, found 10000'],
  ['asOf', '2026-13-01', 'asOf: expected a day such as 2026-11-22, found "2026-13-01"'],
  ['events', [], 'events: expected a list of events, at least one, found an empty list'],
  [
    'events.0.generated.id',
    'guid',
    'events[0].generated.id: expected what is generated: "event-name", { "time": "iso" }, { "id": "uuid" } or',
  ],
  [
    'signature.value.algorithm',
    'hmac-sha265',
    'signature.value.algorithm: expected an algorithm, one of hmac-md5, hmac-sha1, hmac-sha256',
  ],
  [
    'signature.value.message.0',
    'bodi',
    'signature.value.message[0]: expected a message part: a name such as "body" or "timestamp", or an object such as',
  ],
  [
    'signature.value.message.0',
    { hash: 'sha256', of: ['body'], off: 1 },
    'signature.value.message[0].off: unknown key "off", expected one of hash, as, of',
  ],
  ['signature.value.message.0', { txet: '.' }, 'signature.value.message[0]: expected a message part'],
  ['signature.value.at', { header: 'X A' }, 'signature.value.at.header: expected the name of a header, found "X A"'],
  ['signature.value', 'none', 'signature.value: expected a signature, or null where nothing is signed, found "none"'],
  ['signature.value.format', null, 'signature.value.format: expected a text with {v}, found null'],
  ['success.value.statuses.0', 42, 'success.value.statuses[0]: expected a status, found 42'],
  ['success.value.statuses', 'any', 'success.value.statuses: expected "2xx", or a list of statuses, found "any"'],
  ['headers.0.value', { generate: 'uuid' }, 'headers[0].value: expected a text, { "generated": … } or { "field":'],
])('%s: %j is refused', (path, value, problem) => {
  expect(changed(path, value)).toEqual([expect.stringContaining(problem)]);
});

/** What is wrong when one value is another; a validator says that something is, too. */
function changed(path: string, value: JsonValue): string[] {
  const file = structuredClone(WHOLE);
  const steps = path.split('.');
  const parent = steps.slice(0, -1).reduce<JsonValue>((node, step) => (node as JsonObject)[step] as JsonValue, file);
  (parent as JsonObject)[steps.at(-1) as string] = value;
  const problems = findMismatches(VENDOR_SCHEMA, file);
  expect(validate(file)).toBe(problems.length === 0);
  return problems.map((one) => `${pathText(one.path)}: ${one.message}`);
}

test('what is left out is filled in: the certainty of a fact alone', () => {
  const file = {
    id: 'a',
    timeoutMs: { value: 1 },
    receiverMistakes: [{ id: 'x' }],
    notes: [{ text: 'n', certainty: 'doc' }],
  };
  expect(fillDefaults(VENDOR_SCHEMA, file as JsonObject)).toEqual({
    ...file,
    timeoutMs: { value: 1, certainty: 'user' },
  });
});

test('parts in one another as deep as a text may be are looked at once', () => {
  let part: JsonValue = 'body';
  for (let depth = 0; depth < 30; depth += 1) part = { encode: ['hex'], hash: 'md5', of: [part] };
  expect(changedWithoutValidator(part)).toHaveLength(30);
});

function changedWithoutValidator(part: JsonValue): unknown[] {
  const { value } = WHOLE['signature'] as { value: JsonObject };
  return findMismatches(VENDOR_SCHEMA, { ...WHOLE, signature: { value: { ...value, message: [part] } } });
}
