import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine, runProgram, type Ended, type RunOptions } from '../../helpers/program.ts';

const SECRET = 'whsec_of_the_tests';
const UUID = '123e4567-e89b-12d3-a456-426614174000';

/** `webhook send` in a folder of its own, with a history and a secret in the environment. */
function send(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const cwd = options.cwd ?? testFolder();
  return runProgram('webhook', ['send', ...args], {
    ...options,
    cwd,
    env: { WEBHOOK_HISTORY: join(cwd, 'history.db'), HOME: cwd, THE_SECRET: SECRET, ...options.env },
  });
}

const optin = (url: string): string[] => ['--event', 'optin', '--url', url, '--secret-env', 'THE_SECRET'];

test('a delivered event ends with 0 and was signed with the secret', async () => {
  const endpoint = await openEndpoint();
  const ended = await send(optin(endpoint.url));
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const [seen] = endpoint.seen;
  expect(seen?.headers['x-mail2many-signature']).toBe(
    createHmac('sha256', SECRET)
      .update(seen?.body ?? '')
      .digest('hex'),
  );
});

test('header names go out in the letter case of the documentation', async () => {
  const endpoint = await openEndpoint();
  await send(optin(endpoint.url));
  expect(endpoint.seen[0]?.rawHeaders).toEqual(expect.arrayContaining(['X-Mail2Many-Event', 'X-Mail2Many-Signature']));
});

test('the answer names the webhook, the delivery and the event id', async () => {
  const endpoint = await openEndpoint();
  const { stdout } = await send(optin(endpoint.url));
  expect(stdout).toMatch(/delivered .* 200/);
  expect(stdout).toMatch(/\n {2}webhook {3}[0-9a-f-]{36}\n {2}delivery {2}[0-9a-f-]{36}\n {2}event {5}[0-9a-f-]{36}\n/);
});

test('--json is one object of the documented shape', async () => {
  const endpoint = await openEndpoint();
  const { stdout } = await send([...optin(endpoint.url), '--json', '--uuid', UUID.toUpperCase()]);
  const document = JSON.parse(stdout) as Record<string, unknown>;
  expect(document).toMatchObject({
    schemaVersion: 2,
    webhookUuid: UUID,
    vendor: 'mail2many',
    event: 'optin',
    url: endpoint.url,
    outcome: 'delivered',
  });
  expect(Object.keys(document)).toEqual([
    'schemaVersion',
    'webhookUuid',
    'deliveryId',
    'vendor',
    'event',
    'eventId',
    'url',
    'outcome',
    'attempts',
  ]);
  expect((document['attempts'] as object[])[0]).toMatchObject({
    attempt: 1,
    outcome: 'delivered',
    status: 200,
    errorCode: null,
    error: null,
    durationMs: expect.any(Number),
    timestamp: expect.stringMatching(/Z$/),
  });
});

test.each([
  ['mailkit', 'subscribe', 204, 1],
  ['mailkit', 'subscribe', 200, 0],
  ['mailkite', 'email.received', 204, 0],
  ['mail2many', 'optin', 302, 1],
  ['mail-plus', 'inbound', 500, 1],
])('%s counts an answer as the vendor does: %s, %i → exit %i', async (vendor, event, status, code) => {
  const endpoint = await openEndpoint((response) => void response.writeHead(status, { location: '/elsewhere' }).end());
  const ended = await send(['--vendor', vendor, '--event', event, '--url', endpoint.url, '--secret-env', 'THE_SECRET']);
  expect(ended, ended.stderr).toMatchObject({ code });
  expect(endpoint.seen).toHaveLength(1);
});

test('nobody listens: exit 3, and the attempt is recorded all the same', async () => {
  const cwd = testFolder();
  const ended = await send([...optin('http://127.0.0.1:1/hook'), '--json'], { cwd });
  expect(ended.code).toBe(3);
  const { deliveryId } = JSON.parse(ended.stdout) as { deliveryId: string };
  const shown = await runProgram(
    'webhook',
    ['history', 'show', deliveryId, '--json', '--history', join(cwd, 'history.db')],
    { cwd },
  );
  expect(JSON.parse(shown.stdout)).toMatchObject({ attempts: [{ outcome: 'unreachable', errorCode: 'ECONNREFUSED' }] });
});

