import { endGroup } from '../../../src/cli/terminal/exit.ts';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import type { OpenTarget } from '../../../src/flows/session/open-target.ts';
import { openTargets } from '../../../src/flows/session/open-target.ts';
import { chooseSuiteTargets } from '../../../src/flows/test/suite-choice.ts';
import { systemClock } from '../../../src/flows/session/clock.ts';
import { runSuite, type SuiteOptions, type SuiteResult } from '../../../src/flows/test/run-suite.ts';
import { readEffects } from '../../../src/flows/session/read-effects.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { findVendor, VENDORS } from '../../../src/vendors/index.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';

const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';

const DEFAULTS: SuiteOptions = {
  effects: null,
  severity: 'must',
  baseline: null,
  maxTimeMs: 60_000,
  only: [],
  skip: [],
  rerun: (id) => `again ${id}`,
};

async function targetOf(vendor: string, url: string, maxTime?: number): Promise<OpenTarget> {
  const targets = chooseSuiteTargets({ names: [], url, vendor }, { path: null, webhooks: [] });
  const options = {
    resolve: [],
    connectTo: [],
    ...(findVendor(vendor).signature.value === null ? {} : { secret: SECRET }),
    ...(maxTime === undefined ? {} : { maxTime }),
  };
  const [target] = await openTargets(targets, options, { workingDirectory: '.', env: {}, stdin: process.stdin });
  return target as OpenTarget;
}

async function run(
  vendor: string,
  url: string,
  options: Partial<SuiteOptions> = {},
  maxTime?: number,
): Promise<SuiteResult> {
  const world = {
    clock: systemClock,
    ids: makeIds(systemRandom()),
    signal: new AbortController().signal,
    showProgress: () => undefined,
  };
  return runSuite(await targetOf(vendor, url, maxTime), { ...DEFAULTS, ...options }, world);
}

const failing = ({ report }: SuiteResult): string[] =>
  report.findings
    .filter(({ status }) => status !== 'pass')
    .map(({ id, status, detail }) => `${status} ${id}: ${detail}`);

test.each(VENDORS.map(({ id }) => id))('the reference receiver of %s passes everything over the wire', async (id) => {
  const server = await openReferenceServer(findVendor(id), {});
  const result = await run(id, server.url, { effects: { url: server.effectsUrl } });
  expect(failing(result)).toEqual([]);
  expect(result).toMatchObject({
    answered: true,
    report: {
      isGood: true,
      facts: { vendor: id, verdictsRestOn: 'effects' },
      conclusion: 'accepts what it must and refuses what it must',
    },
  });
});

/** What the suite says over the wire of receivers with one bug: the table of all of them is in test/conform. */
test.each([
  ['mailkite', 'no-verification', 'no-signature'],
  ['mailkite', 'processes-refused', 'wrong-secret'],
  ['mailkite', 'reserialised-body', 'body-respaced'],
  ['mailkite', 'no-expect', 'expect-continue'],
  ['mailkite', 'one-request-per-connection', 'keep-alive'],
  ['mail2many', 'no-chunked', 'chunked'],
  ['mail2many', 'rate-limited', 'burst'],
  ['mail2many', 'case-sensitive-header', 'headers-lower-case'],
  ['mail2many', 'no-dedupe', 'same-id-again'],
  ['mail-plus', 'body-limit-1mb', 'large-5mib'],
  ['mailkit', 'answers-201', 'event-full-subscribe'],
])('%s with %s is found by %s over the wire', async (vendor, bug, id) => {
  const server = await openReferenceServer(findVendor(vendor), { bug });
  const { report } = await run(vendor, server.url, { effects: { url: server.effectsUrl }, only: [id] });
  const [finding] = report.findings;
  expect(finding).toMatchObject({
    id,
    status: 'fail',
    mistake: expect.any(String),
    fix: expect.any(String),
    reproduce: expect.stringMatching(/^(curl|again|printf)/),
  });
  expect(JSON.stringify(report)).not.toContain(SECRET);
  expect(report.isGood).toBe(false);
});

test('without effects a receiver that refuses and processes all the same looks right, and the report says on what it rests', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'processes-refused' });
  const { report } = await run('mailkite', server.url, { only: ['wrong-secret'] });
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
    const { report } = await run('mailkite', server.url, {
      effects: { url: server.effectsUrl },
      only: ['wrong-secret'],
      ...(effectsWaitMs === undefined ? {} : { effectsWaitMs }),
    });
    expect(report.findings.map((finding) => finding.status)).toEqual([status]);
  },
);

