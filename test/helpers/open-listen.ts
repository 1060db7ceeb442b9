import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/cli/terminal/environment.ts';
import type { Expected } from '../../src/flows/receive/judge-received.ts';
import { listen, type ListenEnd, type ListenOptions } from '../../src/flows/receive/listen.ts';
import type { ReceivedEvent } from '../../src/flows/receive/received-event.ts';
import { chooseResponder } from '../../src/flows/receive/responder.ts';
import type { Recorder } from '../../src/history/store/recorder.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { makeIds, systemRandom } from '../../src/plan/ids.ts';
import { makeGate } from './gate.ts';

export interface OpenListen {
  origin: string;
  /** An endpoint of it. */
  url: string;
  port: number;
  received: ReceivedEvent[];
  ended: Promise<ListenEnd>;
}

export interface OpenListenOptions extends Partial<ListenOptions> {
  recorder?: Recorder | null;
  answersStored?: boolean;
  stop?: AbortController;
}

export const expectedOf = (vendor: Vendor, secret: string, vendors: readonly Vendor[] = [vendor]): Expected => ({
  vendor,
  vendors,
  verifies: true,
  secretsOf: () => [secret],
});

/** `webhook listen` in this process, on a real socket. It has ended when the test ends. */
export async function openListen(
  expected: Expected,
  { recorder = null, answersStored = false, stop = new AbortController(), ...options }: OpenListenOptions = {},
): Promise<OpenListen> {
  const received: ReceivedEvent[] = [];
  const ready = makeGate();
  let origin = '';
  const ended = listen(
    {
      receiver: { host: '127.0.0.1', port: 0, maxBodyBytes: 8 * 1024 * 1024 },
      expected,
      script: { statuses: [], delayMs: 0, drops: false, acks: false },
      attachments: null,
      responder: chooseResponder(undefined, expected),
      forward: null,
      webhookUuid: null,
      exitAfter: null,
      forMs: null,
      ...options,
    },
    {
      recorder,
      answersStored,
      clock: systemClock,
      ids: makeIds(systemRandom()),
      signal: stop.signal,
      onReady: (at) => {
        origin = at;
        ready.open();
      },
      onReceived: (event) => void received.push(event),
      onFetched: () => undefined,
      onError: (error) => {
        throw error;
      },
    },
  );
  // The error that a test stopped it with is for that test to await.
  const settled = ended.catch((error: unknown) => {
    if (error !== stop.signal.reason) throw error;
  });
  onTestFinished(async () => {
    stop.abort();
    await settled;
  });
  await Promise.race([ready.opened, ended]);
  return { origin, url: `${origin}/hook`, port: Number(new URL(origin).port), received, ended };
}
