import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Libsql from 'libsql';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../helpers/postgres.ts';
import { bin, runProgram, type Ended } from '../../helpers/program.ts';
import { makeAttempt, makeRecord, REFUSED } from '../../helpers/record.ts';

const server = serverForFile();

async function place(): Promise<{ cwd: string; run: (line: string) => Promise<Ended> }> {
  const cwd = testFolder();
  const history = await openHistory(join(cwd, 'a.db'));
  const [delivery, first] = makeRecord(1, { attempt: REFUSED });
  await history.appendAll([[delivery, first], [delivery, makeAttempt(delivery, { number: 2 })], makeRecord(2)]);
  await history.close();
  const env = { HOME: cwd, PGPASSWORD: 'open-sesame' };
  return { cwd, run: (line) => runProgram('webhook', ['history', 'copy', ...line.split(' ')], { cwd, env }) };
}

test.skipIf(!hasPostgres)(`to ${POSTGRES} and back: exports are the same byte for byte`, async () => {
  const { cwd, run } = await place();
  const url = await server().makeDatabase();
  const there = await run(`--from a.db --to ${url.replace('postgres@', 'postgres:open-sesame@')}`);
  expect(there).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^3 attempts copied\nboth sides: 2 deliveries, 3 attempts, SHA-256 [0-9a-f]{64}\n$/),
    stderr: expect.stringMatching(/^warning: every user of this machine can read the password of --to/),
  });
  const back = await run(`--from ${url} --to b.db --json`);
  expect(back.code, back.stderr).toBe(0);
  expect(JSON.parse(back.stdout)).toMatchObject({ copied: 3, isSame: true, to: join(cwd, 'b.db') });
  expect(there.stdout + there.stderr + back.stdout + back.stderr).not.toContain('open-sesame');
  for (const [file, history] of [
    ['a.csv', 'a.db'],
    ['server.csv', url],
    ['b.csv', 'b.db'],
  ] as const) {
    const args = ['--all', '--include-bodies', '--history', history, '-o', file];
    expect(await runProgram('mp-export', args, { cwd, env: { HOME: cwd } })).toMatchObject({ code: 0 });
  }
  const original = readFileSync(join(cwd, 'a.csv'));
  for (const file of ['server.csv', 'b.csv']) expect(readFileSync(join(cwd, file)).equals(original)).toBe(true);
});

test('again nothing is copied; with another content of the same id it answers no', async () => {
  const { cwd, run } = await place();
  expect(await run('--from a.db --to b.db')).toMatchObject({ code: 0 });
  expect((await run('--from a.db --to b.db')).stdout).toMatch(/^0 attempts copied, 3 already there\nboth sides: /);
  const other = await openHistory(join(cwd, 'c.db'));
  const [delivery, attempt] = makeRecord(2);
  await other.append(delivery, { ...attempt, status: 201 });
  await other.close();
  const ended = await run('--from a.db --to c.db');
  expect(ended).toMatchObject({ code: 1, stdout: expect.stringContaining('2 attempts copied, 1 different\n') });
  expect(ended.stderr.replaceAll(/\s+/g, ' ')).toContain(`attempt ${attempt.id} of delivery ${delivery.id} is another`);
  expect(ended.stderr).toContain('status');
});

const MANY = 4000;

/** How many attempts have arrived in a file by now. */
function countArrived(file: string): number {
  if (!existsSync(file)) return 0;
  const database = new Libsql(file, { readonly: true });
  try {
    return (database.prepare('select count(*) as rows from attempt').get() as { rows: number }).rows;
  } catch {
    // Its tables are made at the moment.
    return 0;
  } finally {
    database.close();
  }
}

const TARGETS = [
  { to: 'a file', signal: 'SIGKILL' },
  { to: POSTGRES, signal: 'SIGKILL' },
  { to: 'a file', signal: 'SIGINT' },
] as const;

test.for(TARGETS)('to $to: what $signal ends is whole when it is repeated', async ({ to, signal }, context) => {
  context.skip(to === POSTGRES && !hasPostgres);
  const cwd = testFolder();
  const source = await openHistory(join(cwd, 'many.db'));
  await source.appendAll(Array.from({ length: MANY }, (_, index) => makeRecord(index + 1)));
  await source.close();
  const target = to === POSTGRES ? await server().makeDatabase() : join(cwd, 'copy.db');
  // One connection for all questions: to open one takes as long as a part of the copy.
  const client = to === POSTGRES ? new Client({ connectionString: target }) : null;
  await client?.connect();
  onTestFinished(() => client?.end());
  const arrived = async (): Promise<number> => {
    if (client === null) return countArrived(target);
    const sql = 'select count(*)::integer as rows from hookproof.attempt';
    const { rows } = await client.query<{ rows: number }>(sql).catch(() => ({ rows: [] }));
    return rows[0]?.rows ?? 0;
  };
  const args = ['history', 'copy', '--from', 'many.db', '--to', target];
  const env = { ...process.env, HOME: cwd };
  const child = spawn(process.execPath, [bin('webhook'), ...args], { cwd, env, stdio: 'ignore' });
  const ended = once(child, 'close');
  while ((await arrived()) === 0 && child.exitCode === null) await wait(5);
  child.kill(signal);
  expect(await ended).toEqual([null, signal]);
  const before = await arrived();
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(MANY);
  expect(await runProgram('webhook', args, { cwd, env: { HOME: cwd } })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      `^${MANY - before} attempts copied, ${before} already there\nboth sides: ${MANY} deliveries, ${MANY} attempts`,
    ),
  });
});

test.each([
  ['--from a.db --to a.db', 'are the same history'],
  ['--from a.db --to link.db', 'are the same history'],
  ['--from missing.db --to b.db', 'missing.db does not exist'],
  ['--from a.db', "required option '--to <place>'"],
  ['--from mysql://host/x --to b.db', '--from is a mysql:// address'],
])('%s is refused', async (line, message) => {
  const { cwd, run } = await place();
  symlinkSync(join(cwd, 'a.db'), join(cwd, 'link.db'));
  const ended = await run(line);
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  expect(existsSync(join(cwd, 'b.db'))).toBe(false);
});