test.each<[string, string[], RegExp]>([
  [
    'an event with a typo',
    ['--event', 'optim', '--url', 'http://127.0.0.1:1'],
    /an event "optim"\n.*did you mean optin/,
  ],
  [
    'a vendor with a typo',
    ['--vendor', 'mailkitt', '--event', 'subscribe', '--url', 'http://127.0.0.1:1'],
    /did you mean mailkit/,
  ],
  ['a flag with a typo', ['--evnt', 'optin'], /--evnt[\s\S]*did you mean --event/i],
  [
    'a field with a typo',
    ['--event', 'subscribe', '--set', 'EMIAL=x', '--url', 'http://127.0.0.1:1'],
    /EMIAL[\s\S]*did you mean EMAIL/,
  ],
  ['no secret', ['--event', 'optin', '--url', 'http://127.0.0.1:1'], /secret[\s\S]*--secret-env/],
  [
    'a variable that is not set',
    ['--event', 'optin', '--url', 'http://127.0.0.1:1', '--secret-env', 'THE_SECRT'],
    /THE_SECRT[\s\S]*did you mean THE_SECRET/,
  ],
  [
    'a URL without scheme',
    ['--event', 'subscribe', '--url', '127.0.0.1:3000/hook'],
    /no scheme[\s\S]*http:\/\/127.0.0.1:3000\/hook/,
  ],
  ['an unsupported scheme', ['--event', 'subscribe', '--url', 'ftp://127.0.0.1/'], /ftp/],
  ['a port out of range', ['--event', 'subscribe', '--url', 'http://127.0.0.1:70000/'], /70000/],
  ['an event that two vendors have', ['--event', 'inbound', '--url', 'http://127.0.0.1:1'], /--vendor/],
  ['no webhook configured', ['--event', 'optin'], /webhook add/],
  [
    'an ack mode of a vendor without any',
    ['--event', 'subscribe', '--ack-mode', 'ack', '--url', 'http://127.0.0.1:1'],
    /mailkit has no --ack-mode/,
  ],
  [
    'two readers of standard input',
    ['--event', 'optin', '--url', 'http://127.0.0.1:1', '--secret-file', '-', '--data', '-'],
    /--data and --secret-file cannot both read standard input/,
  ],
  [
    'a certificate twice',
    ['--event', 'subscribe', '--url', 'https://127.0.0.1:1', '--cert', 'a', '--key', 'b', '--pfx', 'c'],
    /--pfx already contains/,
  ],
  [
    'recipients without a mail',
    ['--event', 'subscribe', '--rcpt', 'a@example.com', '--url', 'http://127.0.0.1:1'],
    /--rcpt has no effect without --eml/,
  ],
  [
    'a time scale without retries',
    ['--event', 'subscribe', '--time-scale', '2', '--url', 'http://127.0.0.1:1'],
    /--time-scale has no effect without --retry/,
  ],
  [
    'attachments of a vendor that links none',
    ['--event', 'subscribe', '--serve-attachments', '127.0.0.1:0', '--url', 'http://127.0.0.1:1'],
    /nothing to serve/,
  ],
  ['nothing at all', [], /--event/],
])('%s is exit 2 and says what to do', async (_, args, message) => {
  const ended = await send(args);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(message);
});

