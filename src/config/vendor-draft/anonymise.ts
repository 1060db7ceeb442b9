import { isObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import { isSecretParameter, wordsOf } from '../../model/secret-name.ts';
import {
  fieldName,
  isFreeText,
  isOfPerson,
  isWrittenByHand,
  looksLikePerson,
  NAMES_WITHIN,
  saysWhatItIs,
  wordSet,
} from './personal-text.ts';
import { makeStandIns, type StandIns } from './stand-ins.ts';

export interface AnonymiseOptions {
  /** The user's wish: personal data stays. Secrets never do. */
  keepsValues: boolean;
  /** Does the text hold the secret of the signature? */
  holdsSecret: (text: string) => boolean;
}

/** `kept` are dotted paths whose values stay: the event's name, its time. */
export type Anonymise = (sample: JsonValue, kept?: ReadonlySet<string>) => JsonValue;

/** Replaces what a committed file must not hold; types and structure stay, and what was the same twice is so again. */
export function makeAnonymiser(options: AnonymiseOptions): Anonymise {
  const standIns = makeStandIns();
  return (sample, kept = new Set()) => anonymise(sample, kept, options, standIns);
}

function anonymise(
  sample: JsonValue,
  kept: ReadonlySet<string>,
  { keepsValues, holdsSecret }: AnonymiseOptions,
  standIns: StandIns,
): JsonValue {
  const text = (value: string, names: readonly string[]): string => {
    if (holdsSecret(value) || isSecretName(names))
      return value === '' ? '' : withoutSecret(value, holdsSecret, standIns);
    if (keepsValues || kept.has(names.join('.'))) return value;
    const inner = parseInner(value);
    if (inner !== undefined) return JSON.stringify(walk(inner, names));
    return plainText(value, names, standIns);
  };
  const walk = (value: JsonValue, names: readonly string[]): JsonValue => {
    if (typeof value === 'string') return text(value, names);
    if (typeof value === 'number')
      return keepsValues || kept.has(names.join('.')) ? value : plainNumber(value, names, standIns);
    if (Array.isArray(value)) return value.map((one, index) => walk(one, [...names, String(index)]));
    if (!isObject(value)) return value;
    return walkObject(value, names);
  };
  const walkObject = (object: JsonObject, names: readonly string[]): JsonObject =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => {
        const isKept = !holdsSecret(name) && (keepsValues || /^[\w.:/ -]{1,60}$/.test(name)) && !isPersonal(name);
        return [isKept ? name : plainKey(name, standIns), walk(value, [...names, name])];
      }),
    );
  return walk(sample, []);
}

