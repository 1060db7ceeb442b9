import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AS_FOR_MOST, median } from './pair.js';

const bin = (name) => resolve(import.meta.dirname, '../../bin', name);
const RUNS = 7;

/**
 * An endpoint that insists on a client certificate, in a process of its own: in ours it would wait for the command that
 * is timed.
 */
const ENDPOINT = `
  const { readFileSync } = require('node:fs');
  const read = (name) => readFileSync('certs/' + name);
  const tls = { cert: read('server.pem'), key: read('server.key'), ca: read('ca.pem'), requestCert: true, rejectUnauthorized: true };
  const server = require('node:https').createServer(tls, (request, response) => { request.resume(); request.on('end', () => response.end()); });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/**
 * Every check there is, with everything given, as one whole command: the budget is a time, for a person waits for it.
 */
export async function benchVerifyCert() {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  run(folder, [bin('webhook.js'), 'certs', 'create']);
  const endpoint = spawn(process.execPath, ['-e', ENDPOINT], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await new Promise((tell) => {
      endpoint.stdout.once('data', (chunk) => tell(String(chunk).trim()));
    });
    const given = [
      '--cacert',
      'ca.pem',
      '--cert',
      'client.pem',
      '--key',
      'client.key',
      '--passphrase-file',
      'client.passphrase',
      '--client-ca',
      'ca.pem',
      '--client-ca-key',
      'ca.key',
      '--pin',
      'ca.pem',
    ].map((word) => (word.startsWith('--') ? word : `certs/${word}`));
    const times = Array.from({ length: RUNS }, () =>
      run(folder, [bin('verify-cert.js'), `https://localhost:${port}/hook`, '--vendor', 'mailkit', ...given]),
    );
    return [{ name: 'verify-cert, every check, on loopback', ms: median(times), budgetMs: 1500, goal: 800 }];
  } finally {
    endpoint.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(cwd, args) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...AS_FOR_MOST },
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return performance.now() - started;
}
