import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../helpers/endpoint.ts';
import { testFolder } from '../helpers/folder.ts';
import { startListening } from '../helpers/listening.ts';
import { bin, runCommandLine, runProgram, type Ended } from '../helpers/program.ts';

const SECRET = 'hunter2hunter';

interface Place {
  folder: string;
  run: (program: 'webhook' | 'mp-export' | 'verify-cert', ...args: string[]) => Promise<Ended>;
}

function place(): Place {
  const folder = testFolder();
  const env = {
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    WEBHOOK_HISTORY: join(folder, 'history.sqlite'),
  };
  return { folder, run: (program, ...args) => runProgram(program, args, { cwd: folder, env }) };
}

const told = ({ stdout, stderr }: Ended): string => stdout + stderr;

/** Everything that was written below a folder. */
function written(folder: string): string {
  const paths = readdirSync(folder, { recursive: true }).map((path) => join(folder, String(path)));
  return paths
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}

test('a token in the URL of an endpoint reaches the endpoint, and neither output nor history nor export', async () => {
  const { folder, run } = place();
  const endpoint = await openEndpoint();
  const url = `${endpoint.url}?list=3&token=${SECRET}`;
  const to = ['--vendor', 'mailkit', '--url', url];
  const sent = await run('webhook', 'send', '--event', 'subscribe', ...to, '--json');
  const document = JSON.parse(sent.stdout) as { url: string; webhookUuid: string };
  expect([sent.code, endpoint.seen[0]?.path, document.url]).toEqual([
    0,
    `/hook?list=3&token=${SECRET}`,
    `${endpoint.url}?list=3&token=***`,
  ]);
  const lines = [
    ['send', '--event', 'subscribe', ...to],
    ['send', '--event', 'subscribe', ...to, '--dry-run'],
    ['send', '--event', 'subscribe', ...to, '--curl'],
    ['send', '--event', 'nonsense', ...to],
    ['send', '--event', 'subscribe', '--vendor', 'mailkit', '--url', url.replace('http://', '')],
    ['send', '--event', 'subscribe', '--to', url],
    ['retries', ...to, '--time-scale', '100000000'],
    ['test', ...to, '--only', 'empty-body,same-id-again'],
    ['test', ...to, '--only', 'empty-body,same-id-again', '--json'],
    ['test', url],
    ['test', ...to, '--effects-url', url.replace('/hook', '/processed'), '--effects-wait', '10ms'],
    ['verify-cert', url],
    ['verify-cert', url.replace('http:', 'https:')],
    ['history', 'list'],
    ['history', 'list', '--json'],
    ['export', '--uuid', document.webhookUuid, '--format', 'csv'],
  ];
  const shown = await Promise.all(lines.map(async (args) => ({ args, told: told(await run('webhook', ...args)) })));
  expect(shown).toEqual(lines.map((args) => ({ args, told: expect.not.stringContaining(SECRET) })));
  expect(told(await run('mp-export', '--uuid', document.webhookUuid, '--format', 'json'))).toContain(
    '?list=3&token=***',
  );
  expect(written(folder)).not.toContain(SECRET);
});

test('a redirect that repeats the token is told without it', async () => {
  const { folder, run } = place();
  const endpoint = await openEndpoint(
    (response, { path }) => void response.writeHead(301, { location: `https://h.example${path}` }).end(),
  );
  const to = ['--vendor', 'mailkit', '--url', `${endpoint.url}?token=${SECRET}`];
  for (const args of [
    ['send', '--event', 'subscribe', ...to],
    ['send', '--event', 'subscribe', ...to, '--json'],
    ['test', ...to, '--only', 'chunked'],
  ]) {
    const ended = await run('webhook', ...args);
    expect([ended.code, told(ended)]).toEqual([
      1,
      expect.stringContaining('answered 301 to https://h.example/hook?token=***'),
    ]);
    expect(told(ended)).not.toContain(SECRET);
  }
  expect(written(folder)).not.toContain(SECRET);
});

test('a configured URL is shown without its token, and a stored delivery finds it there again', async () => {
  const { folder, run } = place();
  const endpoint = await openEndpoint();
  const url = `${endpoint.url}?token=${SECRET}`;
  const added = await run('webhook', 'add', 'shop', '--vendor', 'mailkit', '--url', url, '--events', 'subscribe');
  const shown = [
    added,
    await run('webhook', 'list'),
    await run('webhook', 'config', 'show'),
    await run('webhook', 'send', '--to', 'shop', '--event', 'subscribe'),
  ];
  expect(shown.map((ended) => [ended.code, told(ended).includes(SECRET)])).toEqual(shown.map(() => [0, false]));
  const { deliveries } = JSON.parse((await run('webhook', 'history', 'list', '--json')).stdout) as {
    deliveries: { deliveryId: string }[];
  };
  const id = deliveries[0]?.deliveryId ?? '';
  expect([(await run('webhook', 'replay', id)).code, endpoint.seen.map(({ path }) => path)]).toEqual([
    0,
    [`/hook?token=${SECRET}`, `/hook?token=${SECRET}`],
  ]);
  writeFileSync(join(folder, 'webhook.config.json'), JSON.stringify({ webhooks: [] }));
  const lost = await run('webhook', 'replay', id);
  expect([lost.code, lost.stderr]).toEqual([
    2,
    expect.stringMatching(/secrets in the query of .*\?token=\*\*\* are not stored[^]*--url URL/),
  ]);
});

