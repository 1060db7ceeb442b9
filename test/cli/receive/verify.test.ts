import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

const SECRET = 'whsec_verify_test';

function place(): { folder: string; run: (args: readonly string[], input?: string) => Promise<Ended> } {
  const folder = testFolder();
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, S: SECRET, OTHER: 'whsec_other' };
  return {
    folder,
    run: (args, input) => runProgram('webhook', args, { cwd: folder, env, ...(input === undefined ? {} : { input }) }),
  };
}

const DRY = [
  'send',
  '--vendor',
  'mailkite',
  '--event',
  'email.received',
  '--url',
  'http://127.0.0.1:1/hook',
  '--secret-env',
  'S',
  '--dry-run',
  '--json',
];

test('what send would send is valid from standard input; another secret is forged, an old time stale', async () => {
  const { run } = place();
  const { stdout: sent } = await run([...DRY, '--now', '2026-11-01T09:00:00Z']);
  const verify = async (...flags: string[]) => {
    const { code, stdout } = await run(['verify', '--delivery', '-', '--json', ...flags], sent);
    return { code, ...(JSON.parse(stdout) as Record<string, unknown>) };
  };
  expect(await verify('--secret-env', 'S', '--at', '2026-11-01T09:00:01Z')).toMatchObject({
    code: 0,
    schemaVersion: 2,
    verdict: 'valid',
    cause: null,
    vendor: 'mailkite',
    recognised: false,
    path: '/hook',
    secretFrom: 'the flag',
    judgedAt: '2026-11-01T09:00:01.000Z',
  });
  expect(await verify('--secret-env', 'OTHER', '--at', '2026-11-01T09:00:01Z')).toMatchObject({
    code: 1,
    verdict: 'forged',
    cause: 'other-secret',
    secretFrom: null,
  });
  expect(await verify('--secret-env', 'S', '--at', '2026-11-01T09:10:00Z')).toMatchObject({
    code: 1,
    verdict: 'stale',
    cause: 'too-old',
    byMs: 600_000,
  });
  expect(await verify('--secret-env', 'S', '--at', '2026-11-01T08:50:00Z')).toMatchObject({
    code: 1,
    verdict: 'stale',
    byMs: -600_000,
  });
  expect(await verify('--secret-env', 'S', '--at', '2026-11-01T09:10:00Z', '--tolerance', '10m')).toMatchObject({
    code: 0,
    verdict: 'valid',
  });
  expect(await verify('--secret-env', 'S', '--tolerance', '0')).toMatchObject({ code: 0, verdict: 'valid' });
  expect(await verify('--secret-env', 'S', '--vendor', 'mail2many')).toMatchObject({
    code: 1,
    verdict: 'missing',
    cause: 'other-vendor',
    explanation: expect.stringContaining('MailKite'),
  });
  expect(await verify('--vendor', 'mailkit')).toMatchObject({ code: 1, verdict: 'unsigned' });
});

test('a HAR: its signed bytes are valid; those that are not what was sent get a note, and the URL no secret', async () => {
  const { run } = place();
  const { stdout } = await run(DRY);
  const sent = JSON.parse(stdout) as { headers: [string, string][]; bodyBase64: string };
  const text = Buffer.from(sent.bodyBase64, 'base64').toString();
  const har = (body: string, bodySize = -1): string => {
    const headers = sent.headers.map(([name, value]) => ({ name, value }));
    const request = {
      method: 'POST',
      url: 'https://u:pw@a.example/in?token=x',
      headers,
      bodySize,
      postData: { text: body },
    };
    return JSON.stringify({ log: { version: '1.2', entries: [{ request }, { request }] } });
  };
  const verify = async (input: string, ...flags: string[]) =>
    run(['verify', '--delivery', '-', '--secret-env', 'S', ...flags], input);
  const documents = async (input: string, ...flags: string[]) =>
    (await verify(input, '--json', ...flags)).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
  const shown = {
    source: 'har',
    verdict: 'valid',
    notes: [],
    path: '/in?token=***',
    url: 'https://a.example/in?token=***',
  };
  expect(await documents(har(text))).toMatchObject([shown, shown]);
  expect(await documents(har(text), '--public-url', 'https://b.example/hook')).toMatchObject([
    { verdict: 'valid', url: 'https://b.example/hook' },
    { verdict: 'valid', url: 'https://b.example/hook' },
  ]);
  const changed = await verify(har(`${text} `, text.length));
  expect(changed).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/\n {2}note {4}.*these are not the\s+bytes that/s),
  });
  expect(await verify(har(text), '--public-url', 'b.example')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no scheme'),
  });
});

