import { isUnknown, type Value } from './walk.ts';

/** A text with variables, `$1` … `$9` among them. */
export type TemplatePart = { text: string } | { variable: string };

/** The parts of a text; null where nginx would not take it (`$` before nothing, `${a`). */
export function readTemplate(bytes: string): readonly TemplatePart[] | null {
  const parts: TemplatePart[] = [];
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.slice(at);
    const found = /^\$(?:([1-9])|\{(\w+)\}|(\w+))|^[^$]+/.exec(rest);
    if (found === null) return null;
    const variable = found[1] ?? found[2] ?? found[3];
    parts.push(variable === undefined ? { text: found[0] } : { variable });
    at += found[0].length;
  }
  return parts;
}

/** No header is longer; a variable may be made of itself, many times over. */
const MAX_LENGTH = 65_536;

/** The text with its variables filled in by `read`; unknown when one of them is. */
export function fillTemplate(bytes: string, read: (variable: string) => Value): Value {
  let text = '';
  for (const part of readTemplate(bytes) ?? [{ text: bytes }]) {
    const value = 'text' in part ? part.text : read(part.variable);
    if (isUnknown(value)) return value;
    text += value;
    if (text.length > MAX_LENGTH) return { unknown: 'a text grows too long' };
  }
  return text;
}

/** What stands in front of the first `?`: what follows is the query, and leads nowhere else. */
export const beforeQuery = (text: string): string => text.split('?', 1)[0] ?? '';
