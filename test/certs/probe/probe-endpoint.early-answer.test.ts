import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePost } from '../../../src/certs/probe/http-post.ts';
import { probeEndpoint } from '../../../src/certs/probe/probe-endpoint.ts';
import { makeTestCertificates } from '../../helpers/openssl-certificates.ts';

/** A server with an event loop of its own: one that shares ours answers only while we are not writing. */
const SERVER = `
const { createServer } = require('node:tls');
const { parentPort, workerData: { cert, key, answer } } = require('node:worker_threads');
const MANNERS = {
  'closes it': (socket) => socket.end(answer, () => socket.destroy()),
  'resets it': (socket) => socket.write(answer, () => socket.destroy()),
};
for (const [manner, end] of Object.entries(MANNERS)) {
  const server = createServer({ cert, key }, (socket) => {
    socket.on('error', () => undefined).once('data', () => { socket.pause(); end(socket); });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage([manner, server.address().port]));
}`;

const RUNS = 20;
/** A 400 is read to its end, which is the end of the connection here. */
const ANSWER = 'HTTP/1.1 400 Too early\r\nConnection: close\r\n\r\nbye\n';
/** More than the buffers between the two hold. */
const post = writePost({ path: '/hook', host: 'localhost', headers: [], body: Buffer.alloc(4_000_000, ' ') });

let worker: Worker;
const ports = new Map<string, number>();
beforeAll(async () => {
  const files = makeTestCertificates();
  const workerData = { cert: files.read('server.pem'), key: files.read('server.key'), answer: ANSWER };
  worker = new Worker(SERVER, { eval: true, workerData });
  while (ports.size < 2) {
    const [message] = (await once(worker, 'message')) as [[string, number]];
    ports.set(...message);
  }
  files.remove();
});
afterAll(() => worker?.terminate());

test.each([
  ['closes it', 'TLSv1.2'],
  ['closes it', 'TLSv1.3'],
  ['resets it', 'TLSv1.2'],
  ['resets it', 'TLSv1.3'],
] as const)(
  'who answers before the body is read, and %s (the connection, %s): the answer counts, each time',
  async (manner, version) => {
    const endpoint = { host: '127.0.0.1', port: ports.get(manner) ?? 0, name: 'localhost' };
    const texts: string[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const { reaction } = await probeEndpoint(endpoint, { version, identity: null, request: post, timeoutMs: 60_000 });
      texts.push(reaction.text);
    }
    expect(texts).toEqual(Array.from({ length: RUNS }, () => 'HTTP 400'));
  },
);