test('the curl command that send --curl prints is valid, and one whose body is in a file asks for it', async () => {
  const { run } = place();
  const curl = DRY.map((flag) => (flag === '--json' ? '--curl' : flag));
  // Text in quotes, and base64 through a pipe.
  for (const more of [[], ['--set', 'subject=\u0007']]) {
    const { stdout } = await run([...curl, ...more]);
    const { code, stdout: said } = await run(['verify', '--delivery', '-', '--secret-env', 'S', '--json'], stdout);
    expect({ code, ...(JSON.parse(said) as object) }).toMatchObject({
      code: 0,
      verdict: 'valid',
      source: 'curl-command',
      url: 'http://127.0.0.1:1/hook',
      notes: [],
    });
  }
  const inFile = await run(['verify', '--delivery', '-', '--secret-env', 'S'], 'curl http://a.example -d @body.json');
  expect(inFile).toMatchObject({ code: 5, stderr: expect.stringMatching(/in the file body\.json.*\n.*--body FILE/) });
});

test('several lines: each has its verdict, and the sum is told', async () => {
  const { run } = place();
  const [one, two] = await Promise.all([
    run(DRY),
    run(['send', '--event', 'optin', '--url', 'http://127.0.0.1:1/', '--secret-env', 'OTHER', '--dry-run', '--json']),
  ]);
  const { code, stdout } = await run(
    ['verify', '--delivery', '-', '--secret-env', 'S'],
    `{"event":"ready"}\n${one.stdout}${two.stdout}`,
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/^valid {2}MailKite {2}POST \/hook\n {2}MailKite signed exactly these bytes/);
  expect(stdout).toMatch(/\nforged {2}mail2many {2}POST \/ {2}other-secret\n/);
  expect(stdout.trimEnd()).toMatch(/\n1 valid, 1 forged$/);
});

test('one stranger among several is told as one, and the others have their verdicts', async () => {
  const { run } = place();
  const { stdout: good } = await run(DRY);
  const stranger = JSON.stringify({
    event: 'request',
    method: 'POST',
    path: '/hook',
    headers: [['Content-Type', 'text/plain']],
    bodyBase64: 'aGVsbG8=',
  });
  const all = await run(['verify', '--delivery', '-', '--secret-env', 'S', '--json'], `${good}${stranger}\n${good}`);
  expect(
    all.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toMatchObject([
    { verdict: 'valid' },
    { verdict: 'missing', cause: 'unknown-vendor', vendor: null },
    { verdict: 'valid' },
  ]);
  expect(all.code).toBe(1);
  expect(await run(['verify', '--delivery', '-', '--secret-env', 'S'], `${stranger}\n`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('matches no known vendor'),
  });
});

test('raw HTTP in a file: the vendor is recognised, and a mistake is explained without the secret', async () => {
  const { folder, run } = place();
  const { stdout } = await run(DRY.filter((flag) => flag !== '--json'));
  writeFileSync(join(folder, 'request.http'), stdout.trimEnd().replace('{"id":', '{ "id":'));
  const ended = await run(['verify', '--delivery', 'request.http', '--secret-env', 'S']);
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(
    /^forged {2}MailKite \(recognised\) {2}POST \/hook {2}reserialised-body\n {2}the signature matches the same JSON written compact\n {2}fix {5}verify the raw bytes/,
  );
  expect(ended.stdout + ended.stderr).not.toContain(SECRET);
});

test('a delivery of the history, with the secret of the configured webhook that fits', async () => {
  const { folder, run } = place();
  const { url } = await openEndpoint();
  const webhook = (name: string, uuid: string, secret: string) => ({
    uuid,
    name,
    vendor: 'mailkite',
    url,
    events: ['email.received'],
    secret: { env: secret },
  });
  const webhooks = [
    webhook('first', '0d5f2c8e-7a4b-4a5e-9d0e-3f6f4d1b2a01', 'OTHER'),
    webhook('second', '0d5f2c8e-7a4b-4a5e-9d0e-3f6f4d1b2a02', 'S'),
  ];
  writeFileSync(join(folder, 'webhook.config.json'), JSON.stringify({ webhooks }));
  expect((await run(['send', '--to', 'second'])).code).toBe(0);
  const { code, stdout } = await run(['verify', '--delivery', 'last', '--json']);
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    expect.objectContaining({ verdict: 'valid', source: 'history', secretFrom: 'the webhook "second"' }),
  ]);
  expect((await run(['verify', '--delivery', 'last', '--to', 'first'])).code).toBe(1);
  const other = await run(['verify', '--delivery', 'last', '--to', 'first', '--vendor', 'mail2many']);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('belongs to mailkite, not to mail2many')]);
});

