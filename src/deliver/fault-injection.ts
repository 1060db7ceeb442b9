import type { Clock } from '../model/clock.ts';
import type { Header, SignedRequest } from '../model/plan.ts';
import type { Transport } from './transport.ts';
import type { WireResult } from './wire.ts';

/** Stands before an endpoint and keeps attempts, or their answers, from it. */
export interface Front {
  /** So many attempts, the first, go to `refusing` and never reach the endpoint. */
  failFirst: number;
  /** So many after those reach the endpoint, but its answer is thrown away: the vendor never learns of it. */
  loseNext: number;
  /** Where the refused attempts go. */
  refusing: { origin: string; transport: Transport };
  isSuccess: (result: WireResult) => boolean;
}

/** What went out once. */
export interface SentCall {
  headers: readonly Header[];
  body: Uint8Array;
  /** Milliseconds since the epoch. */
  sentAtMs: number;
  /** `front`: never reached the endpoint. `lost`: it did, and nobody got to know the answer. */
  fate: 'front' | 'lost' | 'endpoint';
  /** The vendor would count what was answered as success, had it heard it. */
  isTaken: boolean;
}

/** The transport as it is behind the front; tells of each call. */
export function injectFaults(
  inner: Transport,
  front: Front,
  clock: Clock,
  onSent: (call: SentCall) => void,
): Transport {
  let count = 0;
  return {
    timeoutMs: inner.timeoutMs,
    hasClientCertificate: inner.hasClientCertificate,
    close: () => inner.close(),
    async send(request, signal) {
      count += 1;
      const fate = count <= front.failFirst ? 'front' : count <= front.failFirst + front.loseNext ? 'lost' : 'endpoint';
      const sentAtMs = clock.now();
      const result =
        fate === 'front'
          ? await front.refusing.transport.send(aimAt(request, front.refusing.origin), signal)
          : await inner.send(request, signal);
      onSent({
        headers: request.headers,
        body: request.body,
        sentAtMs,
        fate,
        isTaken: result.failure === null && front.isSuccess(result),
      });
      return fate === 'lost' ? loseAnswer(result) : result;
    },
  };
}

/** Without the credentials of the URL: they are not the front's business. */
function aimAt(request: SignedRequest, origin: string): SignedRequest {
  const { pathname, search } = new URL(request.url);
  return { ...request, url: `${origin}${pathname}${search}` };
}

function loseAnswer(result: WireResult): WireResult {
  if (result.failure !== null) return result;
  return {
    ...result,
    failure: { code: 'ANSWER_LOST', detail: 'the answer was thrown away on purpose', stage: 'body', cause: null },
  };
}
