import type { Finding } from '../../model/finding.ts';

/** Several checks fail for one cause: what to change is told at the first of them, the others point there. */
export function mendOnce(findings: readonly Finding[]): Finding[] {
  const toldAt = new Map<string, string>();
  return findings.map((finding) => {
    const { id, fix, serverFixes, status } = finding;
    if (serverFixes.length === 0 || status === 'pass' || status === 'skip') return finding;
    const key = JSON.stringify([fix, serverFixes]);
    const where = toldAt.get(key);
    if (where === undefined) toldAt.set(key, id);
    return where === undefined ? finding : { ...finding, fix: `the same as for ${where}`, serverFixes: [] };
  });
}
