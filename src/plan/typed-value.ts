import { AppError } from '../model/error.ts';
import type { JsonValue } from '../model/json.ts';
import { isObject, type FieldShape } from './field-path.ts';

/**
 * The value that `--set path=text` means for a field of this shape: text stays text for a string,
 * everything else is read as JSON. Throws `usage` saying what was expected, and for a number that would be sent as
 * another one.
 */
export function readTypedValue(path: string, text: string, shape: FieldShape): JsonValue {
  if (text === 'null' && shape.nullable) return null;
  if (shape.type === 'string') return text;
  const value = parseJson(path, text);
  if (value === undefined) throw wrongType(path, text, shape);
  checkValue(path, value, shape);
  return value;
}

/** The value of `--add path=text`: JSON if it parses, else the text itself. Throws `usage` for numbers as above. */
export function guessValue(path: string, text: string): JsonValue {
  const value = parseJson(path, text);
  return value === undefined ? text : value;
}

function parseJson(path: string, text: string): JsonValue | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
  const inexact = findInexactNumber(text);
  if (inexact === null) return value;
  const became = Number.isFinite(Number(inexact)) ? `: it would be sent as ${Number(inexact)}` : '';
  throw new AppError('usage', `${path} has the number ${inexact}, which JavaScript cannot hold exactly${became}`, {
    hint: 'a body with such a number goes with --data FILE, byte for byte',
  });
}

function checkValue(path: string, value: JsonValue, shape: FieldShape): void {
  if (value === null && shape.nullable) return;
  if (!hasType(value, shape)) throw wrongType(path, JSON.stringify(value), shape);
  if (Array.isArray(value)) {
    const { items } = shape;
    if (items) for (const [index, item] of value.entries()) checkValue(`${path}.${index}`, item, items);
  } else if (isObject(value) && shape.fields) {
    for (const [key, child] of Object.entries(value)) checkMember(path, key, child, shape);
  }
}

function checkMember(path: string, key: string, value: JsonValue, shape: FieldShape): void {
  const field = shape.fields?.find((candidate) => candidate.name === key);
  if (field) return checkValue(`${path}.${key}`, value, field);
  throw new AppError('usage', `${path} has no field "${key}"`, {
    hint: `to send a field the vendor does not know: --add '${path}.${key}=…'`,
    unknown: { given: key, among: (shape.fields ?? []).map((candidate) => candidate.name) },
  });
}

function hasType(value: JsonValue, shape: FieldShape): boolean {
  switch (shape.type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    default:
      return typeof value === shape.type;
  }
}

const EXPECTED: Record<FieldShape['type'], string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a JSON array',
};

function wrongType(path: string, given: string, shape: FieldShape): AppError {
  const expected = `${EXPECTED[shape.type]}${shape.nullable ? ' or null' : ''}`;
  return new AppError('usage', `${path} takes ${expected}, not "${given}"`, {
    hint:
      shape.example === undefined
        ? 'a body of any other form goes with --data FILE'
        : `for example ${path}=${JSON.stringify(shape.example)}`,
  });
}

/** Texts, to skip them, and numbers of a JSON document. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Finds the first number in a JSON text that JavaScript would write as another one, as spelled there; null when all
 * keep their value. `12345678901234567890` becomes 12345678901234567000, `1e400` infinite;
 * `1.50` only changes its form.
 */
export function findInexactNumber(json: string): string | null {
  const numbers = (json.match(TOKENS) ?? []).filter((token) => !token.startsWith('"'));
  return numbers.find((token) => normalizeDecimal(token) !== normalizeDecimal(String(Number(token)))) ?? null;
}

/** Digits without zeros around them, and the power of ten of the last: the same text for the same value. */
function normalizeDecimal(spelled: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(spelled) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
