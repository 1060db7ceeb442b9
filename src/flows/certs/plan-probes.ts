import { findAddresses } from '../../certs/probe/find-addresses.ts';
import { withoutPostCredentials, writePost } from '../../certs/probe/http-post.ts';
import { findNamed, unknownWebhook } from '../../config/select-webhook.ts';
import { findRoute, parseConnectToRule, parseResolveRule, type ConnectRule } from '../../deliver/connect-rules.ts';
import { displayUrl, hideCredentials, parseHttpUrl, basicAuthorization } from '../../model/http-url.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import type { Header } from '../../model/plan.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { CertificateOptions, Config, Webhook, WebhookTls } from '../../model/webhook.ts';
import { makeEvent } from '../send/make-event.ts';
import { chooseTls } from '../session/open-target.ts';

export interface EndpointOptions extends CertificateOptions {
  /** An https URL, or the name of a configured webhook. */
  target?: string;
  /** Of a configured webhook. */
  uuid?: string;
  /** Id of the vendor to play; without one the body is `{}` and any 2xx is success. */
  vendor?: string;
}

/** Which endpoint is called, as whom, with which certificate. */
export interface ChosenEndpoint {
  url: URL;
  vendor: Vendor | null;
  /** The certificate to show and whom to trust: the flags', else the configured ones. */
  tls: WebhookTls;
}

/**
 * The endpoint that is meant: a URL, or a configured webhook by its name or uuid. The configuration is read for the
 * latter alone. Throws AppError `usage` or `config`.
 */
export async function chooseEndpoint(
  options: EndpointOptions,
  vendors: VendorRegistry,
  readConfig: () => Promise<Config>,
): Promise<ChosenEndpoint> {
  const { target, uuid } = options;
  if (target !== undefined && uuid !== undefined)
    throw new AppError('usage', 'a URL or name and --uuid both choose the endpoint', {
      hint: 'give only one of them',
    });
  if (target?.includes('://'))
    return {
      url: httpsUrl(target),
      vendor: await findUnsignedVendor(options.vendor, vendors),
      tls: chooseTls(undefined, options),
    };
  const wanted = target ?? uuid;
  if (wanted === undefined)
    throw new AppError('usage', 'no endpoint was given', {
      hint: 'give its https:// URL, the name of a configured webhook, or --uuid',
    });
  const { path, webhooks } = await readConfig();
  const webhook = findNamed(webhooks, wanted);
  if (webhook !== undefined) {
    return {
      url: httpsUrl(webhook.url),
      vendor: await findUnsignedVendor(options.vendor ?? webhook.vendor, vendors),
      tls: chooseTls(webhook.tls, options),
    };
  }
  throw noSuchEndpoint(wanted, path, webhooks);
}

function noSuchEndpoint(wanted: string, path: string | null, webhooks: readonly Webhook[]): AppError {
  if (/^[^\s/]+[.:\]]|^localhost\b/.test(wanted))
    return new AppError('usage', `the URL "${hideCredentials(wanted)}" has no scheme`, {
      hint: `did you mean https://${hideCredentials(wanted)}?`,
    });
  if (path === null)
    return new AppError(
      'usage',
      `${JSON.stringify(hideCredentials(wanted))} is not a URL, and no webhook.config.json was found that ` +
        'could name it',
      { hint: 'give the https:// URL, or the configuration with --config FILE' },
    );
  return unknownWebhook(hideCredentials(wanted), webhooks);
}

function httpsUrl(text: string): URL {
  const url = parseHttpUrl(text);
  if (url.protocol === 'https:') return url;
  throw new AppError('usage', `${displayUrl(url)} is not https, and client certificates need TLS`, {
    hint: 'give the https:// URL that the vendor calls',
  });
}

/** The vendor of this id, when its requests can be made without a secret. */
async function findUnsignedVendor(id: string | undefined, vendors: VendorRegistry): Promise<Vendor | null> {
  if (id === undefined) return null;
  const vendor = await vendors.load(id);
  if (vendor.signature.value === null) return vendor;
  const among = vendors.entries.filter(({ isSigned }) => !isSigned).map((one) => one.id);
  throw new AppError('usage', `${vendor.title} uses a signature, not a client certificate`, {
    hint: `use one of --vendor ${among.join(', ')}, or leave out --vendor for a plain POST`,
  });
}

export interface ProbeRouteOptions {
  resolve: readonly string[];
  connectTo: readonly string[];
  /** Instead of the URL's host: SNI, and the name the server's certificate must carry. */
  servername?: string;
  /** Where to look for the webhook in plain http: 80 for an https port of 443, else the port itself. */
  plainPort: readonly number[];
  /** Milliseconds for everything together, looking the name up too. */
  maxTime: number;
}

