import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import { FULL_SAMPLE, makeEvent, targetOptions } from '../../../src/flows/send/make-event.ts';
import { ageAtBirth } from '../../../src/flows/send/probe-age.ts';
import { runRetries, type RetryRunOptions } from '../../../src/flows/send/run-retries.ts';
import { openTargets } from '../../../src/flows/session/open-target.ts';
import { chooseSuiteTargets } from '../../../src/flows/test/suite-choice.ts';
import type { Report } from '../../../src/model/report.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { readObject } from '../../../src/vendors/event-key.ts';
import { readEventTime } from '../../../src/vendors/event-time.ts';
import { findVendor } from '../../helpers/vendors.ts';
import { findEvent } from '../../../src/vendors/find-event.ts';
import { openEndpoint, type Endpoint, type Seen } from '../../helpers/endpoint.ts';
import { builtInVendors } from '../../../src/vendors/registry.ts';

const SECRET = 'whsec_retries_test';
const WINDOW_MS = 5 * 60_000;

interface Row {
  vendor: string;
  event?: string;
  failFirst?: number;
  loseNext?: number;
  select?: string[];
  timeScale?: number;
  answer: (seen: Seen, count: number, vendor: string) => number;
}

/** Walks the ladder as `webhook retries` does, in no time. */
async function walk({ answer, vendor: id, select, ...row }: Row): Promise<{ report: Report; endpoint: Endpoint }> {
  const vendor = findVendor(id);
  const endpoint = await openEndpoint((response, seen, count) =>
    response.writeHead(answer(seen, count, id)).end('{"status":"ok"}'),
  );
  const none = { path: null, webhooks: [] };
  const [choice] = await chooseSuiteTargets({ names: [], url: endpoint.url, vendor: id }, none, builtInVendors);
  if (choice === undefined) throw new Error('no target');
  const secret = vendor.signature.value === null ? undefined : SECRET;
  const [target] = await openTargets(
    [{ ...choice, event: findEvent(vendor, row.event ?? vendor.events[0]?.name ?? '') }],
    { resolve: [], connectTo: [], secret },
    { workingDirectory: '.', env: {}, stdin: process.stdin },
  );
  if (target === undefined) throw new Error('no target');
  onTestFinished(() => target.close());
  const ids = makeIds(systemRandom());
  const options: RetryRunOptions = {
    failFirst: 0,
    loseNext: 0,
    failStatus: 503,
    timeScale: 1e8,
    effects: null,
    ...row,
    describe: (ms) => `${Math.round(ms / 60_000)} min`,
    planEvent: (agoMs) =>
      makeEvent(
        { ...FULL_SAMPLE, select, ...targetOptions(target, ids.uuidV7(Date.now())) },
        vendor,
        target.signingSecret,
        { ...systemClock, now: () => Date.now() - agoMs },
        ids,
      ),
  };
  const environment = { clock: systemClock, recordClock: systemClock, recordIds: ids, history: null };
  const { report } = await runRetries(target, options, { ...environment, transport: await target.transport() });
  return { report, endpoint };
}

/** A receiver that goes by the event's own date. */
const byEventDate: Row['answer'] = ({ body }, _, vendor) => {
  const date = readEventTime(findVendor(vendor), readObject(body));
  return date !== null && Math.abs(Date.now() - date) > WINDOW_MS ? 401 : 200;
};

/** A receiver that goes by the time of the signature. */
const bySignature: Row['answer'] = ({ headers }) => {
  const time = Number(/t=(\d+)/.exec(headers['x-mailkite-signature'] ?? '')?.[1]);
  return Math.abs(Date.now() - (time < 1e11 ? time * 1000 : time)) > WINDOW_MS ? 401 : 200;
};

const OUR_LADDER = 'the retry ladder: our choice, not documented';
const OUR_ZONE = 'the date in DATE (zone Europe/Prague): our choice, not documented';

