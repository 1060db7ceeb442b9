import type { Evidence } from '../../model/fact.ts';
import type { Conclusion } from '../../model/finding.ts';
import { flattenParts, holdsOfUrl, isFixed, type Signature } from '../../model/signature.ts';
import { listSome } from '../../model/wording.ts';
import type { Vendor } from '../../model/vendor.ts';
import { findUnproved } from '../../sign/check-vectors.ts';
import { evidenceOf } from '../../vendors/evidence.ts';
import {
  eventFieldOf,
  eventHeaderOf,
  hasEventIds,
  hasFixedId,
  idPathsOf,
  isSigned,
  isTimed,
  signaturesOf,
  successText,
} from '../../vendors/facts.ts';
import { signsEventName } from '../../vendors/signing-facts.ts';

/** Something that a vendor file should say: what it costs where it does not. */
export interface VendorQuestion {
  id: string;
  /** What holds when the file says it. */
  title: string;
  /** Null: the question does not arise for this vendor. */
  answer(vendor: Vendor): Conclusion | null;
}

const said = (detail: string): Conclusion => ({ status: 'pass', detail });
const gap = (detail: string, fix: string): Conclusion => ({ status: 'warn', detail, fix });
const isAssumed = ({ certainty }: Evidence): boolean => certainty === 'us';

function signsPathAlone({ message }: Signature): boolean {
  const parts = flattenParts(message);
  return parts.includes('path') && !parts.some((part) => holdsOfUrl(part, 'query'));
}

/** A vector without a query fits whether the query is signed or not. */
function isProvedWithQuery(vendor: Vendor): boolean {
  const vectors = (vendor.vectors ?? []).filter(({ url = '' }) => url.includes('?'));
  return !findUnproved({ ...vendor, vectors }).some(signsPathAlone);
}

/** It stands further in, and no name on the way to it says that it is the event's. */
const mayBeOfContent = (path: string): boolean => path.includes('.') && !/event/i.test(path);

