import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { curlCommand, urlForShell, type CurlOptions } from '../../src/deliver/curl-command.ts';
import type { Header } from '../../src/model/plan.ts';
import { testFolder } from '../helpers/folder.ts';
import { hasOpenssl, makeTestCertificates } from '../helpers/openssl-certificates.ts';
import { runCommandLine, type Ended } from '../helpers/program.ts';
import { openRaw, openServer, readRequest } from '../helpers/raw-server.ts';
import { attemptTo, requestTo } from '../helpers/send-once.ts';

const hasCurl = ((): boolean => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const HEADERS: Header[] = [
  ['Content-Type', 'application/json'],
  ['X-Sig', 't=1,v1=\'a"b$(id)`id`\\ ü'],
  ['X-Empty', ''],
];

/** As if pasted: a shell reads the command from its input, where a long line has no limit. */
function runInShell(command: string, env: Record<string, string> = {}): Promise<Ended> {
  return runCommandLine('sh', [], { input: command, env });
}

/** Head (without what curl and hookproof write in their own order and case) and body of one request. */
async function capture(
  send: (port: number) => Promise<unknown>,
): Promise<{ line: string | undefined; headers: string[]; body: Buffer }> {
  const seen: { head: string; body: Buffer }[] = [];
  const port = await openRaw((socket) =>
    readRequest(socket, (head, body) => {
      seen.push({ head, body });
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    }),
  );
  await send(port);
  const [line, ...lines] = (seen[0]?.head ?? '').trimEnd().split('\r\n');
  const headers = lines
    .filter((one) => !/^(host|connection|content-length):/i.test(one))
    .map((one) => one.replace(/: $/, ':'));
  return { line, headers, body: seen[0]?.body ?? Buffer.alloc(0) };
}

const withCredentials = (port: number): string => curlCommand(requestTo(`http://me:hunter2@127.0.0.1:${port}/`));

const withToken = (port: number): string =>
  curlCommand(requestTo(`http://127.0.0.1:${port}/it's?a=[1]&token=hunt%20er2&b=$HOME`));

describe.skipIf(!hasCurl)('the command, run by a shell (needs curl)', () => {
  test.each([
    ['json', '{"n":1,"s":"it\'s \\"quoted\\" \\\\ $HOME `id` $(id) %s"}'],
    ['empty', ''],
    ['that begins with @', '@/etc/passwd'],
    ['of several lines', 'a\n\tb\n\n'],
    ['in Unicode', 'Grüße 😀 \uFEFF'],
    ['with carriage returns', 'a\r\nb'],
    ['with NUL and escape', 'a\0b\u001b[31m'],
    ['that is no UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0x80])],
    ['of 300 KB', 'x'.repeat(300_000)],
  ])('sends the same as we do: a body %s', async (_what, text) => {
    const body = Buffer.from(text as string);
    const request = { body, headers: HEADERS };
    const path = "/it's?a={b}&c=[1-3]#gone";
    const ours = await capture((port) => attemptTo(`http://127.0.0.1:${port}${path}`, { request }));
    const theirs = await capture((port) =>
      runInShell(curlCommand(requestTo(`http://127.0.0.1:${port}${path}`, request))),
    );
    expect(theirs).toEqual(ours);
    expect(theirs.body.equals(body)).toBe(true);
  });

  test('with a body in a file, and the ways of curl to go elsewhere', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, "it's a body"), 'from a file');
    const { body, headers } = await capture((port) =>
      runInShell(
        curlCommand(requestTo('http://hooks.example/x'), {
          bodyFile: join(folder, "it's a body"),
          connectTo: [`hooks.example:80:elsewhere.example:${port}`],
          resolve: [`elsewhere.example:${port}:127.0.0.1`],
          maxTimeMs: 9500,
        }),
      ),
    );
    expect(body.toString()).toBe('from a file');
    expect(headers).toEqual(['Content-Type: application/json']);
  });

  test('without a body, and with an event in the query, which is no secret', async () => {
    const path = '/hook?token=hunter2&id=q8Zr19xkW20Lmm3p&x=%41+b';
    const request = { method: 'GET', headers: [['X-Sig', 'q8']] as Header[], body: new Uint8Array() };
    const eventQuery = 'id=q8Zr19xkW20Lmm3p&x=%41+b';
    const ours = await capture((port) => attemptTo(`http://127.0.0.1:${port}${path}`, { request }));
    const theirs = await capture((port) =>
      runInShell(curlCommand(requestTo(`http://127.0.0.1:${port}${path}`, request), { eventQuery }), {
        WEBHOOK_QUERY_TOKEN: 'hunter2',
      }),
    );
    expect(theirs).toEqual(ours);
    expect(ours.line).toBe(`GET ${path} HTTP/1.1`);
  });

  test('credentials come from the environment', async () => {
    const { headers } = await capture((port) =>
      runInShell(withCredentials(port), { WEBHOOK_CREDENTIALS: 'me:hunter2' }),
    );
    expect(headers).toContain(`Authorization: Basic ${Buffer.from('me:hunter2').toString('base64')}`);
    const without = await runInShell(withCredentials(1));
    expect(without.code).not.toBe(0);
    expect(without.stderr).toContain('WEBHOOK_CREDENTIALS');
  });

  test('secrets of the query come from the environment', async () => {
    const { line } = await capture((port) => runInShell(withToken(port), { WEBHOOK_QUERY_TOKEN: 'hunt%20er2' }));
    expect(line).toBe("POST /it's?a=[1]&token=hunt%20er2&b=$HOME HTTP/1.1");
    const without = await runInShell(withToken(1));
    expect([without.code === 0, without.stderr]).toEqual([false, expect.stringContaining('WEBHOOK_QUERY_TOKEN')]);
  });

  test('a URL for a command of ours has its credentials and secrets from variables of their own', async () => {
    const word = urlForShell("http://me:hunter2@h.example/it's?q8Zr19xkW20Lmm3p&x-sig=hunter2", 'hookproof', 'EFFECTS');
    expect(word).not.toMatch(/hunter2|q8Zr/);
    const ended = await runInShell(`printf %s ${word}`, {
      EFFECTS_CREDENTIALS: 'me:hunter2',
      EFFECTS_QUERY: 'q8Zr19xkW20Lmm3p',
      EFFECTS_QUERY_X_SIG: 'hunter2',
    });
    expect(ended.stdout).toBe("http://me:hunter2@h.example/it's?q8Zr19xkW20Lmm3p&x-sig=hunter2");
  });

  test.skipIf(!hasOpenssl)('with a client certificate whose key has a passphrase', async () => {
    const made = makeTestCertificates();
    try {
      const port = await openServer(
        createServer(
          {
            key: made.read('server.key'),
            cert: made.read('server.pem'),
            ca: made.read('ca.pem'),
            requestCert: true,
            rejectUnauthorized: true,
          },
          (_request, response) => response.end('accepted'),
        ),
      );
      const tls: CurlOptions = {
        cert: made.path('client-rsa.pem'),
        key: made.path('client-rsa.key'),
        cacert: made.path('ca.pem'),
        passphrase: { env: 'X' },
      };
      const ended = await runInShell(curlCommand(requestTo(`https://localhost:${port}/`), tls), {
        WEBHOOK_PASSPHRASE: 'open sesame',
      });
      expect(ended.stdout).toContain('accepted');
    } finally {
      made.remove();
    }
  });
});

test('names files and flags, and shows no secret', () => {
  const command = curlCommand(
    requestTo('https://me:hunter2@h.example/', {
      headers: [
        ['Authorization', 'Bearer hunter2'],
        ['Cookie', 'a=hunter2'],
        ['X-Sig', 'v1=abc'],
      ],
    }),
    {
      maxTimeMs: 500,
      pfx: 'my certs/a:b.pfx',
      passphrase: 'hunter2',
      insecure: true,
      resolve: ['h.example:443:127.0.0.1'],
    },
  );
  expect(command).not.toMatch(/hunter2|me:/);
  for (const part of [
    '--max-time 0.5',
    "--cert-type P12 --cert 'my certs/a\\:b.pfx'",
    '--insecure',
    '--resolve h.example:443:127.0.0.1',
    "-H 'X-Sig: v1=abc'",
  ])
    expect(command).toContain(part);
});
