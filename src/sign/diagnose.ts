import { subjectOf } from './scheme/message.ts';
import { describePlace, headerAt } from '../model/signature.ts';
import type { Signature } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { diagnoseForged } from './diagnose-forged.ts';
import {
  diagnosis,
  lookAlike,
  isSamePlace,
  textsAt,
  type DiagnosedRequest,
  type SignatureDiagnosis,
  type Subject,
} from './diagnosis.ts';
import type { Effort } from './explain/find-explanation.ts';
import { readLoosely } from './explain/read-loosely.ts';
import { missingSecret } from './missing-secret.ts';
import { recogniseVendors, unitOf } from './recognise-vendors.ts';
import { verifyRequest, type Verification } from './verify.ts';

export interface DiagnoseOptions {
  /** How far the time may be off; 0 disables the check; without it the vendor's own. */
  toleranceMs?: number;
  /** Vendors whose request it may be instead. */
  vendors?: readonly Vendor[];
  /** How long to look for a cause: `brief` for a server (the default), `thorough` for a person who waits. */
  effort?: Effort;
}

/**
 * Judges a request by the vendor's rules and explains what is wrong with it. Several secrets: one that fits is enough.
 * The search for a cause is bounded, whatever the request holds. Throws AppError `usage` when the vendor signs and
 * there is no secret.
 */
export function diagnoseRequest(
  vendor: Vendor,
  secrets: readonly string[],
  request: DiagnosedRequest,
  nowMs: number,
  options: DiagnoseOptions = {},
): SignatureDiagnosis {
  const spec: Signature | null = vendor.signature.value;
  if (spec === null) return diagnoseUnsigned(vendor, request, othersOf(vendor, options));
  if (secrets.length === 0) throw missingSecret(vendor, 'verify');
  const judged = secrets.map((secret) =>
    verifyRequest(spec, secret, subjectOf(vendor, request), nowMs, options.toleranceMs),
  );
  const verification =
    judged.find(({ verdict }) => verdict === 'valid') ??
    judged.find(({ verdict }) => verdict !== 'forged') ??
    (judged[0] as Verification);
  if (verification.verdict === 'valid') return diagnoseValid(vendor, spec, request, nowMs);
  const subject: Subject = {
    vendor,
    spec,
    secrets,
    request,
    nowMs,
    toleranceMs: options.toleranceMs ?? null,
    others: othersOf(vendor, options),
    effort: options.effort ?? 'brief',
  };
  if (verification.verdict === 'stale') return diagnoseStale(subject, verification.byMs);
  if (verification.verdict === 'missing') return diagnoseMissing(subject);
  return diagnoseForged(subject, verification.reason);
}

function othersOf(vendor: Vendor, { vendors = [] }: DiagnoseOptions): Vendor[] {
  return vendors.filter(({ id }) => id !== vendor.id);
}

function diagnoseUnsigned(vendor: Vendor, request: DiagnosedRequest, others: readonly Vendor[]): SignatureDiagnosis {
  const signed = others.find(
    ({ signature: { value: signature } }) => signature !== null && textsAt(signature.at, request).length > 0,
  );
  const says = `${vendor.title} signs nothing: whoever knows the URL can send such a request`;
  if (signed)
    return diagnosis(
      'unsigned',
      'other-vendor',
      `${says}; this one carries the signature header of ${signed.title}`,
      `verify it as ${signed.title}: --vendor ${signed.id}`,
    );
  return diagnosis('unsigned', null, says, `trust ${trustOf(vendor)}, not the body`);
}

function trustOf({ trust }: Vendor): string {
  const grounds = [
    trust.clientCertificate && 'the client certificate',
    trust.networks && 'the source network',
    trust.reverseDnsSuffix && `reverse DNS (a subdomain of ${trust.reverseDnsSuffix.value}, confirmed forward)`,
  ].filter((ground) => ground !== undefined);
  return grounds.length === 0 ? 'the network it comes from' : grounds.join(' or ');
}

function diagnoseValid(vendor: Vendor, spec: Signature, request: DiagnosedRequest, nowMs: number): SignatureDiagnosis {
  const [timestamp] = spec.timestamp?.unit === undefined ? [] : readLoosely(textsAt(spec.at, request)).timestamps;
  const age = timestamp === undefined ? null : nowMs - toMs(timestamp, spec.timestamp?.unit);
  const when = age === null ? '' : age < 0 ? `, ${describeSpan(age)} in the future` : `, ${describeSpan(age)} ago`;
  return diagnosis('valid', null, `${vendor.title} signed exactly these bytes with this secret${when}`, null);
}

