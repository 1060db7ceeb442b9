import type { ConformanceCase } from './conformance-case.ts';

export const GROUPS = ['accept', 'refuse', 'robust'] as const;

export interface CaseChoice {
  /** Ids, ids with `*`, or names of groups; empty is all. */
  only: readonly string[];
  skip: readonly string[];
}

/** The cases that are wanted, in their order. */
export function selectCases(cases: readonly ConformanceCase[], { only, skip }: CaseChoice): ConformanceCase[] {
  return cases.filter(
    (one) =>
      (only.length === 0 || only.some((pattern) => isMeant(one, pattern))) &&
      !skip.some((pattern) => isMeant(one, pattern)),
  );
}

/** The first pattern that means none of the cases; undefined when all mean some. */
export function findStray(cases: readonly ConformanceCase[], { only, skip }: CaseChoice): string | undefined {
  return [...only, ...skip].find((pattern) => !cases.some((one) => isMeant(one, pattern)));
}

function isMeant({ id, group }: ConformanceCase, pattern: string): boolean {
  const wanted = pattern.toLowerCase();
  if (wanted === group || wanted === id.toLowerCase()) return true;
  return wanted.includes('*') && matchesGlob(id.toLowerCase(), wanted);
}

/** `*` stands for any text. In parts and not as an expression: no pattern of a user's can make it slow. */
function matchesGlob(text: string, pattern: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop() ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
