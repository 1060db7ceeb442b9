import type { ConformanceCase, Kit, WireRequest } from '../../conform/conformance-case.ts';
import type { Outcome } from '../../conform/judge-case.ts';

/** Sends one request of a case; never rejects for what the endpoint does. */
export type SendRequest = (request: WireRequest) => Promise<Outcome>;

/** A case that was tried: what went out, and what came of it. */
export interface TriedCase {
  one: ConformanceCase;
  requests: readonly WireRequest[];
  /** Shorter than the requests when one of them had no answer. */
  outcomes: readonly Outcome[];
  durationMs: number;
}

/** Makes the requests of a case and sends them: one after the other, or all at once. */
export async function runCase(one: ConformanceCase, kit: Kit, send: SendRequest): Promise<TriedCase> {
  const beganAt = performance.now();
  const requests = one.change(kit);
  const outcomes = one.isBurst ? await Promise.all(requests.map(send)) : await sendInTurn(requests, send);
  return { one, requests, outcomes, durationMs: performance.now() - beganAt };
}

/** Ends where an answer is missing that there should be. */
async function sendInTurn(requests: readonly WireRequest[], send: SendRequest): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const request of requests) {
    const outcome = await send(request);
    outcomes.push(outcome);
    if (outcome.status === null && request.expect !== 'shut-out') break;
  }
  return outcomes;
}
