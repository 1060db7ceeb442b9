import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pairWithin } from './pair.js';

const bin = (name) => resolve(import.meta.dirname, '../../bin', name);
const nothing = [process.execPath, '-e', '0'];
const RUNS = 21;
/**
 * Node 20 reads the file of NODE_EXTRA_CA_CERTS at every start: 40 ms with Debian's bundle, on both sides of the ratio,
 * which is lower for it. Where it is set, both are told: as it is here, and as it is on most machines.
 */
const ENVIRONMENTS =
  process.env.NODE_EXTRA_CA_CERTS === undefined
    ? [{ label: '' }]
    : [{ label: '' }, { label: ', without NODE_EXTRA_CA_CERTS', NODE_EXTRA_CA_CERTS: undefined }];

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
    const row = (name, args, { budget, goal = budget }, { label, ...more }) => ({
      name: name + label,
      against: 'node -e 0',
      budget,
      goal,
      isGoal: label !== '',
      ...pairWithin(goal, [process.execPath, ...args], nothing, {
        runs: RUNS,
        env: { BENCH_SECRET: 'bench', ...more },
        cwd: folder,
      }),
    });
    return ENVIRONMENTS.flatMap((environment) => [
      row('webhook --help', [bin('webhook.js'), '--help'], { budget: 1.25, goal: 1.2 }, environment),
      row('mp-export --help', [bin('mp-export.js'), '--help'], { budget: 1.25, goal: 1.2 }, environment),
      row(
        'a completed word',
        [bin('webhook.js'), '__complete', 'send', '--event', 'opt'],
        { budget: 1.3 },
        environment,
      ),
      row('one recorded webhook send', send, { budget: 2.2, goal: 2 }, environment),
    ]);
  } finally {
    receiver.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
