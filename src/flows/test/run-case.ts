import type { ConformanceCase, Kit, WireRequest } from '../../conform/conformance-case.ts';
import { statusOf } from '../../conform/judge-case.ts';
import type { Attempt } from '../../model/attempt.ts';

/** Sends one request of a case; never rejects for what the endpoint does. */
export type SendRequest = (request: WireRequest) => Promise<Attempt>;

/** A case that was tried: what went out, and what came of it. */
export interface TriedCase {
  one: ConformanceCase;
  requests: readonly WireRequest[];
  /** Shorter than the requests when one of them had no answer. */
  attempts: readonly Attempt[];
  durationMs: number;
}

/** Makes the requests of a case and sends them: one after the other, or all at once. */
export async function runCase(one: ConformanceCase, kit: Kit, send: SendRequest): Promise<TriedCase> {
  const beganAt = performance.now();
  const requests = one.change(kit);
  const attempts = one.isBurst ? await Promise.all(requests.map(send)) : await sendInTurn(requests, send);
  return { one, requests, attempts, durationMs: performance.now() - beganAt };
}

/** Ends where an answer is missing that there should be. */
async function sendInTurn(requests: readonly WireRequest[], send: SendRequest): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const request of requests) {
    const attempt = await send(request);
    attempts.push(attempt);
    if (statusOf(attempt) === null && request.expect !== 'shut-out') break;
  }
  return attempts;
}
