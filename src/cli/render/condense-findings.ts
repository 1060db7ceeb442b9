import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../../model/finding.ts';

/** What a check was made on, at the end of its title: `(TLS 1.2)`. */
const NOTE = /^(.*) \(([^()]*)\)$/s;

/** Findings that differ by the note at the end of their titles alone, as one: `… (TLS 1.2, TLS 1.3)`. */
export function joinAlike(findings: readonly Finding[]): Finding[] {
  const joined: Finding[] = [];
  for (const finding of findings) {
    const above = joined.at(-1);
    const both = above === undefined ? null : joinTitles(above, finding);
    if (above === undefined || both === null) joined.push(finding);
    else joined[joined.length - 1] = { ...above, title: both };
  }
  return joined;
}

function joinTitles(above: Finding, below: Finding): string | null {
  const [, title, note] = NOTE.exec(above.title) ?? [];
  const [, sameTitle, otherNote] = NOTE.exec(below.title) ?? [];
  if (title === undefined || title !== sameTitle) return null;
  const { title: _a, durationMs: _b, ...first } = above;
  const { title: _c, durationMs: _d, ...second } = below;
  return isDeepStrictEqual(first, second) ? `${title} (${note}, ${otherNote})` : null;
}

/** Several checks fail for one cause: what to change is told at the first of them, the others point there. */
export function mendOnce(findings: readonly Finding[]): Finding[] {
  const toldAt = new Map<string, string>();
  return findings.map((finding) => {
    const { id, advice, fixes, status } = finding;
    if (fixes.length === 0 || status === 'pass' || status === 'skip') return finding;
    const key = JSON.stringify([advice, fixes]);
    const where = toldAt.get(key);
    if (where === undefined) toldAt.set(key, id);
    return where === undefined ? finding : { ...finding, advice: `the same as for ${where}`, fixes: [] };
  });
}
