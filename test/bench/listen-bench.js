import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Libsql from 'libsql';
import { median, middleBy } from './pair.js';
import { freePort, untilOpen } from './ports.js';
import { makeSignedEvent } from './signed-event.js';

const WEBHOOK = resolve(import.meta.dirname, '../../bin/webhook.js');
const REQUESTS = 30_000;
const CONNECTIONS = 50;
const RUNS = 5;
const BUDGET = 0.6;
const SECRET = 'whsec_of_the_bench';

/** The rival: reads the body and answers, nothing else. */
const BARE = `
  const server = require('node:http').createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => { Buffer.concat(chunks); response.end(); });
  });
  server.listen(Number(process.argv[1]), '127.0.0.1');
`;

/**
 * Requests per second of `webhook listen`, each verified and recorded (--quiet), against a bare server.
 * The clock stops when the last one is answered; that all are recorded is checked afterwards.
 */
export async function benchListen() {
  const pairs = [];
  for (let run = 0; run < RUNS; run++) {
    pairs.push({ bare: await measureBare(), listen: await measureListen() });
    if (run >= 2 && median(pairs.map(ratioOf)) >= BUDGET) break;
  }
  const middle = middleBy(ratioOf, pairs);
  return [
    {
      name: 'listen, verified and recorded',
      aPerSecond: middle.listen,
      bPerSecond: middle.bare,
      against: 'a bare node:http server',
      ratio: ratioOf(middle),
      atLeast: BUDGET,
      isGoal: true,
    },
  ];
}

const ratioOf = ({ bare, listen }) => listen / bare;

async function measureBare() {
  const port = await freePort();
  const child = spawn(process.execPath, ['-e', BARE, String(port)], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  await untilOpen(port);
  const perSecond = await load(port);
  child.kill();
  await ended;
  return perSecond;
}

async function measureListen() {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  const history = join(folder, 'history.db');
  try {
    const port = await freePort();
    const args = [
      WEBHOOK,
      'listen',
      '--vendor',
      'mail2many',
      '--secret-env',
      'BENCH_SECRET',
      '--port',
      String(port),
      '--quiet',
      '--history',
      history,
      '--exit-after',
      String(REQUESTS),
    ];
    const child = spawn(process.execPath, args, { env: { ...process.env, BENCH_SECRET: SECRET }, stdio: 'ignore' });
    const ended = once(child, 'exit');
    await untilOpen(port);
    const perSecond = await load(port);
    const [code] = await ended;
    const rows = new Libsql(history)
      .prepare("select count(*) as rows from attempt where outcome = 'delivered' and direction = 'in'")
      .get().rows;
    if (code !== 0 || rows !== REQUESTS)
      throw new Error(`listen ended with ${code} and recorded ${rows} of ${REQUESTS} requests`);
    return perSecond;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends everything over keep-alive connections, one request at a time on each; every answer must be a 200. */
function load(port) {
  const requests = Array.from({ length: REQUESTS }, () => makeRequest(port));
  let sent = 0;
  let answered = 0;
  const beganAt = performance.now();
  return new Promise((done, fail) => {
    for (let n = 0; n < CONNECTIONS; n++) {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const next = () => {
        if (sent < REQUESTS) socket.write(requests[sent++]);
        else socket.end();
      };
      socket.on('connect', next);
      socket.on('error', fail);
      socket.on('data', (chunk) => {
        if (!chunk.toString('latin1').startsWith('HTTP/1.1 200'))
          fail(new Error(`answered ${chunk.toString('latin1', 0, 40)}`));
        answered += 1;
        if (answered === REQUESTS) done((REQUESTS / (performance.now() - beganAt)) * 1000);
        next();
      });
    }
  });
}

function makeRequest(port) {
  const event = makeSignedEvent(SECRET);
  const body = Buffer.from(event.body);
  const headers = [
    'POST /hook HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'connection: keep-alive',
    ...Object.entries(event.headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n\r\n`), body]);
}