/** Where the calls go. */
export interface ProbeRoute {
  name: string;
  host: string;
  port: number;
  addresses: readonly string[];
  isLocalhost: boolean;
  leftOut: number;
  /** Why the host's name leads nowhere; null when it leads somewhere. */
  lookupError: string | null;
  /** Of `maxTime`, what is left. */
  timeLeftMs: number;
  /** Empty when it is led elsewhere by a rule that says nothing of plain http. */
  plainPorts: readonly { host: string; port: number; asked: number }[];
}

/** From the URL and the rules of `--resolve`, `--connect-to` and `--plain-port`. Throws AppError `usage`. */
export async function findProbeRoute(url: URL, options: ProbeRouteOptions): Promise<ProbeRoute> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const rules = {
    resolve: options.resolve.map(parseResolveRule),
    connectTo: options.connectTo.map(parseConnectToRule),
  };
  const port = Number(url.port) || 443;
  const route = findRoute(host, port, rules);
  const until = performance.now() + options.maxTime;
  const timeLeftMs = (): number => Math.max(1, until - performance.now());
  const { addresses, leftOut, lookupError } = await findAddresses(route.host, route.addresses, timeLeftMs());
  const isLedAway = (to: ConnectRule, from: number): boolean => to.host !== host.toLowerCase() || to.port !== from;
  const plainPorts = (options.plainPort.length > 0 ? options.plainPort : [port === 443 ? 80 : port])
    .map((asked) => ({ asked, to: findRoute(host, asked, rules) }))
    .filter(({ asked, to }) => options.plainPort.length > 0 || !isLedAway(route, port) || isLedAway(to, asked));
  // When a rule redirects the https calls, the plain ones must not go to the address in DNS.
  const hostsOf = async (to: ConnectRule): Promise<readonly string[]> =>
    to.addresses ??
    ([host.toLowerCase(), route.host].includes(to.host)
      ? addresses
      : (await findAddresses(to.host, null, timeLeftMs())).addresses);
  const plainHosts = await Promise.all(
    plainPorts.map(async ({ asked, to }) => (await hostsOf(to)).map((one) => ({ asked, host: one, port: to.port }))),
  );
  return {
    name: options.servername ?? host,
    host: route.host,
    port: route.port,
    addresses,
    isLocalhost: route.isLocalhost,
    leftOut,
    lookupError,
    timeLeftMs: timeLeftMs(),
    plainPorts: plainHosts.flat(),
  };
}

/** What the probes send, as bytes: all carry the same event. */
export interface ProbeRequests {
  post: Buffer;
  /** With so much trailing white space that a server cannot keep the body in a small buffer. */
  large: Buffer;
  largeBodyBytes: number;
  /** For the same host on another port, in plain http: without the URL's credentials and the secrets of its query. */
  toPort(port: number): Buffer;
  /** For another host name on the same port, which neither are meant for. */
  toHost(name: string): Buffer;
}

/** Apache's buffer for a body it must read before it can ask for a certificate holds 128 KiB. */
const LARGE_BODY_BYTES = 300 * 1024;

/** A POST of the vendor's first event, unsigned; without a vendor of `{}`. */
export async function makeProbeRequests(
  url: URL,
  vendor: Vendor | null,
  clock: Clock,
  ids: Ids,
): Promise<ProbeRequests> {
  const { headers, body } = await makeContent(url, vendor, clock, ids);
  const basic = basicAuthorization(url);
  const post = {
    path: `${url.pathname}${url.search}`,
    host: url.host,
    headers: basic === null ? headers : [...headers, ['Authorization', basic] as Header],
    body,
  };
  const postOpenly = (host: string): Buffer => withoutPostCredentials(writePost({ ...post, host }));
  const padding = Buffer.alloc(Math.max(0, LARGE_BODY_BYTES - body.byteLength), ' ');
  return {
    post: writePost(post),
    large: writePost({ ...post, body: Buffer.concat([body, padding]) }),
    largeBodyBytes: body.byteLength + padding.byteLength,
    toHost: (name) => postOpenly(url.port === '' ? name : `${name}:${url.port}`),
    toPort: (port) => postOpenly(port === 80 ? url.hostname : `${url.hostname}:${port}`),
  };
}

async function makeContent(
  url: URL,
  vendor: Vendor | null,
  clock: Clock,
  ids: Ids,
): Promise<{ headers: readonly Header[]; body: Uint8Array }> {
  const event = vendor?.events[0];
  if (vendor === null || event === undefined) {
    return {
      headers: [
        ['Content-Type', 'application/json'],
        ['User-Agent', 'hookproof'],
      ],
      body: Buffer.from('{}'),
    };
  }
  return makeEvent(
    { event: event.name, url, webhookUuid: ids.uuidV4(), deliveryId: ids.uuidV7(clock.now()) },
    vendor,
    null,
    clock,
    ids,
  );
}
