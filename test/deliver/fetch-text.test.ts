import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTextReader } from '../../src/deliver/fetch-text.ts';
import type { AppError } from '../../src/model/error.ts';
import { parseConnectToRule, parseResolveRule } from '../../src/deliver/connect-rules.ts';
import type { TlsFile, TlsOptions } from '../../src/deliver/tls-files.ts';
import { hasOpenssl, makeTestCertificates, type TestCertificates } from '../helpers/openssl-certificates.ts';
import { openRaw, openServer } from '../helpers/raw-server.ts';

const LIMITS = { maxBytes: 1000, timeoutMs: 60_000 };
/** Says who asked: the client certificate, the credentials, the host. */
const whoAsks = (request: IncomingMessage, response: ServerResponse): void => {
  const subject =
    'getPeerCertificate' in request.socket ? (request.socket as TLSSocket).getPeerCertificate().subject : undefined;
  response.end(
    [
      subject?.CN ?? 'nobody',
      request.headers.authorization ?? 'no credentials',
      request.headers.host?.split(':')[0],
    ].join(', '),
  );
};
const ME = `Basic ${Buffer.from('me:hunter2').toString('base64')}`;

test.each([
  ['http://127.0.0.1:PORT/', 'nobody, no credentials, 127.0.0.1'],
  ['http://me:hunter2@127.0.0.1:PORT/', `nobody, ${ME}, 127.0.0.1`],
  ['http://moved.example/', 'nobody, no credentials, moved.example'],
])('reads %s, by the rules for the way', async (url, answer) => {
  const port = await openServer(createServer(whoAsks));
  const read = openTextReader(new URL('http://127.0.0.1:1/hook'), {
    connectTo: [parseConnectToRule(`moved.example:80:there.example:${port}`)],
    resolve: [parseResolveRule(`there.example:${port}:127.0.0.1`)],
  });
  expect(await read(url.replace('PORT', String(port)), LIMITS)).toBe(answer);
});

test("the endpoint's credentials go to its own origin, and with a redirect to no other", async () => {
  const elsewhere = await openServer(createServer(whoAsks));
  const home: number = await openServer(
    createServer((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: `http://127.0.0.1:${elsewhere}/` }).end();
      else if (request.url === '/around') response.writeHead(307, { location: '/here' }).end();
      else whoAsks(request, response);
    }),
  );
  const read = openTextReader(new URL(`http://me:hunter2@127.0.0.1:${home}/hook`));
  const answers = await Promise.all(
    [`${home}/here`, `${home}/around`, `${home}/away`, `${elsewhere}/`].map((place) =>
      read(`http://127.0.0.1:${place}`, LIMITS),
    ),
  );
  expect(answers).toEqual([
    `nobody, ${ME}, 127.0.0.1`,
    `nobody, ${ME}, 127.0.0.1`,
    'nobody, no credentials, 127.0.0.1',
    'nobody, no credentials, 127.0.0.1',
  ]);
});

test.each<
  [what: string, answer: (request: IncomingMessage, response: ServerResponse) => void, kind: string, message: RegExp]
