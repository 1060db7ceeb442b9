import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../helpers/postgres.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

interface Place {
  load: (url: string, ...args: string[]) => Promise<Ended>;
  run: (...args: string[]) => Promise<Ended>;
  dueTimes: () => Promise<number[]>;
}

function place(history = join(testFolder(), 'history.db')): Place {
  const cwd = testFolder();
  const env = { HOME: cwd, WEBHOOK_HISTORY: history, SECRET: 'queue-secret' };
  const run = (...args: string[]): Promise<Ended> => runProgram('webhook', args, { cwd, env });
  return {
    run,
    load: (url, ...args) => run('load', '--event', 'optin=3,optout=1', '--url', url, '--enqueue', ...args),
    dueTimes: async () => {
      const { stdout } = await run('history', 'list', '--pending', '--json', '--limit', '5000');
      const { pending } = JSON.parse(stdout) as { pending: { dueAt: string }[] };
      return pending.map(({ dueAt }) => Date.parse(dueAt));
    },
  };
}

const SECRET = ['--secret-env', 'SECRET'];

async function checkTimetable({ run, load, dueTimes }: Place): Promise<void> {
  const endpoint = await openEndpoint();
  const before = Date.now();
  const queued = await load(endpoint.url, ...SECRET, '--rate', '50', '--duration', '1s', '--json');
  expect(queued, queued.stderr).toMatchObject({ code: 0, stderr: expect.stringContaining('webhook worker') });
  const summary = JSON.parse(queued.stdout) as { firstDueAt: string; lastDueAt: string };
  expect(summary).toMatchObject({ queued: 50, perSecond: expect.any(Number) });
  expect(Date.parse(summary.lastDueAt) - Date.parse(summary.firstDueAt)).toBe(980);
  const times = await dueTimes();
  expect(times).toHaveLength(50);
  expect(times[0]).toBeGreaterThanOrEqual(before);
  expect(endpoint.seen).toEqual([]);
  expect(await run('worker', '--until-empty')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^50 deliv/m) });
  expect(new Set(endpoint.seen.map(({ headers }) => headers['x-mail2many-event-id'])).size).toBe(50);
}

describe('load --enqueue', () => {
  test('with --rate what is queued is due by the timetable', () => checkTimetable(place()));

  describe.skipIf(!hasPostgres)(POSTGRES, () => {
    const server = serverForFile();
    test('so it is on a server', async () => checkTimetable(place(await server().makeDatabase())));
  });

  test('with --count all is due now, in several transactions', async () => {
    const { load, dueTimes, run } = place();
    const queued = await load('http://127.0.0.1:9/hook', ...SECRET, '--count', '1203');
    expect(queued).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1203 queued in .* \(\d+ per second\), due now$/m),
    });
    const times = await dueTimes();
    expect(times).toHaveLength(1203);
    expect(new Set(times).size).toBe(1);
    expect((await run('queue', 'stats')).stdout).toMatch(/ 1203 +0 +0 +0 /);
  });

  test.each([
    ['a duration alone', [...SECRET, '--duration', '1s'], 'give --count instead'],
    ['what only a run can show', [...SECRET, '--expect', 'p99<5ms'], "'--enqueue' cannot be used with"],
    ['a secret that would have to be kept', ['--secret', 'abc'], '--secret cannot be queued'],
    ['no history', [...SECRET, '--no-history'], 'leave out --no-history'],
    ['another machine', [...SECRET, '--url', 'http://192.0.2.1/hook'], '--allow-host'],
  ])('%s: a clear error, and nothing is queued', async (_, args, error) => {
    const { load, run } = place();
    expect(await load('http://127.0.0.1:9/hook', ...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(error),
    });
    expect((await run('queue', 'stats')).stdout).toBe('');
  });
});
