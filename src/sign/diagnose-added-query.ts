import type { Signature } from '../model/signature.ts';
import { diagnosis, type SignatureDiagnosis, type Subject } from './diagnosis.ts';
import { describeMessage } from './explain/describe-message.ts';
import { findExplanation } from './explain/find-explanation.ts';
import { readLoosely } from './explain/read-loosely.ts';
import { findQueryMisfit } from './scheme/added-query.ts';
import { timeTextOf, type ForgedCause } from './verify.ts';

/**
 * The signature fits the called URL, but what the vendor added to that is of another request: what of this one was
 * changed is looked for as if the parameter were a signature. Null where that is not what is wrong.
 */
export function diagnoseAddedQuery(
  subject: Subject,
  reason: string,
  cause: ForgedCause | undefined,
): SignatureDiagnosis | null {
  const { spec, secrets, signed } = subject;
  if (cause !== 'other-query') return null;
  const misfit = findQueryMisfit(spec, secrets[0] ?? '', signed, timeTextOf(spec, signed) ?? undefined);
  const [value, second] = misfit?.values ?? [];
  if (misfit === null || value === undefined || second !== undefined)
    return diagnosis('forged', cause, reason, 'verify the URL exactly as it was called, with its full query');
  const parts = spec.addedQuery?.[misfit.name] ?? [];
  const changed = explainParameter(subject, value, hashSpec(misfit.name, parts));
  return diagnosis(
    'forged',
    changed?.cause ?? cause,
    changed === null
      ? `${reason}: it is ${describeMessage(parts)}, so the bytes were changed`
      : `the signature matches the URL, but its ${misfit.name} matches ${changed.fits}`,
    changed?.fix ?? 'verify the raw bytes as received, before any parser',
  );
}

/** A parameter that is one hash in hex, as a way to sign; null for any other. */
function hashSpec(query: string, [part, ...others]: readonly Signature['message'][number][]): Signature | null {
  if (typeof part !== 'object' || !('hash' in part) || others.length > 0) return null;
  const { hash, as = 'hex', of } = part;
  if (hash === 'crc32' || as !== 'hex') return null;
  return { algorithm: hash, message: of, at: { query }, format: '{v}' };
}

interface ExplainedParameter {
  cause: string;
  fits: string;
  fix: string;
}

function explainParameter(subject: Subject, value: string, spec: Signature | null): ExplainedParameter | null {
  if (spec === null) return null;
  const { vendor, signed, others, effort } = subject;
  const { digests } = readLoosely([value], spec.algorithm);
  const found = findExplanation({
    vendor: { ...vendor, signature: { ...vendor.signature, value: spec } },
    spec,
    secret: '',
    secretCount: 1,
    request: signed,
    digests,
    timestamps: [],
    urls: [],
    others,
    effort,
  });
  const [first] = found?.deviations ?? [];
  if (found === null || first === undefined) return null;
  return {
    cause: first.cause,
    fits: found.deviations.map(({ fits }) => fits).join(', and '),
    fix: found.deviations.map(({ fix }) => fix).join('; '),
  };
}
