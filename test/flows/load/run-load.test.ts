import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { connectionsOf, startLoad, type LoadPlan } from '../../../src/flows/load/run-load.ts';
import type { LoadEnvironment } from '../../../src/flows/load/load-sender.ts';
import { chooseLoad } from '../../../src/flows/load/choose-load.ts';
import { FULL_SAMPLE } from '../../../src/flows/send/make-event.ts';
import { openTarget } from '../../../src/flows/session/open-target.ts';
import { openRecorder } from '../../../src/history/store/recorder.ts';
import type { LoadReport } from '../../../src/model/load-report.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { builtInVendors } from '../../../src/vendors/registry.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { openServer } from '../../helpers/raw-server.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { findVendor } from '../../helpers/vendors.ts';

const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';

interface TestRun extends Partial<LoadPlan> {
  url: string;
  vendor?: string;
  event?: string;
  /** Milliseconds. */
  maxTime?: number;
  environment?: Partial<LoadEnvironment>;
}

/** A run over an own transport; without a history unless `environment` brings a recorder. */
async function runTestLoad({
  url,
  vendor = 'mail2many',
  event = 'optin',
  maxTime,
  environment,
  ...differing
}: TestRun): Promise<LoadReport> {
  const { target: chosen, mix } = await chooseLoad(
    { url, vendor, event },
    { path: null, webhooks: [] },
    builtInVendors,
  );
  const arrival = differing.arrival ?? { kind: 'closed', connections: 4 };
  const target = await openTarget(
    chosen,
    { secret: SECRET, resolve: [], connectTo: [], maxTime, connections: connectionsOf(arrival) },
    { workingDirectory: '.', env: {}, stdin: [] as never },
  );
  onTestFinished(() => target.close());
  const clock = { now: () => Date.now(), sleep: (ms: number) => setTimeout(ms) };
  const ids = makeIds(systemRandom());
  const { ended } = startLoad(
    { target, mix, content: FULL_SAMPLE, arrival, durationMs: Infinity, count: Infinity, burst: null, ...differing },
    {
      clockOf: () => clock,
      idsOf: () => ids,
      newDeliveryId: () => ids.uuidV7(Date.now()),
      recordClock: clock,
      recordIds: ids,
      random: systemRandom(),
      signal: new AbortController().signal,
      recorder: null,
      ...environment,
      transport: await target.transport(),
    },
  );
  return ended;
}

const constant = (perSecond: number, maxInFlight = 1000): LoadPlan['arrival'] => ({
  kind: 'constant',
  perSecond,
  maxInFlight,
});

test.each(['mail2many', 'mailkite', 'stripe'])(
  '%s: every event is new and rightly signed, by its weight, and recorded',
  async (vendor) => {
    const [first, second] = findVendor(vendor).events.map(({ name }) => name) as [string, string];
    const server = await openReferenceServer(findVendor(vendor), { secret: SECRET });
    const file = join(testFolder(), 'history.db');
    const recorder = await openRecorder(file, { onFailure: (error) => expect.fail(error.message) });
    const report = await runTestLoad({
      url: server.url,
      vendor,
      event: `${first}=3,${second}=1`,
      count: 40,
      environment: { recorder },
    });
    await recorder.close();
    expect(report).toMatchObject({
      counts: { started: 40, delivered: 40, unrecorded: 0 },
      events: { [first]: 3, [second]: 1 },
      statuses: expect.any(Object),
      errorCodes: {},
      isInterrupted: false,
      late: { count: 0, share: 0 },
    });
    expect(new Set(server.effects).size).toBe(40);
    const history = await openHistory(file);
    onTestFinished(() => history.close());
    const listed = await history.list({ limit: 100 });
    expect(listed.every(({ attempts: [attempt] }) => attempt?.outcome === 'delivered')).toBe(true);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(40);
    const timesOf = (name: string): number => listed.filter(({ event: one }) => one === name).length;
    expect([timesOf(first), timesOf(second)]).toEqual([30, 10]);
  },
);

const STALL_MS = 600;

/** Answers at once, but for one stall in which it answers nothing. */
async function openStalling(): Promise<string> {
  const held: ServerResponse[] = [];
  let isStalled = false;
  const { url } = await openEndpoint((response, _, count) => {
    if (count === 20) {
      isStalled = true;
      void setTimeout(STALL_MS).then(() => {
        isStalled = false;
        for (const one of held) one.end('ok');
      });
    }
    if (isStalled) held.push(response);
    else response.end('ok');
  });
  return url;
}

