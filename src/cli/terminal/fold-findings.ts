import type { Finding } from '../../model/finding.ts';
import type { Report } from '../../model/report.ts';
import { plural } from '../../model/wording.ts';
import { joinAlike } from '../../report/describe-findings.ts';

/** More cases that fail or warn for reasons of their own are too many to be explained one by one. */
const EXPLAINED_AT_MOST = 4;
/** So many of them still are. */
const EXAMPLES = 2;
/** Lines for the configuration of servers, of all findings together: more push the conclusion away. */
const CHANGE_LINES_AT_MOST = 25;
/** A report of so few findings lists all of them: what passed says why it did. */
const SHORT_REPORT = 12;
/** Ids in a list of this many characters are named, and else counted. */
const NAMES_AT_MOST = 100;

export interface Folded {
  /** What fails or warns for a reason of its own. */
  shown: Finding[];
  /** What else there is, behind its status. */
  counted: readonly (readonly [status: Finding['status'], text: string])[];
}

/**
 * What a person has to read one by one, and all else by name or by number. Of several, each is told in brief. Checks of
 * a set-up each have a fix of their own, so of those that fail all are told.
 */
export function foldFindings(
  { findings, causes = [] }: Pick<Report, 'findings' | 'causes'>,
  hasCommands: boolean,
): Folded {
  const of = (status: Finding['status']): Finding[] => findings.filter((one) => one.status === status && !one.cause);
  const own = [...of('fail'), ...of('warn')];
  const voids = new Set(causes.flatMap((cause) => cause.voids));
  const passed = of('pass').filter(({ id }) => !voids.has(id));
  const listed = isShort({ findings }) ? passed : [];
  const explained = chooseExplained(own, causes.length > 0);
  const isAlone = own.length === 1 && causes.length === 0;
  const inBrief = (one: Finding): Finding => ({
    ...one,
    ...(isAlone || !saysWhatCame(one) ? {} : { expected: null, observed: null }),
    ...(hasCommands ? {} : { reproduce: null }),
  });
  return {
    shown: [...joinAlike(listed), ...limitChanges(foldRepeatedFixes(joinAlike(explained))).map(inBrief)],
    counted: [
      ...byReason(own.slice(explained.length)),
      ...(passed.length === listed.length ? [] : [['pass', passedText(passed, findings)] as const]),
      ...skipsByReason(of('skip'), NAMES_AT_MOST, findings).map((text) => ['skip', text] as const),
    ],
  };
}

export const isShort = ({ findings }: Pick<Report, 'findings'>): boolean => findings.length <= SHORT_REPORT;

/** Beside a common cause a warning is a small matter. */
function chooseExplained(own: readonly Finding[], isBesideCause: boolean): readonly Finding[] {
  if (!own.every(isCase)) return own;
  const worth = isBesideCause ? own.filter(({ status }) => status === 'fail') : own;
  return worth.length > EXPLAINED_AT_MOST ? worth.slice(0, EXAMPLES) : worth;
}

const isCase = ({ group }: Finding): boolean => group !== undefined;

/** The title and detail of a case do, and where what was observed stands in the detail, those of a check. */
const saysWhatCame = (one: Finding): boolean =>
  isCase(one) || (one.observed !== null && one.detail.includes(one.observed));

/** Of several findings with long changes each shows those of one server. */
function limitChanges(findings: readonly Finding[]): Finding[] {
  const withChanges = findings.filter(({ serverFixes }) => serverFixes.length > 0);
  const lines = withChanges.flatMap(({ serverFixes }) => serverFixes.flatMap(({ change }) => change.split('\n')));
  if (withChanges.length < 2 || lines.length <= CHANGE_LINES_AT_MOST) return [...findings];
  return findings.map((one) => {
    const [first, ...others] = one.serverFixes;
    if (first === undefined || others.length === 0) return one;
    const rest = others.map(({ server }) => server).join(', ');
    const more = `these are the lines for ${first.server}; --verbose shows those for ${rest}`;
    return { ...one, fix: one.fix === null ? more : `${one.fix} (${more})`, serverFixes: [first] };
  });
}

