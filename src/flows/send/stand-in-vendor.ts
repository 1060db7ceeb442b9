import type { Fact } from '../../model/fact.ts';
import type { Vendor } from '../../model/vendor.ts';

const assumed = <T>(value: T): Fact<T> => ({ value, certainty: 'us' });

/** As patient as most vendors are. */
const TIMEOUT_MS = 10_000;

/**
 * A vendor of whom nothing is known, for bytes that are sent as they are: nothing is signed, any 2xx is success, and
 * nobody comes again.
 */
export function standInVendor(id: string, event: string): Vendor {
  return {
    id,
    title: id,
    documentation: '',
    asOf: '',
    events: [{ name: event, summary: '', certainty: 'us', fields: [] }],
    headers: [],
    signature: assumed(null),
    success: assumed({ statuses: '2xx' }),
    timeoutMs: assumed(TIMEOUT_MS),
    retries: { delaysMs: assumed([]) },
    trust: {},
    jsonStyle: assumed('compact'),
  };
}
