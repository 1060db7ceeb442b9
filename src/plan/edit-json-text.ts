import { escapeUnits, type JsonValue } from '../model/json.ts';
import { locateJson, splice, type JsonMember, type JsonNode } from '../model/locate-json.ts';
import type { Segment } from './field-path.ts';

/** Far more than any event has; each takes some hundred bytes of memory while it is looked for. */
const MAX_VALUES = 200_000;

/**
 * A JSON text with one value put at a path; every other byte stays. What is new goes where `siblings`, the names of the
 * object that holds it, have it; in a list it goes to the end. Throws JsonTextError for what is no JSON.
 */
export function putInJson(
  text: string,
  path: readonly Segment[],
  value: JsonValue,
  siblings: readonly string[],
): string {
  const { holder, key } = findHolder(text, path);
  const written = writeLike(value, text);
  const found = childrenOf(holder).findLast((child) => child.key === key);
  if (found !== undefined) return splice(text, found.value.start, found.value.end, written);
  if (holder.members === undefined) return appendElement(text, holder, written);
  return insertMember(text, holder, { key, written }, siblings);
}

/** A JSON text without the value at a path; every other byte stays. */
export function dropFromJson(text: string, path: readonly Segment[]): string {
  const { holder, key } = findHolder(text, path);
  const children = childrenOf(holder);
  const at = children.findIndex((child) => child.key === key);
  const [before, own, after] = [children[at - 1], children[at], children[at + 1]];
  if (own === undefined) return text;
  const start = before?.value.end ?? own.start;
  const end = before === undefined && after !== undefined ? after.start : own.value.end;
  const dropped = splice(text, start, end, '');
  // Of a key that is there twice, readers would take the other one.
  return children.findIndex((child, index) => index > at && child.key === key) < 0
    ? dropped
    : dropFromJson(dropped, path);
}

/** A member of an object or an element of a list. */
interface Child {
  key: string;
  /** Where it begins: its key, if it has one. */
  start: number;
  value: JsonNode;
}

function childrenOf({ members, elements = [] }: JsonNode): Child[] {
  return members === undefined
    ? elements.map((value, index) => ({ key: String(index), start: value.start, value }))
    : members.map(({ key, keyStart, value }) => ({ key, start: keyStart, value }));
}

/** The object or list that holds what the path leads to. */
function findHolder(text: string, path: readonly Segment[]): { holder: JsonNode; key: string } {
  let holder = locateJson(text, MAX_VALUES);
  for (const segment of path.slice(0, -1))
    holder = childrenOf(holder).findLast(({ key }) => key === segment)?.value ?? holder;
  return { holder, key: path.at(-1) ?? '' };
}

function appendElement(text: string, { start, end, elements = [] }: JsonNode, written: string): string {
  const [first, second] = elements;
  const last = elements.at(-1);
  if (first === undefined || last === undefined) return splice(text, start, end, `[${written}]`);
  const separator =
    second === undefined ? `,${text.slice(start + 1, first.start)}` : text.slice(first.end, second.start);
  return splice(text, last.end, last.end, separator + written);
}

/** With the white space that the object has between its members. */
function insertMember(
  text: string,
  { start, end, members = [] }: JsonNode,
  { key, written }: { key: string; written: string },
  siblings: readonly string[],
): string {
  const name = writeLike(key, text);
  const [first, second] = members;
  if (first === undefined) return splice(text, start, end, `{${name}:${written}}`);
  const separator =
    second === undefined ? `,${text.slice(start + 1, first.keyStart)}` : text.slice(first.value.end, second.keyStart);
  const member = name + colonOf(text, first) + written;
  const names = new Set(siblings.slice(0, siblings.indexOf(key)));
  const before = members.findLast((one) => names.has(one.key));
  const at = before?.value.end ?? first.keyStart;
  return splice(text, at, at, before === undefined ? member + separator : separator + member);
}

const colonOf = (text: string, { keyStart, value }: JsonMember): string =>
  /"([ \t\r\n]*:[ \t\r\n]*)$/.exec(text.slice(keyStart, value.start))?.[1] ?? ':';

/** JSON with the escapes that the text around it has: `\/` as PHP writes it, and letters beyond ASCII in `\u00e9`. */
function writeLike(value: JsonValue, text: string): string {
  const json = JSON.stringify(value);
  const slashed = text.includes(String.raw`\/`) ? json.replaceAll('/', String.raw`\/`) : json;
  const isEscaped = /\\u(?:00[89a-f]|0[1-9a-f]|[1-9a-f])/i.test(text) && !/[\u0080-\uffff]/.test(text);
  return isEscaped ? escapeUnits(slashed, /[\u0080-\uffff]/g) : slashed;
}
