import { expect, test } from 'vitest';
import type { Finding } from '../../../src/model/finding.ts';
import { findingText } from '../../../src/report/describe-findings.ts';
import type { SuiteResult } from '../../../src/flows/test/run-suite.ts';
import { findVendor, SUITE_VENDORS } from '../../helpers/vendors.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { runSuiteAt } from '../../helpers/run-suite.ts';

const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';

const failing = ({ report }: SuiteResult): string[] =>
  report.findings
    .filter(({ status }) => status !== 'pass')
    .map(({ id, status, detail }) => `${status} ${id}: ${detail}`);

test.each(SUITE_VENDORS.map(({ id }) => id))(
  'the reference receiver of %s passes everything over the wire',
  async (id) => {
    const server = await openReferenceServer(findVendor(id), {});
    const result = await runSuiteAt(id, server.url, { effects: { url: server.effectsUrl }, effectsWaitMs: 100 });
    expect(failing(result)).toEqual([]);
    expect(result).toMatchObject({
      answered: true,
      report: {
        isGood: true,
        facts: { vendor: id, verdictsRestOn: 'effects' },
        conclusion: 'accepts every valid request and rejects every forged one',
      },
    });
  },
);

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
  const { report } = await runSuiteAt(vendor, server.url, {
    effects: { url: server.effectsUrl },
    effectsWaitMs: 100,
    severity: 'should',
    only: [id],
  });
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

test('a case of severity should is a warning, unless it is to break the build', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'any-method' });
  const lenient = await runSuiteAt('mailkite', server.url, { only: ['method-put'] });
  const strict = await runSuiteAt('mailkite', server.url, { only: ['method-put'], severity: 'should' });
  expect([
    lenient.report.findings[0]?.status,
    lenient.report.isGood,
    strict.report.findings[0]?.status,
    strict.report.isGood,
  ]).toEqual(['warn', true, 'fail', false]);
});

test('an endpoint that refuses everything proves nothing by its refusals', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'not-found' });
  const { report } = await runSuiteAt('mailkite', server.url, { only: ['event-full-*', 'no-signature'] });
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
  const { report, answered } = await runSuiteAt('mailkite', server.url, {});
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
  const { report, answered } = await runSuiteAt('mailkite', server.url, { only: ['accept'] });
  expect([answered, report.findings.every(({ status }) => status === 'skip')]).toEqual([false, true]);
});

test('an endpoint that never answers is bounded by the time for everything', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { before: () => false });
  const { report, answered } = await runSuiteAt('mailkite', server.url, { maxTimeMs: 400, only: ['accept'] });
  expect([answered, report.isGood, report.conclusion]).toEqual([
    false,
    false,
    'not finished within --max-time (0.4 s)',
  ]);
  expect(report.causes?.[0]?.fix).toMatch(/^run it again to try the \d+ cases left/);
});

test('a known failure is a warning, and one that is fixed is named', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'no-chunked' });
  const baseline = new Map([['mailkite', new Set(['chunked', 'burst'])]]);
  const { report, fixed, found } = await runSuiteAt('mailkite', server.url, { only: ['chunked', 'burst'], baseline });
  expect(report.findings.map(({ id, status }) => [id, status])).toEqual([
    ['chunked', 'warn'],
    ['burst', 'pass'],
  ]);
  expect([report.isGood, fixed, found.find(({ id }) => id === 'chunked')?.status]).toEqual([true, ['burst'], 'fail']);
});

test('an endpoint that breaks off at a claimed address is not said to refuse with and without it', async () => {
  const endpoint = await openEndpoint(
    (response, { headers }) => void ('x-real-ip' in headers ? response.destroy() : response.writeHead(403).end()),
  );
  const { report } = await runSuiteAt('mailkit', endpoint.url, { only: ['real-ip'] });
  expect(report.findings[0]).toMatchObject({
    status: 'fail',
    detail: expect.stringMatching(/^with "X-Real-IP: .*": no answer: /),
  });
});

test('an endpoint that answers no event does not answer, whatever it says to a readiness probe', async () => {
  const endpoint = await openEndpoint((response, { method }) => void (method === 'HEAD' ? response.end() : undefined));
  const { report, answered } = await runSuiteAt('mailkit', endpoint.url, { answerMs: 1000, only: ['chunked'] });
  expect([answered, report.conclusion]).toEqual([
    false,
    expect.stringMatching(/^the endpoint does not answer: .* did not answer within 1 s$/),
  ]);
  expect(report.findings[0]).toMatchObject({
    status: 'fail',
    mistake: expect.stringContaining('waits for something'),
    fix: expect.stringContaining('log'),
  });
});

test('a bad request without an answer is reported as that, not as the mistake its case looks for', async () => {
  const endpoint = await openEndpoint(
    (response, { body, method }) => void (body.length === 0 && method === 'POST' ? undefined : response.end()),
  );
  const { report, answered } = await runSuiteAt('mailkit', endpoint.url, {
    answerMs: 1000,
    only: ['empty-body', 'keep-alive'],
  });
  const finding = report.findings.find(({ id }) => id === 'empty-body');
  expect([answered, finding]).toEqual([
    true,
    expect.objectContaining({ status: 'fail', mistake: expect.stringContaining('waits for something') }),
  ]);
});

test.each([
  ['content-type-text', 'answer 415'],
  ['method-get', 'accept only POST'],
  ['wrong-secret', ''],
])('%s answered 500 is told as an error of the handler, not as the mistake the case looks for', async (only, fix) => {
  const { url } = await openEndpoint((response) => void response.writeHead(500).end());
  const { report } = await runSuiteAt('mail2many', url, { only: [only], severity: 'should' });
  expect(report.findings[0]).toMatchObject({
    observed: expect.stringMatching(/^500/),
    mistake: 'the handler fails with an error instead of refusing it',
    fix: expect.stringContaining(`check the endpoint's log for the error; then  ${fix}`),
  });
});

test('an endpoint that answers 200 to every forgery and processes none reads so in the headline', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'answers-before-verifying' });
  const { report } = await runSuiteAt('mailkite', server.url, {
    effects: { url: server.effectsUrl },
    effectsWaitMs: 100,
    only: ['event-full-email.received', 'wrong-secret', 'no-signature'],
  });
  expect([report.isGood, report.conclusion]).toEqual([
    true,
    'accepts valid requests and processes no forged requests, ' +
      'but answers with success in 2 of 2 cases where it must reject',
  ]);
});

test('what has to be survived and is only answered 429 proves nothing', async () => {
  const { url } = await openEndpoint(
    (response, { body }) => void response.writeHead(body.length > 10_000 ? 429 : 200).end(),
  );
  const { report } = await runSuiteAt('mailkit', url, { only: ['chunked', 'deep-nesting'] });
  expect([report.isGood, report.conclusion]).toEqual([
    false,
    expect.stringMatching(/^requests are answered 429: in 1 of 2 cases that proves nothing/),
  ]);
});

test('a failure that rests on what nobody documents is a warning that says so', async () => {
  const server = await openReferenceServer(findVendor('mail2many'), { bug: 'conflict-on-repeat' });
  const { report } = await runSuiteAt('mail2many', server.url, { only: ['same-id-again'] });
  expect([report.isGood, report.findings[0]]).toMatchObject([
    true,
    {
      status: 'warn',
      severity: 'should',
      assumptions: ['how a repeated event is recognised: our choice, not documented'],
    },
  ]);
  expect(findingText(report.findings[0] as Finding)).toContain(
    'assumes: how a repeated event is recognised: our choice, not documented',
  );
});