const EMAIL = /[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g;
const isPersonal = (name: string): boolean => name.includes('@') || UUID.test(name) || isToken(name);
const plainKey = (name: string, standIns: StandIns): string =>
  name.includes('@') ? name.replace(EMAIL, (one) => standIns.email(one)) : standIns.sameShape(name);

/** A secret has no stand-in that could be taken for one. */
function withoutSecret(value: string, holdsSecret: (text: string) => boolean, standIns: StandIns): string {
  if (holdsSecret(value)) return 'removed';
  return standIns.sameShape(value);
}

const SECRET_WORDS = wordSet(`token secret password passwd passphrase pwd pass credential credentials auth authorization
  jwt session cookie apikey otp pin key sid signature sig hmac`);

function isSecretName(names: readonly string[]): boolean {
  const words = wordsOf(names.at(-1) ?? '');
  // An id of a key is none, and `idempotency_key` neither.
  if (words.at(-1) === 'id' || words.some((word) => ['idempotency', 'public', 'event', 'author'].includes(word)))
    return false;
  return words.some((word) => SECRET_WORDS.has(word));
}

/** JSON within a text: what services of messages put around it. */
function parseInner(value: string): JsonValue | undefined {
  if (!/^\s*[[{]/.test(value)) return undefined;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    return undefined;
  }
}

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
const URL_TEXT = /\bhttps?:\/\/[^\s<>"']+/gi;
const IPV4 = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/g;
const IPV6 = /(?<![\w:])(?:[\da-f]{0,4}:){2,7}[\da-f]{1,4}(?![\w:])/gi;
const HOST =
  /^(?:[\w-]+\.)+(?:com|net|org|io|de|dev|app|co|eu|uk|fr|at|ch|nl|cz|pl|info|biz|shop|store|cloud|ai|me|us)$/i;
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d|$)|^\d{1,2}:\d\d/;

function plainText(value: string, names: readonly string[], standIns: StandIns): string {
  if (value === '' || (TIME.test(value) && !/\p{L}{4}/u.test(value))) return isBirthday(names) ? '1990-01-01' : value;
  const byName = textByName(value, names, standIns);
  if (byName !== null) return byName;
  const written = value
    .replace(saysWhatItIs(names.at(-1) ?? '') ? /(?!)/ : NAMES_WITHIN, (one) => standIns.person(one))
    .replace(URL_TEXT, (url) => plainUrl(url, standIns))
    .replace(EMAIL, (one) => standIns.email(one))
    .replace(IPV4, (one) => standIns.address(one, 4))
    .replace(IPV6, (one) => (/\d{1,2}:\d\d:\d\d/.test(one) ? one : standIns.address(one, 6)));
  if (written !== value) return isProse(value) ? prose(value) : written;
  if (HOST.test(value)) return standIns.host(value);
  if (/^\+\d[\d ()./-]{6,18}$/.test(value)) return standIns.phone(value);
  if (isProse(value) || /\p{Lo}/u.test(value)) return prose(value);
  if (isToken(value) || UUID.test(value)) return standIns.sameShape(value);
  // The tokens within a text of other things: `Basic …`, `arn:aws:…:123456789012:…`.
  return value.replaceAll(/[A-Za-z0-9+/_-]{16,}={0,2}|\d{9,}/g, (one) =>
    isToken(one) ? standIns.sameShape(one) : one,
  );
}

/** Nobody chose it: long, and letters mixed with digits. Digits alone may be a number of somebody's. */
function isToken(text: string): boolean {
  if (/^\d+$/.test(text)) return text.length >= 8 && !/^1[5-9]\d{8}(?:\d{3})?$/.test(text);
  if (!/^[\w+/.=~:-]+$/.test(text)) return false;
  return text.length >= 12 && /\d/.test(text) && /[A-Za-z]/.test(text) && !/^v?\d+(?:\.\d+)+/.test(text);
}

const isProse = (text: string): boolean => text.trim().split(/\s+/).length >= 4;

/** As many words, so that it stays as long as it was. */
function prose(text: string): string {
  const words = text.trim().split(/\s+/).length;
  const sentence = 'This is an example of a text'.split(' ');
  return Array.from({ length: Math.min(words, 60) }, (_, index) => sentence[index % sentence.length]).join(' ');
}

const isPlainWord = (name: string, value: string): boolean =>
  /^[a-z]{0,12}$/i.test(value) && !isSecretParameter(name, value);

function plainUrl(url: string, standIns: StandIns): string {
  if (!URL.canParse(url)) return 'https://www.example.com/';
  const { protocol, host, pathname, searchParams, port } = new URL(url);
  const isLocal = /^(?:localhost|127\.|example\.(?:com|org|net))/.test(host);
  const path = pathname
    .split('/')
    .map((step) =>
      isToken(step) || UUID.test(step) || step.includes('@') || step.includes('%40') ? standIns.sameShape(step) : step,
    )
    .join('/');
  const query = [...searchParams].map(
    ([name, value]) => `${name}=${isPlainWord(name, value) ? value : encodeURIComponent(standIns.sameShape(value))}`,
  );
  const newHost = isLocal ? host : standIns.host(host) + (port === '' ? '' : `:${port}`);
  return `${protocol}//${newHost}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

/** The ending of a file's name stays. */
const exampleName = (value: string): string => `Example${/\.[a-z\d]{2,5}$/i.exec(value)?.[0] ?? ''}`;

/** `first-name`, `customer-name`; and names that need no word behind them. */
const PERSON_NAME = new RegExp(
  '(?:^|-)(?:first|last|full|given|family|middle|maiden|sur|nick|display|screen|real|customer|user|contact|sender|' +
    'recipient|buyer|cardholder|holder|owner|author|billing|shipping|account)-?name$|' +
    '^(?:firstname|lastname|fullname|surname|username|nickname|displayname|login|handle|author|sender|recipient|' +
    'signer|cardholder)$',
);

type Replace = (value: string, standIns: StandIns) => string;
/** By the words of the field's name, the more telling ones first. */
const BY_NAME: readonly (readonly [words: RegExp, replace: Replace])[] = [
  [
    /^(?:.*-)?e?-?mail(?:-address)?$/,
    (value, { email }) => (value.includes('@') ? value.replace(EMAIL, (one) => email(one)) : value),
  ],
  [
    /(?:^|-)(?:phone|mobile|tel|telephone|msisdn|fax|cell|whatsapp)(?:-number|-no)?$/,
    (value, { phone }) => (/\d{5}/.test(value.replaceAll(/\D/g, '')) ? phone(value) : value),
  ],
  [/(?:^|-)(?:birthday|birth|dob|date-of-birth)(?:-date)?$/, () => '1990-01-01'],
  [
    /(?:^|-)(?:iban|ssn|vat|tax-id|passport|license|licence|card-number|pan|account-number|bic|routing-number)$/,
    (value, { sameShape }) => sameShape(value),
  ],
  [
    /(?:^|-)(?:street|address-?line-?\d?|address-?[123]?|line-?[12]|addr|strasse|rue|calle)(?:-name)?$/,
    (value) => (value.includes('@') ? value : 'Example Street 1'),
  ],
  [/(?:^|-)(?:city|town|locality|suburb|ort|stadt|ville|ciudad)$/, () => 'Berlin'],
  [/(?:^|-)country(?:-name)?$/, (value) => (/^[A-Za-z]{2,3}$/.test(value) ? value : 'Germany')],
  [/(?:^|-)(?:zip|zip-code|zipcode|postal|postal-code|postcode|postalcode)$/, () => '10115'],
  [
    /(?:^|-)(?:company|organi[sz]ation|merchant|shop|store|business|employer)(?:-name)?$/,
    (value, { sameShape }) =>
      isToken(value) ? sameShape(value) : HOST.test(value) ? 'shop.example.com' : 'Example Ltd',
  ],
  [
    PERSON_NAME,
    (value, { person, sameShape }) =>
      isToken(value)
        ? sameShape(value)
        : value.includes('@')
          ? value.replace(EMAIL, () => 'mia.mueller@example.com')
          : person(value),
  ],
];

function textByName(value: string, names: readonly string[], standIns: StandIns): string | null {
  const own = names.filter((name) => !/^\d+$/.test(name));
  const name = fieldName(own.at(-1) ?? '');
  const found = BY_NAME.find(([words]) => words.test(name));
  if (found !== undefined) return found[1](value, standIns);
  if (isOfPerson(own, value) || (looksLikePerson(value) && !saysWhatItIs(name))) return standIns.person(value);
  if (!isFreeText(value)) return null;
  if (/(?:^|-)(?:name|title|label|location|venue|place)$/.test(name)) return exampleName(value);
  return isWrittenByHand(name) ? prose(value) : null;
}

const isBirthday = (names: readonly string[]): boolean => /birth|(?:^|_)dob$/i.test(names.at(-1) ?? '');

function plainNumber(value: number, names: readonly string[], standIns: StandIns): number {
  const name = wordsOf(names.at(-1) ?? '').join('-');
  if (/(?:^|-)(?:lat|latitude)$/.test(name)) return 52.52;
  if (/(?:^|-)(?:lon|lng|long|longitude)$/.test(name)) return 13.405;
  if (!Number.isInteger(value) || value < 0) return value;
  const text = String(value);
  const isNumberOfSomebody = /(?:phone|mobile|iban|ssn|card|account)/.test(name) && text.length >= 6;
  return isNumberOfSomebody || (isToken(text) && !/amount|price|total|size|bytes|count/.test(name))
    ? standIns.digits(value)
    : value;
}
