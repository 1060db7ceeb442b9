import type { Finding } from '../../model/finding.ts';
import type { JsonValue } from '../../model/json.ts';
import type { Report } from '../../model/report.ts';
import { plainText } from './plain-text.ts';

/** The report with every text made safe for a screen: what an endpoint said must not move the cursor of a CI log. */
export function plainReport(report: Report): Report {
  const { target, conclusion, facts, findings } = report;
  return {
    ...report,
    target: plainText(target),
    conclusion: plainText(conclusion),
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, plainValue(value)])),
    findings: findings.map(plainFinding),
    ...(report.parts === undefined ? {} : { parts: report.parts.map(plainReport) }),
  };
}

function plainValue(value: JsonValue): JsonValue {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map((one: JsonValue) => plainValue(one));
  return value !== null && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plainValue(one)]))
    : value;
}

const safe = (text: string | null): string | null => (text === null ? null : plainText(text));

function plainFinding(finding: Finding): Finding {
  const { id, title, detail, expected, observed, fix, serverFixes, reference } = finding;
  return {
    ...finding,
    id: plainText(id),
    title: plainText(title),
    detail: plainText(detail),
    expected: safe(expected),
    observed: safe(observed),
    fix: safe(fix),
    serverFixes: serverFixes.map(({ server, change }) => ({ server, change: plainText(change) })),
    reference: safe(reference),
    ...(finding.mistake === undefined ? {} : { mistake: safe(finding.mistake) }),
    ...(finding.reproduce === undefined ? {} : { reproduce: safe(finding.reproduce) }),
  };
}
