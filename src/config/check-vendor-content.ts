import { createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';
import { isObject, type JsonObject, type JsonPath, type JsonValue, valueAt } from '../model/json.ts';
import { RECEIVER_MISTAKES } from '../vendors/receiver-mistakes.ts';
import { unknownName, type Problem } from './check-structure.ts';

/** What stands in no vendor file, whatever its structure: private keys, and what changes objects. */
export function findForbidden(value: JsonValue): Problem[] {
  return listValues(value).flatMap(({ path, value: one }) => {
    const key = path.at(-1);
    if (key === '__proto__') return [{ path, message: 'a key of this name is not allowed' }];
    if (![key, one].some((text) => typeof text === 'string' && isPrivateKey(text)) && !isPrivateJwk(one)) return [];
    return [{ path, message: 'a private key: vendor files are meant to be committed, so remove it' }];
  });
}

/** What is wrong in a file whose structure is right. */
export function findContentProblems(file: JsonObject): Problem[] {
  const events = (file['events'] ?? []) as JsonObject[];
  const headers = (file['headers'] ?? []) as JsonObject[];
  return [
    ...findUnsourced(file),
    ...findRepeatedNames(events, 'events', (name) => name),
    ...findRepeatedNames(headers, 'headers', (name) => name.toLowerCase()),
    ...events.flatMap((event, index) => findEventProblems(event, ['events', index])),
    ...findUnknownMistakes(file),
    ...findNetworkProblems(file),
  ];
}

const MARKS = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY|\bwhsk_[\w+/=-]{8}|PuTTY-User-Key-File/;
/** The DER of one, in base64: a SEQUENCE. The space behind it is cut off before: two ways to match it are slow. */
const BASE64_DER = /^M[\w+/\s-]{40,20000}={0,2}$/;

function isPrivateKey(text: string): boolean {
  if (MARKS.test(text)) return true;
  if (!BASE64_DER.test(text.trimEnd())) return false;
  const key = Buffer.from(text, 'base64');
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) => {
    try {
      return createPrivateKey({ key, format: 'der', type }).type === 'private';
    } catch {
      return false;
    }
  });
}

/** RFC 7517: `d` is the private part of RSA, EC and OKP keys. */
const isPrivateJwk = (value: JsonValue): boolean =>
  isObject(value) && typeof value['kty'] === 'string' && typeof value['d'] === 'string';

interface Placed {
  path: JsonPath;
  value: JsonValue;
}

function listValues(root: JsonValue): Placed[] {
  const all: Placed[] = [{ path: [], value: root }];
  for (let at = 0; at < all.length; at += 1) {
    const { path, value } = all[at] as Placed;
    if (Array.isArray(value)) all.push(...value.map((one, index) => ({ path: [...path, index], value: one })));
    else if (isObject(value))
      all.push(...Object.entries(value).map(([key, one]) => ({ path: [...path, key], value: one })));
  }
  return all;
}

/** Where something is documented or seen in public, it is said where. */
function findUnsourced(file: JsonObject): Problem[] {
  if (file['documentation'] !== undefined) return [];
  return listValues(file).flatMap(({ path, value }) => {
    const certainty = isObject(value) && value['source'] === undefined ? value['certainty'] : undefined;
    if (certainty !== 'doc' && certainty !== 'pub') return [];
    if (isInSample(path) || (certainty === 'pub' && file['publicSource'] !== undefined)) return [];
    const message = `"${certainty}" without a source: expected "source" beside it, or "documentation" of the vendor`;
    return [{ path: [...path, 'certainty'], message }];
  });
}

/** Whatever the bodies of a vendor hold, they say nothing of hookproof's. */
const SAMPLES: ReadonlySet<string | number> = new Set(['sample', 'example', 'minimal', 'variants', 'examples']);
const isInSample = (path: JsonPath): boolean => path.some((step) => SAMPLES.has(step));

function findRepeatedNames(list: readonly JsonObject[], key: string, mark: (name: string) => string): Problem[] {
  const marks = list.map(({ name }) => mark(name as string));
  return marks.flatMap((one, index) => {
    const first = marks.indexOf(one);
    if (first === index) return [];
    const message = `${JSON.stringify(list[index]?.['name'])} is already used by ${key}[${first}]`;
    return [{ path: [key, index, 'name'], message }];
  });
}

