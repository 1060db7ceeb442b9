import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fillHistory } from '../helpers/fill-history.js';
import { median } from './pair.js';

const bin = resolve(import.meta.dirname, '../../bin/webhook.js');
const tellPeak = new URL('../helpers/tell-peak.js', import.meta.url).href;
const RUNS = 3;

/** The page of 100 000 attempts: its time and size; and the memory of counting ten times as many. */
export async function benchReport() {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  try {
    const [some, many] = [join(folder, 'some.db'), join(folder, 'many.db')];
    await fillHistory(some, 100_000);
    await fillHistory(many, 1_000_000);
    const page = join(folder, 'report.html');
    const times = Array.from({ length: RUNS }, () => run(['report', '--history', some, '-o', page], folder).ms);
    const peaks = [some, many].map((file) => run(['history', 'stats', '--history', file, '--json'], folder).peakMiB);
    return [
      { name: 'webhook report, 100 000 attempts', ms: median(times), budgetMs: 3000 },
      { name: 'its page', amount: statSync(page).size / 1000, most: 600, unit: 'kB' },
      {
        name: 'history stats, memory of 1 000 000 more than of 100 000',
        amount: peaks[1] - peaks[0],
        most: 20,
        unit: 'MiB',
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(args, folder) {
  const peakFile = join(folder, 'peak');
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', tellPeak, bin, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PEAK_FILE: peakFile },
  });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return { ms, peakMiB: Number(readFileSync(peakFile, 'utf8')) / 1024 };
}
