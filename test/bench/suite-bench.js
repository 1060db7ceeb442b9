import { spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { AS_FOR_MOST, median } from './pair.js';

const bin = resolve(import.meta.dirname, '../../bin/webhook.js');
const RUNS = 7;
const SECRET = 'whsec_of_the_bench';

/**
 * A receiver that verifies and answers in a process of its own: in ours it would wait for the command that is timed.
 */
const ENDPOINT = `
  const { createHmac } = require('node:crypto');
  const processed = [];
  const answer = (request, body) => {
    if (request.method !== 'POST') return 405;
    if (!/^application\\/json/.test(request.headers['content-type'] ?? '')) return 415;
    const [, t, v] = /^t=(\\d+),v1=([0-9a-f]{64})$/.exec(request.headers['x-mailkite-signature'] ?? '') ?? [];
    if (v !== createHmac('sha256', '${SECRET}').update(t + '.').update(body).digest('hex') || Math.abs(Date.now() - t) > 300000) return 401;
    try { const { id } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)); if (typeof id !== 'string') return 400; if (!processed.includes(id)) processed.push(id); return 200; } catch { return 400; }
  };
  require('node:http').createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/processed') return response.end(JSON.stringify(processed));
      response.writeHead(answer(request, Buffer.concat(chunks))).end();
    });
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`;

/**
 * The whole suite of the vendor with most cases, its effects read, as one whole command: the budget is a time, for CI
 * waits for it.
 */
export async function benchSuite() {
  const endpoint = spawn(process.execPath, ['-e', ENDPOINT], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await new Promise((tell) => {
      endpoint.stdout.once('data', (chunk) => tell(String(chunk).trim()));
    });
    const times = Array.from({ length: RUNS }, () => run(`http://127.0.0.1:${port}`));
    return [
      {
        name: 'test, every case of mailkite, effects told, on loopback',
        ms: median(times),
        budgetMs: 2000,
        goal: 1200,
      },
    ];
  } finally {
    endpoint.kill();
  }
}

function run(origin) {
  const started = performance.now();
  const args = [
    bin,
    'test',
    '--url',
    `${origin}/hook`,
    '--vendor',
    'mailkite',
    '--secret-env',
    'HOOK_SECRET',
    '--effects-url',
    `${origin}/processed`,
    '--json',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, ...AS_FOR_MOST, HOOK_SECRET: SECRET },
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return performance.now() - started;
}
