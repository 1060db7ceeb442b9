import { describePlace } from '../model/signature.ts';
import { diagnosis, type SignatureDiagnosis, type Subject } from './diagnosis.ts';
import { explainJwt } from './explain/explain-jwt.ts';
import { explainToken } from './explain/explain-token.ts';
import { computeSignature } from './scheme/compute.ts';
import { signedPart } from './scheme/place.ts';
import { formatSignature } from './scheme/signature-text.ts';

/** Of a static secret: nothing is computed, it is only written otherwise. */
export function diagnoseToken(subject: Subject, values: readonly string[], reason: string): SignatureDiagnosis {
  const { vendor, spec, secrets, signed } = subject;
  const place = `the ${describePlace(spec.at)}`;
  if (values.length > 1)
    return diagnosis('forged', 'two-headers', reason, 'look for a proxy or a client that adds it twice');
  const write = (secret: string): { whole: string; value: string } => {
    const value = computeSignature(spec, secret, signed);
    return { whole: formatSignature(spec, value), value };
  };
  for (const secret of secrets) {
    const found = explainToken(spec, secret, values[0] ?? '', write);
    if (found !== null) return diagnosis('forged', found.cause, `${place} holds ${found.fits}`, found.fix);
  }
  return diagnosis(
    'forged',
    'other-secret',
    `${place} holds a different secret, not this one in another common encoding`,
    `compare the secret with the one at ${vendor.title}; it is sent as ${spec.format.replace('{v}', '<secret>')}`,
  );
}

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
