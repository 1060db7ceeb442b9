import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { listProcesses } from '../../../src/flows/session/list-processes.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { freePorts, isClosed, untilOpen } from '../../helpers/free-ports.ts';
import { bin, runProgram, type Ended } from '../../helpers/program.ts';

const SECRET = 'one-secret-of-the-shop';
const EFFECTS_NOTE = /^note: events that \S+ accepts take effect there: [^\n]+\n/;

/** Each process of it writes down its number and its parent's: npm, or a shell. */
const NOTE = `require('node:fs').appendFileSync('pids', process.pid + ' ' + process.ppid + ' ');`;

const SERVER = `${NOTE}
require('node:http')
  .createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(Number(process.env.ANSWER ?? 200)).end());
  })
  .listen(process.env.PORT, () => console.log('listening, and the secret is ' + process.env.HOOK_SECRET));
`;
const IGNORES_SIGTERM = `process.on('SIGTERM', () => console.log('not yet'));\n`;
const IN_A_SESSION_OF_ITS_OWN = `require('node:child_process').spawn(
  process.execPath,
  ['-e', ${JSON.stringify(`${NOTE} setInterval(() => undefined, 1000)`)}],
  { detached: true, stdio: 'inherit' },
);\n`;

interface App {
  cwd: string;
  url: string;
  port: number;
  env: Record<string, string>;
}

async function makeApp(server = SERVER, env: Record<string, string> = {}): Promise<App> {
  const cwd = testFolder();
  writeFileSync(join(cwd, 'package.json'), '{"name":"shop","version":"1.0.0","scripts":{"start":"node server.js"}}');
  writeFileSync(join(cwd, 'server.js'), server);
  const [port = 0] = await freePorts(1);
  return { cwd, port, url: `http://127.0.0.1:${port}/hook`, env: { HOOK_SECRET: SECRET, ...env } };
}

const MAIL2MANY = ['--vendor', 'mail2many', '--secret-env', 'HOOK_SECRET', '--only', 'event-full-*'];

const start = ({ cwd, url, env }: App, command: string, ...args: string[]): Promise<Ended> =>
  runProgram('webhook', ['test', '--start', command, '--url', url, ...MAIL2MANY, ...args], { cwd, env });

/** Those of its processes that still run. */
function leftOf({ cwd }: App): number[] {
  const pids = new Set(readFileSync(join(cwd, 'pids'), 'utf8').trim().split(' ').map(Number));
  return (listProcesses() ?? [])
    .map(({ pid }) => pid)
    .filter((pid) => pids.has(pid) && pid !== process.pid && pid !== 1);
}

const has = (app: App, count: number): boolean =>
  existsSync(join(app.cwd, 'pids')) && readFileSync(join(app.cwd, 'pids'), 'utf8').split(' ').length > count * 2;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(10);
}

test.each([
  ['npm start', 'npm start', SERVER],
  ['one that ignores SIGTERM', 'npm start', IGNORES_SIGTERM + SERVER],
  ['one that starts another in a session of its own', 'node server.js', IN_A_SESSION_OF_ITS_OWN + SERVER],
  ['one that the shell leaves in the background', 'node server.js &', SERVER],
])('--start %s: tested, and nothing of it is left', async (_, command, server) => {
  const app = await makeApp(server);
  const { code, stdout, stderr } = await start(app, command);
  expect([code, stderr]).toEqual([0, expect.stringMatching(EFFECTS_NOTE)]);
  expect(stdout).toContain('passed');
  expect(leftOf(app)).toEqual([]);
});

const DIES_AT_EVENTS = SERVER.replace(
  'response.writeHead',
  'request.method === "POST" ? process.exit(7) : response.writeHead',
);

test('an application that dies shows what it printed last, without the secret', async () => {
  const app = await makeApp(DIES_AT_EVENTS);
  const { code, stderr } = await start(app, 'npm start', '--start-log', 'app.log');
  expect([code, stderr]).toEqual([3, expect.stringContaining('│ listening, and the secret is ***')]);
});

test('a run that fails while the application runs on names where its output is', async () => {
  const app = await makeApp(SERVER, { ANSWER: '500' });
  const { code, stdout, stderr } = await start(app, 'npm start', '--start-log', 'app.log', '--verbose');
  expect([code, stderr.replace(EFFECTS_NOTE, '')]).toEqual([
    1,
    'your application is still running: its output is in app.log\n',
  ]);
  const unkept = await start(app, 'npm start');
  expect(unkept.stderr.replace(EFFECTS_NOTE, '')).toBe(
    'your application is still running: to keep its output, use --start-log FILE\n',
  );
  expect(stdout).toContain("--start '…'");
  expect(readFileSync(join(app.cwd, 'app.log'), 'utf8')).toContain('> node server.js');
  const shown = await start(app, 'npm start', '--verbose');
  expect([shown.code, shown.stderr]).toEqual([1, expect.stringMatching(/^listening, and the secret is \*\*\*$/m)]);
  expect(leftOf(app)).toEqual([]);
});

