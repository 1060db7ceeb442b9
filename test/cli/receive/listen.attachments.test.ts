import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { freePorts, untilOpen } from '../../helpers/free-ports.ts';
import { startListening, talk, type Listening } from '../../helpers/listening.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { parseMail } from '../../../src/mail/parse-mail.ts';

// A CI step sends, another one fetches: links that "webhook listen" answers when "webhook send" has long ended.

const MAIL = join(import.meta.dirname, '../../../fixtures/mail/attachments.eml');
const SIGNED = ['--vendor', 'mailkite', '--secret-env', 'THE_SECRET'];
const SAMPLE = ['--event', 'email.received'];

interface Place {
  cwd: string;
  env: Record<string, string>;
}

function place(secret = 'whsec_of_the_links'): Place {
  const cwd = testFolder();
  return { cwd, env: { THE_SECRET: secret, WEBHOOK_HISTORY: join(cwd, 'history.db'), HOME: cwd } };
}

const originOf = ({ port }: Listening): string => `http://127.0.0.1:${port}`;
const send = (args: readonly string[], at: Place): Promise<Ended> =>
  runProgram('webhook', ['send', ...SIGNED, ...args], at);

/** What is no matter of the connection. */
const headersOf = (one: Response): string[] =>
  [...one.headers]
    .map(([name, value]) => `${name}: ${value}`)
    .filter((line) => !/^(date|connection|keep-alive):/.test(line));

/** The links of one event that was sent to the listener, as its JSON line has them. */
async function linksSent(listening: Listening, args: readonly string[], at: Place): Promise<string[]> {
  const ended = await send([...args, '--url', listening.url, '--attachments-at', originOf(listening)], at);
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  const [line] = await listening.until(1);
  expect(line).toMatchObject({ verdict: 'valid', drift: [] });
  const { attachments } = JSON.parse(Buffer.from(String(line?.['bodyBase64']), 'base64').toString()) as {
    attachments: { url: string }[];
  };
  return attachments.map(({ url }) => url);
}

test("the sample's link is answered when send has ended: the bytes by GET, the same headers by HEAD", async () => {
  const at = place();
  const listening = await startListening(SIGNED, at);
  const [link = ''] = await linksSent(listening, SAMPLE, at);
  const response = await fetch(link);
  const text = await response.text();
  expect([response.status, text.length > 0, response.headers.get('content-length')]).toEqual([
    200,
    true,
    String(Buffer.byteLength(text)),
  ]);
  expect(response.headers.get('content-disposition')).toContain('attachment; filename=');
  expect([response.headers.get('x-content-type-options'), response.headers.get('cache-control')]).toEqual([
    'nosniff',
    'no-store',
  ]);
  const head = await fetch(link, { method: 'HEAD' });
  expect([head.status, headersOf(head), await head.text()]).toEqual([200, headersOf(response), '']);
});

test('--serve-attachments gives out the attachments of a mail, byte by byte, and none beyond', async () => {
  const at = place();
  const listening = await startListening([...SIGNED, '--serve-attachments', MAIL], at);
  const links = await linksSent(listening, ['--eml', MAIL, '--rcpt', 'support@example.org'], at);
  const { attachments } = await parseMail(readFileSync(MAIL));
  expect(links.length).toBe(attachments.length);
  expect(links.length).toBeGreaterThan(1);
  const got = await Promise.all(
    links.map(async (link) => Buffer.from(await (await fetch(link)).arrayBuffer()).toString('base64')),
  );
  expect(got).toEqual(attachments.map(({ content }) => Buffer.from(content).toString('base64')));
});

test.each<[number, string, (link: string) => string]>([
  [
    403,
    'its signature was changed',
    (link) => link.replace(/sig=./, (first) => (first === 'sig=0' ? 'sig=1' : 'sig=0')),
  ],
  [403, 'another index is asked for', (link) => link.replace('/0?', '/1?')],
  [403, 'its time was changed', (link) => link.replace(/exp=\d/, 'exp=9')],
  [403, 'it has no signature', (link) => link.replace(/&sig=.*/, '')],
])('%d where %s', async (status, _, change) => {
  const at = place();
  const listening = await startListening(SIGNED, at);
  const [link = ''] = await linksSent(listening, SAMPLE, at);
  expect(change(link)).not.toBe(link);
  expect((await fetch(change(link))).status).toBe(status);
});

test('410 for a link that has expired, 404 for one that is signed for an attachment that is not there', async () => {
  const at = place();
  const listening = await startListening(SIGNED, at);
  const linksOf = async (args: readonly string[]): Promise<string[]> => {
    const endpoint = await openEndpoint();
    const ended = await send([...args, '--url', endpoint.url, '--attachments-at', originOf(listening)], at);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    return (JSON.parse(String(endpoint.seen[0]?.body)) as { attachments: { url: string }[] }).attachments.map(
      ({ url }) => url,
    );
  };
  const [expired = ''] = await linksOf([...SAMPLE, '--now', '2020-01-01']);
  const [, second = ''] = await linksOf(['--eml', MAIL, '--rcpt', 'support@example.org']);
  expect([(await fetch(expired)).status, (await fetch(second)).status]).toEqual([410, 404]);
  const told = await listening.until(2, 'attachment');
  expect(told.map(({ filename, answer }) => [filename, answer])).toEqual([
    [null, { status: 410 }],
    [null, { status: 404 }],
  ]);
});

