import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openEndpoint } from './load-bench.js';
import { median, middleBy } from './pair.js';

const WEBHOOK = resolve(import.meta.dirname, '../../bin/webhook.js');
const PACING = resolve(import.meta.dirname, 'pacing.js');
const SECONDS = Number(process.env.BENCH_PACED_SECONDS ?? 5);
const PEAK_EVENTS = 20_000;
const RUNS = 5;
const BUDGET = 1.3;

/**
 * The 99th percentile of the response times, from when each event was due, at half of the rate that `webhook load`
 * reaches recorded; against a reference that only paces, signs and counts. In turn.
 */
export async function benchOpenLoop() {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  const endpoint = await openEndpoint(folder);
  try {
    const loading = ['--event', 'optin', '--secret-env', 'BENCH_SECRET', '--url', endpoint.url, '--json'];
    const load = (...flags) =>
      ask(folder, [WEBHOOK, 'load', ...loading, '--history', join(folder, 'history.db'), ...flags]);
    const peak = load('--connections', '50', '--count', String(PEAK_EVENTS), '--duration', '1h').perSecond;
    const rate = Math.round(peak / 2);
    const paced = ['--rate', String(rate), '--duration', `${SECONDS}s`, '--count', String(rate * SECONDS)];
    const pairs = [];
    for (let run = 0; run < RUNS; run++) {
      const { response, counts } = load(...paced, '--allow-late', '--allow-dropped');
      const reference = ask(folder, [PACING, endpoint.url, String(rate), String(SECONDS)]);
      if (counts.delivered !== reference.sent)
        throw new Error(`${counts.delivered} events were delivered, and ${reference.sent} by the reference`);
      pairs.push({ aMs: response.p99Ms, bMs: reference.p99Ms });
      if (run >= 2 && median(pairs.map(ratioOf)) <= BUDGET) break;
    }
    const { aMs, bMs } = middleBy(ratioOf, pairs);
    return [
      {
        name: `load --rate ${rate}, half of its peak: p99 of the response time, recorded, to ${endpoint.name}`,
        aMs,
        bMs,
        against: 'a reference that only paces, signs and counts',
        ratio: aMs / bMs,
        budget: BUDGET,
        isGoal: true,
      },
    ];
  } finally {
    endpoint.process.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const ratioOf = ({ aMs, bMs }) => aMs / bMs;

function ask(folder, args) {
  const env = { ...process.env, HOME: folder, BENCH_SECRET: 'whsec_of_the_bench' };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
