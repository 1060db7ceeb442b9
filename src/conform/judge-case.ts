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
  if (one.told !== undefined) return verdict('skip', one.told);
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
  const worst = verdicts.toSorted((a, b) => RANK[b.status] - RANK[a.status])[0] ?? verdict('skip', whyEmpty(one));
  const decisive = worst.status === 'pass' ? (verdicts.at(-1) ?? worst) : worst;
  return requests.some(({ ageMs }) => ageMs !== undefined) ? withAges(decisive, requests, verdicts) : decisive;
}

const whyEmpty = ({ emptyBecause }: ConformanceCase): string =>
  `nothing was sent${emptyBecause === undefined ? '' : `: ${emptyBecause}`}`;

/** Says up to which age events are taken. */
function withAges(
  decisive: CaseVerdict,
  requests: readonly WireRequest[],
  verdicts: readonly CaseVerdict[],
): CaseVerdict {
  const ageAt = (index: number): string => hours(requests[index]?.ageMs ?? 0);
  const last = ageAt(requests.length - 1);
  if (decisive.status === 'pass') return { ...decisive, detail: `${decisive.detail}, at every age up to ${last}` };
  const before = verdicts.slice(0, decisive.index).findLast(({ status }) => status === 'pass');
  const taken = before === undefined ? 'at no age' : `up to an age of ${ageAt(before.index)}`;
  return { ...decisive, detail: `accepted ${taken}; ${decisive.detail}; the vendor retries for ${last}` };
}

const hours = (ms: number): string =>
  ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Number((ms / 3_600_000).toFixed(1))} h`;

function nameRequest({ isBurst, group }: ConformanceCase, requests: readonly WireRequest[], index: number): string {
  if (isBurst) return `number ${index + 1} of ${requests.length}`;
  return group === 'robust' && index > 0
    ? 'a good request afterwards'
    : (requests[index]?.label ?? ageLabel(requests[index]) ?? `request ${index + 1} of ${requests.length}`);
}

const ageLabel = (request: WireRequest | undefined): string | undefined =>
  request?.ageMs === undefined ? undefined : `at ${hours(request.ageMs)}`;

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