test('such a GET is told without its signature, and is no request: not recorded, not forwarded, not counted', async () => {
  const at = place();
  const endpoint = await openEndpoint();
  const listening = await startListening(
    [...SIGNED, '--forward-to', endpoint.url, '--status', '200', '--exit-after', '2'],
    at,
  );
  const [link = ''] = await linksSent(listening, SAMPLE, at);
  const { pathname, searchParams } = new URL(link);
  expect([(await fetch(link)).status, (await fetch(link)).status]).toEqual([200, 200]);
  const told = await listening.until(2, 'attachment');
  expect(told[0]).toEqual({
    schemaVersion: 2,
    event: 'attachment',
    receivedAt: expect.any(String),
    method: 'GET',
    path: `${pathname}?exp=${searchParams.get('exp')}&sig=***`,
    remoteAddress: '127.0.0.1',
    filename: expect.any(String),
    answer: { status: 200 },
  });
  // The second request ends it.
  expect((await send([...SAMPLE, '--url', listening.url, '--no-history'], at)).code).toBe(0);
  const { code, stdout, stderr } = await listening.ended;
  expect(code, stderr).toBe(0);
  expect(endpoint.seen.map(({ method }) => method)).toEqual(['POST', 'POST']);
  expect(stdout + stderr).not.toContain(String(searchParams.get('sig')));
  const { deliveries } = JSON.parse(
    (await runProgram('webhook', ['history', 'list', '--json', '--direction', 'in'], at)).stdout,
  ) as { deliveries: { method: string }[] };
  expect(deliveries.map(({ method }) => method)).toEqual(['POST', 'POST']);
});

test('a GET elsewhere, and one of a vendor without links, is a request as before', async () => {
  const at = place();
  const [mailkite, mail2many] = await Promise.all([
    startListening(SIGNED, at),
    startListening(['--vendor', 'mail2many', '--secret-env', 'THE_SECRET'], at),
  ]);
  expect([
    (await fetch(`${originOf(mailkite)}/hook`)).status,
    (await fetch(`${originOf(mail2many)}/att/x/0?exp=1&sig=0`)).status,
  ]).toEqual([405, 405]);
  expect([(await mailkite.until(1))[0]?.['path'], (await mail2many.until(1))[0]?.['method']]).toEqual(['/hook', 'GET']);
});

test('a POST to a link is a request, and an attachment is not held back by what is in the pipe before it', async () => {
  const at = place();
  const listening = await startListening(SIGNED, at);
  const [link = ''] = await linksSent(listening, SAMPLE, at);
  const path = link.slice(originOf(listening).length);
  const answers = await talk(
    listening.port,
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\nGET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 415', 'HTTP/1.1 200']);
});

test.each<[string, 'send' | 'listen', readonly string[], RegExp]>([
  [
    'links that begin at two places',
    'send',
    [
      ...SIGNED,
      ...SAMPLE,
      '--url',
      'http://127.0.0.1:1',
      '--attachments-at',
      'http://127.0.0.1:1',
      '--serve-attachments',
      '127.0.0.1:0',
    ],
    /--attachments-at.*cannot be used with.*--serve-attachments/,
  ],
  [
    'links of a vendor that has none',
    'send',
    ['--event', 'subscribe', '--url', 'http://127.0.0.1:1', '--attachments-at', 'http://127.0.0.1:1'],
    /mailkit sends no attachment links/,
  ],
  [
    'links that begin with no URL',
    'send',
    [...SIGNED, ...SAMPLE, '--url', 'http://127.0.0.1:1', '--attachments-at', '127.0.0.1:3000'],
    /expected a URL such as/,
  ],
  [
    'links that begin with a query',
    'send',
    [...SIGNED, ...SAMPLE, '--url', 'http://127.0.0.1:1', '--attachments-at', 'http://127.0.0.1:1/?a=1'],
    /its own/,
  ],
  [
    'a mail for a vendor without links',
    'listen',
    ['--vendor', 'mailkit', '--serve-attachments', MAIL, '--port', '0'],
    /mailkit sends no attachment links/,
  ],
  [
    'a mail without a secret',
    'listen',
    ['--vendor', 'mailkite', '--no-verify', '--serve-attachments', MAIL, '--port', '0'],
    /there is no secret to check them with/,
  ],
  [
    'two mails',
    'listen',
    [...SIGNED, '--serve-attachments', MAIL, '--serve-attachments', MAIL, '--port', '0'],
    /give one mail/,
  ],
])('%s: exit 2, and what to do', async (_, command, args, message) => {
  const ended = await runProgram('webhook', [command, ...args], place());
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(message);
});

test('for people it is one line, and --quiet tells nothing of it', async () => {
  const at = place();
  const [port = 0, quietPort = 0] = await freePorts(2);
  const run = (on: number, ...args: string[]): Promise<Ended> =>
    runProgram(
      'webhook',
      ['listen', ...SIGNED, '--port', String(on), '--no-history', '--exit-after', '1', ...args],
      at,
    );
  const [told, silent] = [run(port), run(quietPort, '--quiet')];
  for (const on of [port, quietPort]) {
    await untilOpen(on, () => undefined);
    const origin = `http://127.0.0.1:${on}`;
    const dry = await send([...SAMPLE, '--url', origin, '--attachments-at', origin, '--dry-run', '--json'], at);
    const body = Buffer.from((JSON.parse(dry.stdout) as { bodyBase64: string }).bodyBase64, 'base64').toString();
    const {
      attachments: [first],
    } = JSON.parse(body) as { attachments: { url: string }[] };
    expect((await fetch(first?.url ?? '')).status).toBe(200);
    await send([...SAMPLE, '--url', `${origin}/hook`], at);
  }
  const line = (await told).stdout.split('\n').find((one) => one.includes('attachment:'));
  expect(line?.replace(/exp=\d+/, 'exp=N')).toMatch(
    /^[\d:.]+ {2}GET \/att\/\w+\/0\?exp=N&sig=\*\*\* {2}attachment: .+ {2}→ 200$/,
  );
  expect((await silent).stdout).toBe('');
});
