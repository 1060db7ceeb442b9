import { escapeUnits, escapeUnseen } from '../model/json.ts';
import type { Report } from '../model/report.ts';
import { causeText, failsUnseen, nameCases, type NamedCase } from './describe-findings.ts';

/**
 * TAP 14 (https://testanything.org/tap-version-14-specification.html): a test point for each finding. A warning is `ok`
 * with the key `warning` in its diagnostic. Where no finding says why the exit code is not 0, the conclusion is one
 * more test point, `not ok`.
 */
export function renderTap(report: Report): string {
  const points = nameCases(report.findings).map((one, index) => testPoint(one, index + 1));
  if (failsUnseen(report))
    points.push(`not ok ${points.length + 1} - conclusion\n${diagnostic({ message: report.conclusion })}`);
  const plan = points.length === 0 ? `1..0 # SKIP ${escape(report.conclusion)}` : `1..${points.length}`;
  const comments = [
    `${report.command} ${report.target}`,
    report.conclusion,
    ...(report.causes ?? []).flatMap((cause) => [
      `cause ${cause.id}: ${cause.title}`,
      ...causeText(cause, report.findings).split('\n'),
    ]),
  ].map((text) => `# ${oneLine(text)}`);
  return `${['TAP version 14', plan, ...comments, ...points].join('\n')}\n`;
}

function testPoint({ name, finding }: NamedCase, number: number): string {
  const { id, status, detail, expected, observed, fix, serverFixes, reference, durationMs, cause } = finding;
  const point = `${status === 'fail' ? 'not ok' : 'ok'} ${number} - ${escape(name)}`;
  if (status === 'pass') return point;
  if (status === 'skip') return `${point} # SKIP ${escape(detail)}`;
  const details = {
    [status === 'warn' ? 'warning' : 'message']: detail,
    id,
    expected,
    observed,
    fix,
    serverFixes: serverFixes.length === 0 ? null : serverFixes,
    reference,
    cause: cause ?? null,
    duration_ms: durationMs,
  };
  return `${point}\n${diagnostic(details)}`;
}

/** A YAML block; every value is JSON, which YAML 1.2 contains. */
function diagnostic(values: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(values)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `  ${key}: ${yamlText(value)}`);
  return ['  ---', ...lines, '  ...'].join('\n');
}

/** JSON leaves some characters bare that YAML may not carry or takes for the end of a line. */
function yamlText(value: unknown): string {
  return escapeUnits(escapeUnseen(JSON.stringify(value)), /[\ufffe\uffff]/g);
}

/** `#` would begin a directive, and one of them makes a failure pass. */
function escape(text: string): string {
  return oneLine(text).replace(/[\\#]/g, String.raw`\$&`);
}

function oneLine(text: string): string {
  return text.replace(/[\s\u0085]+/g, ' ').trim();
}
