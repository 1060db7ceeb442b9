import type { AttemptOutcome } from '../../../src/model/attempt.ts';

export const START = Date.parse('2026-11-02T00:00:00.000Z');

/** An attempt so long after the start: delivered in 20 ms unless told otherwise. */
export function attemptAt(afterMs: number, parts: Partial<AttemptOutcome> = {}): AttemptOutcome {
  return {
    webhookUuid: '123e4567-e89b-12d3-a456-426614174000',
    startedAt: new Date(START + afterMs).toISOString(),
    direction: 'out',
    vendor: 'mailkit',
    event: 'optin',
    outcome: 'delivered',
    status: 200,
    errorCode: null,
    error: null,
    number: 1,
    durationMs: 20,
    ...parts,
  };
}

export async function* chunksOf(...chunks: AttemptOutcome[][]): AsyncGenerator<AttemptOutcome[]> {
  yield* chunks;
}