test('a stall that a closed loop hides is in the response times of an open one, and not in its service times', async () => {
  const closed = await runTestLoad({
    url: await openStalling(),
    count: 100,
    arrival: { kind: 'closed', connections: 1 },
  });
  const arrival = { ...constant(100), connections: 1 };
  const open = await runTestLoad({ url: await openStalling(), count: 100, arrival });
  for (const { counts } of [closed, open]) expect(counts).toMatchObject({ started: 100, delivered: 100, dropped: 0 });
  expect(closed.response).toEqual(closed.service);
  // One event of a hundred met the stall itself; those that were due meanwhile waited for it, more than half of all.
  for (const { service } of [closed, open]) {
    expect(service.maxMs).toBeGreaterThan(STALL_MS - 50);
    expect(service.p90Ms).toBeLessThan(STALL_MS / 2);
  }
  expect(open.response.p90Ms).toBeGreaterThan(STALL_MS / 2);
});

test('what is due while too many are in flight is dropped and counted, and the others are not held up', async () => {
  const held: ServerResponse[] = [];
  const { url } = await openEndpoint((response, _, count) => {
    held.push(response);
    if (count === 5) void setTimeout(700).then(() => held.forEach((one) => one.end('ok')));
  });
  const report = await runTestLoad({ url, durationMs: 500, arrival: constant(100, 5) });
  expect(report.counts).toMatchObject({ started: 5, delivered: 5, dropped: 45 });
  expect(report.series.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(45);
});

test('an endpoint that dies and comes back in the middle is counted right', async () => {
  let answered = 0;
  const make = (): Server =>
    createServer((_, response) => {
      answered += 1;
      response.end('ok');
    });
  const first = make();
  const port = await openServer(first);
  const run = runTestLoad({ url: `http://127.0.0.1:${port}/`, durationMs: 1500, arrival: constant(100) });
  await setTimeout(400);
  first.closeAllConnections();
  await new Promise((closed) => first.close(closed));
  await setTimeout(400);
  await openServer(make(), '127.0.0.1', port);
  const { counts, statuses, errorCodes, series } = await run;
  expect(counts).toMatchObject({ started: 150, delivered: answered, refused: 0, dropped: 0 });
  expect(counts.delivered + counts.unreachable).toBe(150);
  expect(statuses).toEqual({ 200: answered });
  expect(errorCodes['ECONNREFUSED']).toBeGreaterThan(0);
  expect(Object.values(errorCodes).reduce((sum, count) => sum + count, 0)).toBe(counts.unreachable);
  // After the outage it answers again.
  expect(series.at(-1)?.delivered).toBeGreaterThan(0);
});

test('--burst: what failed comes back by the ladder, signed anew, until it is delivered', async () => {
  const server = await openReferenceServer(findVendor('mail2many'), { secret: SECRET, before: failing(30) });
  const report = await runTestLoad({
    url: server.url,
    count: 20,
    burst: { timeScale: 600_000 },
    arrival: constant(1000),
  });
  expect(report.counts).toMatchObject({
    started: 20,
    delivered: 20,
    refused: 0,
    unreachable: 0,
    retries: 30,
    forgotten: 0,
  });
  expect(report.errorCodes).toEqual({ CLOSED: 30 });
  expect(new Set(server.effects).size).toBe(20);
});

test('a request that goes out twice, since the endpoint ended a connection unanswered, is counted', async () => {
  const { url, seen } = await openEndpoint((response, _, count) => {
    if (count % 10 === 0) response.socket?.destroy();
    else response.end('ok');
  });
  const report = await runTestLoad({ url, count: 45, arrival: { kind: 'closed', connections: 1 } });
  expect(report.counts).toMatchObject({ started: 45, delivered: 45, resent: 4 });
  expect(seen).toHaveLength(49);
});

test.each<[arrival: LoadPlan['arrival']]>([[constant(1000)], [{ kind: 'closed', connections: 5 }]])(
  '--burst: retries that this machine sends late make the results invalid: %j',
  async (arrival) => {
    const { url, seen } = await openEndpoint((response, _, count) => response.writeHead(count <= 5 ? 503 : 200).end());
    const busy = {
      now: () => {
        const until = performance.now() + (seen.length < 5 ? 0 : 30);
        while (performance.now() < until);
        return Date.now();
      },
      sleep: (ms: number) => setTimeout(ms),
    };
    const { counts, late, generator } = await runTestLoad({
      url,
      count: 5,
      burst: { timeScale: 600 },
      arrival,
      environment: { clockOf: () => busy },
    });
    expect(counts).toMatchObject({ started: 5, delivered: 5, retries: 5 });
    // Each one that is due waits until those before it are signed.
    expect(late.count).toBeGreaterThanOrEqual(4);
    expect(generator).toMatchObject({ isValid: false, reason: expect.stringContaining('of the attempts started') });
  },
);

test('--burst: no retry waits for a connection while one is free', async () => {
  let slow: ServerResponse | undefined;
  const { url } = await openEndpoint((response, _, count) => {
    if (count === 1) slow = response;
    else response.writeHead(count === 2 ? 503 : 200).end(() => count > 2 && slow?.end());
  });
  const arrival = { kind: 'closed', connections: 2 } as const;
  const report = await runTestLoad({ url, count: 2, burst: { timeScale: 600 }, arrival, maxTime: 5000 });
  expect(report).toMatchObject({ counts: { delivered: 2, retries: 1 }, statuses: { 200: 2, 503: 1 }, errorCodes: {} });
});

/** Drops so many requests. */
const failing =
  (most: number) =>
  (count: number): void => {
    if (count < most) throw new Error('dropped');
  };

test.each<[retryAfter: string | undefined, kept: number, broken: number]>([
  // The first wait of the ladder is a minute.
  ['60', 5, 0],
  ['61', 0, 5],
  ['soon', 0, 0],
  [undefined, 0, 0],
])('429 with Retry-After %s: whether the ladder keeps it', async (retryAfter, kept, broken) => {
  const known = new Set<string | undefined>();
  const { url } = await openEndpoint((response, { headers }) => {
    const isThrottled = !known.has(headers['x-mail2many-event-id']);
    known.add(headers['x-mail2many-event-id']);
    if (isThrottled && retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
    response.writeHead(isThrottled ? 429 : 200).end();
  });
  const report = await runTestLoad({
    url,
    count: 5,
    burst: { timeScale: 600_000 },
    arrival: { kind: 'closed', connections: 5 },
  });
  expect(report.counts).toMatchObject({ started: 5, delivered: 5, retries: 5 });
  expect(report.throttled).toEqual({ answers: 5, withRetryAfter: kept + broken, kept, broken });
});

test('an endpoint that never recovers: the ladder ends, and each event counts once', async () => {
  const { url, seen } = await openEndpoint((response) => response.writeHead(500).end());
  const report = await runTestLoad({ url, count: 10, burst: { timeScale: 86_400_000 } });
  // Six attempts each.
  expect(report.counts).toMatchObject({ started: 10, delivered: 0, refused: 10, retries: 50 });
  expect(report.statuses).toEqual({ 500: 60 });
  expect(seen).toHaveLength(60);
});

test('interrupted, it starts no more, and those in flight have two seconds', async () => {
  const interrupt = new AbortController();
  const { url, seen } = await openEndpoint((response, _, count) => {
    if (count <= 3) response.end('ok');
    if (count === 4) {
      interrupt.abort();
      void setTimeout(50).then(() => response.end('ok'));
    }
  });
  const report = await runTestLoad({
    url,
    arrival: { kind: 'closed', connections: 2 },
    environment: { signal: interrupt.signal },
  });
  expect(report).toMatchObject({ isInterrupted: true, counts: { started: seen.length, delivered: 4 } });
  expect(report.errorCodes).toEqual(seen.length === 5 ? { ABORTED: 1 } : {});
});

test('an attempt that was given up is a time-out, and took no longer than it was waited for', async () => {
  const { url } = await openEndpoint((response, _, count) => {
    if (count > 1) response.end('ok');
  });
  const report = await runTestLoad({ url, count: 4, maxTime: 1900 });
  expect(report).toMatchObject({
    counts: { started: 4, delivered: 3, unreachable: 1 },
    errorCodes: { TIMEOUT: 1 },
    slow: { timeoutMs: 10_000, waitedMs: 1900, aboveTimeoutShare: 0, above2sShare: 0 },
  });
});
