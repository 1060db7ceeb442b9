import { request, type IncomingHttpHeaders } from 'node:http';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type AttachmentAnswer,
  serveAttachments,
  type AttachmentListener,
} from '../../src/receive/attachment-server.ts';

const CONTENT = Buffer.from('<script>alert(1)</script>');

let server: AttachmentListener;
let asked: string[] = [];
let answer: AttachmentAnswer;

beforeEach(async () => {
  asked = [];
  answer = { status: 200, contentType: 'text/html', filename: 'příloha "1".html', content: CONTENT };
  server = await serveAttachments({ host: '127.0.0.1', port: 0, headersTimeoutMs: 200 }, (pathAndQuery) => {
    asked.push(pathAndQuery);
    return answer;
  });
});

afterEach(() => server.close());

interface Reply {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.origin}${path}`, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What comes back for bytes that no HTTP client would send, until the server hangs up. */
function askRaw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(received);
    });
  });
}

test('GET gives the bytes, as a download that browsers do not guess at', async () => {
  const { status, headers, body } = await ask('GET', '/att/msg_1/0?exp=1&sig=ab%20c');
  expect(asked).toEqual(['/att/msg_1/0?exp=1&sig=ab%20c']);
  expect(status).toBe(200);
  expect(body).toEqual(CONTENT);
  expect(headers).toMatchObject({
    'content-type': 'text/html',
    'content-length': String(CONTENT.length),
    'content-disposition': `attachment; filename="p__loha _1_.html"; filename*=UTF-8''p%C5%99%C3%ADloha%20%221%22.html`,
    'x-content-type-options': 'nosniff',
  });
});

test('HEAD gives the same headers and no bytes', async () => {
  const { status, headers, body } = await ask('HEAD', '/att/msg_1/0');
  expect({ status, length: headers['content-length'], body: body.length }).toEqual({
    status: 200,
    length: String(CONTENT.length),
    body: 0,
  });
});

test.each([403, 404, 410] as const)('%d is passed on with a word of explanation', async (status) => {
  answer = { status };
  const reply = await ask('GET', '/att/msg_1/0');
  expect(reply.status).toBe(status);
  expect(reply.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(reply.body.length).toBeGreaterThan(10);
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is not a way to fetch, and asks nobody', async (method) => {
  const { status, headers } = await ask(method, '/att/msg_1/0', {}, 'x'.repeat(100_000));
  expect({ status, allow: headers.allow, asked }).toEqual({ status: 405, allow: 'GET, HEAD', asked: [] });
});

test.each([
  ['../../etc/passwd', `attachment; filename="passwd"; filename*=UTF-8''passwd`],
  ['C:\\temp\\a.txt', `attachment; filename="a.txt"; filename*=UTF-8''a.txt`],
  ['a\r\nSet-Cookie: x=1', `attachment; filename="a__Set-Cookie: x=1"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1`],
  ["it's (50%)*.txt", `attachment; filename="it's (50_)*.txt"; filename*=UTF-8''it%27s%20%2850%25%29%2A.txt`],
  ['half \uD83D pair', `attachment; filename="half _ pair"; filename*=UTF-8''half%20%EF%BF%BD%20pair`],
  ['/', `attachment; filename="attachment"; filename*=UTF-8''attachment`],
])('a filename like %j is harmless', async (filename, expected) => {
  answer = { status: 200, contentType: 'text/plain', filename, content: CONTENT };
  expect((await ask('GET', '/')).headers['content-disposition']).toBe(expected);
});

test.each(['text/html\r\nSet-Cookie: x=1', 'text', 'příloha/x', ''])(
  'a type like %j becomes a plain stream of bytes',
  async (contentType) => {
    answer = { status: 200, contentType, filename: 'a', content: CONTENT };
    expect((await ask('GET', '/')).headers['content-type']).toBe('application/octet-stream');
  },
);

test('an empty attachment is answered with length 0', async () => {
  answer = { status: 200, contentType: 'text/plain', filename: 'a', content: new Uint8Array() };
  const { status, headers } = await ask('GET', '/');
  expect({ status, length: headers['content-length'] }).toEqual({ status: 200, length: '0' });
});

test('a lookup that fails does not end the program', async () => {
  const failing = await serveAttachments({ host: '127.0.0.1', port: 0 }, () => {
    throw new Error('secret inside');
  });
  const reply = await fetch(failing.origin, { headers: { connection: 'close' } });
  expect(reply.status).toBe(500);
  expect(await reply.text()).not.toContain('secret');
  await failing.close();
});

test('a caller that never finishes its headers is sent away', async () => {
  expect(await askRaw('GET /att HTTP/1.1\r\nHost: x\r\nX-Slow: ')).toMatch(/^HTTP\/1\.1 408 /);
});

test('headers without end are refused', async () => {
  expect(await askRaw(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 431 /,
  );
  expect(asked).toEqual([]);
});

test('closing twice is closing once', async () => {
  await server.close();
  await server.close();
  await expect(fetch(server.origin)).rejects.toThrow('fetch failed');
});

test('closing lets a download under way finish, and the port is free afterwards', async () => {
  answer = { status: 200, contentType: 'text/plain', filename: 'a', content: Buffer.alloc(5_000_000, 'x') };
  // Another program may take the port in between: not five times in a row.
  for (let tries = 1; ; tries += 1) {
    const { port } = new URL(server.origin);
    expect(await fetchWhileClosing()).toBe(5_000_000);
    const again = await serveAttachments({ host: '127.0.0.1', port: Number(port) }, () => ({ status: 404 })).catch(
      (error: unknown) => error as Error,
    );
    if (!(again instanceof Error)) {
      server = again;
      return;
    }
    if (tries === 5) throw again;
    server = await serveAttachments({ host: '127.0.0.1', port: 0 }, () => answer);
  }
});

/** How many bytes come, once `close` has resolved. */
function fetchWhileClosing(): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${server.origin}/`, { agent: false }, (response) => {
      const closed = server.close();
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => {
        closed.then(() => {
          resolve(bytes);
        }, reject);
      });
    }).end();
  });
}