test('a case of severity should is a warning, unless it is to break the build', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'any-method' });
  const lenient = await run('mailkite', server.url, { only: ['method-put'] });
  const strict = await run('mailkite', server.url, { only: ['method-put'], severity: 'should' });
  expect([
    lenient.report.findings[0]?.status,
    lenient.report.isGood,
    strict.report.findings[0]?.status,
    strict.report.isGood,
  ]).toEqual(['warn', true, 'fail', false]);
});

test('an endpoint that refuses everything proves nothing by its refusals', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'not-found' });
  const { report } = await run('mailkite', server.url, { only: ['event-full-*', 'no-signature'] });
  expect(report).toMatchObject({
    isGood: false,
    facts: { refusesEverything: true },
    conclusion: expect.stringContaining('refuses everything'),
  });
});

test('an endpoint that dies in the middle leaves a partial report', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), {
    before: (count, self) => {
      if (count !== 12) return;
      self.kill();
      throw new Error('dies');
    },
  });
  const { report, answered } = await run('mailkite', server.url, {});
  const statuses = new Set(report.findings.map(({ status }) => status));
  expect([answered, report.isGood, statuses.has('pass'), statuses.has('skip')]).toEqual([false, false, true, true]);
  expect(report.conclusion).toMatch(/^the endpoint stopped answering: nothing listens/);
  expect(report.findings.find(({ status }) => status === 'skip')?.detail).toMatch(
    /^not tried: the endpoint stopped answering/,
  );
});

test('nothing listens: every case is skipped, and why is said', async () => {
  const server = await openReferenceServer(findVendor('mailkite'));
  server.kill();
  const { report, answered } = await run('mailkite', server.url, { only: ['accept'] });
  expect([answered, report.findings.every(({ status }) => status === 'skip')]).toEqual([false, true]);
});

test('an endpoint that never answers is bounded by the time for everything', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { before: () => false });
  const { report, answered } = await run('mailkite', server.url, { maxTimeMs: 400, only: ['accept'] });
  expect([answered, report.isGood, report.conclusion]).toEqual([
    false,
    false,
    'not finished within --max-time (0.4 s)',
  ]);
});

test('a known failure is a warning, and one that is mended is told', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'no-chunked' });
  const baseline = new Map([['mailkite', new Set(['chunked', 'burst'])]]);
  const { report, fixed, found } = await run('mailkite', server.url, { only: ['chunked', 'burst'], baseline });
  expect(report.findings.map(({ id, status }) => [id, status])).toEqual([
    ['chunked', 'warn'],
    ['burst', 'pass'],
  ]);
  expect([report.isGood, fixed, found.find(({ id }) => id === 'chunked')?.status]).toEqual([true, ['burst'], 'fail']);
});

test('effects that cannot be read end the run before anything is sent', async () => {
  let asked = 0;
  const server = await openReferenceServer(findVendor('mailkite'), {
    before: () => {
      asked += 1;
    },
  });
  await expect(run('mailkite', server.url, { effects: { command: 'exit 3' } })).rejects.toMatchObject({
    kind: 'input',
    message: 'the command of --effects-cmd ended with 3',
  });
  const { report, answered } = await run('mailkite', server.url, { effects: { url: server.url } });
  expect([answered, report.conclusion, new Set(report.findings.map(({ status }) => status))]).toEqual([
    false,
    `the effects could not be read: ${server.url} answered 405`,
    new Set(['skip']),
  ]);
  expect(asked).toBe(1);
});

test.each([
  ['printf "a\\nb\\n"', { a: 1, b: 1 }],
  ['echo \'["a","a"]\'', { a: 2 }],
])('effects by a command: %s', async (command, counts) => {
  expect(Object.fromEntries(await readEffects({ command }, new AbortController().signal))).toEqual(counts);
});

test('a command that prints without end, or stays silent, is stopped', async () => {
  const limited = new AbortController();
  await expect(readEffects({ command: 'yes 0123456789' }, limited.signal)).rejects.toThrow('gives more than');
  const waiting = readEffects({ command: 'sleep 60' }, limited.signal);
  limited.abort();
  await expect(waiting).rejects.toThrow('cannot be run');
});

test.skipIf(process.platform === 'win32')(
  'a command that is stopped ends with all that its shell started',
  async () => {
    const folder = testFolder();
    const limited = new AbortController();
    const waiting = readEffects({ endGroup, command: `sleep 30 & echo $! > ${folder}/pid; wait` }, limited.signal);
    const pid = await vi.waitFor(
      () => Number(/^\d+\n/.exec(readFileSync(`${folder}/pid`, 'utf8'))?.[0] ?? expect.fail('not started yet')),
      { timeout: 10_000 },
    );
    limited.abort();
    await expect(waiting).rejects.toThrow('cannot be run');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 10_000 });
  },
);

/** Where nobody takes over the orphans of a container, a killed one stays as a zombie. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '');
  } catch {
    return false;
  }
}
