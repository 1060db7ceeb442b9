import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median } from './pair.js';

const bin = resolve(import.meta.dirname, '../../bin/webhook.js');
const RUNS = 7;
const ENTRIES = 1000;
const ADDRESSES = 10_000;

/** Addresses from a pipe against a list, as one whole command: what a log of callers is put through. */
export async function benchAllowlist() {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  try {
    const list = join(folder, 'allow.txt');
    const { network, address } = chance();
    writeFileSync(list, Array.from({ length: ENTRIES }, network).join('\n'));
    const input = Array.from({ length: ADDRESSES }, address).join('\n');
    const times = Array.from({ length: RUNS }, () => run(list, input));
    return [
      { name: `allowlist check, ${ADDRESSES} addresses against ${ENTRIES} entries`, ms: median(times), budgetMs: 2000 },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(list, input) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'allowlist', 'check', list, '-'], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const ms = performance.now() - started;
  const lines = stdout.split('\n').length - 1;
  // 1: not all of them are on the list.
  if (status !== 1 || lines !== ADDRESSES || !stdout.includes('allowed by'))
    throw new Error(`allowlist check ended with ${status} after ${lines} answers: ${stderr}`);
  return ms;
}

/** The same texts in every run; one in ten is IPv6. */
function chance() {
  let state = 7;
  const below = (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % limit;
  };
  const ipv4 = () => `${1 + below(200)}.${below(256)}.${below(256)}.${below(256)}`;
  const ipv6 = () => `2a01:${(4096 + below(60_000)).toString(16)}::`;
  const oneIn = (count) => below(1000) < 1000 / count;
  return {
    network: () => (oneIn(10) ? `${ipv6()}/${32 + below(96)}` : `${ipv4()}/${12 + below(21)}`),
    address: () => (oneIn(10) ? `${ipv6()}${below(65_536).toString(16)}` : ipv4()),
  };
}