test.each([
  [
    'a port in use',
    async () => ({ host: '127.0.0.1', port: Number(new URL(server.origin).port) }),
    'another program uses this port',
  ],
  ['an address of another machine', async () => ({ host: '192.0.2.1', port: 0 }), 'does not have that address'],
  ['a host name nobody has', async () => ({ host: 'no-such-host.invalid', port: 0 }), 'host name'],
  ['a port out of range', async () => ({ host: '127.0.0.1', port: 70_000 }), 'from 0 to 65535'],
])('%s is a usage error with a hint', async (_name, where, reason) => {
  const failed = serveAttachments(await where(), () => ({ status: 404 }));
  await expect(failed).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining(reason),
    hint: expect.stringContaining('127.0.0.1:8099'),
  });
});

test('all interfaces give an origin that can be called', async () => {
  const wide = await serveAttachments({ host: '0.0.0.0', port: 0 }, () => ({ status: 404 }));
  expect(wide.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(wide.origin, { headers: { connection: 'close' } })).status).toBe(404);
  await wide.close();
});

// Not every machine has IPv6.
const hasIpv6 = await new Promise<boolean>((resolve) => {
  const probe = createServer();
  probe.on('error', () => {
    resolve(false);
  });
  probe.listen(0, '::1', () => {
    probe.close();
    resolve(true);
  });
});

test.runIf(hasIpv6)('an IPv6 address stands in brackets', async () => {
  const six = await serveAttachments({ host: '::1', port: 0 }, () => ({ status: 404 }));
  expect(six.origin).toMatch(/^http:\/\/\[::1\]:\d+$/);
  await six.close();
});
