import { withoutPostCredentials, writePost } from '../../certs/probe/http-post.ts';
import { basicAuthorization } from '../../deliver/target.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import type { Header } from '../../model/plan.ts';
import type { Vendor } from '../../model/vendor.ts';
import { makeEvent } from '../send/make-event.ts';

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
