import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Libsql from 'libsql';
import { freePort, untilOpen } from './ports.js';
import { median, middleBy } from './pair.js';

const WEBHOOK = resolve(import.meta.dirname, '../../bin/webhook.js');
const AUTOCANNON = resolve(import.meta.dirname, 'rivals/autocannon.js');
const TELL_CPU = new URL('../helpers/tell-cpu.js', import.meta.url).href;
/** A rate is what lasts: of 40,000 events two fifths of the CPU time are start and compiling, of so many an eighth. */
const EVENTS = Number(process.env.BENCH_LOAD_EVENTS ?? 200_000);
const CONNECTIONS = 50;
const RUNS = 5;
const SECRET = 'whsec_of_the_bench';
const AGAINST = 'autocannon that signs, and records nothing';

/**
 * Signed events a second of `webhook load`, each a new one, recorded and not, against autocannon, which signs the same
 * ones in `setupRequest`. In turn, each as a whole command, its start included.
 */
export async function benchLoad() {
  if (!installRivals()) return [{ name: 'load', skipped: 'autocannon could not be installed: npm needs a registry' }];
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  const endpoint = await openEndpoint(folder);
  try {
    const rows = [
      { name: 'load, signed, unique, recorded', atLeast: 1, flags: ['--history', join(folder, 'history.db')] },
      { name: 'the same, --no-history', atLeast: 1.3, flags: ['--no-history'] },
    ].map((row) => ({ ...row, pairs: [] }));
    for (let run = 0; run < RUNS; run++) {
      for (const { pairs, flags } of rows)
        pairs.push({ ours: measureOurs(folder, endpoint.url, flags), theirs: measureRival(folder, endpoint.url) });
      if (run >= 2 && rows.every(({ pairs, atLeast }) => median(pairs.map(ratioOf)) >= atLeast)) break;
    }
    return rows.map((row) => toRow(row, endpoint.name));
  } finally {
    endpoint.process.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const ratioOf = ({ ours, theirs }) => theirs.ms / ours.ms;

/** The pair in the middle of all, by how often more ours sent. */
function toRow({ name, atLeast, pairs }, endpoint) {
  const { ours, theirs } = middleBy(ratioOf, pairs);
  const cpu = median(pairs.map((pair) => pair.ours.cpuMs / pair.theirs.cpuMs));
  return {
    name: `${name}, ${CONNECTIONS} connections to ${endpoint} (CPU time ${cpu.toFixed(2)} ×)`,
    aPerSecond: (EVENTS / ours.ms) * 1000,
    bPerSecond: (EVENTS / theirs.ms) * 1000,
    against: AGAINST,
    ratio: ratioOf({ ours, theirs }),
    atLeast,
    isGoal: true,
  };
}

function measureOurs(folder, url, flags) {
  const history = join(folder, 'history.db');
  for (const end of ['', '-wal', '-shm']) rmSync(history + end, { force: true });
  const loading = ['load', '--event', 'optin', '--secret-env', 'BENCH_SECRET', '--url', url, ...flags];
  const bounds = ['--count', String(EVENTS), '--duration', '1h', '--connections', String(CONNECTIONS)];
  const measured = measure(folder, [WEBHOOK, ...loading, ...bounds]);
  if (flags.includes('--no-history')) return measured;
  const { rows } = new Libsql(history)
    .prepare("select count(*) as rows from attempt where outcome = 'delivered'")
    .get();
  if (rows !== EVENTS) throw new Error(`${rows} of ${EVENTS} events are recorded`);
  return measured;
}

const measureRival = (folder, url) => measure(folder, [AUTOCANNON, url, String(EVENTS), String(CONNECTIONS)]);

function measure(folder, args) {
  const CPU_FILE = join(folder, 'cpu');
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', TELL_CPU, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, BENCH_SECRET: SECRET, CPU_FILE },
  });
  const ms = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return { ms, cpuMs: Number(readFileSync(CPU_FILE, 'utf8')) };
}

/** By the bench, not by users. */
function installRivals() {
  const args = ['ci', '--prefix', join(import.meta.dirname, 'rivals'), '--ignore-scripts', '--silent'];
  return spawnSync('npm', args, { stdio: 'ignore' }).status === 0;
}

/** nginx with one worker answers faster than anything here sends. */
const NGINX = (port) => `daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server { listen 127.0.0.1:${port}; location / { return 200; } }
}`;

/** Where nginx is missing. One request at a time on each connection, its body in the same or a later piece. */
const SINK = `
  const ANSWER = 'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n';
  require('node:net').createServer({ noDelay: true }, (socket) => {
    let text = '';
    socket.on('error', () => {}).on('data', (bytes) => {
      text += bytes.toString('latin1');
      const bodyAt = text.indexOf('\\r\\n\\r\\n') + 4;
      if (bodyAt < 4 || text.length < bodyAt + Number(/content-length: (\\d+)/i.exec(text)[1])) return;
      text = '';
      socket.write(ANSWER);
    });
  }).listen(Number(process.argv[1]), '127.0.0.1');
`;

export async function openEndpoint(folder) {
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), NGINX(port));
  const hasNginx = spawnSync('nginx', ['-v']).status === 0;
  const [program, args] = hasNginx
    ? ['nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr']]
    : [process.execPath, ['-e', SINK, String(port)]];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await Promise.race([untilOpen(port), once(child, 'exit').then(() => Promise.reject(new Error(`${program} ended`)))]);
  const name = hasNginx ? 'one nginx worker' : 'a node:net server, for nginx is missing (apt-get install nginx-light)';
  return { url: `http://127.0.0.1:${port}/hook`, process: child, name };
}