test('--seed and --now give the same bytes again, and another seed gives others', async () => {
  const endpoint = await openEndpoint();
  const seeded = (seed: string): Promise<Ended> =>
    send([
      '--vendor',
      'mailkite',
      '--event',
      'email.received',
      '--url',
      endpoint.url,
      '--secret-env',
      'THE_SECRET',
      '--seed',
      seed,
      '--now',
      '2026-01-02T03:04:05Z',
    ]);
  await Promise.all([seeded('a'), seeded('a')]);
  await seeded('b');
  const [first, second, other] = endpoint.seen;
  expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
  expect(second?.headers['x-mailkite-signature']).toBe(first?.headers['x-mailkite-signature']);
  expect(first?.headers['x-mailkite-signature']).toContain(`t=${Date.parse('2026-01-02T03:04:05Z')},`);
  expect(other?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(false);
});

test('without a seed every event is unique, and with one every event of --count is', async () => {
  const endpoint = await openEndpoint();
  await send([...optin(endpoint.url), '--count', '3', '--connections', '2', '--seed', 'a', '--now', '2026-01-02']);
  await send(optin(endpoint.url));
  expect(new Set(endpoint.seen.map(({ headers }) => headers['x-mail2many-event-id'])).size).toBe(4);
});

test('--set, --add and --remove change the body before it is signed', async () => {
  const endpoint = await openEndpoint();
  const { code, stderr } = await send([
    ...optin(endpoint.url),
    '--count',
    '2',
    '--set',
    'channelIds=[1,3]',
    '--set',
    'firstname=Zoë',
    '--add',
    'extra=1',
    '--remove',
    'title',
  ]);
  const body = JSON.parse(String(endpoint.seen[0]?.body)) as Record<string, unknown>;
  expect(body).toMatchObject({ channelIds: [1, 3], firstname: 'Zoë', extra: 1 });
  expect(body).not.toHaveProperty('title');
  // Theirs to send, and said once.
  expect([code, stderr]).toEqual([
    0,
    'note: optin as you changed it is not one that mail2many sends: title is missing (string); extra is unknown (number)\n',
  ]);
});

test.each([
  ['a value of another kind that still fits', ['--set', 'firstname=']],
  ['the whole of a sample', []],
])('nothing is noted of %s', async (_, flags) => {
  expect(await send([...optin('http://127.0.0.1:9/'), '--dry-run', ...flags])).toMatchObject({ code: 0, stderr: '' });
});

test('--data sends the bytes unchanged: a byte-order mark, invalid UTF-8, whatever they are', async () => {
  const endpoint = await openEndpoint();
  const bytes = Buffer.concat([Buffer.from('\ufeff{"a": 1 }\r\n'), Buffer.from([0xff, 0x00])]);
  const ended = await send([...optin(endpoint.url), '--data', '-'], { input: bytes });
  expect(ended.code, ended.stderr).toBe(0);
  expect(endpoint.seen[0]?.body.equals(bytes)).toBe(true);
  expect(ended.stderr).toBe(
    'note: optin as you changed it is not one that mail2many sends: the body is not a JSON object\n',
  );
});

test('--dry-run and --curl send nothing; the curl command delivers the same bytes', async () => {
  const endpoint = await openEndpoint();
  const same = ['--seed', 'a', '--now', '2026-01-02'];
  const dry = await send([...optin(endpoint.url), ...same, '--dry-run', '--json']);
  const curl = await send([...optin(endpoint.url), ...same, '--curl']);
  expect([dry.code, curl.code, endpoint.seen.length]).toEqual([0, 0, 0]);
  const ran = await runCommandLine('sh', ['-c', curl.stdout]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(endpoint.seen[0]?.body.toString('base64')).toBe((JSON.parse(dry.stdout) as { bodyBase64: string }).bodyBase64);
});

test('a mail: its attachments can be fetched by their signed links while it is sent, and not by a tampered one', async () => {
  const cwd = testFolder();
  writeFileSync(
    join(cwd, 'mail.eml'),
    [
      'From: a@example.com',
      'To: b@example.org',
      'Subject: hi',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=x',
      '',
      '--x',
      'Content-Type: text/plain',
      '',
      'see below',
      '--x',
      'Content-Type: text/plain; name=note.txt',
      'Content-Disposition: attachment; filename=note.txt',
      '',
      'the attachment',
      '--x--',
      '',
    ].join('\r\n'),
  );
  const fetched: (string | number)[] = [];
  const endpoint = await openEndpoint((response, { body }) => {
    const { attachments } = JSON.parse(String(body)) as { attachments: { url: string }[] };
    const url = attachments[0]?.url ?? '';
    void (async () => {
      fetched.push((await fetch(url.replace(/sig=./, (match) => (match === 'sig=0' ? 'sig=1' : 'sig=0')))).status);
      fetched.push(await (await fetch(url)).text());
      response.end();
    })();
  });
  const ended = await send(
    [
      '--vendor',
      'mailkite',
      '--eml',
      'mail.eml',
      '--url',
      endpoint.url,
      '--secret-env',
      'THE_SECRET',
      '--serve-attachments',
      '127.0.0.1:0',
    ],
    { cwd },
  );
  expect(ended.code, ended.stderr).toBe(0);
  expect(fetched[0]).toBe(403);
  expect(String(fetched[1]).trim()).toBe('the attachment');
});

test('--retry follows the ladder with the same event and a fresh signature until it is delivered', async () => {
  const endpoint = await openEndpoint((response, _, count) => void response.writeHead(count < 3 ? 503 : 200).end());
  const ended = await send([
    '--vendor',
    'mailkite',
    '--event',
    'email.received',
    '--url',
    endpoint.url,
    '--secret-env',
    'THE_SECRET',
    '--retry',
    '--time-scale',
    '100000',
    '--json',
  ]);
  expect(ended.code, ended.stderr).toBe(0);
  const { attempts } = JSON.parse(ended.stdout) as { attempts: { status: number }[] };
  expect(attempts.map(({ status }) => status)).toEqual([503, 503, 200]);
  expect(new Set(endpoint.seen.map(({ body }) => String(body))).size).toBe(1);
  expect(new Set(endpoint.seen.map(({ headers }) => headers['x-mailkite-signature'])).size).toBe(3);
});

test('Mailkit deactivates a webhook that fails for 24 hours, and that is said', async () => {
  const endpoint = await openEndpoint((response) => void response.writeHead(500).end());
  const ended = await send(['--event', 'subscribe', '--url', endpoint.url, '--retry', '--time-scale', '1000000']);
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain('deactivates the whole webhook');
});

test('the secret and the credentials of a URL are in no output and in no history', async () => {
  const cwd = testFolder();
  const endpoint = await openEndpoint((response) => void response.writeHead(500).end('no'));
  const url = endpoint.url.replace('http://', 'http://user:pass-word@');
  const texts = [
    await send(optin(url), { cwd }),
    await send([...optin(url), '--json'], { cwd }),
    await send([...optin(url), '--dry-run'], { cwd }),
    await runProgram('webhook', ['history', 'show', 'last', '--json', '--history', join(cwd, 'history.db')], { cwd }),
  ].map(({ stdout, stderr }) => stdout + stderr);
  expect(endpoint.seen[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('user:pass-word').toString('base64')}`);
  const stored = ['history.db', 'history.db-wal'].map((name) => {
    try {
      return readFileSync(join(cwd, name), 'latin1');
    } catch {
      return '';
    }
  });
  for (const text of [...texts, ...stored]) {
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('pass-word');
    expect(text).not.toContain(Buffer.from('user:pass-word').toString('base64'));
  }
});

test("control sequences of an endpoint's answer never reach the terminal", async () => {
  const endpoint = await openEndpoint(
    (response) => void response.writeHead(500).end('\u001b[2J\u001b]0;title\u0007evil\u009b31m'),
  );
  const { stdout } = await send(optin(endpoint.url));
  expect(stdout).toContain('evil');
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/[\u001b\u0007\u009b]/);
});

test('an endpoint that accepts and never answers ends at --max-time with exit 3', async () => {
  const endpoint = await openEndpoint(() => undefined);
  const ended = await send([...optin(endpoint.url), '--max-time', '300ms']);
  expect(ended.code).toBe(3);
  expect(ended.stdout).toContain('TIMEOUT');
});

test('--all goes to each configured webhook that lists the event, each under its own uuid', async () => {
  const cwd = testFolder();
  const endpoint = await openEndpoint();
  const webhook = (name: string, digit: number, events: string[]): object => ({
    uuid: `00000000-0000-4000-8000-00000000000${digit}`,
    name,
    vendor: 'mail2many',
    url: endpoint.url,
    events,
    secret: { env: 'THE_SECRET' },
  });
  writeFileSync(
    join(cwd, 'webhook.config.json'),
    JSON.stringify({
      webhooks: [webhook('one', 1, ['optin']), webhook('two', 2, ['optin', 'optout']), webhook('three', 3, ['optout'])],
    }),
  );
  const ended = await send(['--event', 'optin', '--all', '--json'], { cwd });
  expect(ended.code, ended.stderr).toBe(0);
  const uuids = ended.stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { webhookUuid: string }).webhookUuid);
  expect(uuids.toSorted()).toEqual(['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']);
  expect(await send(['--event', 'optin'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/"one".*"two"/),
  });
  expect(await send(['--event', 'optout', '--to', 'three'], { cwd })).toMatchObject({ code: 0 });
});

test('history that cannot be written is told before anything is sent: exit 4', async () => {
  const cwd = testFolder();
  const endpoint = await openEndpoint();
  writeFileSync(join(cwd, 'not-sqlite.db'), 'this is a text, and it is long enough to look like a database header');
  const ended = await send([...optin(endpoint.url), '--history', 'not-sqlite.db'], { cwd });
  expect(ended).toMatchObject({ code: 4, stdout: '' });
  expect(ended.stderr).toContain('not-sqlite.db');
  expect(endpoint.seen).toHaveLength(0);
});

test.each([
  ['no such file', 'missing.eml', undefined],
  ['an empty file', 'empty.eml', Buffer.alloc(0)],
  ['a picture', 'binary.eml', Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex')],
])('an unreadable mail is exit 5: %s', async (_, name, content) => {
  const cwd = testFolder();
  if (content !== undefined) writeFileSync(join(cwd, name), content);
  const ended = await send(['--vendor', 'mail-plus', '--eml', name, '--url', 'http://127.0.0.1:1/'], { cwd });
  expect(ended).toMatchObject({ code: 5, stdout: '' });
  expect(ended.stderr).toContain(name);
});

test('a port that speaks no HTTP is no answer: exit 3', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('SSH-2.0-OpenSSH_9.2\r\n');
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const { port } = server.address() as { port: number };
  const ended = await send(optin(`http://127.0.0.1:${port}/`));
  server.close();
  expect(ended.code).toBe(3);
});

test('two runs with one seed, into one history, are two records', async () => {
  const cwd = testFolder();
  const endpoint = await openEndpoint();
  const seeded = ['--seed', 'a', '--now', '2026-01-02', '--uuid', UUID];
  expect(await send([...optin(endpoint.url), ...seeded], { cwd })).toMatchObject({ code: 0, stderr: '' });
  expect(await send([...optin(endpoint.url), ...seeded], { cwd })).toMatchObject({ code: 0, stderr: '' });
  const listed = await runProgram('webhook', ['history', 'list', '--json', '--history', join(cwd, 'history.db')], {
    cwd,
  });
  expect(
    (JSON.parse(listed.stdout) as { deliveries: { attempts: object[] }[] }).deliveries.map(
      ({ attempts }) => attempts.length,
    ),
  ).toEqual([1, 1]);
});

test('a reader who leaves stops neither the sending nor the recording', async () => {
  const cwd = testFolder();
  const endpoint = await openEndpoint();
  const line = `"${process.execPath}" "${bin('webhook')}" send --event subscribe --url ${endpoint.url} --uuid ${UUID} --count 60 --connections 4 --json --history history.db | head -n 1`;
  expect(await runCommandLine('sh', ['-c', line], { cwd })).toMatchObject({ stderr: '' });
  const exported = await runProgram(
    'mp-export',
    ['--uuid', UUID, '--format', 'ndjson', '--history', join(cwd, 'history.db')],
    { cwd },
  );
  expect(exported.stdout.trim().split('\n')).toHaveLength(60);
  expect(endpoint.seen).toHaveLength(60);
});

test.skipIf(!existsSync('/dev/full'))('an answer that cannot be written is told: exit 2', async () => {
  const ended = await runCommandLine(
    'sh',
    ['-c', `"${process.execPath}" "${bin('webhook')}" events --json > /dev/full`],
    { cwd: testFolder() },
  );
  expect(ended).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: the answer could not be written to stdout: .*ENOSPC/),
  });
});