/** In the order in which they matter. */
export const VENDOR_QUESTIONS: readonly VendorQuestion[] = [
  {
    id: 'known-signature',
    title: 'how requests are signed is known',
    answer: ({ signature }) => {
      if (signature.value !== null) {
        const known = `${signature.value.algorithm} (${signature.certainty})`;
        return said(
          isFixed(signature.value) ? `${known}: the same text in every request, so nothing is signed` : known,
        );
      }
      if (!isAssumed(signature)) return said(`nothing is signed (${signature.certainty})`);
      return gap(
        'unknown: nothing is signed or verified, and webhook test does not check whether forgeries are refused',
        '"signature": for an example, run webhook vendor show stripe; { "value": null } means that nothing is ' +
          'signed',
      );
    },
  },
  {
    id: 'signed-query',
    title: 'the query is signed like the path',
    answer: (vendor) => {
      if (!signaturesOf(vendor).some(signsPathAlone)) return null;
      if (isProvedWithQuery(vendor)) return said('a vector has a query that is not signed');
      return gap(
        'the path is signed but the query is not: a changed query goes unnoticed',
        'check whether "target" is signed, that is path and query as on the request line: a vector whose "url" ' +
          'has a query settles it',
      );
    },
  },
  {
    id: 'known-event-name',
    title: 'the signed event name is in the request',
    answer: (vendor) => {
      if (!signsEventName(vendor)) return null;
      const place = eventFieldOf(vendor) ?? eventHeaderOf(vendor);
      return place === null
        ? gap(
            'nothing names it: a claim that holds only the name is accepted with any value, and any other ' +
              'signature of it cannot be verified',
            'add "generated" of the event: { "type": "event-name" }, or a header of { "generated": "event-name" }',
          )
        : said(place);
    },
  },
  {
    id: 'known-tolerance',
    title: "the tolerance for the signature's time is known",
    answer: (vendor) => {
      if (!isTimed(vendor)) return null;
      const tolerance = vendor.signature.value?.timestamp?.toleranceMs;
      return tolerance === undefined
        ? gap(
            'unknown: any age is accepted, and webhook test only checks whether a request from a day ago is ' +
              'refused',
            '"toleranceMs" of the timestamp, in milliseconds',
          )
        : said(`${tolerance.value} ms (${tolerance.certainty})`);
    },
  },
  {
    id: 'known-event-id',
    title: 'the field that identifies an event is known',
    answer: (vendor) => {
      const fixed = vendor.events.filter(hasFixedId);
      if (fixed.length > 0)
        return gap(
          `every ${listSome(fixed.map(({ name, idField }) => `${name} has the same ${idField}`))}: a receiver drops ` +
            'the second, and webhook test cannot count which were processed',
          '"generated" of the event: { "' + (fixed[0]?.idField ?? '') + '": { "id": "uuid" } }, or a pattern',
        );
      return hasEventIds(vendor)
        ? said('events have an id')
        : gap(
            'unknown: webhook test cannot check whether an event that is delivered twice is processed once',
            '"idField" of the events, or a header of { "generated": { "id": "uuid" } }; "keyField" names what ' +
              'distinguishes events but is not an id',
          );
    },
  },
  {
    id: 'own-event-id',
    title: 'the id is that of the event, not of its subject',
    answer: (vendor) => {
      const places = idPathsOf(vendor)
        .filter(mayBeOfContent)
        .flatMap((path) => {
          // Who says where it is documented has read what it is of.
          const sharing = vendor.events.filter(({ idField, certainty }) => idField === path && certainty === 'user');
          return sharing.length > 1 ? [`${path} of ${listSome(sharing.map(({ name }) => name))}`] : [];
        });
      if (places.length === 0) return null;
      return gap(
        `${places.join('; ')}: if it is the id of an order, for example, two events about one order share it, ` +
          'and a receiver that drops duplicates loses the second',
        '"idField" of the event itself, or a header; "keyField" if it has no id of its own; if the documentation ' +
          'says that the id is the event\'s, "certainty": "doc" of the events',
      );
    },
  },
  {
    id: 'known-success',
    title: 'the answers that count as success are known',
    answer: ({ success }) =>
      isAssumed(success)
        ? gap(
            `assumed: ${successText(success.value)}; what depends on it is a "should", not a "must"`,
            '"success": { "value": { "statuses": "2xx" } }',
          )
        : said(`stated (${success.certainty})`),
  },
  {
    id: 'known-time-out',
    title: 'the time-out for an answer is known',
    answer: ({ timeoutMs }) =>
      isAssumed(timeoutMs)
        ? gap(
            `assumed: ${timeoutMs.value} ms; a later answer is a "should", not a "must"`,
            '"timeoutMs": { "value": 10000 }',
          )
        : said(`${timeoutMs.value} ms (${timeoutMs.certainty})`),
  },
  {
    id: 'known-retries',
    title: 'the retry schedule is known',
    answer: ({ retries: { delaysMs } }) =>
      isAssumed(delaysMs)
        ? gap(
            'assumed: nothing is sent again, and the greatest age of an event is unknown',
            '"retries": { "delaysMs": { "value": [60000, 300000] } }; an empty list means that it is sent once',
          )
        : said(`stated (${delaysMs.certainty})`),
  },
  {
    id: 'known-networks',
    title: 'the source addresses are known',
    answer: (vendor) => {
      const { networks, reverseDnsSuffix, clientCertificate } = vendor.trust;
      const known = networks ?? reverseDnsSuffix ?? clientCertificate;
      if (known !== undefined) return said(`stated (${evidenceOf(vendor, known).certainty})`);
      // Who signs is known by the signature.
      return isSigned(vendor)
        ? null
        : gap(
            'unknown: nothing distinguishes a call from the vendor from any other',
            '"trust": { "networks": { "value": ["192.0.2.0/24"] } }',
          );
    },
  },
];
