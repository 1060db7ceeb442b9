import type { Vendor } from '../../model/vendor.ts';
import type { Bug } from '../bugs.ts';
import { readHeader } from '../../vendors/event-key.ts';
import { isSigned } from '../../vendors/facts.ts';
import type { Context, StepAnswer, StepRequest } from '../reference-receiver.ts';

const KIB = 1024;
const isUnsigned = (vendor: Vendor): boolean => !isSigned(vendor);
const BURST_MS = 1000;
const BURST = 15;

/** A bug that refuses some requests before anything is looked at. */
const refusing = (
  name: string,
  mistake: string,
  refuse: (request: StepRequest, context: Context) => StepAnswer | null,
): Bug => ({
  name,
  mistake,
  change: (good) => ({ form: (context) => refuse(context.request, context) ?? good.form(context) }),
});

/** A bug that takes the address of the caller from what he says himself. */
const believing = (name: string, mistake: string, claimed: (request: StepRequest) => string | null): Bug => ({
  name,
  mistake,
  applies: isUnsigned,
  change: (good) => ({
    caller: (context) =>
      good.caller({
        ...context,
        request: { ...context.request, remoteAddress: claimed(context.request) ?? context.request.remoteAddress },
      }),
  }),
});

const CLIENT_IP_HEADERS = [
  'x-client-ip',
  'client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-proxyuser-ip',
];
const CDN_HEADERS = ['cf-connecting-ip', 'true-client-ip', 'fastly-client-ip'];

const limitingBody = (name: string, mistake: string, bytes: number): Bug =>
  refusing(name, mistake, ({ body }) => (body.byteLength > bytes ? { status: 413 } : null));

