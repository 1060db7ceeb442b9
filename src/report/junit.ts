import type { Report } from '../model/report.ts';
import {
  causeText,
  countFindings,
  detailWithCause,
  failsUnseen,
  findingText,
  nameCases,
  type NamedCase,
} from './describe-findings.ts';

/**
 * JUnit's XML as Jenkins' junit-10.xsd describes it, the form that Jenkins, GitLab, Azure and CircleCI read: one suite,
 * one case for each finding, seconds. A warning passes and stands in `system-out`. A cause is a property, and the
 * message of each failure that it explains begins with it. Where no finding says why the exit
 * code is not 0, the conclusion is one more case, with an `error`.
 */
export function renderJunit(report: Report): string {
  const counts = countFindings(report.findings);
  const name = `${report.command} ${report.target}`;
  const unseen = failsUnseen(report) ? [unseenCase(report, name)] : [];
  const cases = [...nameCases(report.findings).map((one) => testCase(one, name, report)), ...unseen];
  const sums = {
    tests: cases.length,
    failures: counts.fail,
    errors: unseen.length,
    time: secondsText(report.durationMs),
  };
  // Without a time zone, as the older schemas demand; it is UTC.
  const timestamp = new Date(report.startedAt).toISOString().slice(0, 19);
  const suite = element('testsuite', { name, ...sums, skipped: counts.skip, timestamp }, [
    '\n',
    properties(report),
    '\n',
    ...cases.flatMap((one) => [one, '\n']),
  ]);
  const suites = element('testsuites', { name: 'hookproof', ...sums }, ['\n', suite, '\n']);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${suites}\n`;
}

function properties({ conclusion, facts, causes = [], findings }: Report): string {
  // Readers show a property on one line: lists and objects are for --json.
  const shown = Object.entries(facts).flatMap(([name, value]) =>
    value === null || typeof value === 'object' ? [] : [[name, String(value)] as const],
  );
  return element(
    'properties',
    {},
    [
      ['conclusion', conclusion] as const,
      ...causes.map((cause) => [`cause ${cause.id}`, `${cause.title}\n${causeText(cause, findings)}`] as const),
      ...shown,
    ].map(([name, value]) => element('property', { name, value })),
  );
}

function testCase({ name, finding }: NamedCase, classname: string, report: Report): string {
  const attributes = { classname, name, time: secondsText(finding.durationMs) };
  const text = escapeText(findingText(finding));
  switch (finding.status) {
    case 'pass':
      return element('testcase', attributes);
    case 'skip':
      return element('testcase', attributes, [element('skipped', { message: finding.detail })]);
    case 'warn':
      return element('testcase', attributes, [element('system-out', {}, [`warning: ${text}`])]);
    case 'fail':
      return element('testcase', attributes, [
        element('failure', { message: detailWithCause(finding, report), type: finding.id }, [text]),
      ]);
  }
}

function unseenCase({ conclusion, durationMs }: Report, classname: string): string {
  const attributes = { classname, name: 'conclusion', time: secondsText(durationMs) };
  return element('testcase', attributes, [
    element('error', { message: conclusion, type: 'conclusion' }, [escapeText(conclusion)]),
  ]);
}

/** Never in the form `1e-7`. */
function secondsText(ms: number): string {
  return (ms / 1000).toFixed(3);
}

// What XML 1.0 cannot carry, not even escaped (https://www.w3.org/TR/xml/#charsets): controls, lone surrogates, U+FFFE,
// U+FFFF.
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** `>` too, so that `]]>` never stands there; a bare carriage return would be read as a newline. */
const TEXT_ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };
/** In an attribute a reader turns newlines and tabs into spaces unless they are escaped. */
const ATTRIBUTE_ESCAPES: Record<string, string> = { ...TEXT_ESCAPES, '"': '&quot;', '\n': '&#10;', '\t': '&#9;' };

/** An element with text or other elements inside. Attributes are numbers or any text. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[] = [],
): string {
  const open = [
    name,
    ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeAttribute(String(value))}"`),
  ].join(' ');
  return children.length === 0 ? `<${open}/>` : `<${open}>${children.join('')}</${name}>`;
}

function escapeText(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>\r]/g, (character) => TEXT_ESCAPES[character] as string);
}

function escapeAttribute(text: string): string {
  return text
    .replace(FORBIDDEN, '\ufffd')
    .replace(/[&<>"\r\n\t]/g, (character) => ATTRIBUTE_ESCAPES[character] as string);
}
