import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Node 20 reads the file of NODE_EXTRA_CA_CERTS at every start, which takes 40 ms with Debian's bundle and which few
 * users have: a command that is compared with another program, or with a time, is measured without it.
 */
export const AS_FOR_MOST = { NODE_EXTRA_CA_CERTS: undefined };

const TELL_PEAK = new URL('../helpers/tell-peak.js', import.meta.url).href;

/**
 * Runs two commands in turn, A B A B …, after one warm-up each, and gives the median wall times in milliseconds
 * and the median of the ratios A/B, pair by pair: on a machine whose speed drifts only the ratio holds.
 * A command is `[program, ...args]`; it must exit 0.
 */
export function pair(commandA, commandB, { runs, env = {}, cwd } = { runs: 15 }) {
  const time = (command) => timeOnce(command, { env, cwd });
  time(commandA);
  time(commandB);
  const a = [];
  const b = [];
  for (let run = 0; run < runs; run++) {
    a.push(time(commandA));
    b.push(time(commandB));
  }
  return { aMs: median(a), bMs: median(b), ratio: median(a.map((ms, index) => ms / b[index])) };
}

/**
 * `pair`, again up to `rounds` times while the ratio is above the budget; the best round counts. Whatever else the
 * machine does only adds time, to the longer command more: a budget that holds once in quiet holds.
 */
export function pairWithin(budget, commandA, commandB, options, rounds = 3) {
  let best = pair(commandA, commandB, options);
  for (let round = 2; round <= rounds && best.ratio > budget; round++) {
    const again = pair(commandA, commandB, options);
    if (again.ratio < best.ratio) best = again;
  }
  return best;
}

function timeOnce([program, ...args], { env, cwd }) {
  const started = performance.now();
  const ended = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env }, cwd });
  const ms = performance.now() - started;
  if (ended.status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${ended.status ?? ended.signal}: ${ended.stderr}`);
  return ms;
}

export function median(values) {
  const sorted = values.toSorted((x, y) => x - y);
  return sorted[Math.floor(sorted.length / 2)];
}

/** The measured pair whose ratio is the median of all. */
export function middleBy(ratioOf, pairs) {
  return pairs.toSorted((a, b) => ratioOf(b) - ratioOf(a))[Math.floor(pairs.length / 2)];
}

/** Peak resident memory of a Node program in MiB, as the operating system counted it when it ended. */
export function peakMemoryMiB(args, { env = {}, cwd } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  const file = join(folder, 'rss');
  try {
    timeOnce([process.execPath, '--import', TELL_PEAK, ...args], { env: { ...env, PEAK_FILE: file }, cwd });
    return Number(readFileSync(file, 'utf8')) / 1024;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
