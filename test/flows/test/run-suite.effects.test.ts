import { expect, test } from 'vitest';
import type { SuiteResult } from '../../../src/flows/test/run-suite.ts';
import { findVendor } from '../../helpers/vendors.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { openReferenceServer, type ReferenceServer } from '../../helpers/reference-server.ts';
import { runSuiteAt } from '../../helpers/run-suite.ts';

test('without effects one that refuses and processes all the same looks right, and the report says so', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'processes-refused' });
  const { report } = await runSuiteAt('mailkite', server.url, { only: ['wrong-secret'] });
  expect(report).toMatchObject({
    isGood: true,
    facts: { verdictsRestOn: 'status' },
    conclusion: expect.stringContaining('by status alone'),
  });
});

test.each([
  ['seen', 600, undefined, 'fail'],
  ['missed', 20_000, 0, 'pass'],
] as const)(
  'an effect that comes late through a queue is %s: after %d ms, waited for %d',
  async (_, effectsAfterMs, effectsWaitMs, status) => {
    const server = await openReferenceServer(findVendor('mailkite'), { bug: 'processes-refused', effectsAfterMs });
    const { report } = await runSuiteAt('mailkite', server.url, {
      effects: { url: server.effectsUrl },
      only: ['wrong-secret'],
      ...(effectsWaitMs === undefined ? {} : { effectsWaitMs }),
    });
    expect(report.findings.map((finding) => finding.status)).toEqual([status]);
  },
);

test('effects that cannot be read end the run before anything is sent', async () => {
  let asked = 0;
  const server = await openReferenceServer(findVendor('mailkite'), {
    before: () => {
      asked += 1;
    },
  });
  await expect(runSuiteAt('mailkite', server.url, { effects: { command: 'exit 3' } })).rejects.toMatchObject({
    kind: 'input',
    message: 'the command of --effects-cmd exited with 3',
  });
  const { report, answered } = await runSuiteAt('mailkite', server.url, { effects: { url: server.url } });
  expect([answered, report.conclusion, new Set(report.findings.map(({ status }) => status))]).toEqual([
    false,
    `the effects could not be read: ${server.url} answered 405`,
    new Set(['skip']),
  ]);
  expect(report.causes?.map(({ fix }) => fix)).toEqual(['check --effects-url']);
  expect(asked).toBe(1);
});

/** Reports what the server has processed so many times, then fails. */
async function reportingFor(reads: number, server: ReferenceServer): Promise<string> {
  const source = await openEndpoint(
    (response, _, count) =>
      void (count <= reads ? response.end(JSON.stringify(server.effects)) : response.writeHead(503).end()),
  );
  return source.url;
}

test('a source that fails before the forgeries leaves a partial report, which says on what it rests', async () => {
  const server = await openReferenceServer(findVendor('mailkite'));
  const url = await reportingFor(1, server);
  const { report, answered } = await runSuiteAt('mailkite', server.url, {
    effects: { url },
    only: ['event-full-email.received', 'wrong-secret'],
  });
  expect([answered, report.isGood, report.conclusion, report.facts['stopped']]).toEqual([
    false,
    false,
    `the effects could no longer be read: ${url} answered 503`,
    report.conclusion,
  ]);
  expect(report.findings.map(({ id, status, detail }) => [id, status, detail])).toEqual([
    ['event-full-email.received', 'pass', 'answered 200 (by status alone: what was processed could not be read)'],
    ['wrong-secret', 'skip', `not tried: ${report.conclusion}`],
  ]);
});

/** The verdict on one forgery, whose effects can no longer be read. */
async function judgeForgery(bug: string | undefined, known: readonly string[] = []): Promise<SuiteResult> {
  const server = await openReferenceServer(findVendor('mailkite'), { bug });
  return runSuiteAt('mailkite', server.url, {
    effects: { url: await reportingFor(2, server) },
    only: ['wrong-secret'],
    baseline: new Map([['mailkite', new Set(known)]]),
  });
}

test('a source that fails after the forgeries: what the status shows is judged, and nothing else', async () => {
  // At once, for each waits two seconds for the source to come back.
  const results = await Promise.all([
    judgeForgery('answers-before-verifying'),
    judgeForgery('server-error-on-bad-signature'),
    judgeForgery(undefined),
    judgeForgery('processes-refused', ['wrong-secret']),
  ]);
  expect(results.map(({ answered, report }) => [answered, report.findings[0]?.status])).toEqual([
    [false, 'skip'],
    [false, 'warn'],
    [false, 'pass'],
    [false, 'pass'],
  ]);
  const [early, outage, good, known] = results;
  expect(early?.report.findings[0]?.detail).toContain(
    'inconclusive by status alone, and what was processed could not be read',
  );
  expect(outage?.report.findings[0]?.detail).toContain('the vendor treats that as an outage');
  expect(good?.report.findings[0]?.detail).toContain('by status alone');
  // A known failure that passes by status alone is not called fixed.
  expect(known?.fixed).toEqual([]);
});

test('a source that fails for a moment, as it does while the endpoint restarts, is asked again', async () => {
  const server = await openReferenceServer(findVendor('mailkite'));
  const source = await openEndpoint(
    (response, _, count) =>
      void (count === 2 || count === 3 ? response.writeHead(502).end() : response.end(JSON.stringify(server.effects))),
  );
  const { report } = await runSuiteAt('mailkite', server.url, {
    effects: { url: source.url },
    only: ['event-full-email.received'],
  });
  expect(report).toMatchObject({
    isGood: true,
    conclusion: 'accepts valid requests',
    findings: [{ detail: 'answered 200, processed once' }],
  });
});

test.each([
  [100, 'fail', 'it is lost, or still in a slow queue (--effects-wait)'],
  [20_000, 'pass', 'processed once'],
])('an accepted event that is processed 600 ms late, waited for %d ms: %s', async (effectsWaitMs, status, detail) => {
  const server = await openReferenceServer(findVendor('mailkite'), { effectsAfterMs: 600 });
  const { report } = await runSuiteAt('mailkite', server.url, {
    effects: { url: server.effectsUrl },
    effectsWaitMs,
    only: ['event-full-email.received'],
  });
  expect(report.findings[0]).toMatchObject({ status, detail: expect.stringContaining(detail) });
});
