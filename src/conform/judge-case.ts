import type { Attempt } from '../model/attempt.ts';
import type { Vendor } from '../model/vendor.ts';
import { verdict, type CaseVerdict, type Effects } from './case-verdict.ts';
import type { ConformanceCase, Expectation, WireRequest } from './conformance-case.ts';
import { judgeRequest } from './judge-request.ts';

const RANK: Record<CaseVerdict['status'], number> = { pass: 0, skip: 1, warn: 2, fail: 3 };

/** What a case comes to: the worst of its requests. */
export function judgeCase(
  one: ConformanceCase,
  requests: readonly WireRequest[],
  attempts: readonly Attempt[],
  effects: Effects,
  vendor: Vendor,
): CaseVerdict {
  const circumstances = { requests, attempts, effects, vendor, slowAboveMs: one.slowAboveMs ?? null };
  const verdicts = requests.map((request, index) => {
    const attempt = attempts[index];
    if (attempt === undefined) return verdict('skip', 'not sent: an earlier request of the case had no answer');
    const judged = judgeRequest(request, attempt, circumstances);
    const isNamed = requests.length > 1 && judged.status !== 'pass';
    return {
      ...judged,
      isGrave: one.group === 'robust' && index > 0 && judged.status === 'fail',
      index,
      detail: isNamed ? `${nameRequest(one, requests, index)}: ${judged.detail}` : judged.detail,
    };
  });
  const worst = verdicts.toSorted((a, b) => RANK[b.status] - RANK[a.status])[0] ?? verdict('skip', 'nothing was sent');
  return worst.status === 'pass' ? (verdicts.at(-1) ?? worst) : worst;
}

function nameRequest({ isBurst, group }: ConformanceCase, requests: readonly WireRequest[], index: number): string {
  if (isBurst) return `number ${index + 1} of ${requests.length}`;
  return group === 'robust' && index > 0
    ? 'a good request afterwards'
    : (requests[index]?.label ?? `request ${index + 1} of ${requests.length}`);
}

const EFFECTLESS: ReadonlySet<Expectation> = new Set([
  'repeated',
  'refused',
  'refused-4xx',
  'no-effect',
  'same',
  'shut-out',
]);

/** Whether an effect that comes late, through a queue, changes the verdict on this request. */
export function forbidsEffect({ expect }: WireRequest): boolean {
  return EFFECTLESS.has(expect);
}
