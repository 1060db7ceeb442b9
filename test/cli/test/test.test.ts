import { cpSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findVendor } from '../../helpers/vendors.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { askCommand } from '../../helpers/ask-command.ts';
import { testFolder } from '../../helpers/folder.ts';
import { freePorts } from '../../helpers/free-ports.ts';
import { madeOnce } from '../../helpers/made-once.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';

const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';
const env = { HOOK_SECRET: SECRET };

const runTest = (cwd: string, ...args: string[]): Promise<Ended> =>
  runProgram('webhook', ['test', ...args], { cwd, env });
const signed = (url: string): string[] => ['--url', url, '--vendor', 'mailkite', '--secret-env', 'HOOK_SECRET'];
const webhook = (name: string, vendor: string, url: string, events: string[], uuid: string): object => ({
  uuid,
  name,
  vendor,
  url,
  events,
  ...(vendor === 'mail2many' ? { secret: { env: 'HOOK_SECRET' } } : {}),
});

const document = ({
  stdout,
}: Ended): {
  findings: { id: string; status: string }[];
  results: { vendor: string; webhook: string; findings: { id: string; status: string }[] }[];
} & Record<string, unknown> => JSON.parse(stdout) as never;

test('a good endpoint: exit 0, a document, no secret anywhere', async () => {
  const folder = testFolder();
  const server = await openReferenceServer(findVendor('mailkite'));
  const ended = await runTest(
    folder,
    ...signed(server.url),
    '--json',
    '--effects-url',
    server.effectsUrl,
    '--reporter',
    'junit=hooks.xml',
  );
  expect([ended.code, ended.stderr]).toEqual([
    0,
    expect.stringMatching(
      /^note: events that 127\.0\.0\.1:\d+ accepts take effect there: email\.received, email\.sent, .*email\.clicked\n$/,
    ),
  ]);
  expect(document(ended)).toMatchObject({
    schemaVersion: 2,
    target: server.url,
    vendor: 'mailkite',
    verdictsRestOn: 'effects',
  });
  expect(document(ended).findings.length).toBeGreaterThan(60);
  expect(await readFile(join(folder, 'hooks.xml'), 'utf8')).toContain('no-signature');
  expect(ended.stdout).not.toContain(SECRET);
});

test('a wrong endpoint: exit 1, the mistake, the fix, and on request a curl line', async () => {
  const folder = testFolder();
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'no-verification' });
  const args = [...signed(server.url), '--only', 'wrong-secret,large-1mib'];
  const [brief, whole] = await Promise.all([runTest(folder, ...args), runTest(folder, ...args, '--curl')]);
  for (const { code, stdout } of [brief, whole]) {
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n\n1 of 2 cases fails.*\n1 passed, 1 failed in .*\nfailed: wrong-secret\n$/);
    for (const part of ['fail  wrong-secret', 'mistake   ', 'fix    ']) expect(stdout).toContain(part);
    expect(stdout).not.toContain(SECRET);
  }
  expect([brief, whole].map(({ stdout }) => /^ +again\ncurl -sS/m.test(stdout))).toEqual([false, true]);
});

test('one conclusion for one fault, and what it explains with --verbose', async () => {
  const server = await openReferenceServer(findVendor('mailkite'), { secret: 'whsec_YW5vdGhlcg' });
  const args = [...signed(server.url), '--skip', 'burst,large-*,quick-answer'];
  const folder = testFolder();
  const { code, stdout } = await runTest(folder, ...args, '--reporter', 'json=all.json');
  expect([code, stdout.split('\n').length <= 25]).toEqual([1, true]);
  expect(stdout).toMatch(/^the endpoint refuses everything: good events are answered 401; its refusals prove nothing/m);
  expect(stdout).toMatch(/fix +.*is the secret the same[^]*\nfailed: \d+ by refuses-everything\n$/);
  const { causes, findings } = JSON.parse(await readFile(join(folder, 'all.json'), 'utf8'));
  expect(causes).toMatchObject([{ id: 'refuses-everything', explains: expect.arrayContaining(['unicode']) }]);
  expect(findings.find(({ id }: { id: string }) => id === 'unicode').cause).toBe('refuses-everything');
  const verbose = await runTest(folder, ...signed(server.url), '--only', 'unicode,chunked', '--verbose');
  expect(verbose.stdout).toMatch(
    /^fail {2}unicode [^]*again\ncurl [^]*fail {2}chunked [^]*again\ncurl [^]*^cause [^]*again {5}webhook test /m,
  );
});

