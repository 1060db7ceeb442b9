import type { Attempt } from '../model/attempt.ts';
import { successText } from '../vendors/facts.ts';
import type { Finding } from '../model/finding.ts';
import type { Vendor } from '../model/vendor.ts';
import type { SentCall } from './fault-injection.ts';
import type { LadderEnd } from './retry-ladder.ts';

/** Everything that is known of a ladder once it was walked. */
export interface Walk {
  vendor: Vendor;
  attempts: readonly Attempt[];
  ended: LadderEnd;
  /** One for each attempt. */
  calls: readonly SentCall[];
  /** The vendor's clock at each attempt, in milliseconds since the first. */
  sinceStartMs: readonly number[];
  /** As each request carried it; null where the vendor has none. */
  eventIds: readonly (string | null)[];
  /**
   * What a receiver with the right secret and clock says of each; null where the vendor does not sign, or the user did.
   */
  verdicts: readonly string[] | null;
  /** Effects the event had at the endpoint; or why that is not known. */
  effects: { count: number } | { unknown: string; isLost?: true };
  /** A length of time in words. */
  describe: (ms: number) => string;
}

type RetryConclusion = Pick<Finding, 'status' | 'detail'> & Partial<Pick<Finding, 'expected' | 'observed' | 'fix'>>;

const CHECKS: readonly (readonly [id: string, title: string, judge: (walk: Walk) => RetryConclusion])[] = [
  ['recovery', 'an attempt is taken before the vendor gives up', judgeRecovery],
  ['active', 'the webhook stays switched on', judgeActive],
  ['same-id', 'every attempt carries the same event id', judgeIds],
  ['same-body', 'every attempt carries the same bytes', judgeBodies],
  ['fresh-signature', 'every attempt is signed when it is sent', judgeSignatures],
  ['repeat', 'an event that comes again is taken again', judgeRepeat],
  ['one-effect', 'all attempts together have one effect', judgeEffects],
];

/** What a walk comes to, check by check. */
export function judgeWalk(walk: Walk): Finding[] {
  return CHECKS.map(([id, title, judge]) => {
    const { status, detail, expected = null, observed = null, fix = null } = judge(walk);
    return {
      id,
      title,
      status,
      detail,
      expected,
      observed,
      fix,
      serverFixes: [],
      reference: walk.vendor.documentation,
      durationMs: 0,
    };
  });
}

const pass = (detail: string): RetryConclusion => ({ status: 'pass', detail });
const skip = (detail: string): RetryConclusion => ({ status: 'skip', detail });

function judgeRecovery({ vendor, attempts, ended, sinceStartMs, describe }: Walk): RetryConclusion {
  const last = attempts.at(-1);
  if (ended === 'delivered')
    return pass(
      `attempt ${attempts.length}, ${describe(sinceStartMs.at(-1) ?? 0)} after the first on ${vendor.title}'s clock`,
    );
  if (ended === 'aborted') return skip('stopped before the end');
  return {
    status: 'fail',
    detail: `none of ${attempts.length} attempts in ${describe(sinceStartMs.at(-1) ?? 0)} was taken`,
    expected:
      vendor.success.value.statuses === '2xx'
        ? 'a status from 200 to 299'
        : `status ${successText(vendor.success.value)}`,
    observed: last === undefined ? null : `${last.status ?? last.errorCode}: ${last.error}`,
    fix: last?.hint ?? null,
  };
}

function judgeActive({ vendor, ended, sinceStartMs, describe }: Walk): RetryConclusion {
  const limitMs = vendor.retries.deactivatesAfterMs?.value;
  if (limitMs === undefined) return skip(`${vendor.title} is not known to switch webhooks off`);
  if (ended === 'aborted') return skip('stopped before the end');
  if (ended === 'delivered')
    return pass(`${describe(limitMs - (sinceStartMs.at(-1) ?? 0))} before ${vendor.title} would have switched it off`);
  return {
    status: 'fail',
    detail: `${describe(limitMs)} after the first failure ${vendor.title} switches the whole webhook off: no event comes any more, not this one and no other`,
    fix: 'watch the endpoint so that it is never down so long; afterwards switch the webhook on again at the vendor',
  };
}