test('of a secret of several lines none is shown', async () => {
  const lines = ['-----BEGIN PRIVATE KEY-----', 'MC4CAQAwBQYDK2VwBCIEIA', '-----END PRIVATE KEY-----'];
  const app = await makeApp('', { SHOP_SIGNER: lines.join('\n') });
  const { code, stderr } = await start(app, 'echo "$SHOP_SIGNER"; exit 1');
  expect([code, stderr]).toEqual([3, expect.stringContaining('  │ ***\n  │ ***\n  │ ***\n')]);
});

test.each([
  [
    'ends at once',
    `node -e "console.error('DATABASE_URL is not set'); process.exit(4)"`,
    [],
    3,
    /│ DATABASE_URL is not set\nerror: .*did not start: it exited on its own with code 4/,
  ],
  ['unknown command', 'no-such-program', [], 3, /did not start: the shell cannot run it/],
  ['goes on as a daemon', 'true & exit 0', [], 3, /on its own with code 0/],
  [
    'dies in the background, after its shell',
    '(while kill -0 $$; do sleep 0.01; done; echo no database; exit 5) 2>/dev/null & exit 0',
    [],
    3,
    /│ no database\nerror: .*did not start: it exited on its own with code 0/,
  ],
  [
    'listens elsewhere',
    // It has to be heard within that time, which Node alone may take to start on a busy machine.
    'echo listening; PORT=0 exec node server.js',
    ['--wait-ready', '4s'],
    3,
    /│ listening[^]*error: .*runs, but does not answer at http:.* within 4 s[^]*--wait-ready/,
  ],
])('an application that %s', async (_, command, args, exit, said) => {
  const app = await makeApp();
  const { code, stdout, stderr } = await start(app, command, ...args);
  expect([code, stdout, stderr]).toEqual([exit, '', expect.stringMatching(said)]);
});

test.each([
  ['handshake', ['--vendor', 'slack', '--secret-env', 'HOOK_SECRET'], 'slack', 0, /passed/],
  ['retries', ['--vendor', 'mail2many', '--secret-env', 'HOOK_SECRET'], 'mail2many', 0, /passed/],
  ['verify-cert', ['--only', 'P1'], 'mailkit --tls', 1, /fail {2}P1/],
])('%s starts it, too', async (command, args, vendor, exit, said) => {
  const app = await makeApp();
  const url = command === 'verify-cert' ? [`https://127.0.0.1:${app.port}/`] : ['--url', app.url];
  const listen = `${process.execPath} ${bin('webhook')} listen --port $PORT --no-history --vendor ${vendor}`;
  const starting = ['--start', `${listen} --secret-env HOOK_SECRET`];
  const { code, stdout } = await runProgram('webhook', [command, ...url, ...args, ...starting], app);
  expect([code, stdout]).toEqual([exit, expect.stringMatching(said)]);
  expect(await isClosed(app.port)).toBe(true);
});

test('interrupted before it answers, the run says that nothing was tried', async () => {
  const app = await makeApp();
  const args = ['test', '--start', 'touch started; sleep 600', '--url', app.url, ...MAIL2MANY];
  const env = { ...process.env, ...app.env };
  const child = spawn(process.execPath, [bin('webhook'), ...args], { cwd: app.cwd, env });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const ended = once(child, 'close');
  await until(() => existsSync(join(app.cwd, 'started')));
  child.kill('SIGINT');
  await ended;
  expect(told).toMatch(/error: stopped by SIGINT before anything answered at http:.*: nothing was tried/);
});

test('what answers already would be tested in its place: refused, and nothing is started', async () => {
  const app = await makeApp();
  const old = await openEndpoint((response) => void response.end());
  const { code, stdout, stderr } = await start({ ...app, url: old.url }, 'npm start');
  expect([code, stdout, stderr]).toEqual([
    2,
    '',
    expect.stringMatching(/something is already listening at [^]*lsof -i/),
  ]);
  expect(existsSync(join(app.cwd, 'pids'))).toBe(false);
});

test.each(['SIGINT', 'SIGKILL'] as const)('ended by %s in the middle, nothing of it is left', async (signal) => {
  const silent = SERVER.replace('response.writeHead', 'request.method === "HEAD" && response.writeHead');
  const app = await makeApp(silent);
  const args = ['test', '--start', 'npm start', '--url', app.url, ...MAIL2MANY];
  const child = spawn(process.execPath, [bin('webhook'), ...args], {
    cwd: app.cwd,
    env: { ...process.env, ...app.env },
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise((resolve) => {
    child.once('exit', (_code, by) => resolve(by));
  });
  await untilOpen(app.port, () => undefined);
  await until(() => has(app, 1));
  child.kill(signal);
  expect(await ended).toBe(signal);
  await until(() => leftOf(app).length === 0);
});

test.each([
  [['--start-log', 'app.log'], /--start-log has no effect without --start/],
  [['--start', 'npm start', '--start-log', '/no/such/folder/x'], /--start-log \/no\/such\/folder\/x: /],
])('usage: %j', async (args, said) => {
  const { cwd, url, env } = await makeApp();
  const { code, stderr } = await runProgram('webhook', ['test', '--url', url, ...MAIL2MANY, ...args], { cwd, env });
  expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
});
