import type { Finding } from '../model/finding.ts';

export interface NamedCase {
  /** `P1 title (TLS 1.3)`, on one line; no other case of the report has it. */
  name: string;
  finding: Finding;
}

/** Readers of JUnit and TAP tell cases apart by name alone, so what is still equal with its title gets a number. */
export function nameCases(findings: readonly Finding[]): NamedCase[] {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return findings.map((finding) => {
    const plain = `${finding.id} ${finding.title}`.replace(/\s+/g, ' ').trim();
    let name = plain;
    for (let number = next.get(plain) ?? 2; taken.has(name); number++) {
      name = `${plain} #${number}`;
      next.set(plain, number + 1);
    }
    taken.add(name);
    return { name, finding };
  });
}
