import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCommandLine } from './program.ts';

/** The shell of SQLite looks at a history without any code of ours. */
export const hasSqlite = spawnSync('sqlite3', ['--version']).status === 0;

/** Attempts that miss a part. */
export const ORPHANS = `select count(*) from attempt a
  left join delivery d on d.id = a.delivery_id
  left join exchange e on e.attempt_id = a.id and e.delivery_id = a.delivery_id
  where d.id is null or e.attempt_id is null`;
/** Deliveries without an attempt. */
const CHILDLESS = `select count(*) from delivery d where not exists (
  select 1 from exchange e join attempt a
    on a.webhook_uuid = d.webhook_uuid and a.timestamp = e.timestamp and a.id = e.attempt_id
  where e.delivery_id = d.id)`;

/** The rows that the statements give, one a line. Waits while another connection writes, as hookproof does. */
export async function askSqlite(file: string, ...statements: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runCommandLine('sqlite3', [
    '-bail',
    '-cmd',
    '.timeout 10000',
    file,
    ...statements,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').slice(0, -1);
}

export const countRows = async (file: string, sql: string): Promise<number> => Number((await askSqlite(file, sql))[0]);

/** Expects a history in which nothing misses a part; gives the rows of further statements. */
export async function expectSound(file: string, ...statements: readonly string[]): Promise<string[]> {
  const [integrity, orphans, childless, ...rows] = await askSqlite(
    file,
    'pragma integrity_check',
    ORPHANS,
    CHILDLESS,
    ...statements,
  );
  expect({ integrity, orphans, childless }).toEqual({ integrity: 'ok', orphans: '0', childless: '0' });
  return rows;
}

/** Copies a history with its log into the folder: the shell would change the file that it opens. */
export function copyHistory(history: string, folder: string): string {
  const copy = join(folder, 'history.db');
  for (const end of ['', '-wal']) if (existsSync(history + end)) copyFileSync(history + end, copy + end);
  return copy;
}
