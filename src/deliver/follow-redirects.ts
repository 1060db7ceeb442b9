import type { SignedRequest } from '../model/plan.ts';
import type { Transport } from './transport.ts';
import type { WireResult } from './wire.ts';

/** No vendor follows more. */
const MOST = 10;
/** They keep method and body; after any other, clients ask by GET without a body (RFC 9110, section 15.4). */
const KEEPING = new Set([307, 308]);
const REDIRECTS = new Set([301, 302, 303, ...KEEPING]);

/**
 * Sends a request as a vendor does that follows redirects, so many of them at most. Gives the last answer.
 * A Location that is no http address is not followed. Credentials of the URL stay with the first one.
 */
export async function sendFollowing(
  transport: Pick<Transport, 'send'>,
  request: SignedRequest,
  follow: number,
  signal: AbortSignal | undefined,
): Promise<WireResult> {
  let [current, result] = [request, await transport.send(request, signal)];
  for (let left = Math.min(follow, MOST); left > 0; left--) {
    const next = redirected(current, result);
    if (next === null) return result;
    current = next;
    result = await transport.send(current, signal);
  }
  return result;
}

function redirected(request: SignedRequest, { status, failure, responseHeaders }: WireResult): SignedRequest | null {
  if (status === null || failure !== null || !REDIRECTS.has(status)) return null;
  const location = responseHeaders.find(([name]) => name.toLowerCase() === 'location')?.[1];
  if (location === undefined || !URL.canParse(location, request.url.href)) return null;
  const url = new URL(location, request.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (KEEPING.has(status) || request.method === 'GET') return { ...request, url };
  const headers = request.headers.filter(([name]) => !/^(?:content-|transfer-encoding$)/i.test(name));
  return { ...request, url, method: 'GET', headers, body: new Uint8Array() };
}
