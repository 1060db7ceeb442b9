import type { Signature } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { diagnoseForged } from './diagnose-forged.ts';
import { diagnoseStale, diagnoseValid } from './diagnose-genuine.ts';
import { diagnoseMissing, findSigner } from './diagnose-missing.ts';
import { diagnosis, listSubjects, type DiagnosedRequest, type SignatureDiagnosis, type Subject } from './diagnosis.ts';
import type { Effort } from './explain/find-explanation.ts';
import { missingSecret } from './missing-secret.ts';
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
    // What fits is compared with no other vendor, and most requests fit.
    others: verification.verdict === 'valid' ? [] : othersOf(vendor, options),
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
  const says = `${vendor.title} signs nothing: anyone who knows the URL can send such a request`;
  if (signed)
    return diagnosis(
      'unsigned',
      'other-vendor',
      `${says}; this one carries the ${signed.what}`,
      `verify it as ${signed.vendor.title}: --vendor ${signed.vendor.id}`,
    );
  return diagnosis('unsigned', null, says, `trust ${trustOf(vendor)}, not the body`);
}

function trustOf({ trust }: Vendor): string {
  const grounds = [
    trust.clientCertificate && 'the client certificate',
    trust.networks && 'the source network',
    trust.reverseDnsSuffix && `reverse DNS (a forward-confirmed subdomain of ${trust.reverseDnsSuffix.value})`,
  ].filter((ground) => ground !== undefined);
  return grounds.length === 0 ? 'the network it comes from' : grounds.join(' or ');
}
