import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../model/finding.ts';
import type { CommonCause, Report } from '../model/report.ts';

export interface Labelled {
  label: string;
  text: string;
  /** Lines of a configuration file, to be kept as they are. */
  isChange: boolean;
  /** It is to be pasted into a shell. */
  isCommand?: true;
}

/** What lies below the detail of a finding, in the order of every reporter. */
export function describeFinding({
  status,
  expected,
  observed,
  mistake = null,
  fix,
  assumptions = [],
  serverFixes,
  reproduce = null,
  deliveries = [],
  cause = null,
}: Finding): Labelled[] {
  const texts = [
    ['expected', expected],
    ['observed', observed],
    ['mistake', mistake],
    ['fix', fix],
    ['cause', cause],
  ] as const;
  return [
    ...texts.flatMap(([label, text]) => (text === null ? [] : [{ label, text, isChange: false }])),
    ...(status === 'fail' || status === 'warn' ? assumptions : []).map((text) => ({
      label: 'assumes',
      text,
      isChange: false,
    })),
    ...serverFixes.map(({ server, change }) => ({ label: server, text: change, isChange: true })),
    ...(reproduce === null ? [] : [{ label: 'again', text: reproduce, isChange: true, isCommand: true as const }]),
    ...deliveries
      .slice(0, 1)
      .map((id) => ({ label: 'recorded', text: recordedText(id, deliveries.length), isChange: false })),
  ];
}

/** What lies below the title of a cause, in the order of every reporter. */
export function describeCause(cause: CommonCause, findings: readonly Finding[]): Labelled[] {
  const { detail, fix, reproduce } = cause;
  const texts = [
    ['seen', detail],
    ['fix', fix],
    ['explains', explainedText(cause, findings)],
  ] as const;
  return [
    ...texts.map(([label, text]) => ({ label, text, isChange: false })),
    ...(reproduce === null ? [] : [{ label: 'again', text: reproduce, isChange: true, isCommand: true as const }]),
  ];
}

/** `16 failed, 2 warnings, 6 skipped; 28 that passed prove nothing` */
function explainedText({ id, voids }: CommonCause, findings: readonly Finding[]): string {
  const counted = countsText(countFindings(findings.filter(({ cause }) => cause === id)));
  return voids.length === 0 ? counted : `${counted}; ${voids.length} of the passed prove nothing`;
}

/** All of a cause as text, for documents. */
export function causeText(cause: CommonCause, findings: readonly Finding[]): string {
  const lines = describeCause(cause, findings).map(({ label, text }) => `${label}: ${text}`);
  return [...lines, `cases: ${cause.explains.join(', ')}`].join('\n');
}

/** Where many fail for one cause, a list of them shows that first. */
export function detailWithCause({ detail, cause }: Finding, { causes = [] }: Report): string {
  const found = causes.find(({ id }) => id === cause);
  return found === undefined ? detail : `${found.title}; here: ${detail}`;
}

/** Of several the first, which decided: the others stand in `--json`. */
function recordedText(id: string, count: number): string {
  return `${id}${count === 1 ? '' : ` and ${count - 1} more`}: webhook history show or replay it`;
}

/** All of a finding as text, for documents; what has several lines is indented below its label. */
export function findingText(finding: Finding): string {
  const { detail, reference } = finding;
  const lines = describeFinding(finding).map(({ label, text }) =>
    text.includes('\n') ? `${label}:\n  ${text.replaceAll('\n', '\n  ')}` : `${label}: ${text}`,
  );
  return [detail, ...lines, ...(reference === null ? [] : [`reference: ${reference}`])].join('\n');
}

export type Counts = Record<Finding['status'], number>;

export function countFindings(findings: readonly Finding[]): Counts {
  const counts: Counts = { pass: 0, fail: 0, warn: 0, skip: 0 };
  for (const { status } of findings) counts[status] += 1;
  return counts;
}

/**
 * `31 passed, 2 failed, 1 warning, 4 skipped`; of what did not occur nothing is said, but that nothing was checked is.
 */
export function countsText({ pass, fail, warn, skip }: Counts): string {
  const parts = [
    [pass, 'passed'],
    [fail, 'failed'],
    [warn, warn === 1 ? 'warning' : 'warnings'],
    [skip, 'skipped'],
  ] as const;
  const counted = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return counted.length === 0 ? 'nothing was checked' : counted.join(', ');
}

/**
 * The exit code will not be 0, but no finding says why: nothing was checked, or everything was skipped. A document of
 * tests would then look like success, so its reporter adds the conclusion as one more case that went wrong.
 */
export function failsUnseen({ isGood, findings }: Report): boolean {
  return !isGood && findings.every(({ status }) => status !== 'fail');
}

/** What a check was made on, at the end of its title: `(TLS 1.2)`. */
const NOTE = /^(.*) \(([^()]*)\)$/s;

/**
 * Findings that differ by the note at the end of their titles alone, as one: `… (TLS 1.2, TLS 1.3)`; and those that a
 * long list came to.
 */
export function joinAlike(findings: readonly Finding[]): Finding[] {
  const joined: Finding[] = [];
  for (const finding of foldLists(findings)) {
    const above = joined.at(-1);
    const both = above === undefined ? null : joinTitles(above, finding);
    if (above === undefined || both === null) joined.push(finding);
    else joined[joined.length - 1] = { ...above, title: both };
  }
  return joined;
}

/** More findings than that which say the same of one address or line each are told as one. */
const MAX_OF_LIST = 8;
/** So many of them are named. */
const NAMED_OF_LIST = 3;

/** A list of addresses comes to a finding for each: one line for all that end the same way. */
function foldLists(findings: readonly Finding[]): Finding[] {
  const alike = new Map<string, Finding[]>();
  const groups = findings.map((finding) => {
    const key = patternOf(finding);
    const group = alike.get(key) ?? [];
    alike.set(key, group);
    group.push(finding);
    return group;
  });
  return findings.flatMap((finding, index) => {
    const group = groups[index] ?? [];
    if (group.length <= MAX_OF_LIST) return finding;
    return group[0] === finding ? { ...finding, title: titleOfList(group) } : [];
  });
}

const titleOfList = (group: readonly Finding[]): string =>
  `${group
    .slice(0, NAMED_OF_LIST)
    .map(({ title }) => title)
    .join(', ')} and ${group.length - NAMED_OF_LIST} more like these (--json lists each)`;

/**
 * Or the number of a line, behind its file. Other numbers, such as days and statuses, are what a finding says. Begun
 * where digits begin, so that a long run of them is gone over once.
 */
const ADDRESS = /(?<![\da-f])[\da-f]*[.:][\da-f.:]+(?:\/\d+)?/gi;

/** What is left of a finding when addresses, networks and line numbers are taken out. */
const patternOf = ({ id, ...said }: Finding): string =>
  `${id} ${JSON.stringify({ ...said, durationMs: 0, place: null }).replace(ADDRESS, '#')}`;

function joinTitles(above: Finding, below: Finding): string | null {
  const [, title, note] = NOTE.exec(above.title) ?? [];
  const [, sameTitle, otherNote] = NOTE.exec(below.title) ?? [];
  if (title === undefined || title !== sameTitle) return null;
  const { title: _a, durationMs: _b, ...first } = above;
  const { title: _c, durationMs: _d, ...second } = below;
  return isDeepStrictEqual(first, second) ? `${title} (${note}, ${otherNote})` : null;
}

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

/** At most `max` characters of a text from outside, and how many are missing: no pair of surrogates is cut in two. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max).replace(/[\ud800-\udbff]$/, '');
  return `${kept}… (${text.length - kept.length} more characters)`;
}