test('when history fails after sending, the error says what became of the event: exit 4', async () => {
  const cwd = testFolder();
  const endpoint = await openEndpoint();
  await send(['--event', 'subscribe', '--url', endpoint.url], { cwd });
  // The log may grow by two blocks of 512 bytes: enough to open history, not to append to it.
  const blocks = Math.ceil(statSync(join(cwd, 'history.db-wal')).size / 512) + 2;
  const line = `ulimit -f ${blocks}; exec "${process.execPath}" "${bin('webhook')}" send --event subscribe --url ${endpoint.url} --history history.db`;
  const ended = await runCommandLine('sh', ['-c', line], { cwd });
  expect(ended.code, ended.stderr).toBe(4);
  expect(ended.stderr).toMatch(/was delivered \(200\) and was not recorded/);
  expect(endpoint.seen).toHaveLength(2);
});

test('a credential given with -H is sent, and not shown by --dry-run', async () => {
  const { stdout } = await send([...optin('http://127.0.0.1:1/'), '-H', 'Authorization: Bearer hunter2', '--dry-run']);
  expect(stdout).toContain('Authorization: ***');
  expect(stdout).not.toContain('hunter2');
});

test('MailKite makes one event for each recipient of a mail; --rcpt names them', async () => {
  const cwd = testFolder();
  writeFileSync(
    join(cwd, 'mail.eml'),
    'From: a@example.com\r\nTo: One <one@example.org>, two@example.org\r\nSubject: hi\r\n\r\nhello\r\n',
  );
  const endpoint = await openEndpoint();
  const mail = ['--vendor', 'mailkite', '--eml', 'mail.eml', '--url', endpoint.url, '--secret-env', 'THE_SECRET'];
  await send(mail, { cwd });
  await send([...mail, '--rcpt', 'three@example.org'], { cwd });
  const recipients = endpoint.seen.map(({ body }) =>
    (JSON.parse(String(body)) as { to: { address: string }[] }).to.map(({ address }) => address),
  );
  expect(recipients).toEqual([['one@example.org'], ['two@example.org'], ['three@example.org']]);
});