test('every configured webhook, each with the events it lists; several make a document of results', async () => {
  const folder = testFolder();
  const [good, bad] = await Promise.all([
    openReferenceServer(findVendor('mail2many')),
    openReferenceServer(findVendor('mailkit'), { bug: 'answers-201' }),
  ]);
  const config = {
    webhooks: [
      webhook('shop', 'mail2many', good.url, ['optin'], '0b7c6a52-5c46-4c7a-9a53-0d5f2f1c0a01'),
      webhook('news', 'mailkit', bad.url, ['unsubscribe'], '0b7c6a52-5c46-4c7a-9a53-0d5f2f1c0a02'),
    ],
  };
  await writeFile(join(folder, 'webhook.config.json'), JSON.stringify(config));
  const ended = await runTest(folder, '--only', 'accept', '--json');
  const { results } = document(ended);
  expect([ended.code, results.map(({ vendor, webhook: name }) => `${name} ${vendor}`)]).toEqual([
    1,
    ['shop mail2many', 'news mailkit'],
  ]);
  expect(results[0]?.findings.filter(({ id }) => id.startsWith('event-')).map(({ id }) => id)).toEqual([
    'event-full-optin',
    'event-minimal-optin',
  ]);
  expect(results[0]?.findings.every(({ status }) => status === 'pass')).toBe(true);
  const one = await runTest(folder, 'shop', '--only', 'burst', '--reporter', 'tap');
  expect([one.code, one.stdout.split('\n')[0]]).toEqual([0, 'TAP version 14']);
  const text = await runTest(folder, '--only', 'burst');
  expect([text.code, text.stdout.trimEnd().split('\n').at(-1)]).toEqual([1, '1 of 2 webhooks failed']);
});

test('known failures are written, then they do not break the build, and what is fixed is named', async () => {
  const folder = testFolder();
  const bad = await openReferenceServer(findVendor('mailkite'), { bug: 'no-chunked' });
  const good = await openReferenceServer(findVendor('mailkite'));
  const only = ['--only', 'chunked,burst'];
  const written = await runTest(folder, ...signed(bad.url), ...only, '--write-baseline', 'known.json');
  expect([written.code, JSON.parse(await readFile(join(folder, 'known.json'), 'utf8'))]).toEqual([
    0,
    { schemaVersion: 1, known: { mailkite: ['chunked'] } },
  ]);
  expect((await runTest(folder, ...signed(bad.url), ...only, '--baseline', 'known.json')).code).toBe(0);
  const statusAlone = await runTest(folder, ...signed(good.url), ...only, '--baseline', 'known.json');
  expect([statusAlone.code, statusAlone.stderr]).toEqual([
    0,
    expect.stringContaining('known failures that pass by status alone: chunked'),
  ]);
  const byEffects = await runTest(
    folder,
    ...signed(good.url),
    ...only,
    '--baseline',
    'known.json',
    '--effects-url',
    good.effectsUrl,
  );
  expect([byEffects.code, byEffects.stderr]).toEqual([0, expect.stringContaining('fixed: chunked')]);
});

const UNUSED = ['--url', 'http://127.0.0.1:1/hook'];
const MAILKIT = [...UNUSED, '--vendor', 'mailkit'];

