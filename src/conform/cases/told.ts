import type { Vendor } from '../../model/vendor.ts';
import { signatureOf } from '../../vendors/facts.ts';
import { isStaticSecret } from '../../vendors/signing-facts.ts';
import type { CaseTemplate } from '../conformance-case.ts';

/** What this vendor's way of signing leaves open: no endpoint can be blamed for it, and its owner should know. */
const TOLD = { sender: 'anyone', restsOn: [], isAdvice: true, change: () => [], mistake: '' } as const;

export const TOLD_CASES: readonly CaseTemplate[] = [
  {
    ...TOLD,
    id: 'body-unprotected',
    title: 'a changed body cannot be distinguished from the original',
    appliesTo: 'unprotected-content',
    told: bodyUnprotected,
    fix: (vendor) =>
      listedFieldsOf(vendor).length > 0
        ? 'trust only those fields'
        : 'ask the vendor about anything that matters in an event, and admit only its addresses if they are known',
  },
  {
    ...TOLD,
    id: 'time-unprotected',
    title: 'a captured request cannot be recognised by its time',
    appliesTo: 'unsigned-time',
    told: ({ title }) =>
      `${title} sends a time and does not sign it: whoever captured a request can send it again with a fresh time, ` +
      'and only a record of processed events protects the endpoint',
    fix: 'store the ids and signatures of processed events',
  },
  {
    ...TOLD,
    id: 'future-unlimited',
    title: 'a signature from the future is not judged',
    appliesTo: 'no-future-limit',
    told: ({ title }) =>
      `${title}'s own library does not check for a time in the future, so neither answer counts against the endpoint`,
    fix: 'compare the absolute difference: Math.abs(now - t)',
  },
];

/** The fields of the body that are signed by their names. */
const listedFieldsOf = (vendor: Vendor): readonly string[] =>
  (signatureOf(vendor)?.message ?? []).flatMap((part) =>
    typeof part === 'object' && 'fields' in part && part.fields !== 'sorted' && part.from !== 'query'
      ? part.fields
      : [],
  );

function bodyUnprotected(vendor: Vendor): string {
  const fields = listedFieldsOf(vendor);
  if (fields.length > 0)
    return `${vendor.title} signs ${fields.join(', ')}: anyone can change the rest of the body unnoticed`;
  const what = isStaticSecret(vendor)
    ? `${vendor.title} sends a fixed secret and signs nothing`
    : `${vendor.title} does not sign the body`;
  return `${what}: whoever saw one request can send any other event, and the endpoint cannot tell`;
}