function diagnoseStale(subject: Subject, byMs: number): SignatureDiagnosis {
  const { vendor, spec, request, nowMs } = subject;
  const [timestamp = ''] = readLoosely(textsAt(spec.at, request)).timestamps;
  const unit = unitOf(timestamp);
  const means = spec.timestamp?.unit === 'ms' ? 'milliseconds' : 'seconds';
  if (unit !== undefined && unit !== spec.timestamp?.unit && Math.abs(nowMs - toMs(timestamp, unit)) < Math.abs(byMs)) {
    const given = unit === 'ms' ? 'milliseconds' : 'seconds';
    return diagnosis(
      'stale',
      `${given}-for-${means}`,
      `the secret and the bytes are right, but the time ${timestamp} is in ${given} and ${vendor.title} counts ` +
        `${means}: read so it is ${describeSpan(byMs)} ${byMs > 0 ? 'old' : 'in the future'}${lookAlike(subject)}`,
      `let the signer write ${means}`,
      byMs,
    );
  }
  return byMs > 0
    ? diagnosis(
        'stale',
        'too-old',
        `the secret and the bytes are right, but it was signed ${describeSpan(byMs)} ago: ` +
          'a replay, a delay on the way, or a clock that is slow',
        'refuse it; for an old capture give the time it arrived (--at)',
        byMs,
      )
    : diagnosis(
        'stale',
        'in-the-future',
        `the secret and the bytes are right, but it is signed ${describeSpan(byMs)} in the future: ` +
          'one of the two clocks is wrong',
        'set both clocks by NTP',
        byMs,
      );
}

function diagnoseMissing(subject: Subject): SignatureDiagnosis {
  const { vendor, spec, request, others } = subject;
  const foreign = others.find(
    ({ signature: { value: signature } }) =>
      signature !== null && !isSamePlace(signature.at, spec.at) && textsAt(signature.at, request).length > 0,
  );
  if (foreign)
    return diagnosis(
      'missing',
      'other-vendor',
      `there is no ${describePlace(spec.at)}, but the signature header of ${foreign.title}: ` +
        `this is not a request of ${vendor.title}`,
      `verify it as ${foreign.title}: --vendor ${foreign.id}`,
    );
  const renamed = findRenamed(subject);
  if (renamed !== undefined)
    return diagnosis(
      'missing',
      'renamed-header',
      `there is no ${describePlace(spec.at)}, but ${renamed.found} holds a signature`,
      `let proxies and frameworks pass ${renamed.header} on under its own name, in any letter case`,
    );
  const lookAlikes = recogniseVendors(request, [vendor, ...others]);
  const [nearest] = lookAlikes;
  if (nearest !== undefined && !lookAlikes.includes(vendor))
    return diagnosis(
      'missing',
      'other-vendor',
      `there is no ${describePlace(spec.at)}, and the request looks like one of ${nearest.title}`,
      `verify it as ${nearest.title}: --vendor ${nearest.id}`,
    );
  return diagnosis(
    'missing',
    'missing-header',
    `there is no ${describePlace(spec.at)}: anybody can have sent this`,
    'refuse it; if it came from the vendor, look for a proxy that drops headers it does not know',
  );
}

/** Finds a header of another name that holds a digest: `X_Mailkite_Signature`, or anything that says signature. */
function findRenamed({ spec, request }: Subject): { header: string; found: string } | undefined {
  const header = headerAt(spec.at);
  if (header === null) return undefined;
  const wanted = bare(header);
  const candidates = request.headers.filter(
    ([name]) => bare(name).includes(wanted) || /signature|hmac|digest/i.test(name),
  );
  const found = candidates
    .toSorted(([a], [b]) => Number(bare(b) === wanted) - Number(bare(a) === wanted))
    .find(([, value]) => readLoosely([value]).digests.length > 0)?.[0];
  return found === undefined ? undefined : { header, found };
}

function toMs(timestamp: string, unit: string | undefined): number {
  return Number(timestamp) * (unit === 's' ? 1000 : 1);
}

/** Letters and digits of a header's name, without CGI's prefix. */
function bare(name: string): string {
  return name
    .toLowerCase()
    .replace(/^http[-_]/, '')
    .replace(/[^a-z0-9]/g, '');
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
