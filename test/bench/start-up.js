import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pairWithin } from './pair.js';

const bin = (name) => resolve(import.meta.dirname, '../../bin', name);
const nothing = [process.execPath, '-e', '0'];
const RUNS = 21;

/** A receiver in a process of its own: in ours it would wait for the commands that are timed. */
const RECEIVER = `
  const server = require('node:http').createServer((request, response) => { request.resume(); request.on('end', () => response.end()); });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** The start-up rows of the budget: each command against `node -e 0`, in turn. */
export async function benchStartUp() {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  const receiver = spawn(process.execPath, ['-e', RECEIVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await new Promise((tell) => {
      receiver.stdout.once('data', (chunk) => tell(String(chunk).trim()));
    });
    const send = [
      bin('webhook.js'),
      'send',
      '--event',
      'optin',
      '--url',
      `http://127.0.0.1:${port}/hook`,
      '--secret-env',
      'BENCH_SECRET',
      '--history',
      join(folder, 'history.db'),
    ];
    const row = (name, args, budget) => ({
      name,
      against: 'node -e 0',
      budget,
      ...pairWithin(budget, [process.execPath, ...args], nothing, {
        runs: RUNS,
        env: { BENCH_SECRET: 'bench' },
        cwd: folder,
      }),
    });
    return [
      row('webhook --help', [bin('webhook.js'), '--help'], 1.25),
      row('mp-export --help', [bin('mp-export.js'), '--help'], 1.25),
      row('a completed word', [bin('webhook.js'), '__complete', 'send', '--event', 'opt'], 1.3),
      row('one recorded webhook send', send, 2.2),
    ];
  } finally {
    receiver.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
