import type { Attempt } from '../model/attempt.ts';
import type { Clock } from '../model/clock.ts';
import { makeFinding, type Conclusion, type Finding } from '../model/finding.ts';
import type { Header, SignedRequest } from '../model/plan.ts';
import { isSure } from '../vendors/decisive-facts.ts';
import { isTimed, successText } from '../vendors/facts.ts';
import { ageAssumptions, judgeAge, type AgedRun } from './retry-age.ts';
import type { Transport } from './transport.ts';
import type { WireResult } from './wire.ts';
import { plural } from '../model/wording.ts';

/** The failures that are made on purpose in front of an endpoint. */
export interface Faults {
  /** How many attempts, from the first, go to `refusing` and never reach the endpoint. */
  failFirst: number;
  /** How many after those reach the endpoint while its answer is thrown away: the vendor never learns of it. */
  loseNext: number;
  /** Where the withheld attempts go. */
  refusing: { origin: string; transport: Transport };
  isSuccess: (result: WireResult) => boolean;
}

/** One attempt, as it was sent. */
export interface SentCall {
  /** As the vendor called it, wherever the attempt went. */
  url: URL;
  headers: readonly Header[];
  body: Uint8Array;
  /** Milliseconds since the epoch. */
  sentAtMs: number;
  /** `withheld`: it never reached the endpoint. `lost`: it did, and its answer was thrown away. */
  fate: 'withheld' | 'lost' | 'endpoint';
  /** The answer was success by the vendor's rule, whether the vendor learned of it or not. */
  isAccepted: boolean;
}

/** A transport with faults in front of `inner`; reports each call to `onSent`. */
export function injectFaults(
  inner: Transport,
  faults: Faults,
  clock: Clock,
  onSent: (call: SentCall) => void,
): Transport {
  let count = 0;
  return {
    timeoutMs: inner.timeoutMs,
    hasClientCertificate: inner.hasClientCertificate,
    ignoredProxy: inner.ignoredProxy,
    close: () => inner.close(),
    async send(request, signal) {
      count += 1;
      const fate = fateOf(count, faults);
      const sentAtMs = clock.now();
      const result =
        fate === 'withheld'
          ? await faults.refusing.transport.send(aimAt(request, faults.refusing.origin), signal)
          : await inner.send(request, signal);
      onSent({
        url: request.url,
        headers: request.headers,
        body: request.body,
        sentAtMs,
        fate,
        isAccepted: result.failure === null && faults.isSuccess(result),
      });
      return fate === 'lost' ? loseAnswer(result) : result;
    },
  };
}

function fateOf(count: number, { failFirst, loseNext }: Faults): SentCall['fate'] {
  if (count <= failFirst) return 'withheld';
  return count <= failFirst + loseNext ? 'lost' : 'endpoint';
}

/** Leaves out the credentials of the URL: they are for the endpoint alone. */
function aimAt(request: SignedRequest, origin: string): SignedRequest {
  const { pathname, search } = request.url;
  return { ...request, url: new URL(`${origin}${pathname}${search}`) };
}

function loseAnswer(result: WireResult): WireResult {
  if (result.failure !== null) return result;
  return {
    ...result,
    failure: { code: 'ANSWER_LOST', detail: 'the answer was discarded on purpose', stage: 'body', cause: null },
  };
}

/** Everything that is known of a retry ladder that was walked against an endpoint. */
export interface RetryRun extends AgedRun {
  attempts: readonly Attempt[];
  /** One for each attempt. */
  calls: readonly SentCall[];
  /** As each request carried it; null where the vendor has none. */
  eventIds: readonly (string | null)[];
  /**
   * What a receiver with the right secret and clock says of each; null where the vendor does not sign, or the user did.
   */
  verdicts: readonly string[] | null;
  /** Effects the event had at the endpoint; or why that is not known. */
  effects: { count: number } | { unknown: string; isLost?: true };
}

const CHECKS: readonly (readonly [id: string, title: string, judge: (run: RetryRun) => Conclusion])[] = [
  ['recovery', 'an attempt is accepted before the vendor gives up', judgeRecovery],
  ['age', 'a late event is accepted despite its age', judgeAge],
  ['active', 'the webhook stays switched on', judgeActive],
  ['same-id', 'every attempt carries the same event id', judgeIds],
  ['same-body', 'every attempt carries the same bytes', judgeBodies],
  ['fresh-signature', 'every attempt is signed when it is sent', judgeSignatures],
  ['repeat', 'a repeated event is accepted again', judgeRepeat],
  ['one-effect', 'all attempts together have one effect', judgeEffects],
];

/** Judges a retry run, check by check. */
export function judgeRetryRun(run: RetryRun): Finding[] {
  return CHECKS.map(([id, title, judge]) =>
    makeFinding({ id, title, reference: run.vendor.documentation }, judge(run)),
  );
}

const pass = (detail: string): Conclusion => ({ status: 'pass', detail });
const skip = (detail: string): Conclusion => ({ status: 'skip', detail });

/** No failure of the endpoint's alone: after another answer the vendor would have come again. */
function judgeDropped({ vendor, attempts }: RetryRun, last: Attempt | undefined): Conclusion {
  const { neverOn, onlyOn, stopHeader } = vendor.retries;
  const facts = [neverOn, onlyOn, stopHeader].filter((fact) => fact !== undefined);
  const answer = `${last?.status ?? last?.errorCode}`;
  return {
    status: facts.every(isSure) ? 'fail' : 'warn',
    detail: `attempt ${attempts.length} was answered ${answer}: ${vendor.title} then discards the event for good`,
    expected: successText(vendor.success.value),
    observed: last === undefined ? null : `${answer}: ${last.error}`,
    fix: 'answer an outage with a status that the vendor retries, such as 503',
  };
}