test.each([
  [UNUSED, /no vendor was given for this URL/],
  [[...UNUSED, '--vendor', 'mailkite'], /signs its requests, but there is no secret/],
  [['--vendor', 'mailkit'], /--vendor has no effect without --url/],
  [['--list', '--vendor', 'mailkitt'], /unknown vendor[^]*mailkit/],
  [['--against-bug', 'no-dedup', '--vendor', 'mailkit'], /have no bug "no-dedup"[^]*did you mean no-dedupe/],
  [['--against-bug', 'takes-plain-http', '--vendor', 'mailkit'], /shows only over https/],
  [['--against-bug', 'none', ...MAILKIT], /cannot be used with/],
  [
    ['--against-bug', 'none', '--vendor', 'amazon-ses', '--callbacks-at', 'https://127.0.0.1:9'],
    /served by plain http/,
  ],
  [[...MAILKIT, '--only', 'brust'], /no case "brust"[^]*burst/],
  [[...MAILKIT, '--events', 'subscribed'], /no event "subscribed"/],
  [[...MAILKIT, '--effects-url', 'http://127.0.0.1:1/', '--effects-cmd', 'true'], /cannot be used with/],
  [[...MAILKIT, '--effects-wait', '2s'], /--effects-wait has no effect[^]*--effects-url/],
])('usage: %j', async (args, message) => {
  const { code, stdout, stderr } = await askCommand(['test', ...args]);
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)]);
});

test.each([
  [[], /no webhook is configured/],
  [['shpo'], /no webhook "shpo" is configured/],
])('usage, in a folder without a configuration: %j', async (args, message) => {
  const { code, stdout, stderr } = await runTest(testFolder(), ...args);
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)]);
});

test.each([
  ['large-*,burst,JWT-unsigned', /^note: --skip JWT-unsigned skips nothing: no such case applies here\n/],
  ['event-minimal-push', /^note: --skip event-minimal-push skips nothing/],
  ['jwt-unsigend', /^error: no case "jwt-unsigend" applies here/],
])('--skip %s: a case of other vendors skips nothing, which is said; a mistyped one is refused', async (skip, says) => {
  const { code, stderr } = await runTest(testFolder(), '--list', '--vendor', 'mailkit', '--skip', skip);
  expect([code, stderr]).toEqual([skip.includes('unsigend') ? 2 : 0, expect.stringMatching(says)]);
});

test('nothing listens: exit 3 and a report; a late server is waited for', async () => {
  const folder = testFolder();
  const server = await openReferenceServer(findVendor('mailkite'));
  server.kill();
  const gone = await runTest(folder, ...signed(server.url), '--only', 'burst', '--json');
  expect([gone.code, document(gone).findings]).toEqual([3, [expect.objectContaining({ id: 'burst', status: 'skip' })]]);
  const waited = await runTest(folder, ...signed(server.url), '--only', 'burst', '--wait-ready', '300ms');
  expect([waited.code, waited.stdout]).toEqual([
    3,
    expect.stringContaining('was not ready within 0.3 s: nothing listens'),
  ]);
});

test.each([
  { answer: 200, code: 3, conclusion: /^the endpoint stopped answering: [^;]+$/ },
  { answer: 500, code: 1, conclusion: /^the endpoint stopped answering: .*; before that, 3 of \d+ cases fail$/ },
])(
  'an endpoint that answers $answer thrice and is gone: exit $code, for what failed by an answer did fail',
  async (row) => {
    const endpoint = await openEndpoint((response, _, count) => {
      // The first request asks whether it is ready.
      if (count > 4) response.destroy();
      else
        response
          .writeHead(count === 1 ? 200 : row.answer, { 'content-type': 'application/json' })
          .end('{"status":"ok"}');
    });
    const args = ['--url', endpoint.url, '--vendor', 'mail2many', '--secret-env', 'HOOK_SECRET', '--json'];
    const ended = await runTest(testFolder(), ...args, '--only', 'accept');
    const { conclusion } = document(ended) as { conclusion?: string };
    expect([ended.code, conclusion?.split(' (')[0]]).toEqual([row.code, expect.stringMatching(row.conclusion)]);
  },
);

test('effects that can no longer be read: exit 3, with what was tried', async () => {
  const server = await openReferenceServer(findVendor('mailkite'));
  const source = await openEndpoint((response, _, count) => void response.writeHead(count === 1 ? 200 : 500).end('[]'));
  const ended = await runTest(
    testFolder(),
    ...signed(server.url),
    '--only',
    'event-full-*',
    '--effects-url',
    source.url,
    '--json',
  );
  expect([ended.code, document(ended)]).toEqual([
    3,
    expect.objectContaining({
      conclusion: `the effects could no longer be read: ${source.url} answered 500`,
      findings: expect.arrayContaining([expect.objectContaining({ status: 'pass' })]),
    }),
  ]);
});