test('--data goes out as it is, whatever elements the configuration selects', async () => {
  const cwd = testFolder();
  const endpoint = await openEndpoint();
  const webhook = {
    uuid: UUID,
    name: 'plus',
    vendor: 'mail-plus',
    url: endpoint.url,
    events: ['inbound'],
    dataSelection: ['subject'],
  };
  writeFileSync(join(cwd, 'webhook.config.json'), JSON.stringify({ webhooks: [webhook] }));
  const ended = await send(['--to', 'plus', '--data', '-'], { cwd, input: '{"body":1}' });
  expect(ended.code, ended.stderr).toBe(0);
  expect(String(endpoint.seen[0]?.body)).toBe('{"body":1}');
});

test('a MailKite secret without its prefix is sent with a warning that does not show it', async () => {
  const endpoint = await openEndpoint();
  const ended = await send(
    ['--vendor', 'mailkite', '--event', 'email.received', '--url', endpoint.url, '--secret-env', 'OTHER'],
    { env: { OTHER: 'no-prefix-here' } },
  );
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('begin with whsec_') });
  expect(ended.stderr).not.toContain('no-prefix-here');
});

test('webhook sample writes the body to a pipe byte for byte', async () => {
  const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
  const cwd = testFolder();
  const ended = await runCommandLine(
    'sh',
    ['-c', `"${process.execPath}" "${bin('webhook')}" sample optin --data - > body`],
    { cwd, input: bytes },
  );
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(join(cwd, 'body')).equals(bytes)).toBe(true);
});

