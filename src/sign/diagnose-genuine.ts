import type { Certainty } from '../model/fact.ts';
import { displayUrl } from '../model/http-url.ts';
import { isFixed } from '../model/signature.ts';
import { mediaTypeOf, readsUrl } from '../vendors/facts.ts';
import { hasUnsignedTime, signsBody, signsFields } from '../vendors/signing-facts.ts';
import { diagnosis, lookAlike, type SignatureDiagnosis, type Subject } from './diagnosis.ts';
import { describeMessage } from './explain/describe-message.ts';
import { judgeFurther } from './further-signatures.ts';
import { unitOf } from './recognise-vendors.ts';
import { urlTextOf } from './scheme/message.ts';
import { headerValues } from './scheme/place.ts';
import { readTimestamp } from './scheme/signature-text.ts';
import { timeTextOf, toleranceFor } from './verify.ts';

/** Says what was proved of a request whose signature fits, and what was not: many vendors do not sign all of it. */
export function diagnoseValid(subject: Subject): SignatureDiagnosis {
  const { vendor, spec, signed, nowMs } = subject;
  const text = spec.timestamp === undefined ? null : timeTextOf(spec, signed);
  const atMs = text === null || spec.timestamp === undefined ? null : readTimestamp(spec.timestamp, text);
  const when = atMs === null ? '' : `, ${describeAge(nowMs - atMs)}`;
  const url = urlTextOf(signed);
  const called = url === undefined || !readsUrl(vendor) ? '' : `, called at ${displayUrl(url)}`;
  const proved = `${vendor.title} ${provedOf(subject)}${when}${called}`;
  return diagnosis('valid', null, `${proved}${unprovedOf(subject)}${misfitsOf(subject)}`, null);
}

const describeAge = (ageMs: number): string =>
  ageMs < 0 ? `${describeSpan(ageMs)} in the future` : `${describeSpan(ageMs)} ago`;

function provedOf(subject: Subject): string {
  const { spec } = subject;
  // The usual case comes first: it is asked of every request that is received.
  if (signsBody(subject.vendor)) return 'signed exactly these bytes with this secret';
  if (spec.algorithm === 'token') return 'has this secret, and so does whoever sent this request';
  if (isFixed(spec)) return 'sends this text, derived from this secret, with every request';
  const parts = spec.message.filter((part) => typeof part !== 'object' || !('text' in part));
  return `signed ${describeMessage(parts)} with this secret`;
}

function unprovedOf(subject: Subject): string {
  const { vendor, spec } = subject;
  if (signsBody(vendor) && !hasUnsignedTime(vendor)) return '';
  if (isFixed(spec)) return '; nothing is signed, so neither the body nor the time is proved';
  const unsigned = [
    ...(coversBody(subject) ? [] : ['the rest of the body']),
    ...(hasUnsignedTime(vendor) ? ['its time'] : []),
  ];
  if (unsigned.length === 0) return '';
  const are = unsigned.length === 1 ? 'is' : 'are';
  return `; ${unsigned.join(' and ')} ${are} not signed: anyone who has seen one request can write another`;
}

/** Receivers that verify another of the vendor's signatures refuse the request. */
function misfitsOf(subject: Subject): string {
  const misfits = judgeFurther(subject).filter(({ fits }) => !fits);
  return misfits.map(({ place }) => `; its ${place} does not match`).join('');
}

/** Every byte of the body, or every field of a form. */
function coversBody({ vendor, signed }: Subject): boolean {
  if (signsBody(vendor)) return true;
  const [type = ''] = signsFields(vendor) ? headerValues(signed.headers, 'content-type') : [];
  return mediaTypeOf(type) === 'application/x-www-form-urlencoded';
}

/** Says how far the time is off, in which direction, and how far it may be. */
export function diagnoseStale(subject: Subject, byMs: number): SignatureDiagnosis {
  const { vendor, spec, signed, nowMs } = subject;
  const timestamp = timeTextOf(spec, signed) ?? '';
  const unit = unitOf(timestamp);
  const own = spec.timestamp?.unit;
  const right = coversBody(subject) ? 'the secret and the bytes are right' : 'the signature matches';
  if (
    unit !== undefined &&
    unit !== own &&
    Math.abs(nowMs - Number(timestamp) * (unit === 's' ? 1000 : 1)) < Math.abs(byMs)
  ) {
    const [given, means] = [unit, own].map((one) => (one === 'ms' ? 'milliseconds' : 'seconds'));
    return diagnosis(
      'stale',
      `${given}-for-${means}`,
      `${right}, the time ${timestamp} is in ${given} but ${vendor.title} uses ${means}: read that way it is ` +
        `${describeSpan(byMs)} ${byMs > 0 ? 'old' : 'in the future'}${lookAlike(subject)}`,
      `make the signer write ${means}`,
      byMs,
    );
  }
  const limit = describeLimit(subject, byMs);
  return byMs > 0
    ? diagnosis(
        'stale',
        'too-old',
        `${right}, but it was signed ${describeSpan(byMs)} ago${limit}: ` +
          'a replay, a delay on the way, or a clock that is slow',
        'refuse it; for an old capture give the time it arrived (--at)',
        byMs,
      )
    : diagnosis(
        'stale',
        'in-the-future',
        `${right}, but it is signed ${describeSpan(byMs)} in the future${limit}: one of the two clocks is wrong`,
        'synchronise both clocks with NTP',
        byMs,
      );
}

const SAID_BY: Readonly<Record<Certainty, string>> = {
  doc: 'its documentation',
  pub: 'its public code',
  inf: 'inferred, not documented',
  us: 'our choice, not documented',
  user: 'your own vendor file',
};

/** `, and MailKite allows 5 min (its documentation)` */
function describeLimit({ vendor, spec, toleranceMs }: Subject, byMs: number): string {
  if (toleranceMs !== null) return `, and ${describeSpan(toleranceMs)} were allowed`;
  const limit = toleranceFor(spec, byMs > 0 ? 'past' : 'future', undefined);
  const { toleranceMs: past, futureToleranceMs: future } = spec.timestamp ?? {};
  const fact = byMs > 0 ? past : (future ?? past);
  if (limit === null || fact === undefined) return '';
  return `, and ${vendor.title} allows ${describeSpan(limit)} (${SAID_BY[fact.certainty]})`;
}

const UNITS = [
  ['years', 31_557_600_000],
  ['days', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** Writes a length of time in one or two words, without its sign: `12 min`, `3.5 h`, `55 years`. */
function describeSpan(ms: number): string {
  const length = Math.abs(ms);
  const [unit, size] = UNITS.find(([, one]) => length >= one * (one > 60_000 ? 2 : 1)) ?? ['ms', 1];
  const count = length / size;
  return `${count < 10 ? Number(count.toFixed(1)) : Math.round(count)} ${unit}`;
}