function judgeIds({ vendor, eventIds }: Walk): RetryConclusion {
  const known = new Set(eventIds);
  if (eventIds.every((id) => id === null))
    return skip(`${vendor.title} sends no event id, so a repeat cannot be told by one`);
  if (known.size === 1)
    return eventIds.length === 1 ? skip('there was one attempt') : pass(`${[...known][0]}, ${eventIds.length} times`);
  return {
    status: 'fail',
    detail: `${known.size} ids in ${eventIds.length} attempts`,
    observed: [...known].join(', '),
  };
}

function judgeBodies({ vendor, calls }: Walk): RetryConclusion {
  const [first, ...others] = calls;
  if (first === undefined || others.length === 0) return skip('there was one attempt');
  const links =
    vendor.attachments === undefined
      ? ''
      : `; the links to attachments are those of the first attempt, and ${vendor.title} may make them anew`;
  if (others.every(({ body }) => Buffer.from(body).equals(first.body)))
    return pass(`${first.body.byteLength} bytes, ${calls.length} times${links}`);
  return { status: 'fail', detail: 'the bytes differ from one attempt to another' };
}

function judgeSignatures({ vendor, verdicts }: Walk): RetryConclusion {
  if (vendor.signature.value === null) return skip(`${vendor.title} does not sign`);
  if (verdicts === null) return skip('the signature was given with -H');
  const wrong = verdicts.findIndex((verdict) => verdict !== 'valid');
  if (wrong >= 0)
    return { status: 'fail', detail: `attempt ${wrong + 1} is ${verdicts[wrong]} at the time it is sent` };
  const time =
    vendor.signature.value.timestampUnit === undefined
      ? `; ${vendor.title} signs no time, so all are alike`
      : ', each with the time of its own attempt';
  return pass(`${verdicts.length} valid${time}`);
}

/** Whether the endpoint, having taken the event once, takes it again: the vendor could not know. */
function judgeRepeat({ calls, attempts }: Walk): RetryConclusion {
  const first = calls.findIndex(({ fate, isTaken }) => fate === 'lost' && isTaken);
  if (first < 0)
    return skip(
      'the endpoint took the event no more than once: --lose-next N throws answers away, and the event comes again',
    );
  const refused = calls.findIndex(({ fate, isTaken }, index) => index > first && fate !== 'front' && !isTaken);
  if (refused < 0) return pass(`taken at attempt ${first + 1}, whose answer was lost, and again afterwards`);
  return {
    status: 'fail',
    detail: `taken at attempt ${first + 1}, whose answer was lost, and refused at attempt ${refused + 1}`,
    expected: 'the answer that counts as success, for an event that is known too',
    observed: `${attempts[refused]?.status ?? attempts[refused]?.errorCode}`,
    fix: 'answer success for an event that was handled before: any other answer makes the vendor send it again and again',
  };
}

function judgeEffects({ effects, calls }: Walk): RetryConclusion {
  if ('unknown' in effects) return skip(effects.unknown);
  const reached = calls.filter(({ fate }) => fate !== 'front').length;
  const expected = calls.some(({ fate, isTaken }) => fate !== 'front' && isTaken) ? 1 : 0;
  if (effects.count === expected)
    return pass(
      `${effects.count} after ${reached} ${reached === 1 ? 'attempt' : 'attempts'} that reached the endpoint`,
    );
  return {
    status: 'fail',
    detail: `${effects.count} effects after ${reached} attempts that reached the endpoint`,
    expected: `${expected}`,
    observed: `${effects.count}`,
    fix:
      effects.count > expected
        ? 'remember the ids of events, and skip one that was handled; in one transaction with the effect'
        : 'let the effect happen before the endpoint answers success, or keep the event where it survives',
  };
}
