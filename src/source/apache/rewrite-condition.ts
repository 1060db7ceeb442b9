import { holds } from './expression.ts';
import { findGroups } from './pattern.ts';
import type { RewriteCondition } from './rewrite-rule.ts';
import { fillText, type TextScope } from './rewrite-text.ts';

/** What a condition took, empty when it took nothing but holds; null when it does not hold. */
export function isTrueCondition(condition: RewriteCondition, scope: TextScope): readonly string[] | null {
  const { subject, pattern, isNegated, place } = condition;
  const { context } = scope;
  if (subject.toLowerCase() === 'expr') return holds(pattern, place, context) === isNegated ? null : [];
  const text = fillText(subject, scope);
  if (text === undefined)
    return context.ask(place, `whether RewriteCond ${subject} ${isNegated ? '!' : ''}${pattern} holds`) ? [] : null;
  const found = testText(condition, text, scope);
  return isNegated ? (found === null ? [] : null) : found;
}

const FILE_TEST = /^-[dfFhlLsUxH]$/;

function testText(
  { pattern, match, ignoreCase, place }: RewriteCondition,
  text: string,
  { context }: TextScope,
): readonly string[] | null {
  if (FILE_TEST.test(pattern)) return context.ask(place, `whether ${text} passes the test ${pattern}`) ? [] : null;
  const [, operator, right] = /^(-(?:eq|ne|lt|le|gt|ge)|<=|>=|[=<>])\s*([^]*)$/.exec(pattern) ?? [];
  if (operator === undefined || right === undefined) return findGroups(match, pattern, text, place, context.ask);
  const [one, other] = ignoreCase ? [text.toLowerCase(), unquoted(right).toLowerCase()] : [text, unquoted(right)];
  return compareText(operator, one, other) ? [] : null;
}

const unquoted = (text: string): string => (text === '""' ? '' : text);

function compareText(operator: string, one: string, other: string): boolean {
  const difference = operator.startsWith('-')
    ? (Number.parseInt(one, 10) || 0) - (Number.parseInt(other, 10) || 0)
    : one === other
      ? 0
      : one < other
        ? -1
        : 1;
  const results: Readonly<Record<string, boolean>> = {
    '=': difference === 0,
    '-eq': difference === 0,
    '-ne': difference !== 0,
    '<': difference < 0,
    '-lt': difference < 0,
    '<=': difference <= 0,
    '-le': difference <= 0,
    '>': difference > 0,
    '-gt': difference > 0,
    '>=': difference >= 0,
    '-ge': difference >= 0,
  };
  return results[operator] ?? false;
}