test('a captured request is shown without the token in its path', async () => {
  const { folder, run } = place();
  writeFileSync(
    join(folder, 'capture.http'),
    `POST /hook?token=${SECRET} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{}`,
  );
  for (const json of [[], ['--json']]) {
    const ended = await run('webhook', 'verify', '--delivery', 'capture.http', '--vendor', 'mailkit', ...json);
    expect(told(ended)).toContain('/hook?token=***');
    expect(told(ended)).not.toContain(SECRET);
  }
});

test('the line that runs a case again takes the tokens from variables, and runs', async () => {
  const { folder, run } = place();
  const endpoint = await openEndpoint(
    (response, { body }) => void response.writeHead(body.length === 0 ? 500 : 200).end(),
  );
  const effects = await openEndpoint((response) => void response.end('[]'));
  const { stdout } = await run(
    'webhook',
    'test',
    '--vendor',
    'mailkit',
    '--url',
    `${endpoint.url}?token=${SECRET}`,
    '--effects-url',
    `${effects.url}?key=${SECRET}`,
    '--effects-wait',
    '10ms',
    '--only',
    'keep-alive',
    '--json',
  );
  const { findings } = JSON.parse(stdout) as { findings: { reproduce: string }[] };
  const line = findings[0]?.reproduce ?? '';
  const before = endpoint.seen.length;
  const again = await runCommandLine(
    'sh',
    ['-c', line.replace(/^webhook/, `'${process.execPath}' '${join(import.meta.dirname, '../../bin/webhook.js')}'`)],
    { cwd: folder, env: { WEBHOOK_QUERY_TOKEN: SECRET, EFFECTS_QUERY_KEY: SECRET } },
  );
  expect({ line, code: again.code, paths: new Set(endpoint.seen.slice(before).map(({ path }) => path)) }).toEqual({
    line: expect.stringContaining('WEBHOOK_QUERY_TOKEN'),
    code: 1,
    paths: new Set([`/hook?token=${SECRET}`]),
  });
});

test('a receiver shows and keeps neither the token of its own URL nor that of the URL it forwards to', async () => {
  const { folder } = place();
  const endpoint = await openEndpoint();
  const listening = await startListening(['--vendor', 'mailkit', '--forward-to', `${endpoint.url}?key=${SECRET}`], {
    cwd: folder,
  });
  expect(
    (await fetch(`http://127.0.0.1:${listening.port}/hook?a=1&token=${SECRET}`, { method: 'POST', body: '{}' })).status,
  ).toBe(200);
  const [line] = await listening.until(1);
  expect([line, endpoint.seen[0]?.path]).toEqual([
    expect.objectContaining({
      path: '/hook?a=1&token=***',
      forwarded: expect.objectContaining({ url: `${endpoint.url}?key=***&a=1&token=***` }),
    }),
    `/hook?key=${SECRET}&a=1&token=${SECRET}`,
  ]);
  listening.kill('SIGTERM');
  expect(told(await listening.ended)).not.toContain(SECRET);
  expect(written(folder)).toContain('/hook?a=1&token=***');
  expect(written(folder)).not.toContain(SECRET);
});

const CODE = 'opensesame';

