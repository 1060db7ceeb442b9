import { writeClaims } from '../../model/certificate-claim.ts';
import type { Header } from '../../model/plan.ts';
import { goodRequest, signedRequest } from '../change-request.ts';
import type { CaseTemplate, EventFactory, WireRequest } from '../conformance-case.ts';
import { CERTIFICATE_CLAIMS } from '../../vendors/certificate-claims.ts';
import { vendorAddress } from '../../vendors/facts.ts';
import { signsUrlPart } from '../../vendors/signing-facts.ts';

export const RFC_7239 = 'https://www.rfc-editor.org/rfc/rfc7239#section-8.1';

/** An address of nobody (RFC 5737). */
const UNRELATED = '203.0.113.66';

/** Headers in which a proxy names its caller, and what to fix in a receiver that believes them. */
const BELIEVED: readonly { id: string; title: string; names: readonly string[]; fix: string }[] = [
  {
    id: 'forwarded-for',
    title: 'X-Forwarded-For changes nothing, with one address or a list',
    names: ['X-Forwarded-For'],
    fix: 'use the address of the connection, or X-Forwarded-For from your own proxy only (nginx: set_real_ip_from)',
  },
  {
    id: 'real-ip',
    title: 'X-Real-IP changes nothing',
    names: ['X-Real-IP'],
    fix: 'use the address of the connection, or X-Real-IP from your own proxy only (nginx: set_real_ip_from)',
  },
  {
    id: 'forwarded',
    title: 'Forwarded changes nothing',
    names: ['Forwarded'],
    fix: 'use the address of the connection, or Forwarded from your own proxy only',
  },
  {
    id: 'client-ip',
    title: 'X-Client-IP, Client-IP and other headers of proxies change nothing',
    names: ['X-Client-IP', 'Client-IP', 'X-Cluster-Client-IP', 'X-Original-Forwarded-For', 'X-ProxyUser-IP'],
    fix: 'use the address of the connection: code that tries a list of headers trusts one that your proxy does not set',
  },
  {
    id: 'cdn-client-ip',
    title: 'the headers of CDNs (CF-Connecting-IP, True-Client-IP, Fastly-Client-IP) change nothing',
    names: ['CF-Connecting-IP', 'True-Client-IP', 'Fastly-Client-IP'],
    fix: "trust them only on connections from the CDN's own networks, and keep everyone else away from the origin",
  },
];

/** Where nothing is signed, no caller may be admitted for an address that it claims itself. */
export const ADDRESS_CASES: readonly CaseTemplate[] = BELIEVED.map(({ id, title, names, fix }) => ({
  id,
  title,
  sender: 'anyone',
  restsOn: [],
  appliesTo: 'unauthenticated',
  change: (factory) => {
    const claims = names.flatMap((name) => [
      ...claimsOf(name, vendorAddress(factory.vendor)),
      [name, write(name, UNRELATED)] as const,
    ]);
    return [
      goodRequest(factory, {}, {}, 'same'),
      ...claims.map((claim) => claiming(goodRequest(factory, {}, {}, 'same'), claim)),
    ];
  },
  mistake:
    `the caller's address is read from ${names.length === 1 ? names[0] : 'such a header'}, no matter who sends it: ` +
    'anyone can claim to be the vendor',
  fix,
  reference: RFC_7239,
}));

/** Who may not call: over plain http, without the certificate, with a claim that only a proxy may make. */
export const CALLER_CASES: readonly CaseTemplate[] = [
  {
    id: 'no-client-certificate',
    title: 'a request without a client certificate is not let in',
    sender: 'anyone',
    restsOn: [],
    needs: ['isSecure', 'hasClientCertificate'],
    change: (factory) => [
      goodRequest(factory),
      { ...goodRequest(factory, {}, {}, 'shut-out'), route: 'without-certificate' },
    ],
    mistake: 'the certificate is requested but not required',
    fix: 'enforce it (nginx: ssl_verify_client on); webhook verify-cert diagnoses the whole set-up',
  },
  {
    id: 'plain-http',
    title: 'the same path over plain http accepts no events',
    sender: 'anyone',
    restsOn: [],
    needs: ['isSecure'],
    change: overPlainHttp,
    mistake: 'the plain port serves the same application',
    fix: 'make the plain port redirect (301) or answer 403: there, everything can be read and changed in transit',
  },
  {
    id: 'claimed-certificate',
    title: 'a request that only claims a verified client certificate is not let in',
    sender: 'anyone',
    restsOn: [],
    needs: ['isSecure', 'hasClientCertificate'],
    change: claimCertificate,
    mistake: 'the proxy verifies the certificate and says so in a header, but a caller can send that header too',
    fix:
      'make the proxy set that header on every request, also on those without a certificate (nginx: ' +
      'proxy_set_header X-SSL-Client-Verify $ssl_client_verify); ' +
      'webhook verify-cert names the header (P11)',
  },
  ...ADDRESS_CASES,
];

/** Where the URL is signed, an application may take it as it is called, or as it is configured: https. */
function overPlainHttp(factory: EventFactory): WireRequest[] {
  const asHttps = { ...goodRequest(factory, {}, {}, 'shut-out'), route: 'plain-http' } as const;
  if (!signsUrlPart(factory.vendor, 'host')) return [asHttps];
  const event = factory.event();
  const url = new URL(event.url);
  url.protocol = 'http:';
  const asHttp = { ...signedRequest(factory, { ...event, url }, 'shut-out'), route: 'plain-http' } as const;
  return [
    { ...asHttps, label: 'signed for the https URL' },
    { ...asHttp, label: 'signed for the http URL' },
  ];
}

/** What each proxy would tell, all of it at once: an application may look at several of its headers. */
function claimCertificate(factory: EventFactory): WireRequest[] {
  const { claimedCertificate: told } = factory;
  return CERTIFICATE_CLAIMS.flatMap(({ proxy, headers }): WireRequest[] => {
    const claims = told === null ? headers.filter(([, value]) => !value.includes('{')) : writeClaims(headers, told);
    const [first] = claims;
    if (first === undefined) return [];
    const request = goodRequest(factory, {}, {}, 'shut-out');
    const more = claims.length - 1;
    return [
      {
        ...request,
        headers: [...request.headers, ...claims],
        label: `with what ${proxy} reports in ${first[0]}${more === 0 ? '' : ` and ${more} more`}`,
        route: 'without-certificate',
      },
    ];
  });
}

/** The claims of a caller on the receiver's own machine. */
export const INSIDE_CLAIMS: readonly Header[] = BELIEVED.flatMap(({ names }) =>
  names.flatMap((name) => claimsOf(name, '127.0.0.1')),
);

/** The request with the claim in its headers, and labelled by it in the report. */
export function claiming(request: WireRequest, [name, value]: Header): WireRequest {
  return { ...request, headers: [...request.headers, [name, value]], label: `with "${name}: ${value}"` };
}

/** Every form of the claim: receivers read a list from either end. */
function claimsOf(name: string, address: string): Header[] {
  const values =
    name === 'X-Forwarded-For'
      ? [address, `${address}, ${UNRELATED}`, `${UNRELATED}, ${address}`]
      : [write(name, address)];
  return values.map((value) => [name, value] as const);
}

function write(name: string, address: string): string {
  if (name !== 'Forwarded') return address;
  return `for=${address.includes(':') ? `"[${address}]"` : address};proto=https`;
}