test.each<[vendor: string, failFirst: number, assumptions: string[], said: RegExp]>([
  [
    'mailkit',
    9,
    [OUR_ZONE],
    /^webhook deactivated .*; the event was 1440 min old at attempt 10 and was refused, while/,
  ],
  ['mailkite', 3, [], /^given up .*; the event was 35 min old at attempt 8 and was refused, while/],
  ['mailkite-selfhost', 4, [], /^given up .*; the event was 66 min old at attempt 5 and was refused, while/],
  ['mail2many', 2, [OUR_LADDER], /^given up .*; the event was 6 min old at attempt 6 and was refused, while/],
  ['mail-plus', 3, [OUR_LADDER], /^given up .*; the event was 36 min old at attempt 6 and was refused, while/],
])(
  '%s: a window of five minutes on the date of the event refuses a late attempt',
  async (vendor, failFirst, assumptions, said) => {
    const { report } = await walk({ vendor, failFirst, answer: byEventDate });
    expect(report).toMatchObject({ isGood: false, conclusion: expect.stringMatching(said) });
    const age = report.findings.find(({ id }) => id === 'age');
    expect(age).toMatchObject({
      status: assumptions.length === 0 ? 'fail' : 'warn',
      assumptions,
    });
    expect(report.findings.find(({ id }) => id === 'recovery')?.status).toBe(age?.status);
  },
);

test.each([
  ['mailkite', 6, /^accepted at attempt 7, .*; the event was 1055 min old at attempt 7$/],
  ['mailkite-selfhost', 3, /^accepted at attempt 4, .*; the event was 36 min old at attempt 4$/],
])(
  '%s: a window on the time of the signature takes every attempt, old as the event is',
  async (vendor, failFirst, said) => {
    const { report, endpoint } = await walk({ vendor, failFirst, answer: bySignature });
    expect(report).toMatchObject({ isGood: true, conclusion: expect.stringMatching(said) });
    expect(endpoint.seen).toHaveLength(1);
  },
);

test('a ladder that is walked at its own pace needs no older event', () => {
  const steps = [0, 60_000].map((sinceStartMs, index) => ({ attempt: index + 1, delayMs: sinceStartMs, sinceStartMs }));
  const birth = (timeScale: number): number => ageAtBirth(steps, { failFirst: 1, loseNext: 0, timeScale });
  expect([1, 2, 1e9].map(birth)).toEqual([0, 30_000, 60_000]);
});

test('answers that were lost: the bytes stay, and the last of those attempts has the right age', async () => {
  const { report, endpoint } = await walk({ vendor: 'mailkite', failFirst: 1, loseNext: 2, answer: () => 200 });
  expect(new Set(endpoint.seen.map(({ body }) => body.toString())).size).toBe(1);
  expect(report).toMatchObject({ isGood: true, conclusion: expect.stringMatching(/35 min old at attempt 4$/) });
});

test.each<[what: string, answer: Row['answer'], isGood: boolean, said: RegExp]>([
  [
    'looks at no date',
    (_, count) => (count < 4 ? 503 : 200),
    true,
    /36 min after the first; another event, 36 min old, was also accepted$/,
  ],
  [
    'looks at the date',
    (seen, count, vendor) => (count < 4 ? 503 : byEventDate(seen, count, vendor)),
    false,
    /36 min after the first; another event, 36 min old, was refused \(401\)$/,
  ],
  [
    'is gone afterwards',
    (_, count) => (count < 4 ? 503 : count === 4 ? 200 : 500),
    false,
    /another event, 36 min old, was refused \(500\)$/,
  ],
])(
  'an endpoint that is down by itself, and %s: the age is tried with another event',
  async (_, answer, isGood, said) => {
    const { report } = await walk({ vendor: 'mail2many', answer });
    expect(report).toMatchObject({ isGood, conclusion: expect.stringMatching(said) });
    expect(report.conclusion).toContain('the event was 0 min old at attempt 4');
  },
);

test.each<[what: string, row: Row, age: object]>([
  [
    'refuses everything',
    { vendor: 'mail2many', failFirst: 3, answer: () => 500 },
    { status: 'skip', detail: expect.stringContaining('age is not the reason') },
  ],
  [
    'takes the first attempt',
    { vendor: 'mail2many', answer: () => 200 },
    { status: 'skip', detail: expect.stringContaining('there was no age to test') },
  ],
  [
    'gets no date',
    { vendor: 'mail-plus', failFirst: 2, select: ['subject'], answer: () => 200 },
    { status: 'skip', detail: 'nothing in the event is dated: age was not tested' },
  ],
  [
    'gets the date of the mail alone',
    { vendor: 'mail-plus', failFirst: 2, select: ['header'], answer: () => 200 },
    { status: 'pass', detail: 'the event was 6 min old at attempt 3' },
  ],
  [
    'gets an event of another form',
    { vendor: 'mailkite', event: 'email.bounced', failFirst: 3, answer: () => 200 },
    { status: 'pass', detail: 'the event was 35 min old at attempt 4' },
  ],
])('an endpoint that %s', async (_, row, age) => {
  const { report } = await walk(row);
  expect(report.findings.find(({ id }) => id === 'age')).toMatchObject(age);
});