function findEventProblems(event: JsonObject, path: JsonPath): Problem[] {
  const { sample, fields, generated = {}, variants = {} } = event;
  if (sample !== undefined && fields !== undefined)
    return [{ path: [...path, 'fields'], message: 'expected a sample or fields, found both' }];
  if (sample === undefined && fields === undefined)
    return [{ path, message: '"sample" is missing: expected a JSON object, the body as the vendor sends it' }];
  const names = sample === undefined ? namesOf(fields) : Object.keys(sample as JsonObject);
  const paths = sample === undefined ? pathsOfFields(fields as unknown as NamedField[]) : pathsOfSample(sample);
  return [
    ...Object.entries(generated as JsonObject).flatMap(([field]) => findPathProblem(field, sample, path)),
    ...Object.entries(variants as JsonObject).flatMap(([variant, values]) =>
      Object.keys(values as JsonObject)
        .filter((name) => !names.includes(name))
        .map((name) => unknownName([...path, 'variants', variant, name], 'field', name, names)),
    ),
    ...(['idField', 'keyField'] as const).flatMap((key) => {
      const field = event[key];
      if (typeof field !== 'string' || hasField(event, field.split('.'))) return [];
      return [unknownName([...path, key], 'field', field, paths)];
    }),
  ];
}

const namesOf = (fields: JsonValue | undefined): string[] =>
  ((fields ?? []) as { name: string }[]).map(({ name }) => name);

/** Dotted: of an object, and of the objects in it. */
const pathsOfSample = (value: JsonValue): string[] =>
  listValues(value).flatMap(({ path }) =>
    path.length === 0 || path.some((step) => typeof step === 'number') ? [] : [path.join('.')],
  );

const pathsOfFields = (fields: readonly NamedField[]): string[] =>
  fields.flatMap(({ name, fields: below = [] }) => [name, ...pathsOfFields(below).map((path) => `${name}.${path}`)]);

function findPathProblem(field: string, sample: JsonValue | undefined, path: JsonPath): Problem[] {
  const at = [...path, 'generated', field];
  if (sample === undefined)
    return [{ path: at, message: 'expected a sample that it refers to; a field has a "generated" of its own' }];
  const value = valueAt(sample, field.split('.'));
  if (value === undefined) return [unknownName(at, 'field of the sample', field, pathsOfSample(sample))];
  return isObject(value) || Array.isArray(value)
    ? [{ path: at, message: 'expected the path of a text or number, found the path of an object or list' }]
    : [];
}

interface NamedField {
  name: string;
  fields?: NamedField[];
}

function hasField({ sample, fields }: JsonObject, steps: readonly string[]): boolean {
  if (sample !== undefined) return valueAt(sample, steps) !== undefined;
  let level: readonly NamedField[] | undefined = fields as unknown as NamedField[];
  for (const step of steps) {
    const field: NamedField | undefined = level?.find(({ name }) => name === step);
    if (field === undefined) return false;
    level = field.fields;
  }
  return true;
}

function findUnknownMistakes(file: JsonObject): Problem[] {
  const known = Object.keys(RECEIVER_MISTAKES);
  return ((file['receiverMistakes'] ?? []) as { id: string }[]).flatMap(({ id }, index) =>
    known.includes(id) ? [] : [unknownName(['receiverMistakes', index, 'id'], 'mistake', id, known)],
  );
}

const NETWORKS_PATH = ['trust', 'networks', 'value'];

/** What is no address there would be found when a caller is judged by it, if at all. */
function findNetworkProblems(file: JsonObject): Problem[] {
  const networks = (valueAt(file, NETWORKS_PATH) ?? []) as (string | JsonObject)[];
  return networks.flatMap((one, index) => {
    const path = [...NETWORKS_PATH, index];
    if (typeof one === 'string') return findAddressProblem(one, path);
    const { cidrs, dnsName } = one;
    if (cidrs === undefined && dnsName === undefined)
      return [{ path, message: 'it contains no address: expected "cidrs", or "dnsName"' }];
    return ((cidrs ?? []) as string[]).flatMap((text, at) => findAddressProblem(text, [...path, 'cidrs', at]));
  });
}

function findAddressProblem(text: string, path: JsonPath): Problem[] {
  if (isNetworkText(text)) return [];
  const message = `expected an address or a network such as 192.0.2.0/24, found ${JSON.stringify(text)}`;
  return [{ path, message }];
}

/** IPv4 within IPv6 is written in one form alone: others are read differently by other programs. */
const MAPPED = /^::ffff:[\d.]+$/i;

/** Whether it is an address, or a network such as `192.0.2.0/24` or `2001:db8::/32`: no name, no zone, no netmask. */
function isNetworkText(text: string): boolean {
  const [, address = '', prefix] = /^([^/%]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const family = isIP(address);
  if (family === 0 || (family === 6 && address.includes('.') && !MAPPED.test(address))) return false;
  return prefix === undefined || Number(prefix) <= (family === 4 ? 32 : 128);
}