>([
  ['an error', (_, response) => response.writeHead(500).end('no'), 'refused', /^http:.*\?token=\*\*\* answered 500$/],
  ['too much', (_, response) => response.end('x'.repeat(1001)), 'input', /sends more than 1000 bytes/],
  [
    'half of what is packed',
    (_, response) => {
      const packed = gzipSync(Array.from({ length: 150 }, (__, index) => index ** 2).join('\n'));
      response.setHeader('content-encoding', 'gzip').end(packed.subarray(0, packed.length / 2));
    },
    'input',
    /cannot be fully decoded/,
  ],
  [
    'what is packed in a way that is not known here',
    (_, response) => response.setHeader('content-encoding', 'compress').end('12\n'),
    'input',
    /cannot be fully decoded/,
  ],
  [
    'redirects without end',
    (request, response) => response.writeHead(302, { location: request.url }).end(),
    'refused',
    /redirects more than 5 times/,
  ],
  [
    'a redirect to no http',
    (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    'refused',
    /redirects to something that is not an http URL/,
  ],
  ['silence', () => undefined, 'unreachable', /accepted the connection but did not answer within 1 s/],
  [
    'half an answer',
    (_, response) => void response.write('x', () => response.socket?.destroy()),
    'unreachable',
    /cannot be read/,
  ],
])('an endpoint that answers with %s', async (what, answer, kind, message) => {
  const port = await openServer(createServer(answer));
  await expect(
    openTextReader(new URL('http://127.0.0.1:1/'))(`http://127.0.0.1:${port}/?token=hunter2`, {
      ...LIMITS,
      timeoutMs: what === 'silence' ? 1000 : 60_000,
    }),
  ).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
});

test('who waits in vain is not told what endpoints are advised of vendors, who do not wait here', async () => {
  const port = await openServer(createServer(() => undefined));
  await expect(
    openTextReader(new URL('http://127.0.0.1:1/'))(`http://127.0.0.1:${port}/`, { ...LIMITS, timeoutMs: 100 }),
  ).rejects.toSatisfy(({ hint }: AppError) => hint === undefined);
});

test('nothing listens, and no HTTP is spoken', async () => {
  const read = openTextReader(new URL('http://127.0.0.1:1/'));
  await expect(read('http://127.0.0.1:1/', LIMITS)).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining('nothing listens on 127.0.0.1:1'),
  });
  const port = await openRaw((socket) => void socket.end('220 mail.example ESMTP\r\n'));
  await expect(read(`http://127.0.0.1:${port}/`, LIMITS)).rejects.toMatchObject({ kind: 'unreachable' });
});

describe.skipIf(!hasOpenssl)('over https (needs openssl)', () => {
  let made: TestCertificates;
  beforeAll(() => {
    made = makeTestCertificates();
  });
  afterAll(() => {
    made.remove();
  });
  const file = (name: string): TlsFile => ({ path: name, bytes: made.read(name) });
  const serve = (): Promise<number> =>
    openServer(
      createHttps(
        {
          key: made.read('server.key'),
          cert: made.read('server.pem'),
          ca: made.read('ca.pem'),
          requestCert: true,
          rejectUnauthorized: false,
        },
        whoAsks,
      ),
    );
  const identity = (): TlsOptions => ({ ca: file('ca.pem'), cert: file('client.pem'), key: file('client.key') });

  test('the CA holds for every host, the client certificate for the endpoint alone', async () => {
    const [home, elsewhere] = await Promise.all([serve(), serve()]);
    const read = openTextReader(new URL(`https://localhost:${home}/hook`), { tls: identity() });
    expect(await read(`https://localhost:${home}/processed`, LIMITS)).toBe('client, no credentials, localhost');
    expect(await read(`https://localhost:${elsewhere}/processed`, LIMITS)).toBe('nobody, no credentials, localhost');
    expect(await read(`https://127.0.0.1:${home}/processed`, LIMITS)).toBe('nobody, no credentials, 127.0.0.1');
  });

  test('a CA that is not known is told, and -k goes on', async () => {
    const port = await serve();
    const url = `https://localhost:${port}/processed`;
    await expect(openTextReader(new URL(url))(url, LIMITS)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/certificate of localhost/),
      hint: expect.stringContaining('--cacert'),
    });
    expect(await openTextReader(new URL('http://127.0.0.1:1/'), { tls: { insecure: true } })(url, LIMITS)).toContain(
      'nobody',
    );
  });
});

test('a refusal is one, even if its body breaks off', async () => {
  const port = await openRaw((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nno'));
  });
  const read = openTextReader(new URL('http://127.0.0.1:1/'));
  await expect(read(`http://127.0.0.1:${port}/`, LIMITS)).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('answered 404'),
  });
});
