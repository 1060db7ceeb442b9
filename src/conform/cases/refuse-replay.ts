import { ageLimit, anyTolerance, futureTolerance, signatureTolerance } from '../../vendors/decisive-facts.ts';
import { dateHeaderOf, eventHeaderOf, idHeaderOf, timeUnitOf } from '../../vendors/facts.ts';
import { futureWindowMs, windowMs } from '../../vendors/signing-facts.ts';
import { goodRequest, setHeader, signedRequest } from '../change-request.ts';
import type { CaseTemplate, EventFactory, WireRequest } from '../conformance-case.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A signature whose time is out of the window, or in another unit. */
export const WINDOW_CASES: readonly CaseTemplate[] = [
  {
    id: 'stale',
    title: 'a signature older than the tolerance is refused',
    sender: 'anyone',
    restsOn: [signatureTolerance],
    appliesTo: 'timed',
    change: (factory) => [goodRequest(factory, {}, { agoMs: windowMs(factory.vendor) + MINUTE_MS }, 'refused')],
    mistake: "the window is wider than the vendor's tolerance, or the time of the signature is not checked",
    fix: "refuse a signature whose time is further off than the vendor's tolerance",
  },
  {
    id: 'future',
    title: 'a signature from the future is refused',
    // Unlike an old signature, one of the future cannot be captured.
    sender: 'secret-holder',
    restsOn: [futureTolerance],
    appliesTo: ['timed', 'future-limit'],
    change: (factory) => [
      goodRequest(factory, {}, { agoMs: -(futureWindowMs(factory.vendor) ?? 0) - MINUTE_MS }, 'refused'),
    ],
    mistake: "the window is wider than the vendor's tolerance, or only old times are refused",
    fix: "compare the absolute difference with the vendor's tolerance: Math.abs(now - t)",
  },
  {
    id: 'time-unit',
    title: 'a time in the other unit (seconds, milliseconds) is refused',
    sender: 'secret-holder',
    restsOn: [futureTolerance],
    // A window of two sides refuses it by itself.
    isAdvice: true,
    appliesTo: ['numeric-time', 'future-limit'],
    change: (factory) => [
      goodRequest(factory, {}, { unit: timeUnitOf(factory.vendor) === 's' ? 'ms' : 's' }, 'refused'),
    ],
    mistake: 'the unit is guessed from the size of the number, or the window is one-sided',
    fix: "read the time in the vendor's unit",
  },
];

/** A captured request that comes again, and headers that say something else than the signed body. */
export const REPLAY_CASES: readonly CaseTemplate[] = [
  {
    id: 'replay',
    title: 'a captured request, sent again a day later, is refused',
    // A signature that carries a time is not good for a day, whatever the tolerance is.
    sender: 'anyone',
    restsOn: [anyTolerance],
    appliesTo: 'timed',
    change: captured,
    mistake: 'the time of the signature is not checked',
    fix: 'refuse a signature whose time is further off than the tolerance',
  },
  {
    id: 'replay-refreshed',
    title: 'a month-old captured request with a new id and date is refused',
    sender: 'anyone',
    restsOn: [ageLimit],
    appliesTo: ['untimed-signature', 'signed-date'],
    change: refreshed,
    mistake: 'the id and date in the headers are trusted, although they are not signed',
    fix: 'judge the age by the date in the signed body',
  },
  {
    id: 'replay-new-id',
    title: 'a captured request with a new id has no second effect',
    sender: 'anyone',
    restsOn: [],
    // No vendor asks to keep signatures, and a processed event comes again at worst.
    isAdvice: true,
    appliesTo: ['untimed-signature', 'id-header', 'unsigned-id'],
    change: newId,
    mistake: 'a repeated event is recognised only by its id, which is not signed',
    fix: 'store the signatures of processed requests too, and process each once',
  },
  {
    id: 'event-header-swapped',
    title: 'a header that names another event than the signed body is refused',
    sender: 'anyone',
    restsOn: [],
    // Who takes the event from the signed body loses nothing by a header that is wrong.
    isAdvice: true,
    appliesTo: ['signed-body', 'event-header'],
    change: swappedEvent,
    mistake: 'the header is trusted, although it is not signed',
    fix: 'read the event from the signed body, and refuse a request whose header differs',
  },
];

/** First it comes as the vendor sends it, then as it was captured a day ago. */
function captured(factory: EventFactory): WireRequest[] {
  const event = factory.event({ agoMs: DAY_MS });
  return [signedRequest(factory, event, 'accepted'), signedRequest(factory, event, 'refused', { agoMs: DAY_MS })];
}

function refreshed(factory: EventFactory): WireRequest[] {
  const old = factory.event({ agoMs: 30 * DAY_MS });
  const fresh = factory.event();
  const refresh = [idHeaderOf(factory.vendor), dateHeaderOf(factory.vendor)].filter((name) => name !== null);
  const headers = refresh.reduce(
    (all, name) => setHeader(all, name, fresh.headers.find(([other]) => other === name)?.[1] ?? ''),
    old.headers,
  );
  return [signedRequest(factory, { ...old, headers, key: fresh.key }, 'refused')];
}

function newId(factory: EventFactory): WireRequest[] {
  const event = factory.event();
  const id = factory.newId();
  return [
    signedRequest(factory, event, 'accepted'),
    signedRequest(
      factory,
      { ...event, headers: setHeader(event.headers, idHeaderOf(factory.vendor) ?? '', id), key: id },
      'no-effect',
    ),
  ];
}

function swappedEvent(factory: EventFactory): WireRequest[] {
  const header = eventHeaderOf(factory.vendor) ?? '';
  const event = factory.event();
  const other = factory.vendor.events.at(-1)?.name ?? '';
  const name = event.headers.some(([, value]) => value === other) ? `${other}_other` : other;
  return [signedRequest(factory, { ...event, headers: setHeader(event.headers, header, name) }, 'refused')];
}
