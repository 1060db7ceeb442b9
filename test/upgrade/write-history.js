/**
 * Writes a history of every kind of record with the programs of any version, from 0.1.0 on:
 * `node write-history.js BIN_FOLDER FOLDER`. FOLDER then has `history.db`, the `webhook.config.json` that names it, and
 * `reports/`. Only flags of 0.1.0 are used. Secrets are in the variables of SECRETS.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures');

/** None of them may be in what a program writes. */
export const SECRETS = {
  SHOP_SECRET: 'shop-signing-secret-1f6a',
  LISTS_SECRET: 'lists-signing-secret-77c2',
  MAIL_SECRET: 'mail-signing-secret-40de',
};

export const WEBHOOKS = {
  shop: '11111111-1111-4111-8111-111111111111',
  lists: '22222222-2222-4222-8222-222222222222',
  mail: '33333333-3333-4333-8333-333333333333',
  inbox: '44444444-4444-4444-8444-444444444444',
};

/** Every byte there is. */
const ODD = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
/** Beyond the first MiB, which is stored by itself. */
const LONG = JSON.stringify({ event: 'optin', text: 'x'.repeat(1_200_000) });

/** What the endpoint answers under each path. */
const ANSWERS = {
  '/ok': (response) => response.end('ok'),
  '/ack': (response) => response.setHeader('content-type', 'application/json').end('{"status":"ok"}'),
  '/no': (response) => response.writeHead(500, { 'set-cookie': 'session=hush', 'x-odd': 'a,"b' }).end(ODD),
  '/gone': (response) => response.writeHead(410).end(),
  '/long': (response) => response.end('y'.repeat(100_000)),
  '/flaky': (response, count) => response.writeHead(count % 3 === 0 ? 200 : 503, { 'retry-after': '1' }).end(),
};

export async function openAnswering() {
  const counts = new Map();
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const path = new URL(request.url ?? '', 'http://host').pathname;
      counts.set(path, (counts.get(path) ?? 0) + 1);
      (ANSWERS[path] ?? ANSWERS['/ok'])(response, counts.get(path));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}