const keyOf = ({ status, detail }: Finding): string => `${status} ${withoutRequest(detail)}`;

/** `no-signature, wrong-secret: answered 200`: what has one reason stands together. */
function byReason(findings: readonly Finding[]): Folded['counted'] {
  return [...new Set(findings.map(keyOf))].flatMap((key) => {
    const alike = findings.filter((one) => keyOf(one) === key);
    const [first] = alike;
    if (first === undefined) return [];
    return [[first.status, `${alike.map(({ id }) => id).join(', ')}: ${withoutRequest(first.detail)}`] as const];
  });
}

/** Which of its requests decided is another one in every case. */
const withoutRequest = (detail: string): string => detail.replace(/^(request|number) \d+ of \d+: /, '');

/** `24 of accept, 15 of refuse`, and of checks their ids: those have short ones. */
function passedText(passed: readonly Finding[], all: readonly Finding[]): string {
  if (!passed.every(isCase)) return namesOrCount(passed, all, NAMES_AT_MOST * 2);
  const groups = [...new Set(passed.map(({ group }) => group))];
  return groups.map((group) => `${passed.filter((one) => one.group === group).length} of ${group}`).join(', ');
}

/** `L1, L2, N1 (TLS 1.2): the reason`: what was skipped for one reason stands together. */
export function skipsByReason(
  findings: readonly Finding[],
  namesAtMost: number,
  all: readonly Finding[] = findings,
): string[] {
  const skips = findings.filter(({ status }) => status === 'skip');
  return [...new Set(skips.map(({ detail }) => detail))].map((reason) => {
    const alike = skips.filter(({ detail }) => detail === reason);
    return `${namesOrCount(alike, all, namesAtMost)}: ${reason}`;
  });
}

function namesOrCount(alike: readonly Finding[], all: readonly Finding[], namesAtMost: number): string {
  const names = [...new Set(alike.map((one) => nameAmong(one, all)))].join(', ');
  return names.length <= namesAtMost ? names : plural(alike.length, alike.every(isCase) ? 'case' : 'check');
}

/** Of several findings of one id that came to something else, the note at the end of the title says which. */
function nameAmong({ id, title, status, detail }: Finding, all: readonly Finding[]): string {
  const isAlike = (one: Finding): boolean => one.status === status && (status !== 'skip' || one.detail === detail);
  const isWhole = all.every((one) => one.id !== id || isAlike(one));
  const note = isWhole ? null : /\([^()]*\)$/.exec(title);
  return note === null ? id : `${id} ${note[0]}`;
}

/** The failures by name, and those of causes by number. */
export function failedText({ findings, causes = [] }: Pick<Report, 'findings' | 'causes'>): string {
  const failed = findings.filter(({ status }) => status === 'fail');
  const own = failed.filter(({ cause }) => !cause).map(({ id }) => id);
  const explained = causes.flatMap(({ id }) => {
    const count = failed.filter(({ cause }) => cause === id).length;
    return count === 0 ? [] : [`${count} by ${id}`];
  });
  return [...explained, ...new Set(own)].join(', ');
}

/** Several checks fail for one cause: the first of them says what to change, the others point there. */
export function foldRepeatedFixes(findings: readonly Finding[]): Finding[] {
  const shownAt = new Map<string, string>();
  return findings.map((finding) => {
    const { id, fix, serverFixes, status } = finding;
    if (serverFixes.length === 0 || status === 'pass' || status === 'skip') return finding;
    const key = JSON.stringify([fix, serverFixes]);
    const where = shownAt.get(key);
    if (where === undefined) shownAt.set(key, id);
    return where === undefined ? finding : { ...finding, fix: `the same as for ${where}`, serverFixes: [] };
  });
}
