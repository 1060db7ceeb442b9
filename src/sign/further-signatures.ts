import { describePlace, type Signature } from '../model/signature.ts';
import { signaturesOf } from '../vendors/facts.ts';
import type { Subject } from './diagnosis.ts';
import { readSignatureTexts } from './scheme/signature-place.ts';
import { verifyAny } from './verify.ts';

/** What stands in the places of the vendor's signatures beside its own. */
export interface FurtherSignature {
  /** `X-Hub-Signature header` */
  place: string;
  fits: boolean;
}

/** Judges the signatures that the vendor sends beside its own, as far as the request has them. None of them decides. */
export function judgeFurther({ vendor, secrets, signed, nowMs, toleranceMs }: Subject): FurtherSignature[] {
  const further = signaturesOf(vendor).slice(1);
  return further
    .filter((spec) => readSignatureTexts(spec, signed).length > 0)
    .map((spec: Signature) => ({
      place: describePlace(spec.at),
      fits: verifyAny(spec, secrets, [signed], nowMs, toleranceMs ?? undefined).verification.verdict === 'valid',
    }));
}
