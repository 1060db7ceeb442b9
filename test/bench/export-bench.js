import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fillHistory, FILLED_WEBHOOK } from '../helpers/fill-history.js';
import { AS_FOR_MOST, pairWithin, peakMemoryMiB } from './pair.js';

const PROGRAM = resolve(import.meta.dirname, '../../bin/mp-export.js');
const ROWS = Number(process.env.BENCH_EXPORT_ROWS ?? 1_000_000);
const RUNS = 5;
/** The budget, and what the row must not fall behind. */
const GOAL = 0.9;
const BUDGET = 1;

/** The same CSV, by hand: the fields of an export from the columns of the table. */
const RIVAL_SQL = `
  select timestamp, webhook_uuid as webhookUuid, delivery_id as deliveryId, attempt, direction, vendor, event,
    event_id as eventId, url, outcome, status, error_code as errorCode, error, duration_ms as durationMs, request_bytes as requestBytes,
    response_bytes as responseBytes, remote_address as remoteAddress
  from attempt where webhook_uuid = '${FILLED_WEBHOOK}' order by timestamp desc, id desc`;

/** The export row of the budget: a million attempts to a CSV file, against the sqlite3 shell writing the same bytes. */
export async function benchExport() {
  const name = `${ROWS.toLocaleString('en')} attempts to CSV`;
  if (!hasSqlite3())
    return [
      { name, skipped: 'the sqlite3 shell is missing and could not be installed (Debian: apt-get install sqlite3)' },
    ];
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  try {
    const [history, ours, theirs] = ['history.db', 'ours.csv', 'theirs.csv'].map((file) => join(folder, file));
    await fillHistory(history, ROWS);
    const exported = [PROGRAM, '--uuid', FILLED_WEBHOOK, '--history', history, '--format', 'csv', '-o', ours];
    const rival = [
      'sqlite3',
      '-readonly',
      '-cmd',
      '.headers on',
      '-cmd',
      '.mode csv',
      '-cmd',
      `.output ${theirs}`,
      history,
      RIVAL_SQL,
    ];
    const times = pairWithin(BUDGET, [process.execPath, ...exported], rival, { runs: RUNS, env: AS_FOR_MOST });
    assertSameBytes(ours, theirs);
    return [
      {
        name,
        against: 'the sqlite3 shell',
        budget: BUDGET,
        goal: GOAL,
        ...times,
        peakMiB: peakMemoryMiB(exported),
        budgetMiB: 150,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A faster export of something else would prove nothing. */
function assertSameBytes(ours, theirs) {
  const { status, stdout } = spawnSync('cmp', [ours, theirs], { encoding: 'utf8' });
  if (status !== 0 || statSync(ours).size < ROWS * 100) throw new Error(`the two exports differ: ${stdout}`);
}

/**
 * On a bare machine the rival is installed by the bench, not by users: only as root, only from the system's packages.
 */
function hasSqlite3() {
  if (runsSqlite3()) return true;
  if (process.getuid?.() !== 0) return false;
  spawnSync('apt-get', ['update'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', 'sqlite3'], { stdio: 'ignore' });
  return runsSqlite3();
}

function runsSqlite3() {
  return spawnSync('sqlite3', ['--version']).status === 0;
}
