import type { Finding } from '../../model/finding.ts';
import { painter } from './color.ts';
import { plainLine } from './plain-text.ts';

/** Findings as a person reads them: one line each, and below those that need a look what was expected and what to do. */
export function renderFindings(findings: readonly Finding[]): string {
  const idWidth = Math.max(0, ...findings.map(({ id }) => id.length));
  const titleWidth = Math.max(0, ...findings.map(({ title }) => title.length));
  return findings.flatMap((finding) => renderFinding(finding, idWidth, titleWidth)).join('\n');
}

function renderFinding(finding: Finding, idWidth: number, titleWidth: number): string[] {
  const paint = painter(process.stdout);
  const status = { pass: paint.green, fail: paint.red, warn: paint.yellow, skip: paint.dim }[finding.status];
  const head = `${status(finding.status)}  ${finding.id.padEnd(idWidth)}  ${plainLine(finding.title).padEnd(titleWidth)}  ${plainLine(finding.detail)}`;
  if (finding.status === 'pass' || finding.status === 'skip') return [head];
  const below = [['expected', finding.expected], ['observed', finding.observed], ['advice', finding.advice]] as const;
  const indent = ' '.repeat(6 + idWidth + 2);
  return [head, ...below.flatMap(([label, text]) => (text === null ? [] : [paint.dim(`${indent}${label.padEnd(8)}  ${plainLine(text)}`)]))];
}