test('an endpoint that answers no event: exit 3, though it answers readiness probes', async () => {
  const endpoint = await openEndpoint(
    (response, { method }) => void (method === 'HEAD' ? response.end() : response.destroy()),
  );
  const ended = await runTest(testFolder(), '--url', endpoint.url, '--vendor', 'mailkit', '--only', 'chunked');
  expect([ended.code, ended.stdout]).toEqual([3, expect.stringMatching(/^the endpoint does not answer/m)]);
});

test.each([
  [
    'reserialised-body',
    'mail2many',
    1,
    /^the built-in receiver with the bug reserialised-body\n[^]*\n1 of 3 cases fails\n/,
  ],
  ['processes-refused', 'stripe', 1, /fail {2}wrong-secret .* processed the event/],
  ['trusts-any-key-url', 'amazon-ses', 1, /fail {2}foreign-key-url .* processed the event/],
  [
    'none',
    'standard-webhooks-ed25519',
    0,
    /^the built-in, correct receiver\n[^]*\naccepts every valid request and rejects every forged one\n/,
  ],
  ['none', 'mailkit', 0, /passed/],
  ['trusts-forwarded-for', 'mailkit', 1, /fail {2}forwarded-for /],
  ['drops-by-forwarded-for', 'mail-plus', 1, /fail {2}forwarded-for /],
])('--against-bug %s, of %s, without a secret, a server or a port', async (bug, vendor, exit, said) => {
  const ofSignature = vendor === 'amazon-ses' ? 'foreign-key-url' : 'body-respaced,wrong-secret';
  const ofBug = bug.endsWith('forwarded-for') ? 'forwarded-for' : ofSignature;
  const only = vendor === 'mailkit' && bug === 'none' ? 'unicode' : `unicode,${ofBug}`;
  const args = ['--against-bug', bug, '--vendor', vendor, '--only', only];
  const { code, stdout, stderr } = await runTest(testFolder(), ...args, '--verbose');
  expect([code, stderr, stdout]).toEqual([exit, '', expect.stringMatching(said)]);
  // Where the key of a stranger lies is told, and not where the receiver does.
  expect(stdout).not.toMatch(/127\.0\.0\.1:\d+\/(?!cert)/);
  if (exit === 1)
    expect(stdout).toMatch(new RegExp(`again +webhook test --against-bug ${bug} --vendor ${vendor} --only`));
});

test('a bug that shows in none of the cases that are tried is no success', async () => {
  const args = ['--against-bug', 'reserialised-body', '--vendor', 'mail2many', '--only', 'wrong-secret'];
  const { code, stdout, stderr } = await runTest(testFolder(), ...args);
  expect([code, stdout, stderr]).toEqual([
    1,
    expect.stringContaining('1 passed'),
    expect.stringContaining(
      'error: the bug reserialised-body was planted, but none of the cases that were tried found it',
    ),
  ]);
});

test('of a bug that is only worth a warning it is said that it was found, and that such an endpoint passes', async () => {
  const args = ['--against-bug', 'any-method', '--vendor', 'mail2many', '--only', 'method-get,method-put,unicode'];
  const folder = testFolder();
  const asBuilt = await runTest(folder, ...args);
  expect([asBuilt.code, asBuilt.stderr.replaceAll(/\s+/g, ' ')]).toEqual([
    0,
    'the bug any-method was found, as a warning (method-get, method-put): an endpoint of yours that has it passes, ' +
      'too; with --severity should it fails ',
  ]);
  const strict = await runTest(folder, ...args, '--severity', 'should');
  expect([strict.code, strict.stderr]).toEqual([1, '']);
  const file = join(folder, 'known.json');
  await runTest(folder, ...args, '--severity', 'should', '--write-baseline', file);
  const known = await runTest(folder, ...args, '--severity', 'should', '--baseline', file);
  expect([known.code, known.stderr.replaceAll(/\s+/g, ' ')]).toEqual([
    0,
    'the bug any-method was found, as a known failure (method-get, method-put): an endpoint of yours that has it ' +
      'passes, too ',
  ]);
});

