import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { openEndpoint, type Seen } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { openServer } from '../../helpers/raw-server.ts';

function run(...args: string[]): Promise<Ended> {
  const folder = testFolder();
  return runProgram('webhook', ['check-source', ...args], {
    cwd: folder,
    env: { HOME: folder, XDG_CONFIG_HOME: folder, HOOK_SECRET: 'whsec_of_a_test' },
  });
}

const answering = (statusOf: (seen: Seen) => number): ReturnType<typeof openEndpoint> =>
  openEndpoint((response, seen) => void response.writeHead(statusOf(seen)).end());

test('who is refused whatever he claims is told so', async () => {
  const { url, seen } = await answering(() => 403);
  const { code, stdout } = await run('--url', url, '--vendor', 'mailkit');
  expect(stdout).toMatch(/^the endpoint refuses this machine, including with forged address headers$/m);
  expect(code).toBe(0);
  expect(seen.some(({ headers }) => headers['x-forwarded-for'] === '185.136.200.0')).toBe(true);
});

test('an endpoint for everybody fails', async () => {
  const { url } = await answering(() => 200);
  const { code, stdout } = await run('--url', url, '--vendor', 'mailkit');
  expect(stdout).toMatch(/^the endpoint accepts events from this machine, which is not the vendor$/m);
  expect(code).toBe(1);
});

test.each([
  ['X-Forwarded-For', 'forwarded-for'],
  ['X-Real-IP', 'real-ip'],
  ['CF-Connecting-IP', 'cdn-client-ip'],
])('believing %s is found', async (header, id) => {
  const { url } = await answering(({ headers }) => (headers[header.toLowerCase()] === '192.0.2.7' ? 200 : 403));
  const { code, stdout } = await run('--url', url, '--vendor', 'mail-plus', '--allow', '192.0.2.7');
  expect(stdout).toContain(`the endpoint trusts the address that a caller claims (${id})`);
  expect(code).toBe(1);
});

test('a signed vendor needs the secret, or nothing is known of the address', async () => {
  const { url } = await answering(({ headers }) => (headers['x-mail2many-signature'] === undefined ? 401 : 403));
  const open = await run('--url', url, '--vendor', 'mail2many');
  expect(open.stdout).toContain('answered 401, because the request is not signed');
  expect(open.code).toBe(1);
  expect((await run('--url', url, '--vendor', 'mail2many', '--secret-env', 'HOOK_SECRET')).code).toBe(0);
});

const serve = (status: number): ReturnType<typeof createServer> =>
  createServer((request, response) => void request.resume().on('end', () => response.writeHead(status).end()));

test('addresses of one host that differ are found', async () => {
  const port = await openServer(serve(403), '127.0.0.1');
  await openServer(serve(200), '127.0.0.2', port);
  const { code, stdout } = await run(
    '--url',
    `http://hooks.example.com:${port}/hook`,
    '--resolve',
    `hooks.example.com:${port}:127.0.0.1,127.0.0.2`,
    '--vendor',
    'mailkit',
  );
  expect(stdout).toMatch(/fail {2}address-family .*[\s\S]*127\.0\.0\.1 403, 127\.0\.0\.2 200/);
  expect(code).toBe(1);
});

test.each([
  ['nothing listens', (): Promise<string> => Promise.resolve('http://127.0.0.1:1/hook')],
  [
    'it hangs up',
    async (): Promise<string> =>
      `http://127.0.0.1:${await openServer(createServer((request) => request.socket.destroy()))}/hook`,
  ],
])('%s: exit 3', async (_, urlOf) => {
  expect(await run('--url', await urlOf(), '--vendor', 'mailkit')).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/^the endpoint does not answer/m),
  });
});

test('an endpoint that never answers is given up in time', async () => {
  const port = await openServer(createServer(() => undefined));
  expect(
    await run('--url', `http://127.0.0.1:${port}/hook`, '--vendor', 'mailkit', '--max-time', '500ms'),
  ).toMatchObject({ code: 3, stdout: expect.stringContaining('not finished within --max-time (0.5 s)') });
});

test('a vendor is needed', async () => {
  expect(await run('--url', 'http://127.0.0.1:1/hook')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no vendor was given for this URL'),
  });
});
