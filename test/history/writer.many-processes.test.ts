import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { resolve, join } from 'node:path';
import Libsql from 'libsql';
import { expect, test } from 'vitest';
import { bundleModule } from '../helpers/bundle.js';
import { openWriter } from '../../src/history/writer.ts';
import { fillHistory } from '../helpers/fill-history.js';
import { testFolder } from '../helpers/folder.ts';
import { ORPHANS } from '../helpers/sqlite-shell.ts';

const WRITER = resolve(import.meta.dirname, '../helpers/append-attempts.js');

async function prepare(): Promise<{
  file: string;
  startWriter: (name: string, count: number, how?: { wrap?: string; isGated?: boolean }) => ChildProcess;
}> {
  const folder = testFolder();
  const module = join(folder, 'writer.mjs');
  await bundleModule('src/history/writer.ts', module);
  const file = join(folder, 'new', 'history.db');
  const startWriter = (name: string, count: number, { wrap = ':', isGated = false } = {}): ChildProcess => {
    const args = [process.execPath, WRITER, module, file, name, String(count)];
    const env = { ...process.env, GATED: isGated ? '1' : '' };
    return spawn('bash', ['-c', `${wrap}; exec "$0" "$@"`, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  };
  return { file, startWriter };
}

async function finish(child: ChildProcess): Promise<{ code: number | null; lines: string[]; stderr: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data: Buffer) => {
    stdout += String(data);
  });
  child.stderr?.on('data', (data: Buffer) => {
    stderr += String(data);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: stdout.split('\n').slice(0, -1), stderr };
}

/** Integrity, attempts, and attempts that miss a part. */
function inspect(file: string): { integrity: unknown; attempts: number; orphans: number } {
  const first = (sql: string): unknown =>
    (new Libsql(file, { timeout: 5000 }).prepare(sql).raw().get([]) as unknown[])[0];
  return {
    integrity: first('pragma integrity_check'),
    attempts: Number(first('select count(*) from attempt')),
    orphans: Number(first(ORPHANS)),
  };
}

test('a file that may not grow is a clear error, and what was acknowledged stays', async () => {
  const { file, startWriter } = await prepare();
  // A file size limit stands in for a full disk; without the trap the signal would end the process.
  const { code, lines, stderr } = await finish(
    startWriter('limited', 100_000, { wrap: `trap '' XFSZ; ulimit -f 512` }),
  );
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/AppError: history \S+history\.db (could not be (read or )?written|cannot grow)/);
  expect(lines.length).toBeGreaterThan(10);
  expect(inspect(file)).toEqual({ integrity: 'ok', attempts: lines.length, orphans: 0 });
});

test('while prune deletes others write, and no page is left unused', async () => {
  const rows = 20_000;
  const { file, startWriter } = await prepare();
  await fillHistory(await makeHistory(file), rows, { isWhole: true });
  const history = await openWriter(file);
  const other = startWriter('other', 500, { isGated: true });
  const ended = finish(other);
  await once(other.stdout as Readable, 'data');
  let [deleted, writtenMeanwhile] = [0, 0];
  other.stdout?.on('data', () => (writtenMeanwhile += Number(deleted > 0 && deleted < rows)));
  const beforeMs = Date.parse('2026-06-01T00:00:00Z');
  const counts = await history.prune({ beforeMs }, ({ deliveries }) => {
    if (deleted === 0 && deliveries > 0) other.stdin?.write('go on\n');
    deleted = deliveries;
  });
  expect(counts).toEqual({ deliveries: rows, attempts: rows });
  const { code, lines, stderr } = await ended;
  expect({ code, stderr, written: lines.length }).toEqual({ code: 0, stderr: '', written: 500 });
  expect(writtenMeanwhile).toBeGreaterThan(0);
  await history.close();
  expect(inspect(file)).toEqual({ integrity: 'ok', attempts: 500, orphans: 0 });
  expect(new Libsql(file).prepare('pragma freelist_count').raw().get([])).toEqual([0]);
});

async function makeHistory(file: string): Promise<string> {
  await (await openWriter(file)).close();
  return file;
}
