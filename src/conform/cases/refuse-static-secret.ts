import { signatureHeaderOf } from '../../vendors/facts.ts';
import { requestOf, withChangedValue } from '../change-request.ts';
import type { CaseTemplate, EventFactory, WireRequest } from '../conformance-case.ts';

/** A fixed text proves every request: what else may pass for it. */
export const STATIC_SECRET_CASES: readonly CaseTemplate[] = [
  {
    id: 'secret-letter-case',
    title: 'the secret in a different letter case is refused',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'cased-secret',
    change: otherLetterCase,
    mistake: 'letter case is ignored, which makes the secret easier to guess',
    fix: 'compare the secret exactly, in constant time',
  },
  {
    id: 'secret-elsewhere',
    title: 'the secret in another place in the request is refused',
    sender: 'secret-holder',
    restsOn: [],
    // Who sends it knows it; but a secret in a URL stands in every log.
    isAdvice: true,
    appliesTo: 'static-secret',
    change: (factory) => [elsewhere(factory)],
    mistake: 'the secret is accepted in several places, including the URL',
    fix: 'read it where the vendor sends it, and nowhere else',
  },
];

const swapCase = (value: string): string => (value === value.toLowerCase() ? value.toUpperCase() : value.toLowerCase());

/** A secret without letters has no other case. */
function otherLetterCase(factory: EventFactory): WireRequest[] {
  const value = factory.sign(factory.event())?.value ?? '';
  return swapCase(value) === value ? [] : withChangedValue(factory, swapCase);
}

/** In the query where it belongs into a header, and else in a header. */
function elsewhere(factory: EventFactory): WireRequest {
  const { bare, value } = factory.sign(factory.event()) ?? { bare: factory.event(), value: '' };
  if (signatureHeaderOf(factory.vendor) === null)
    return requestOf({ ...bare, headers: [...bare.headers, ['X-Webhook-Token', value]] }, 'refused');
  const url = new URL(bare.url);
  url.searchParams.append('webhook_token', value);
  return requestOf({ ...bare, url }, 'refused');
}
