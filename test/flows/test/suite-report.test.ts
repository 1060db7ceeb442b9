import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { findVendor } from '../../../src/vendors/index.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { runCommandLine } from '../../helpers/program.ts';
import { openReferenceServer, type ReferenceServer } from '../../helpers/reference-server.ts';
import { runSuiteAt } from '../../helpers/run-suite.ts';

/** Tells what the server has processed so many times, then fails. */
async function tellingFor(reads: number, server: ReferenceServer): Promise<string> {
  const source = await openEndpoint(
    (response, _, count) =>
      void (count <= reads ? response.end(JSON.stringify(server.effects)) : response.writeHead(503).end()),
  );
  return source.url;
}

test('a source of effects that fails before the forgeries leaves a partial report, which says on what it rests', async () => {
  const server = await openReferenceServer(findVendor('mailkite'));
  const url = await tellingFor(1, server);
  const { report, answered } = await runSuiteAt('mailkite', server.url, {
    effects: { url },
    only: ['event-full-email.received', 'wrong-secret'],
  });
  expect([answered, report.isGood, report.conclusion, report.facts['stopped']]).toEqual([
    false,
    false,
    `the effects could not be read any more: ${url} answered 503`,
    report.conclusion,
  ]);
  expect(report.findings.map(({ id, status, detail }) => [id, status, detail])).toEqual([
    ['event-full-email.received', 'pass', 'answered 200 (by status alone: what was processed could not be read)'],
    ['wrong-secret', 'skip', `not tried: ${report.conclusion}`],
  ]);
});

test.each([
  ['answers-before-verifying', 'skip', 'cannot be told by the status alone, and what was processed could not be read'],
  ['server-error-on-bad-signature', 'warn', 'the vendor takes that for an outage'],
  [undefined, 'pass', 'by status alone'],
])('a source that fails after the forgeries: of %s the verdict is %s', async (bug, status, detail) => {
  const server = await openReferenceServer(findVendor('mailkite'), bug === undefined ? {} : { bug });
  const { report, answered } = await runSuiteAt('mailkite', server.url, {
    effects: { url: await tellingFor(2, server) },
    only: ['wrong-secret'],
  });
  expect([answered, report.findings[0]]).toEqual([
    false,
    expect.objectContaining({ status, detail: expect.stringContaining(detail) }),
  ]);
});

test('a known failure that passes by status alone is not called fixed where effects were to tell and did not', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'processes-refused' });
  const { report, fixed } = await runSuiteAt('mailkite', server.url, {
    effects: { url: await tellingFor(2, server) },
    only: ['wrong-secret'],
    baseline: new Map([['mailkite', new Set(['wrong-secret'])]]),
  });
  expect([report.findings[0]?.status, fixed]).toEqual(['pass', []]);
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
    conclusion: 'accepts what it must',
    findings: [{ detail: 'answered 200, processed once' }],
  });
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

test.each([
  [100, 'fail', 'it is lost, or comes through a queue that is slower (--effects-wait)'],
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

test('an endpoint that answers no event does not answer, whatever it says to a knock', async () => {
  const endpoint = await openEndpoint((response, { method }) => void (method === 'HEAD' ? response.end() : undefined));
  const { report, answered } = await runSuiteAt('mailkit', endpoint.url, { answerMs: 200, only: ['chunked'] });
  expect([answered, report.conclusion]).toEqual([
    false,
    expect.stringMatching(/^the endpoint does not answer: .* did not answer within 200 ms$/),
  ]);
  expect(report.findings[0]).toMatchObject({
    status: 'fail',
    mistake: expect.stringContaining('waits for something'),
    fix: expect.stringContaining('log'),
  });
});

test('a bad request that is not answered is told as that, not as the mistake its case looks for', async () => {
  const endpoint = await openEndpoint(
    (response, { body, method }) => void (body.length === 0 && method === 'POST' ? undefined : response.end()),
  );
  const { report, answered } = await runSuiteAt('mailkit', endpoint.url, {
    answerMs: 200,
    only: ['empty-body', 'keep-alive'],
  });
  const finding = report.findings.find(({ id }) => id === 'empty-body');
  expect([answered, finding]).toEqual([
    true,
    expect.objectContaining({ status: 'fail', mistake: expect.stringContaining('waits for something') }),
  ]);
});

test('an endpoint that answers 200 to every forgery and processes none is told so in the headline', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'answers-before-verifying' });
  const { report } = await runSuiteAt('mailkite', server.url, {
    effects: { url: server.effectsUrl },
    only: ['event-full-email.received', 'wrong-secret', 'no-signature'],
  });
  expect([report.isGood, report.conclusion]).toEqual([
    true,
    'accepts what it must and processes nothing that it must refuse, but answers success in 2 of 2 cases where it must refuse',
  ]);
});

