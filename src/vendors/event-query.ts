import type { Vendor } from '../model/vendor.ts';
import { bodyFormatOf } from './body-facts.ts';
import { perVendor, signaturesOf } from './facts.ts';

/** Path and query of a request, and what of the query is the event. */
export interface SplitTarget {
  /** What the endpoint is known by. */
  path: string;
  /** Null: this vendor writes no events there. */
  query: string | null;
}

/** Tells the event in a query from what the address has of its own, such as a token. Letter by letter. */
export function splitEventQuery(vendor: Vendor | null, target: string): SplitTarget {
  if (vendor === null || bodyFormatOf(vendor).format !== 'query') return { path: target, query: null };
  const at = target.indexOf('?');
  if (at === -1) return { path: target, query: '' };
  const names = namesOf(vendor);
  const pairs = target.slice(at + 1).split('&');
  const isEvent = (pair: string): boolean => {
    const [name] = new URLSearchParams(`&${pair}`).keys();
    return name !== undefined && names.has(name);
  };
  const own = pairs.filter((pair) => !isEvent(pair)).join('&');
  return { path: target.slice(0, at) + (own === '' ? '' : `?${own}`), query: pairs.filter(isEvent).join('&') };
}

/** Of the fields of all events, and of what signing adds. */
const namesOf = perVendor((vendor): ReadonlySet<string> => {
  const fields = vendor.events.flatMap((event) => event.fields.map(({ name }) => name));
  const places = signaturesOf(vendor).flatMap(({ at, timestamp }) => [at, timestamp?.at]);
  const placed = places.flatMap((place) => (place !== undefined && 'query' in place ? [place.query] : []));
  return new Set([...fields, ...placed]);
});
