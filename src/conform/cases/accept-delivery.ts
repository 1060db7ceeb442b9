import {
  bursts,
  contentType,
  eventDate,
  eventIds,
  retryLadder,
  timeOut,
  signatureTolerance,
} from '../../vendors/decisive-facts.ts';
import { titleCase } from '../../model/header.ts';
import type { Vendor } from '../../model/vendor.ts';
import { dateFieldOf, ladderMs, mediaTypesOf } from '../../vendors/facts.ts';
import { windowMs } from '../../vendors/signing-facts.ts';
import { goodRequest, setHeader, signedRequest } from '../change-request.ts';
import type { CaseTemplate, EventFactory, WireRequest } from '../conformance-case.ts';

const BURST = 20;
const SLOW_MS = 2000;
const HOUR_MS = 3_600_000;
/** Between the windows that receivers set: five minutes, a quarter, an hour, six hours, a day, three days. */
const AGES_MS = [HOUR_MS / 6, HOUR_MS / 2, 5 * HOUR_MS, 20 * HOUR_MS, 70 * HOUR_MS];
const ONE_SPELLING = 'header names are looked up in only one spelling';

const RFC_9110 = 'https://www.rfc-editor.org/rfc/rfc9110';
const RFC_9112 = 'https://www.rfc-editor.org/rfc/rfc9112';

/** However the vendor, or a proxy on the way, delivers its events: early, late, twice, at once. */
export const DELIVERY_CASES: readonly CaseTemplate[] = [
  {
    id: 'chunked',
    title: 'a chunked body without Content-Length is accepted',
    sender: 'vendor',
    restsOn: [],
    appliesTo: 'has-body',
    change: (factory) => [addHeader(goodRequest(factory), 'Transfer-Encoding', 'chunked')],
    mistake: 'Content-Length is required (411), or the body is read only up to that length',
    fix: 'make the server read chunked bodies; in nginx: proxy_request_buffering on',
    reference: `${RFC_9112}#section-7.1`,
  },
  {
    id: 'headers-lower-case',
    title: 'header names in lower case are understood',
    sender: 'vendor',
    restsOn: [],
    change: (factory) => [renameHeaders(goodRequest(factory), (name) => name.toLowerCase())],
    mistake: ONE_SPELLING,
    fix: 'look up headers case-insensitively: proxies and HTTP/2 use lower case',
    reference: `${RFC_9110}#section-5.1`,
  },
  {
    id: 'headers-title-case',
    title: 'header names in Title-Case are understood',
    sender: 'vendor',
    restsOn: [],
    change: (factory) => [renameHeaders(goodRequest(factory), titleCase)],
    mistake: ONE_SPELLING,
    fix: 'look up headers case-insensitively: Go and many proxies write X-Like-This',
    reference: `${RFC_9110}#section-5.1`,
  },
  {
    id: 'content-type-charset',
    title: (vendor) => `${mainType(vendor)}; charset=utf-8 is accepted`,
    sender: 'vendor',
    restsOn: [contentType],
    appliesTo: 'has-body',
    change: (factory) => {
      const request = goodRequest(factory);
      // What a multipart form says of its boundary belongs to it.
      const own = request.headers.find(([name]) => /^content-type$/i.test(name))?.[1] ?? '';
      const type = /boundary=/i.test(own) ? own : mainType(factory.vendor);
      return [addHeader(request, 'Content-Type', `${type}; charset=utf-8`)];
    },
    mistake: 'the content type is compared as a whole',
    fix: 'compare the part before the semicolon, case-insensitively',
    reference: `${RFC_9110}#section-8.3.1`,
  },
  {
    id: 'keep-alive',
    title: 'a good request after a refused one on the same connection is accepted',
    sender: 'vendor',
    restsOn: [],
    change: (factory) =>
      [...refusable(factory), goodRequest(factory)].map((request) => ({ ...request, route: 'reused-connection' })),
    mistake: 'a refused request is answered before its body is read: the rest is mistaken for the next request',
    fix: 'read the body to its end, or close the connection with the answer (Connection: close)',
    reference: `${RFC_9112}#section-9.3`,
  },
  {
    id: 'expect-continue',
    title: 'a request with Expect: 100-continue is accepted',
    sender: 'vendor',
    restsOn: [],
    appliesTo: 'has-body',
    change: (factory) => [{ ...goodRequest(factory), route: 'expect-continue' }],
    mistake: 'the header is refused with 417, or the server waits for a body it did not ask for',
    fix: 'answer 100 Continue (most servers do so on their own), or ignore the header',
    reference: `${RFC_9110}#section-10.1.1`,
  },
  {
    id: 'burst',
    title: `${BURST} requests at once are accepted`,
    sender: 'vendor',
    restsOn: [bursts],
    isBurst: true,
    change: (factory) => Array.from({ length: BURST }, () => goodRequest(factory)),
    mistake: 'a rate or connection limit is too low, or concurrent requests block each other',
    fix: 'vendors deliver in bursts: queue the event and answer; raise the limit',
  },
  {
    id: 'same-id-again',
    title: 'an event that is delivered twice is answered with success twice but processed only once',
    sender: 'vendor',
    restsOn: [eventIds],
    change: (factory) => deliverTwice(factory),
    mistake: 'the id is not stored, or a repeated id is answered with an error (409)',
    fix: 'store the ids of processed events (a unique key in the database), and answer a repeated one with success',
  },
  {
    id: 'late-retry',
    title: "an event is accepted at every age that it can reach by the vendor's retries",
    sender: 'vendor',
    restsOn: [retryLadder, eventDate],
    change: (factory) => agesOf(factory.vendor).map((ageMs) => ({ ...goodRequest(factory, { agoMs: ageMs }), ageMs })),
    mistake: 'the age of the event is checked against a window: genuine late retries are refused',
    fix:
      "check the time of the signature if there is one; accept an event's own date as old as the vendor's " +
      'last retry',
  },
  {
    id: 'within-window',
    title: 'a signature half as old as is tolerated is accepted',
    sender: 'vendor',
    restsOn: [signatureTolerance],
    appliesTo: 'timed',
    change: (factory) => [goodRequest(factory, {}, { agoMs: windowMs(factory.vendor) / 2 })],
    mistake: 'the window is smaller than documented, or the time is read in the wrong unit',
    fix: 'use the tolerance and the unit of time that the vendor documents',
  },
  {
    id: 'quick-answer',
    title: "the answer comes within the vendor's time-out, and within 2 seconds",
    sender: 'vendor',
    restsOn: [timeOut],
    slowAboveMs: SLOW_MS,
    change: (factory) => [goodRequest(factory)],
    mistake: 'the work is done before answering',
    fix: 'queue the event, answer, and do the work afterwards',
  },
];

