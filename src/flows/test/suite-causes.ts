import type { ConformanceCase } from '../../conform/conformance-case.ts';
import type { Effects } from '../../conform/case-verdict.ts';
import { findCauses } from '../../conform/causes/find-causes.ts';
import { isGood, type Exchange, type JudgedCase } from '../../conform/causes/judged-case.ts';
import type { Finding } from '../../model/finding.ts';
import type { CommonCause } from '../../model/report.ts';
import type { OpenTarget } from '../session/open-target.ts';
import { verdictOf, type FindingOptions } from './case-finding.ts';
import type { SuiteRun, TriedCase } from './try-cases.ts';

/** What the pattern of all findings shows. */
export function causesOf(
  cases: readonly ConformanceCase[],
  findings: readonly Finding[],
  run: SuiteRun,
  target: OpenTarget,
  options: Pick<FindingOptions, 'effects' | 'rerun'>,
): CommonCause[] {
  const judged = cases.map((one, index): JudgedCase => {
    const done = run.tried.get(one.id);
    const status = findings[index]?.status ?? 'skip';
    if (done === undefined) return { one, status, exchanges: [], decisive: null };
    const exchanges = exchangesOf(done, run.effects.get(one.group) ?? null);
    return { one, status, exchanges, decisive: exchanges[verdictOf(done, run, target, options).index] ?? null };
  });
  const evidence = { vendor: target.vendor, cases: judged, stopped: run.stopped, stoppedHint: run.stoppedHint };
  return findCauses(evidence).map(({ explains, voids, ...cause }) => {
    const tried = findings.filter(({ id }) => explains.includes(id) && run.tried.has(id));
    const example = (tried.find(({ status }) => status === 'fail') ?? tried[0])?.id;
    return { ...cause, reproduce: example === undefined ? null : options.rerun(example), explains, voids };
  });
}

/** Each finding with the cause that explains it. */
export function withCauses(findings: readonly Finding[], causes: readonly CommonCause[]): Finding[] {
  const causeOf = new Map(causes.flatMap(({ id, explains }) => explains.map((one) => [one, id] as const)));
  return findings.map((finding) => ({ ...finding, cause: causeOf.get(finding.id) ?? null }));
}

function exchangesOf({ requests, attempts }: TriedCase, effects: Effects): Exchange[] {
  return attempts.flatMap((attempt, index) => {
    const request = requests[index];
    if (request === undefined) return [];
    const { key } = request;
    const accepted = requests.filter((one) => one.expect === 'accepted' && one.key === key).length;
    const count = effects === null || key === null ? null : (effects.get(key) ?? 0);
    const own = isGood({ request }) ? 0 : accepted;
    return [{ request, attempt, isProcessed: count === null ? null : count > own }];
  });
}
