import { DEFAULT_PORTS, withDefaultPort } from '../../model/changed-url.ts';
import { isText, leaveClaimsOut, leavePartOut, type MessagePart } from '../../model/signature.ts';
import { eventIds } from '../../vendors/decisive-facts.ts';
import { fieldsOf, idHeaderOf, idPathsOf, signatureOf } from '../../vendors/facts.ts';
import { timeHeaderOf } from '../../vendors/signing-facts.ts';
import { goodRequest, requestOf, setHeader, signedRequest, withSignature } from '../change-request.ts';
import { URL_MISMATCHES, URL_SPELLINGS, type UrlMismatch } from '../change-url.ts';
import type { CaseTemplate, EventFactory, WireRequest } from '../conformance-case.ts';
import { verifyFix } from './refuse-signature.ts';

const DAY_MS = 86_400_000;

/** Something beside the body that is signed, and was changed afterwards. */
export const SIGNED_PART_CASES: readonly CaseTemplate[] = [
  {
    id: 'other-url',
    title: 'a signature made for another URL is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed-url',
    change: (factory) => signedForOthers(factory, URL_MISMATCHES),
    mistake: 'the signature is computed over part of the URL or another form of it, or several forms are tried',
    fix: 'compute it over the exact URL that was called, including its query, and over no other',
  },
  {
    id: 'url-spelling',
    title: 'a signature made for another spelling of the URL is refused',
    sender: 'anyone',
    restsOn: [],
    // It is the same URL: vendors' own libraries may try several spellings.
    isAdvice: true,
    appliesTo: 'signed-url',
    change: (factory) => signedForOthers(factory, URL_SPELLINGS),
    mistake: 'several spellings of the URL are tried',
    fix: 'compute it over the exact URL that was called',
    emptyBecause: 'the vendor signs no part of the URL that has another spelling',
  },
  {
    id: 'url-port',
    title: 'a signed URL with or without its default port is answered without a server error',
    sender: 'anyone',
    restsOn: [],
    // It is the same URL: both answers are safe.
    isAdvice: true,
    appliesTo: 'signed-host',
    change: ofDefaultPort,
    mistake: 'an unusually written URL throws',
    fix: 'answer 401, or accept it: it is the same URL, so both are safe',
    emptyBecause: 'the endpoint does not use the default port',
  },
  {
    id: 'signed-part-left-out',
    title: 'a signature made without one of the signed parts is refused',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'signed-parts',
    change: leftOut,
    mistake: 'a signature over only part of what is signed is also accepted',
    fix: 'compute it over everything that the vendor signs, and nothing else',
    emptyBecause: 'every part that could be left out is empty',
  },
  {
    id: 'added-query-missing',
    title: 'a request without what the vendor adds to its URL is refused, although its signature matches',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'added-query',
    change: (factory) => [goodRequest(factory, {}, { withoutAddedQuery: true }, 'refused')],
    mistake:
      'the body is compared only if the URL has its hash: a URL signed for a request without a body works with ' +
      'any body',
    fix: verifyFix,
  },
  {
    id: 'foreign-key-url',
    title: "an event signed by a key that is not on the vendor's hosts is refused",
    sender: 'anyone',
    restsOn: [],
    needs: ['servesForeignKey'],
    change: signedByForeignKey,
    mistake: 'the certificate is fetched from wherever the request says, so anyone can sign',
    fix: "fetch it only over https and only from the vendor's hosts: compare the whole host name",
    emptyBecause: 'hookproof could not serve a certificate',
  },
  {
    id: 'id-changed',
    title: 'an id that was changed after signing is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed-id',
    change: otherId,
    mistake: 'the signature is not compared with the id: a captured event counts again with a new one',
    fix: verifyFix,
  },
  {
    id: 'time-refreshed',
    title: 'a day-old captured request with a fresh time next to its signature is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: ['timed', 'time-header'],
    change: freshTime,
    mistake: 'the time is checked against the window, but is not part of what is verified',
    fix: 'compute the signature with the same time that is checked against the window',
  },
];

/** Nothing but the memory of the receiver keeps these from having an effect once more. */
export const UNSIGNED_TIME_CASES: readonly CaseTemplate[] = [
  {
    id: 'replay-fresh-time',
    title: 'a captured request with a fresh time has no second effect',
    sender: 'anyone',
    restsOn: [eventIds],
    appliesTo: ['unsigned-time', 'untimed-signature'],
    change: (factory) => {
      const event = factory.event();
      return [signedRequest(factory, event, 'accepted', { agoMs: 60_000 }), signedRequest(factory, event, 'no-effect')];
    },
    mistake: 'only the time is checked, which anyone can change, because it is not signed',
    fix: 'store the ids and signatures of processed events, and process each once',
  },
];