test('nothing listens: one error, the next step, and no list of cases', async () => {
  const [port = 0] = await freePorts(1);
  const { code, stdout } = await runTest(testFolder(), ...signed(`http://127.0.0.1:${port}/hook`), '--verbose');
  expect([code, stdout.replaceAll(/\s+/g, ' ')]).toEqual([
    3,
    `nothing was tried: the endpoint does not answer: nothing listens on 127.0.0.1:${port}: the connection was ` +
      `refused ` +
      `http://127.0.0.1:${port}/hook is the endpoint running, and on this port? `,
  ]);
});

test('the cases of a vendor are listed without an endpoint', async () => {
  const { code, stdout } = await runTest(testFolder(), '--list', '--vendor', 'mailkit', '--only', 'robust', '--json');
  const { target, cases } = JSON.parse(stdout) as { target: null; cases: { id: string }[] };
  expect([code, target, cases.map(({ id }) => id)]).toEqual([0, null, expect.arrayContaining(['deep-nesting'])]);
});

test('neither a list nor the built-in receiver needs the secret of a configured webhook', async () => {
  const folder = testFolder();
  const shop = webhook('shop', 'mail2many', 'http://127.0.0.1:1/', ['optin'], '0b7c6a52-5c46-4c7a-9a53-0d5f2f1c0a01');
  await writeFile(join(folder, 'webhook.config.json'), JSON.stringify({ webhooks: [shop] }));
  const run = (...args: string[]): Promise<Ended> => runProgram('webhook', ['test', 'shop', ...args], { cwd: folder });
  const [listed, own, real] = await Promise.all([
    run('--list', '--only', 'wrong-secret'),
    run('--against-bug', 'none', '--only', 'wrong-secret,unicode'),
    run('--only', 'wrong-secret'),
  ]);
  expect([listed.code, own.code, real.code]).toEqual([0, 0, 2]);
  expect(listed.stdout).toContain('wrong-secret');
});

test('a list of the cases sends nothing', async () => {
  const folder = testFolder();
  const listed = await runTest(
    folder,
    '--url',
    'http://127.0.0.1:1/hook',
    '--vendor',
    'mail2many',
    '--list',
    '--only',
    'robust',
  );
  expect([listed.code, listed.stdout]).toEqual([0, expect.stringMatching(/robust {2}should {2}deep-nesting/)]);
});

/** Made by the first test that needs them: keys are expensive. */
async function copyCertificates(folder: string): Promise<void> {
  const made = madeOnce('suite-certificates');
  if (made.toMake !== null)
    expect((await runProgram('webhook', ['certs', 'create'], { cwd: made.toMake })).code).toBe(0);
  cpSync(made.copy(), folder, { recursive: true });
}

test.each([
  [undefined, 0, []],
  ['optional-client-certificate', 1, ['no-client-certificate', 'claimed-certificate']],
  ['trusts-certificate-header', 1, ['claimed-certificate']],
])('over https with a client certificate, bug %s', async (bug, exit, fails) => {
  const folder = testFolder();
  await copyCertificates(folder);
  const read = (name: string): Buffer => readFileSync(join(folder, 'certs', name));
  const server = await openReferenceServer(findVendor('mailkit'), {
    tls: { cert: read('server.pem'), key: read('server.key'), ca: read('ca.pem') },
    ...(bug === undefined ? {} : { bug }),
  });
  const identity = [
    '--cacert',
    'certs/ca.pem',
    '--cert',
    'certs/client.pem',
    '--key',
    'certs/client.key',
    '--passphrase-file',
    'certs/client.passphrase',
  ];
  const ended = await runTest(
    folder,
    '--url',
    server.url,
    '--vendor',
    'mailkit',
    ...identity,
    '--effects-url',
    server.effectsUrl,
    '--effects-wait',
    '200ms',
    '--json',
  );
  const { findings, verdictsRestOn } = document(ended);
  expect(verdictsRestOn).toBe('effects');
  expect([ended.stderr, ended.code, findings.filter(({ status }) => status !== 'pass').map(({ id }) => id)]).toEqual([
    expect.stringMatching(/^note: .*\n$/),
    exit,
    fails,
  ]);
  expect(findings.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['no-client-certificate', 'plain-http', 'expect-continue', 'keep-alive']),
  );
});