export function start(bin, program, args, { cwd, input = '', variables = {} }) {
  const {
    NODE_OPTIONS: _,
    WEBHOOK_HISTORY: _history,
    WEBHOOK_CONFIG: _config,
    FORCE_COLOR: _color,
    ...rest
  } = process.env;
  const env = { ...rest, ...SECRETS, ...variables, HOME: cwd, XDG_DATA_HOME: cwd, XDG_CONFIG_HOME: cwd, NO_COLOR: '1' };
  const child = spawn(process.execPath, [join(bin, `${program}.js`), ...args], { cwd, env });
  const ended = { code: null, stdout: Buffer.alloc(0), stderr: '' };
  child.stdout.on('data', (chunk) => (ended.stdout = Buffer.concat([ended.stdout, chunk])));
  child.stderr.on('data', (chunk) => (ended.stderr += chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const done = once(child, 'close').then(([code]) => Object.assign(ended, { code }));
  return { child, ended, done };
}

/** Runs a program and fails unless it ends with one of `codes`. */
export async function run(bin, program, args, { codes = [0], ...options }) {
  const { code, stdout, stderr } = await start(bin, program, args, options).done;
  if (!codes.includes(code)) throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}

/** The webhooks as `webhook add` takes them. */
const configured = (origin) => [
  `add shop --uuid ${WEBHOOKS.shop} --vendor mail2many --url ${origin}/ok --secret-env SHOP_SECRET`,
  `add lists --uuid ${WEBHOOKS.lists} --vendor mailkit --url ${origin}/no --secret-env LISTS_SECRET`,
  `add mail --uuid ${WEBHOOKS.mail} --vendor mailkite --url ${origin}/ack --secret-env MAIL_SECRET`,
];

/** Deliveries that were sent: what comes of them, and what is in them. */
const sent = (origin) => [
  ['send --to shop --event optin'],
  ['send --to shop --event optout --set', 'email==1+1,"x"@example.com'],
  ['send --to lists --event subscribe', { codes: [1] }],
  [`send --to lists --url ${origin}/flaky --event unsubscribe --retry --time-scale 100000000`],
  [`send --to shop --url http://127.0.0.1:1/hook --event optin`, { codes: [3] }],
  [`send --to mail --eml ${join(FIXTURES, 'mail/attachments.eml')} --inline-attachments`],
  [`send --to mail --event email.received --url ${origin}/gone`, { codes: [1] }],
  [`send --vendor mail-plus --event inbound --url ${origin}/ok`],
  [`send --vendor twilio --event message.status --url ${origin}/long --secret-env SHOP_SECRET`],
  [`send --vendor mailkit --event subscribe --url http://user:hush@${origin.slice(7)}/ok?token=hush`],
  ['send --to shop --event optin --data -', { input: ODD }],
  ['send --to shop --event optin --data -', { input: '' }],
  ['send --to shop --event optin --data -', { input: LONG }],
  ['send --to shop --event optin -H', 'Authorization: Bearer hush', '-H', 'X-Odd: ä "quoted", yes'],
  ['send --to shop --event optin --count 30 --connections 4'],
  [`retries --to lists --url ${origin}/ok --fail-first 2`],
  [`test shop --only accept --record`, { codes: [0, 1] }],
  ['replay last --url', `${origin}/ok`, { codes: [0, 1] }],
  [`replay last --exact --url ${origin}/no`, { codes: [1] }],
];

async function listenTo(bin, cwd, flags, requests) {
  const args = ['listen', '--port', '0', '--json', '--exit-after', String(requests.length), ...flags];
  const listening = start(bin, 'webhook', args, { cwd });
  while (!listening.ended.stdout.includes('\n')) {
    if (listening.child.exitCode !== null) throw new Error(listening.ended.stderr);
    await Promise.race([once(listening.child.stdout, 'data'), listening.done]);
  }
  const { url } = JSON.parse(listening.ended.stdout.toString().split('\n')[0]);
  for (const request of requests) await request(url);
  const { code, stderr } = await listening.done;
  if (code > 1) throw new Error(`listen ended with ${code}: ${stderr}`);
}

const post = (body) => async (url) => void (await (await fetch(url, { method: 'POST', body })).arrayBuffer());

/** Deliveries that were received, plainly and over TLS, and passed on. */
async function receive(bin, cwd, origin) {
  const send =
    (...flags) =>
    (url) =>
      run(bin, 'webhook', ['send', '--event', 'optin', '--no-history', '--url', url, ...flags], { cwd, codes: [0, 1] });
  const shop = ['--secret-env', 'SHOP_SECRET'];
  await listenTo(bin, cwd, ['shop'], [send(...shop), send('--secret-env', 'LISTS_SECRET'), post(ODD), post('')]);
  await listenTo(
    bin,
    cwd,
    ['--uuid', WEBHOOKS.inbox, '--forward-to', `${origin}/no`],
    [send(...shop), post('{"event":"=1+1","id":"\\u0000"}'), post('[1,2,3]')],
  );
  const overTls = (url) =>
    run(bin, 'webhook', ['send', '--to', 'shop', '--event', 'optin', '--url', url, '-k'], { cwd });
  await listenTo(bin, cwd, ['shop', '--tls'], [overTls]);
}

export async function writeHistory(bin, folder) {
  const cwd = resolve(folder);
  mkdirSync(join(cwd, 'reports'), { recursive: true });
  const { origin, close } = await openAnswering();
  try {
    writeFileSync(join(cwd, 'webhook.config.json'), '{ "history": "history.db", "webhooks": [] }\n');
    for (const line of configured(origin)) await run(bin, 'webhook', line.split(' '), { cwd });
    for (const [line, ...rest] of sent(origin)) {
      const options = typeof rest.at(-1) === 'object' ? rest.pop() : {};
      await run(bin, 'webhook', [...line.split(' '), ...rest], { cwd, ...options });
    }
    await receive(bin, cwd, origin);
  } finally {
    close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeHistory(...process.argv.slice(2, 4));
