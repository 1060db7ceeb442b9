import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { findVendor } from '../../helpers/vendors.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { runCommandLine } from '../../helpers/program.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { runSuiteAt } from '../../helpers/run-suite.ts';

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
    ['mailkite', 'no-verification', 'wrong-secret', 'fail', ['200'], '# later, signed again: again wrong-secret'],
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
      severity: status === 'fail' ? 'should' : 'must',
      effects: { url: server.effectsUrl },
      effectsWaitMs: 100,
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
    expect([reproduce.length < 4000, reproduce]).toEqual([
      true,
      expect.stringContaining('\\\n  | gzip -dc \\\n  | curl'),
    ]);
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
      effectsWaitMs: 100,
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
      severity: 'should',
      effects: { url: server.effectsUrl },
      effectsWaitMs: 100,
      only: [id],
    });
    expect(report.findings[0]).toMatchObject({ status: 'fail', reproduce: `again ${id}` });
  });
});
