import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { chooseLoad } from '../../../src/flows/load/choose-load.ts';
import type { LoadContent, LoadEnvironment } from '../../../src/flows/load/load-sender.ts';
import { warmUp } from '../../../src/flows/load/warm-up.ts';
import { FULL_SAMPLE } from '../../../src/flows/send/make-event.ts';
import { openTarget } from '../../../src/flows/session/open-target.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { builtInVendors } from '../../../src/vendors/registry.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';

async function contentFor(url: string): Promise<LoadContent> {
  const { target: chosen, mix } = await chooseLoad(
    { url, vendor: 'mail2many', event: 'optin' },
    { path: null, webhooks: [] },
    builtInVendors,
  );
  const target = await openTarget(
    chosen,
    { secret: 's3cret', resolve: [], connectTo: [] },
    { workingDirectory: '.', env: {}, stdin: [] as never },
  );
  onTestFinished(() => target.close());
  return { target, mix, content: FULL_SAMPLE };
}

/** An environment that notes which events were made. */
function makeEnvironment(signal: AbortSignal): {
  made: number[];
  environment: Omit<LoadEnvironment, 'transport' | 'recorder'>;
} {
  const made: number[] = [];
  const clock = { now: () => Date.now(), sleep: (ms: number) => setTimeout(ms) };
  const ids = makeIds(systemRandom());
  const clockOf = (): typeof clock => clock;
  const idsOf = (index: number): typeof ids => {
    made.push(index);
    return ids;
  };
  const newDeliveryId = (): string => ids.uuidV7(Date.now());
  return { made, environment: { clockOf, idsOf, newDeliveryId, recordClock: clock, recordIds: ids, signal } };
}

test('events are made and signed as in the run, and none of them reaches the endpoint', async () => {
  const endpoint = await openEndpoint();
  const { made, environment } = makeEnvironment(new AbortController().signal);
  await warmUp(await contentFor(endpoint.url), environment);
  // How many it makes in its half a second is the machine's business.
  expect(made.length).toBeGreaterThan(0);
  expect(new Set(made).size).toBe(made.length);
  expect(endpoint.seen).toEqual([]);
});

test('an interrupted run makes none', async () => {
  const { made, environment } = makeEnvironment(AbortSignal.abort());
  await warmUp(await contentFor('http://127.0.0.1:9/'), environment);
  expect(made).toEqual([]);
});