test.each<[what: string, args: string[], input: string, code: number, message: RegExp]>([
  ['no delivery', ['--secret-env', 'S'], '', 2, /no request was given/],
  [
    'no secret',
    ['--delivery', '-'],
    '{"method":"POST","path":"/","headers":[],"bodyBase64":"","vendor":"mailkite"}',
    2,
    /no secret to verify with/,
  ],
  [
    'nobody’s request',
    ['--delivery', '-'],
    '{"method":"POST","path":"/","headers":[],"bodyBase64":""}',
    2,
    /no known vendor/,
  ],
  [
    'an unknown vendor',
    ['--delivery', '-', '--vendor', 'malikite'],
    '{"method":"POST","path":"/","headers":[],"bodyBase64":""}',
    2,
    /did you mean mailkite/,
  ],
  ['an unreadable capture', ['--delivery', '-'], 'hello', 5, /not a request that can be read/],
  ['no such file', ['--delivery', 'nowhere.http'], '', 5, /no such file/],
  [
    'curl -v without a body',
    ['--delivery', '-'],
    '> POST / HTTP/1.1\n> A: b\n>\n',
    5,
    /--body FILE, or capture with curl --trace/,
  ],
  [
    'two readers of standard input',
    ['--delivery', '-', '--secret-file', '-'],
    '',
    2,
    /cannot both read standard input/,
  ],
  [
    'a webhook that is not there',
    ['--delivery', '-', '--to', 'shop'],
    '{"method":"POST","path":"/","headers":[],"bodyBase64":""}',
    2,
    /no webhook "shop"/,
  ],
  ['an id of no delivery', ['--delivery', '0192f3c4'], '', 1, /no delivery 0192f3c4 in history/],
  ['a file without end', ['--delivery', '/dev/zero'], '', 5, /--delivery \/dev\/zero: more than 64 MiB/],
  ['a body for a delivery that has one', ['--delivery', 'last', '--body', '-'], 'x', 2, /has its body/],
])('%s', async (_, args, input, code, message) => {
  const { run } = place();
  const ended = await run(['verify', ...args], input);
  expect(ended.stderr).toMatch(message);
  expect([ended.code, ended.stdout]).toEqual([code, '']);
});

test('more than 64 MiB is refused unread, from a file and from standard input', async () => {
  const { folder, run } = place();
  writeFileSync(join(folder, 'log.ndjson'), '');
  truncateSync(join(folder, 'log.ndjson'), 65 * 1024 * 1024);
  for (const [given, input] of [['log.ndjson'], ['-', 'a'.repeat(65 * 1024 * 1024)]] as const) {
    const ended = await run(['verify', '--delivery', given, '--vendor', 'mail-plus'], input);
    expect(ended, given).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringMatching(/--delivery .*: more than 64 MiB\n.*head -n 100/),
    });
  }
});