test('--mask NAME keeps a query parameter and a header of this name out of all that is shown or kept', async () => {
  const { folder, run } = place();
  // An application that fails tends to answer with the request.
  const endpoint = await openEndpoint(
    (response, { path, headers }) => void response.writeHead(500).end(`${path} ${headers['partner'] ?? ''}`),
  );
  const url = `${endpoint.url}?list=3&Partner=${CODE}`;
  const mask = ['--mask', 'partner'];
  const to = ['--vendor', 'mailkit', '--url', url, ...mask];
  const event = ['--event', 'subscribe', ...to];
  const headers = ['-H', `Partner: ${CODE}`, '-H', `Referer: ${url}`];
  writeFileSync(
    join(folder, 'request.http'),
    `POST /hook?partner=${CODE} HTTP/1.1\r\nHost: h\r\nPartner: ${CODE}\r\nContent-Length: 2\r\n\r\n{}`,
  );
  const first = await run('webhook', 'send', ...event, ...headers, '--json');
  const { webhookUuid } = JSON.parse(first.stdout) as { webhookUuid: string };
  expect(endpoint.seen[0]).toMatchObject({ path: `/hook?list=3&Partner=${CODE}`, headers: { partner: CODE } });
  const lines = [
    ['send', ...event, ...headers, '--json'],
    ['send', ...event, ...headers, '--dry-run'],
    ['send', ...event, ...headers, '--dry-run', '--json'],
    ['send', ...event, ...headers, '--curl'],
    ['send', '--event', 'nonsense', ...to],
    ['send', '--event', 'subscribe', '--vendor', 'mailkit', ...mask, '--url', url.replace('http://', '')],
    ['send', '--event', 'subscribe', '--vendor', 'mailkit', ...mask, '--attachments-at', `${url}#x`],
    ['send', '--event', 'subscribe', '--vendor', 'mailkit', '--attachments-at', `${url}#x`, ...mask],
    ['send', '--event', 'subscribe', ...mask, '--to', url],
    ['send', '--event', 'subscribe', '--vendor', 'mailkit', '--url', endpoint.url, '--mask', `Partner: ${CODE}`],
    ['send', '--event', 'subscribe', '--vendor', 'mailkit', '--url', endpoint.url, '--mask', `partner=${CODE}`],
    ['retries', ...to, '--time-scale', '100000000'],
    ['test', ...to, '--only', 'empty-body,same-id-again', '--record'],
    ['test', ...to, '--only', 'empty-body,same-id-again', '--json'],
    ['test', ...to, '--effects-url', url.replace('/hook', '/processed'), '--effects-wait', '10ms'],
    ['replay', 'last', ...mask, '--url', url],
    ['replay', 'last', '--url', url],
    ['replay', 'last'],
    ['verify', 'request.http', ...mask],
    ['verify', '--delivery', 'request.http', '--vendor', 'mailkit', ...mask],
    ['verify', '--delivery', 'request.http', '--vendor', 'mailkit', ...mask, '--json'],
    ['verify-cert', url, ...mask],
    ['verify-cert', url.replace('http:', 'https:'), ...mask],
    ['check-source', '--vendor', 'mailkit', '--url', url, ...mask],
    ['history', 'list'],
    ['history', 'show', 'last'],
    ['history', 'show', 'last', '--json'],
  ];
  for (const args of lines) {
    const ended = await run('webhook', ...args);
    expect({ args, told: told(ended) }).toEqual({ args, told: expect.not.stringContaining(CODE) });
  }
  const exported = await run(
    'mp-export',
    '--format',
    'json',
    '--include-tests',
    '--include-bodies',
    '--uuid',
    webhookUuid,
  );
  expect(told(exported)).not.toContain(CODE);
  expect(exported.stdout).toContain('?list=3&Partner=***');
  writeFileSync(join(folder, 'request.http'), '');
  expect(written(folder)).not.toContain(CODE);
});

test('the lines to run again take what --mask names from variables, and mask it again', async () => {
  const { folder, run } = place();
  const endpoint = await openEndpoint((response) => void response.writeHead(500).end());
  const to = ['--vendor', 'mailkit', '--url', `${endpoint.url}?partner=${CODE}`, '--mask', 'Partner'];
  const curl = await run('webhook', 'send', '--event', 'subscribe', ...to, '--curl');
  await runCommandLine('sh', ['-c', curl.stdout], { env: { WEBHOOK_QUERY_PARTNER: CODE } });
  const { stdout } = await run('webhook', 'test', ...to, '--only', 'burst', '--json');
  const { findings } = JSON.parse(stdout) as { findings: { reproduce: string }[] };
  const again = findings[0]?.reproduce ?? '';
  expect(again).toContain('--mask Partner');
  const program = `webhook() { "${process.execPath}" "${bin('webhook')}" "$@"; }; ${again}`;
  const ended = await runCommandLine('sh', ['-c', program], { cwd: folder, env: { WEBHOOK_QUERY_PARTNER: CODE } });
  expect([ended.code, told(ended).includes(CODE)]).toEqual([1, false]);
  expect(new Set(endpoint.seen.map(({ path }) => path))).toEqual(new Set([`/hook?partner=${CODE}`]));
});

test('a delivery whose query parameter was masked is found again in the configuration, and masked anew', async () => {
  const { folder, run } = place();
  const endpoint = await openEndpoint();
  const url = `${endpoint.url}?partner=${CODE}`;
  await run('webhook', 'add', 'shop', '--vendor', 'mailkit', '--url', url, '--events', 'subscribe');
  expect((await run('webhook', 'send', '--to', 'shop', '--event', 'subscribe', '--mask', 'partner')).code).toBe(0);
  const replayed = await run('webhook', 'replay', 'last', '--json');
  expect([replayed.code, endpoint.seen[1]?.path]).toEqual([0, `/hook?partner=${CODE}`]);
  writeFileSync(join(folder, 'webhook.config.json'), '{}');
  expect(told(replayed) + written(folder)).not.toContain(CODE);
});

test('listen and what it forwards to keep what --mask names', async () => {
  const folder = testFolder();
  const endpoint = await openEndpoint((response, { path }) => void response.end(path));
  const listening = await startListening(
    ['--vendor', 'mailkit', '--mask', 'partner', '--forward-to', `${endpoint.url}?partner=${CODE}`, '-v'],
    { cwd: folder },
  );
  await fetch(`${listening.url}/in?partner=${CODE}`, { method: 'POST', body: '{}', headers: { partner: CODE } });
  await listening.until(1);
  listening.kill('SIGTERM');
  expect(told(await listening.ended) + written(folder)).not.toContain(CODE);
  expect(endpoint.seen[0]).toMatchObject({ path: `/hook?partner=${CODE}&partner=${CODE}`, headers: { partner: CODE } });
});
