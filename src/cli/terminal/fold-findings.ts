import type { Finding } from '../../model/finding.ts';
import type { Report } from '../../model/report.ts';
import { plural } from '../../model/wording.ts';

/** More that fail or warn for reasons of their own are too many to be explained one by one. */
const EXPLAINED_AT_MOST = 4;
/** So many of them still are. */
const EXAMPLES = 2;
const COMMAND_LINES_AT_MOST = 20;
/** Skipped for one reason, and still named. */
const NAMED_AT_MOST = 5;

export interface Folded {
  /** What fails or warns for a reason of its own. */
  shown: Finding[];
  /** What else there is, behind its status. */
  counted: readonly (readonly [status: Finding['status'], text: string])[];
}

/**
 * What a person has to read one by one, and all else by name or by number. Of several, each is told in
 * brief.
 */
export function foldFindings({ findings, causes = [] }: Pick<Report, 'findings' | 'causes'>): Folded {
  const of = (status: Finding['status']): Finding[] => findings.filter((one) => one.status === status && !one.cause);
  const own = [...of('fail'), ...of('warn')];
  const voids = new Set(causes.flatMap((cause) => cause.voids));
  const passed = of('pass').filter(({ id }) => !voids.has(id));
  const explained = own.length > EXPLAINED_AT_MOST ? own.slice(0, EXAMPLES) : own;
  return {
    shown: own.length === 1 && causes.length === 0 ? own.map(withShortCommand) : explained.map(inBrief),
    counted: [
      ...byReason(own.slice(explained.length), Infinity),
      ...(passed.length === 0 ? [] : [['pass', countByGroup(passed)] as const]),
      ...byReason(of('skip'), NAMED_AT_MOST),
    ],
  };
}

/** Its title and detail say what was expected and what came. */
const inBrief = (finding: Finding): Finding => ({ ...finding, expected: null, observed: null, reproduce: null });
const withShortCommand = (finding: Finding): Finding =>
  (finding.reproduce ?? '').split('\n').length > COMMAND_LINES_AT_MOST ? { ...finding, reproduce: null } : finding;

const keyOf = ({ status, detail }: Finding): string => `${status} ${withoutRequest(detail)}`;

/** `no-signature, wrong-secret: answered 200`: what has one reason stands together. */
function byReason(findings: readonly Finding[], namedAtMost: number): Folded['counted'] {
  return [...new Set(findings.map(keyOf))].flatMap((key) => {
    const alike = findings.filter((one) => keyOf(one) === key);
    const [first] = alike;
    if (first === undefined) return [];
    const which = alike.length <= namedAtMost ? alike.map(({ id }) => id).join(', ') : plural(alike.length, 'case');
    return [[first.status, `${which}: ${withoutRequest(first.detail)}`] as const];
  });
}

/** Which of its requests decided is another one in every case. */
const withoutRequest = (detail: string): string => detail.replace(/^(request|number) \d+ of \d+: /, '');

/** `24 of accept, 15 of refuse` */
function countByGroup(findings: readonly Finding[]): string {
  const groups = [...new Set(findings.map(({ group }) => group))];
  const counts = groups.map((group) => {
    const count = findings.filter((one) => one.group === group).length;
    return group === undefined ? plural(count, 'case') : `${count} of ${group}`;
  });
  return `${counts.join(', ')} (--verbose names each)`;
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
