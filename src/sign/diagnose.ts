import { describePlace, headerAt } from '../model/signature.ts';
import type { Signature } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { diagnoseForged } from './diagnose-forged.ts';
import { diagnoseStale, diagnoseValid } from './diagnose-genuine.ts';
import {
  diagnosis,
  isSamePlace,
  listSubjects,
  placedRequest,
  type DiagnosedRequest,
  type SignatureDiagnosis,
  type Subject,
} from './diagnosis.ts';
import type { Effort } from './explain/find-explanation.ts';
import { readLoosely } from './explain/read-loosely.ts';
import { missingSecret } from './missing-secret.ts';
import { recogniseVendors } from './recognise-vendors.ts';
import { readPlace } from './scheme/place.ts';
import { verifyAny } from './verify.ts';

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
  const { verification, request: signed } = verifyAny(
    spec,
    secrets,
    listSubjects(vendor, request),
    nowMs,
    options.toleranceMs,
  );
  const subject: Subject = {
    vendor,
    spec,
    secrets,
    request,
    signed,
    nowMs,
    toleranceMs: options.toleranceMs ?? null,
    others: othersOf(vendor, options),
    effort: options.effort ?? 'brief',
  };
  if (verification.verdict === 'valid') return diagnoseValid(subject);
  if (verification.verdict === 'stale') return diagnoseStale(subject, verification.byMs);
  if (verification.verdict === 'missing') return diagnoseMissing(subject);
  return diagnoseForged(subject, verification);
}

function othersOf(vendor: Vendor, { vendors = [] }: DiagnoseOptions): Vendor[] {
  return vendors.filter(({ id }) => id !== vendor.id);
}

function diagnoseUnsigned(vendor: Vendor, request: DiagnosedRequest, others: readonly Vendor[]): SignatureDiagnosis {
  const signed = findSigner(request, others);
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

/** The vendor whose signature stands in the request. A place that anybody uses says nothing. */
function findSigner(request: DiagnosedRequest, others: readonly Vendor[]): Vendor | undefined {
  const placed = placedRequest(request);
  return others.find(
    ({ signature: { value: spec } }) =>
      spec !== null && spec.algorithm !== 'token' && readPlace(spec.at, placed).length > 0,
  );
}

function diagnoseMissing(subject: Subject): SignatureDiagnosis {
  const { vendor, spec, request, others } = subject;
  const elsewhere = others.filter(
    ({ signature: { value: other } }) => other !== null && !isSamePlace(other.at, spec.at),
  );
  const foreign = findSigner(request, elsewhere);
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

/** Letters and digits of a header's name, without CGI's prefix. */
function bare(name: string): string {
  return name
    .toLowerCase()
    .replace(/^http[-_]/, '')
    .replace(/[^a-z0-9]/g, '');
}
