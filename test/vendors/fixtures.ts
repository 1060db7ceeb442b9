import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../../src/model/clock.ts';
import type { Header, Plan } from '../../src/model/plan.ts';
import type { Vendor, VendorEvent } from '../../src/model/vendor.ts';
import { makeIds, seededRandom } from '../../src/plan/ids.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { PlanOptions } from '../../src/plan/make-plan.ts';
import { variantNames } from '../../src/vendors/facts.ts';
import type { SampleChoice } from '../../src/plan/payload.ts';
import type { SignedSubject } from '../../src/sign/scheme/message.ts';
import { signRequest } from '../../src/sign/signature.ts';

export const FIXTURES = resolve(import.meta.dirname, '../../fixtures');
export const NOW_MS = Date.parse('2025-11-27T09:52:31.000Z');

export function clockAt(nowMs: number): Clock {
  return { now: () => nowMs, sleep: () => Promise.resolve() };
}

/** A plan with everything fixed that is left to chance or time. */
export function planAt(vendor: Vendor, options: Partial<PlanOptions> & { event: string }, seed = 'hookproof'): Plan {
  const whole = {
    url: new URL('https://example.com/hook'),
    webhookUuid: '123e4567-e89b-12d3-a456-426614174000',
    deliveryId: '019ac4f5-6e2c-7000-8000-000000000001',
    ...options,
  };
  return makePlan(whole, vendor, clockAt(NOW_MS), makeIds(seededRandom(seed)));
}

/** The headers as they are after signing, at `nowMs`. */
export function signedHeaders(
  vendor: Vendor,
  headers: readonly Header[],
  body: Uint8Array,
  secret: string,
  nowMs: number,
): readonly Header[] {
  const [event] = vendor.events;
  if (event === undefined) throw new Error(`${vendor.id} has no event`);
  return signRequest(
    { vendor, event, headers, body, url: new URL('https://example.com/hook'), method: 'POST', hasOwnSignature: false },
    secret,
    clockAt(nowMs),
  ).headers;
}

/** A request as signing and verifying take it. */
export const subject = (body: string | Uint8Array, headers: readonly Header[] = []): SignedSubject => ({
  method: 'POST',
  url: new URL('https://example.com/hook'),
  headers,
  body: Buffer.from(body as string),
});

/** Each sample an event should have, with the name of its file. */
export function listSamples(event: VendorEvent): { file: string; sample: SampleChoice }[] {
  return [
    { file: `${event.name}.json`, sample: { sample: 'full' } },
    { file: `${event.name}.minimal.json`, sample: { sample: 'minimal' } },
    ...variantNames(event).map((variant) => ({
      file: `${event.name}.${variant}.json`,
      sample: { variant },
    })),
  ];
}

/** Paths below `fixtures/<folder>`, files only, sorted. */
export function listFixtures(folder: string): string[] {
  const entries = readdirSync(resolve(FIXTURES, folder), { recursive: true, withFileTypes: true });
  const root = resolve(FIXTURES, folder);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      resolve(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .toSorted();
}