test('webhook sample takes the event as an argument or by --event', async () => {
  const args = ['--seed', '1', '--now', '2026-11-01T10:00:00Z'];
  const [byArgument, byFlag] = await Promise.all([
    runProgram('webhook', ['sample', 'optin', ...args]),
    runProgram('webhook', ['sample', '--event', 'optin', ...args]),
  ]);
  expect(byArgument).toMatchObject({ code: 0, stderr: '' });
  expect(byFlag).toEqual(byArgument);
});

test('--all finds a missing secret before anything is sent, and names the webhook', async () => {
  const cwd = testFolder();
  const endpoint = await openEndpoint();
  const webhook = (name: string, digit: number): object => ({
    uuid: `00000000-0000-4000-8000-00000000000${digit}`,
    name,
    vendor: 'mail2many',
    url: endpoint.url,
    events: ['optin'],
  });
  writeFileSync(
    join(cwd, 'webhook.config.json'),
    JSON.stringify({ webhooks: [{ ...webhook('one', 1), secret: { env: 'THE_SECRET' } }, webhook('two', 2)] }),
  );
  expect(await send(['--event', 'optin', '--all'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"two"'),
  });
  expect(endpoint.seen).toHaveLength(0);
});

test('--now shapes the event, and history keeps the true time', async () => {
  const cwd = testFolder();
  const endpoint = await openEndpoint();
  await send([...optin(endpoint.url), '--now', '2001-02-03T04:05:06Z'], { cwd });
  expect(endpoint.seen[0]?.headers['x-mail2many-event-date']).toBe('2001-02-03 04:05:06');
  const { stdout } = await runProgram(
    'webhook',
    ['history', 'show', 'last', '--json', '--history', join(cwd, 'history.db')],
    { cwd },
  );
  expect((JSON.parse(stdout) as { timestamp: string }).timestamp).not.toMatch(/^2001/);
});
