import { expect, test } from 'vitest';
import { KeptTargets } from '../../../src/flows/queue/kept-targets.ts';
import type { OpenTarget } from '../../../src/flows/session/open-target.ts';
import type { ClaimedDelivery } from '../../../src/history/queue.ts';

const item = { delivery: { webhookUuid: 'w' }, reach: { vendor: 'v' } } as ClaimedDelivery;

/** Targets that are numbered as they are opened, on a clock that stands. */
function keep(): { kept: KeptTargets; clock: { ms: number }; closed: string[]; fail: { with: Error | null } } {
  const clock = { ms: 0 };
  const closed: string[] = [];
  const fail: { with: Error | null } = { with: null };
  let opened = 0;
  const kept = new KeptTargets(
    async () => {
      if (fail.with !== null) throw fail.with;
      const signingSecret = `secret ${++opened}`;
      return { signingSecret, close: async () => void closed.push(signingSecret) } as unknown as OpenTarget;
    },
    { now: () => clock.ms },
  );
  return { kept, clock, closed, fail };
}

const secretOf = (kept: KeptTargets): Promise<string | null> => kept.use(item, async (target) => target.signingSecret);

test('an endpoint is opened once for many requests, and anew after 10 s: its secret may have been replaced', async () => {
  const { kept, clock, closed } = keep();
  expect([await secretOf(kept), await secretOf(kept)]).toEqual(['secret 1', 'secret 1']);
  clock.ms = 9999;
  expect(await secretOf(kept)).toBe('secret 1');
  clock.ms = 10_000;
  expect(await secretOf(kept)).toBe('secret 2');
  expect(closed).toEqual(['secret 1']);
  await kept.close();
  expect(closed).toEqual(['secret 1', 'secret 2']);
});

test('one that is replaced is closed when the last request on it has ended', async () => {
  const { kept, clock, closed } = keep();
  const inside = await new Promise<{ answer: () => void; ended: Promise<string | null> }>((reached) => {
    const ended: Promise<string | null> = kept.use(item, async (target) => {
      await new Promise<void>((answer) => reached({ answer, ended }));
      return target.signingSecret;
    });
  });
  clock.ms = 20_000;
  expect(await secretOf(kept)).toBe('secret 2');
  expect(closed).toEqual([]);
  inside.answer();
  expect(await inside.ended).toBe('secret 1');
  expect(closed).toEqual(['secret 1']);
});

test('what cannot be opened is tried again by the next request', async () => {
  const { kept, fail } = keep();
  fail.with = new Error('the variable is not set');
  await expect(secretOf(kept)).rejects.toThrow('not set');
  fail.with = null;
  expect(await secretOf(kept)).toBe('secret 1');
});
