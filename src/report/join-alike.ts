import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../model/finding.ts';

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