const hasCurl = ((): boolean => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasCurl)('what a finding says to see it again, pasted from an indented report (needs curl)', () => {
  test.each<[vendor: string, bug: string, id: string, status: string, answers: string[], holds: string]>([
    ['mailkite', 'no-verification', 'wrong-secret', 'fail', ['200'], '# later, signed anew: again wrong-secret'],
    ['mail2many', 'no-verification', 'wrong-secret', 'fail', ['200'], 'curl'],
    ['mail2many', 'conflict-on-repeat', 'same-id-again', 'fail', ['409', '409'], 'curl'],
    ['mail2many', 'no-dedupe', 'same-id-again', 'fail', ['200', '200'], '/processed'],
    ['mail2many', 'reads-by-pattern', 'json-spaced', 'fail', ['400'], 'base64 -d'],
    ['mailkit', 'any-content-type', 'content-type-text', 'warn', ['200'], 'curl'],
    ['mailkite', 'any-method', 'method-put', 'warn', ['200'], '-X PUT'],
    ['mailkite', 'server-error-on-bad-signature', 'wrong-secret', 'warn', ['500'], 'curl'],
  ])('%s with %s by %s', async (vendor, bug, id, status, answers, holds) => {
    const server = await openReferenceServer(findVendor(vendor), { bug });
    const { report } = await runSuiteAt(vendor, server.url, {
      effects: { url: server.effectsUrl },
      effectsWaitMs: 300,
      only: [id],
    });
    const [finding] = report.findings;
    const reproduce = finding?.reproduce ?? '';
    expect([finding?.status, reproduce]).toEqual([status, expect.stringContaining(holds)]);
    const ended = await runCommandLine('sh', [], { input: reproduce.replaceAll('\n', '\n                ') });
    expect(
      [...ended.stdout.matchAll(/^HTTP\/1\.1 (\d+)/gm)]
        .map(([, answer]) => answer)
        .filter((answer) => answer !== '100'),
    ).toEqual(answers);
  });

  test('a large body goes through a pipe, compressed', async () => {
    const endpoint = await openEndpoint(
      (response, { body }) => void response.writeHead(body.length > 100_000 ? 413 : 200).end(),
    );
    const { report } = await runSuiteAt('mailkite', endpoint.url, { only: ['large-1mib'] });
    const reproduce = report.findings[0]?.reproduce ?? '';
    expect([reproduce.length < 4000, reproduce]).toEqual([true, expect.stringContaining('| gzip -dc | curl')]);
    await runCommandLine('sh', [], { input: reproduce });
    const [first, again] = endpoint.seen.filter(({ body }) => body.length > 100_000);
    expect([again?.body.equals(first?.body ?? Buffer.alloc(0)), again?.headers['x-mailkite-signature']]).toEqual([
      true,
      first?.headers['x-mailkite-signature'],
    ]);
  });

  test('what was processed twice is shown after the requests', async () => {
    const server = await openReferenceServer(findVendor('mail2many'), { bug: 'no-dedupe' });
    const { report } = await runSuiteAt('mail2many', server.url, {
      effects: { url: server.effectsUrl },
      effectsWaitMs: 300,
      only: ['same-id-again'],
    });
    const [id] = server.effects;
    const { stdout } = await runCommandLine('sh', [], { input: report.findings[0]?.reproduce ?? '' });
    expect([server.effects, stdout.split('\n').at(-1)]).toEqual([[id, id, id, id], JSON.stringify(server.effects)]);
  });

  test.each([
    ['mailkite', 'burst', 'rate-limited'],
    ['mailkite', 'large-5mib', 'body-limit-1mb'],
    ['mailkite', 'keep-alive', 'one-request-per-connection'],
    ['mailkit', 'event-full-subscribe', 'redirects'],
  ])('%s: %s is run again as a whole', async (vendor, id, bug) => {
    const server = await openReferenceServer(findVendor(vendor), { bug });
    const { report } = await runSuiteAt(vendor, server.url, {
      effects: { url: server.effectsUrl },
      effectsWaitMs: 300,
      only: [id],
    });
    expect(report.findings[0]).toMatchObject({ status: 'fail', reproduce: `again ${id}` });
  });
});