/** Mistakes in everything that is neither signature nor body: the connection, the method, headers, the answer. */
export const FORM_BUGS: readonly Bug[] = [
  refusing('not-found', 'listening at another path', () => ({ status: 404 })),
  {
    name: 'answers-201',
    mistake: 'answering 201',
    applies: ({ success }) => success.value.statuses !== '2xx',
    change: () => ({ success: () => ({ status: 201 }), repeated: () => ({ status: 201 }) }),
  },
  {
    name: 'redirects',
    mistake: 'answering with a redirect, which no vendor follows',
    change: () => ({ success: () => ({ status: 302, headers: [['Location', '/thanks']] }) }),
  },
  {
    name: 'works-before-answering',
    mistake: 'doing the work before answering: the vendor does not wait so long',
    change: (good) => ({
      success: (context) => ({ ...good.success(context), delayMs: context.setup.vendor.timeoutMs.value + 1000 }),
    }),
  },
  {
    name: 'slow',
    mistake: 'doing some of the work before answering',
    change: (good) => ({ success: (context) => ({ ...good.success(context), delayMs: 2500 }) }),
  },
  {
    name: 'any-method',
    mistake: 'taking events by GET and PUT, too',
    change: (good) => ({
      form: (context) => good.form({ ...context, request: { ...context.request, method: 'POST' } }),
    }),
  },
  {
    name: 'any-content-type',
    mistake: 'not looking at the content type',
    change: () => ({ form: ({ request }) => (request.method === 'POST' ? null : { status: 405 }) }),
  },
  refusing(
    'strict-content-type',
    'comparing the content type as a whole: application/json; charset=utf-8 is refused',
    ({ headers }) => (readHeader(headers, 'content-type') === 'application/json' ? null : { status: 415 }),
  ),
  refusing('case-sensitive-content-type', 'expecting header names in one letter case', ({ headers }) =>
    headers.some(([name]) => name === 'Content-Type') ? null : { status: 415 },
  ),
  refusing('lower-case-content-type', 'expecting header names in lower case', ({ headers }) =>
    headers.some(([name]) => name === 'content-type') ? null : { status: 415 },
  ),
  refusing('no-chunked', 'insisting on a Content-Length: chunked bodies are answered 411', ({ headers }) =>
    readHeader(headers, 'content-length') === null ? { status: 411 } : null,
  ),
  refusing('no-expect', 'refusing Expect: 100-continue with 417', ({ headers }) =>
    readHeader(headers, 'expect') === null ? null : { status: 417 },
  ),
  refusing(
    'one-request-per-connection',
    'not reading refused bodies to their end: the next request on the connection is taken for nonsense',
    ({ nthOnConnection }) => (nthOnConnection > 1 ? { status: 400 } : null),
  ),
  limitingBody('body-limit-100kb', "keeping a framework's limit of 100 KB for bodies", 100 * KIB),
  limitingBody('body-limit-1mb', 'limiting bodies to 1 MiB', KIB * KIB + 512 * KIB),
  refusing(
    'rate-limited',
    'limiting the rate so low that a burst of a vendor is answered 429',
    ({ receivedAtMs }, { memory }) =>
      memory.arrivals.filter((at) => receivedAtMs - at < BURST_MS).length > BURST ? { status: 429 } : null,
  ),
  refusing('crashes-on-large-header', 'answering 500 to a large header', ({ headers }) =>
    headers.some(([, value]) => value.length > 8 * KIB) ? { status: 500 } : null,
  ),
  {
    name: 'broken-by-bad-input',
    mistake: 'not coming back after an error inside',
    change: (good) => ({
      caller: (context) => (context.memory.isBroken ? { status: 503 } : good.caller(context)),
      read: (body) => good.read(body) ?? fail('not JSON'),
      afterError: ({ memory }) => {
        memory.isBroken = true;
      },
    }),
  },
  believing(
    'trusts-forwarded-for',
    'taking the address of the caller from X-Forwarded-For, whoever sends it',
    claimedAddress,
  ),
  believing(
    'counts-forwarding-hops',
    'taking the last but one address in X-Forwarded-For, as if a proxy had added the last one',
    ({ headers }) => readHeader(headers, 'x-forwarded-for')?.split(',').at(-2)?.trim() ?? null,
  ),
  believing(
    'trusts-client-ip',
    'trying a list of headers for the address of the caller (X-Client-IP, Client-IP …), whoever sends them',
    (request) => firstHeader(request, CLIENT_IP_HEADERS),
  ),
  believing(
    'trusts-cdn-headers',
    "taking the address of the caller from a CDN's header (CF-Connecting-IP …), whoever sends it",
    (request) => firstHeader(request, CDN_HEADERS),
  ),
  {
    name: 'drops-by-forwarded-for',
    mistake:
      'answering success to everybody, and dropping what X-Forwarded-For says comes from elsewhere, whoever sends it',
    applies: isUnsigned,
    change: (good) => ({
      caller: (context) => good.caller(context) ?? (claimsElsewhere(context) ? good.success(context) : null),
    }),
  },
  {
    name: 'optional-client-certificate',
    mistake: 'asking for a client certificate without insisting on it',
    change: (good) => ({
      caller: (context) => good.caller({ ...context, request: { ...context.request, hasClientCertificate: true } }),
    }),
  },
  {
    name: 'trusts-certificate-header',
    mistake: 'believing a header that says a client certificate was verified, whoever sends it',
    change: (good) => ({
      caller: (context) =>
        good.caller({
          ...context,
          request: {
            ...context.request,
            hasClientCertificate: context.request.hasClientCertificate || claimsCertificate(context.request),
          },
        }),
    }),
  },
  {
    name: 'takes-plain-http',
    mistake: 'taking events over plain http beside https',
    change: (good) => ({
      caller: (context) =>
        good.caller({ ...context, request: { ...context.request, isSecure: true, hasClientCertificate: true } }),
    }),
  },
];

function claimsElsewhere({ request, setup: { allow } }: Context): boolean {
  const claimed = claimedAddress(request);
  return claimed !== null && allow !== undefined && !allow.includes(claimed);
}

/** The address the caller says he has. */
export function claimedAddress({ headers }: StepRequest): string | null {
  const forwarded = /for="?\[?([^\]";,]+)/i.exec(readHeader(headers, 'forwarded') ?? '')?.[1];
  return (
    readHeader(headers, 'x-forwarded-for')?.split(',')[0]?.trim() ??
    readHeader(headers, 'x-real-ip') ??
    forwarded ??
    null
  );
}

/** The same in a header that a rarer proxy or a CDN writes. */
export function rarelyClaimedAddress(request: StepRequest): string | null {
  return firstHeader(request, [...CLIENT_IP_HEADERS, ...CDN_HEADERS]);
}

function firstHeader({ headers }: StepRequest, names: readonly string[]): string | null {
  return names.map((name) => readHeader(headers, name)).find((value) => value !== null) ?? null;
}

function claimsCertificate({ headers }: StepRequest): boolean {
  return (
    readHeader(headers, 'x-ssl-client-verify') === 'SUCCESS' || readHeader(headers, 'x-forwarded-client-cert') !== null
  );
}

function fail(message: string): never {
  throw new Error(message);
}