/** Nothing where it comes to the right signature: the vendor does not sign what differs. */
function signedForOthers(factory: EventFactory, mismatches: readonly UrlMismatch[]): WireRequest[] {
  return mismatches.flatMap(({ label, called = asItIs, signed }) => {
    const event = factory.event();
    const wrong = factory.sign({ ...event, url: new URL(called(event.url.href)) }, { url: signed });
    return wrong === null || wrong.isRight() ? [] : [{ ...requestOf(wrong.whole, 'refused'), label }];
  });
}

/** Who calls may write it or not, and so may who signs. */
function ofDefaultPort(factory: EventFactory): WireRequest[] {
  const { url } = factory.event();
  if (url.port !== '') return [];
  const host = new URL(url).host;
  const named = `${host}:${DEFAULT_PORTS[url.protocol.slice(0, -1)]}`;
  return [
    { label: 'signed with the port, called without', called: host, signed: withDefaultPort },
    { label: 'called with the port, signed without', called: named, signed: asItIs },
    { label: 'called and signed with the port', called: named, signed: withDefaultPort },
  ].map(({ label, called, signed }) => {
    const { headers, ...request } = signedRequest(factory, factory.event(), 'either', { url: signed });
    return { ...request, headers: called === host ? headers : setHeader(headers, 'Host', called), label };
  });
}

const asItIs = (url: string): string => url;

/** Each leads to the same certificate, which is not the vendor's: some look like an address of its. */
const FOREIGN_KEY_URLS: readonly ((origin: string, own: string) => string)[] = [
  (origin) => `${origin}/certificate.pem`,
  (origin, own) => `${origin}/${own}/certificate.pem`,
  (origin, own) => `${origin}/certificate.pem?host=${own}`,
  (origin, own) => `${origin.replace('//', `//${own}@`)}/certificate.pem`,
];

function signedByForeignKey(factory: EventFactory): WireRequest[] {
  const { foreignKeyUrl: origin, vendor } = factory;
  const path = signatureOf(vendor)?.keyUrl?.json;
  if (path === undefined || origin === null) return [];
  const example = String(fieldsOf(vendor.events[0]).find((one) => one.path === path)?.field.example ?? '');
  const own = URL.canParse(example) ? new URL(example).host : 'vendor.example';
  return FOREIGN_KEY_URLS.map((urlOf) => {
    const url = urlOf(origin, own);
    const request = goodRequest(factory, { values: { [path]: url } }, { secret: 'another' }, 'refused');
    return { ...request, label: `with the key from ${url}` };
  });
}

/** Once without the text that separates the part, and once with it. */
function leftOut(factory: EventFactory): WireRequest[] {
  const parts = signatureOf(factory.vendor)?.message ?? [];
  const ofClaims = leaveClaimsOut(parts).flatMap(({ name, message }) =>
    signedOf(factory, message, `the claim ${name}`),
  );
  if (ofClaims.length > 0) return ofClaims;
  return parts.flatMap((part, index) =>
    isText(part)
      ? []
      : leavePartOut(parts, index).flatMap((message) => signedOf(factory, message, nameOf(part, index))),
  );
}

function signedOf(factory: EventFactory, message: readonly MessagePart[], left: string): WireRequest[] {
  const event = factory.event();
  const wrong = factory.sign(event, { message });
  if (wrong === null || wrong.isRight()) return [];
  return [{ ...withSignature(factory, wrong.bare, wrong.text, 'refused'), label: `signed without ${left}` }];
}

function nameOf(part: MessagePart, index: number): string {
  if (typeof part === 'string') return part === 'id' || part === 'url' ? `the ${part.toUpperCase()}` : `the ${part}`;
  return 'header' in part ? `the ${part.header} header` : `part ${index + 1} of what is signed`;
}

function otherId(factory: EventFactory): WireRequest[] {
  const request = signedRequest(factory, factory.event(), 'refused');
  const id = factory.newId();
  const key = idPathsOf(factory.vendor).length > 0 ? request.key : id;
  return [{ ...request, headers: setHeader(request.headers, idHeaderOf(factory.vendor) ?? '', id), key }];
}

function freshTime(factory: EventFactory): WireRequest[] {
  const event = factory.event({ agoMs: DAY_MS });
  const [name, old] = [timeHeaderOf(factory.vendor) ?? '', signedRequest(factory, event, 'refused', { agoMs: DAY_MS })];
  const fresh = factory.sign(event)?.bare.headers.find(([other]) => other.toLowerCase() === name.toLowerCase());
  return [{ ...old, headers: setHeader(old.headers, name, fresh?.[1] ?? '') }];
}