const mainType = (vendor: Vendor): string => mediaTypesOf(vendor)[0] ?? 'application/json';

/** Something a receiver refuses with the body still unread: of an unsigned vendor a wrong content type. */
function refusable(factory: EventFactory): WireRequest[] {
  if (factory.vendor.signature.value !== null) return [goodRequest(factory, {}, { secret: 'another' }, 'whatever')];
  return [addHeader({ ...goodRequest(factory), expect: 'whatever' }, 'Content-Type', 'text/plain')];
}

/** Some ages of an event on its last attempts: who sees them all taken knows that no window is too tight. */
function agesOf(vendor: Vendor): number[] {
  const lastMs = ladderMs(vendor);
  // Without a date all events look alike.
  return dateFieldOf(vendor) === null ? [lastMs] : [...AGES_MS.filter((ageMs) => ageMs < lastMs), lastMs];
}

/** Signed anew, as every retry is. */
function deliverTwice(factory: EventFactory): WireRequest[] {
  const event = factory.event();
  return [signedRequest(factory, event, 'accepted'), signedRequest(factory, event, 'repeated')];
}

function addHeader(request: WireRequest, name: string, value: string): WireRequest {
  return { ...request, headers: setHeader(request.headers, name, value) };
}

function renameHeaders(request: WireRequest, rename: (name: string) => string): WireRequest {
  return { ...request, headers: request.headers.map(([name, value]) => [rename(name), value]) };
}
