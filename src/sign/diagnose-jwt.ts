import { diagnosis, type SignatureDiagnosis, type Subject } from './diagnosis.ts';
import { explainJwt } from './explain/explain-jwt.ts';
import { signedPart } from './scheme/place.ts';

/** A token is not made again: what it says is compared. */
export function diagnoseJwt(
  { spec, secrets, signed, request }: Subject,
  values: readonly string[],
  reason: string,
): SignatureDiagnosis {
  if (values.length > 1)
    return diagnosis('forged', 'two-headers', reason, 'look for a proxy or a client that adds it twice');
  const urls = [...(request.urls?.() ?? []), ...(request.otherUrls?.() ?? [])];
  const text = values[0]?.trim() ?? '';
  const found = explainJwt({ spec, secrets, request: signedPart(spec.at, signed), text, urls });
  return diagnosis('forged', found.cause, found.fits, found.fix);
}