function judgeRecovery(run: RetryRun): Conclusion {
  const { vendor, attempts, ended, sinceStartMs, describe } = run;
  const last = attempts.at(-1);
  if (ended === 'delivered')
    return pass(
      `attempt ${attempts.length}, ${describe(sinceStartMs.at(-1) ?? 0)} after the first on ${vendor.title}'s clock`,
    );
  if (ended === 'aborted') return skip('stopped before the end');
  if (ended === 'dropped') return judgeDropped(run, last);
  // On other steps, it might have come while it was young enough.
  const assumptions = ageAssumptions(run) ?? [];
  return {
    status: assumptions.length === 0 ? 'fail' : 'warn',
    assumptions,
    detail: `none of ${plural(attempts.length, 'attempt')} in ${describe(sinceStartMs.at(-1) ?? 0)} was accepted`,
    expected: successText(vendor.success.value),
    observed: last === undefined ? null : `${last.status ?? last.errorCode}: ${last.error}`,
    fix: last?.hint ?? null,
  };
}

function judgeActive({ vendor, ended, sinceStartMs, describe }: RetryRun): Conclusion {
  const limitMs = vendor.retries.deactivatesAfterMs?.value;
  if (limitMs === undefined) return skip(`${vendor.title} is not known to switch webhooks off`);
  if (ended === 'aborted') return skip('stopped before the end');
  if (ended === 'delivered')
    return pass(`${describe(limitMs - (sinceStartMs.at(-1) ?? 0))} before ${vendor.title} would have switched it off`);
  return {
    status: 'fail',
    detail:
      `${describe(limitMs)} after the first failure ${vendor.title} switches the whole webhook off: ` +
      'no more events are sent, neither this one nor any other',
    fix: 'monitor the endpoint so that it is never down that long; then switch the webhook on again at the vendor',
  };
}

function judgeIds({ vendor, eventIds }: RetryRun): Conclusion {
  const known = new Set(eventIds);
  if (eventIds.every((id) => id === null))
    return skip(`${vendor.title} sends no event id, so a repeat cannot be recognised by one`);
  if (known.size === 1)
    return eventIds.length === 1
      ? skip('there was only one attempt')
      : pass(`${[...known][0]}, ${eventIds.length} times`);
  return {
    status: 'fail',
    detail: `${known.size} ids in ${eventIds.length} attempts`,
    observed: [...known].join(', '),
  };
}

function judgeBodies({ vendor, calls }: RetryRun): Conclusion {
  const [first, ...others] = calls;
  if (first === undefined || others.length === 0) return skip('there was only one attempt');
  const links =
    vendor.attachments === undefined
      ? ''
      : `; the links to attachments are those of the first attempt, but ${vendor.title} may create new ones`;
  if (others.every(({ body }) => Buffer.from(body).equals(first.body)))
    return pass(`${first.body.byteLength} bytes, ${calls.length} times${links}`);
  return { status: 'fail', detail: 'the bytes differ between attempts' };
}

function judgeSignatures({ vendor, verdicts }: RetryRun): Conclusion {
  if (vendor.signature.value === null) return skip(`${vendor.title} does not sign`);
  if (verdicts === null) return skip('the signature was given with -H');
  const wrong = verdicts.findIndex((verdict) => verdict !== 'valid');
  if (wrong >= 0) return { status: 'fail', detail: `attempt ${wrong + 1} is ${verdicts[wrong]} when it is sent` };
  const time = !isTimed(vendor)
    ? `; ${vendor.title} signs no time, so all are alike`
    : ', each with the time of its own attempt';
  return pass(`${verdicts.length} valid${time}`);
}

/** Whether the endpoint accepts again an event that it accepted once: the vendor could not know. */
function judgeRepeat({ calls, attempts }: RetryRun): Conclusion {
  const first = calls.findIndex(({ fate, isAccepted }) => fate === 'lost' && isAccepted);
  if (first < 0)
    return skip(
      'the endpoint did not get the event twice: --lose-next N discards answers, so that the event is repeated',
    );
  const refused = calls.findIndex(({ fate, isAccepted }, index) => index > first && fate !== 'withheld' && !isAccepted);
  if (refused < 0) return pass(`accepted at attempt ${first + 1}, whose answer was lost, and again afterwards`);
  return {
    status: 'fail',
    detail: `accepted at attempt ${first + 1}, whose answer was lost, and refused at attempt ${refused + 1}`,
    expected: 'the answer that counts as success, for a known event too',
    observed: `${attempts[refused]?.status ?? attempts[refused]?.errorCode}`,
    fix:
      'answer with success to an event that was processed before: ' +
      'any other answer makes the vendor send it again and again',
  };
}

function judgeEffects({ effects, calls }: RetryRun): Conclusion {
  if ('unknown' in effects) return skip(effects.unknown);
  const reached = calls.filter(({ fate }) => fate !== 'withheld').length;
  const expected = calls.some(({ fate, isAccepted }) => fate !== 'withheld' && isAccepted) ? 1 : 0;
  if (effects.count === expected)
    return pass(`${effects.count} after ${plural(reached, 'attempt')} that reached the endpoint`);
  return {
    status: 'fail',
    detail: `${plural(effects.count, 'effect')} after ${plural(reached, 'attempt')} that reached the endpoint`,
    expected: `${expected}`,
    observed: `${effects.count}`,
    fix:
      effects.count > expected
        ? 'remember the ids of events and skip those already processed, in one transaction with the effect'
        : 'apply the effect before answering with success, or store the event durably first',
  };
}
