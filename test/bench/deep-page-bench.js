import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fillHistory, FILLED_WEBHOOK } from '../helpers/fill-history.js';
import { pairWithin } from './pair.js';

const PROGRAM = resolve(import.meta.dirname, '../../bin/mp-export.js');
const ROWS = Number(process.env.BENCH_PAGE_ROWS ?? 3_000_000);
const LIMIT = 100;
const RUNS = 7;
const BUDGET = 1.5;

/** A page in the depth of a history against its first page: the run that warms up counts the attempts on the way. */
export async function benchDeepPage() {
  const page = Math.min(10_000, Math.floor(ROWS / LIMIT / 2));
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  try {
    const history = join(folder, 'history.db');
    await fillHistory(history, ROWS);
    const command = (number) => [
      process.execPath,
      PROGRAM,
      '--uuid',
      FILLED_WEBHOOK,
      '--history',
      history,
      '--format',
      'csv',
      '--limit',
      String(LIMIT),
      '--page',
      String(number),
    ];
    const times = pairWithin(BUDGET, command(page), command(1), { runs: RUNS });
    const name = `page ${page.toLocaleString('en')} of ${ROWS.toLocaleString('en')} attempts`;
    return [{ name, against: 'page 1', budget: BUDGET, ...times }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
