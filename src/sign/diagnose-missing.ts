import { describePlace, headerAt, isSamePlace } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { signatureHeaderOf } from '../vendors/facts.ts';
import { diagnosis, placedRequest, type DiagnosedRequest, type SignatureDiagnosis, type Subject } from './diagnosis.ts';
import { readLoosely } from './explain/read-loosely.ts';
import { judgeFurther } from './further-signatures.ts';
import { recogniseVendor, recogniseVendors } from './recognise-vendors.ts';
import { readSignatureTexts } from './scheme/signature-place.ts';

/** Says why there is no signature where the vendor's belongs, as far as the request shows it. */
export function diagnoseMissing(subject: Subject): SignatureDiagnosis {
  return (
    ofOtherSigner(subject) ??
    ofFurtherSignature(subject) ??
    ofRenamedHeader(subject) ??
    ofLookAlike(subject) ??
    diagnosis(
      'missing',
      'missing-header',
      `the ${describePlace(subject.spec.at)} is missing: anyone could have sent this`,
      headerAt(subject.spec.at) === null
        ? 'refuse it; if it came from the vendor, look for what drops part of the request'
        : 'refuse it; if it came from the vendor, look for a proxy that drops headers it does not know',
    )
  );
}

/** Another vendor's signature in a request. */
export interface FoundSigner {
  vendor: Vendor;
  /** `signature header of mail2many` */
  what: string;
}

/**
 * The vendor whose signature stands in the request: of several with one place the one it looks like most. A place of
 * static secrets is one that anybody uses.
 */
export function findSigner(request: DiagnosedRequest, others: readonly Vendor[]): FoundSigner | null {
  const placed = placedRequest(request);
  const signers = others.filter(
    ({ signature: { value: spec } }) =>
      spec !== null && spec.algorithm !== 'token' && readSignatureTexts(spec, placed).length > 0,
  );
  const vendor = recogniseVendor(request, signers) ?? signers[0];
  if (vendor === undefined) return null;
  return { vendor, what: `signature${signatureHeaderOf(vendor) === null ? '' : ' header'} of ${vendor.title}` };
}

function ofOtherSigner({ vendor, spec, request, others }: Subject): SignatureDiagnosis | null {
  const elsewhere = others.filter(
    ({ signature: { value: other } }) => other !== null && !isSamePlace(other.at, spec.at),
  );
  const foreign = findSigner(request, elsewhere);
  if (foreign === null) return null;
  return diagnosis(
    'missing',
    'other-vendor',
    `the ${describePlace(spec.at)} is missing, but there is the ${foreign.what}: this is not a request from ` +
      `${vendor.title}`,
    `verify it as ${foreign.vendor.title}: --vendor ${foreign.vendor.id}`,
  );
}

function ofFurtherSignature(subject: Subject): SignatureDiagnosis | null {
  const beside = judgeFurther(subject).find(({ fits }) => fits);
  if (beside === undefined) return null;
  return diagnosis(
    'missing',
    'missing-header',
    `the ${describePlace(subject.spec.at)}, which receivers verify, is missing; the ${beside.place} is there and ` +
      `matches`,
    'send both, as the vendor does',
  );
}

function ofRenamedHeader(subject: Subject): SignatureDiagnosis | null {
  const { spec } = subject;
  const header = headerAt(spec.at);
  const found = header === null ? undefined : findRenamed(subject, header);
  if (found === undefined) return null;
  const what = spec.algorithm === 'token' ? 'a text' : 'a signature';
  return diagnosis(
    'missing',
    'renamed-header',
    `the ${describePlace(spec.at)} is missing, but ${found} holds ${what}`,
    `make proxies and frameworks pass on ${header} under its own name, in any letter case`,
  );
}

function ofLookAlike({ vendor, spec, request, others }: Subject): SignatureDiagnosis | null {
  const lookAlikes = recogniseVendors(request, [vendor, ...others]);
  const [nearest] = lookAlikes;
  if (nearest === undefined || lookAlikes.includes(vendor)) return null;
  return diagnosis(
    'missing',
    'other-vendor',
    `the ${describePlace(spec.at)} is missing, and the request looks like a ${nearest.title} request`,
    `verify it as ${nearest.title}: --vendor ${nearest.id}`,
  );
}

/** Finds a header of another name that holds a digest: `X_Mailkite_Signature`, or anything that says signature. */
function findRenamed({ spec, request }: Subject, header: string): string | undefined {
  const wanted = bare(header);
  // A static secret may be any text: its name must be the same but for its signs.
  if (spec.algorithm === 'token') return request.headers.find(([name]) => bare(name) === wanted)?.[0];
  const candidates = request.headers.filter(
    ([name]) => bare(name).includes(wanted) || /signature|hmac|digest/i.test(name),
  );
  return candidates
    .toSorted(([a], [b]) => Number(bare(b) === wanted) - Number(bare(a) === wanted))
    .find(([, value]) => readLoosely([value], spec.algorithm).digests.length > 0)?.[0];
}

/** Letters and digits of a header's name, without CGI's prefix. */
function bare(name: string): string {
  return name
    .toLowerCase()
    .replace(/^http[-_]/, '')
    .replace(/[^a-z0-9]/g, '');
}
