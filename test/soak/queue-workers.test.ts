import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openEndpoint } from '../helpers/endpoint.ts';
import { testFolder } from '../helpers/folder.ts';
import { hasPostgres, POSTGRES, startPostgres } from '../helpers/postgres.ts';
import { bin, runProgram } from '../helpers/program.ts';
import { amount, isLong, makeRandom, tell } from './soak.ts';

const DELIVERIES = amount({ few: 150, many: 10_000 });
const WORKERS = isLong ? 4 : 2;
/** One of the workers is killed so often. */
const KILL_MS = isLong ? 2000 : 1200;
const KILLS = isLong ? Number.POSITIVE_INFINITY : 3;
/** After so many kills the server is restarted, twice in all. */
const RESTART_AFTER = [3, 6];
const SHARE_OF_FAILURES = 0.3;

/** As a supervisor does: what has ended is started again, until it is told to stop. */
function supervise(args: readonly string[], cwd: string, env: Record<string, string>) {
  let child: ChildProcess | undefined;
  const stopping = new AbortController();
  const codes = new Map<string, number>();
  let outlasted = 0;
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      child = spawn(process.execPath, [bin('webhook'), ...args], {
        cwd,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr?.on('data', (bytes: Buffer) => {
        outlasted += String(bytes).split('the queue is back').length - 1;
      });
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      const how = String(code ?? signal);
      codes.set(how, (codes.get(how) ?? 0) + 1);
      // Whoever has nothing to do ends, and is not to be started a hundred times a second.
      await wait(100);
    }
  };
  const ended = run();
  return {
    codes,
    outlasted: () => outlasted,
    kill: () => child?.kill('SIGKILL'),
    stop: async () => {
      stopping.abort();
      child?.kill('SIGTERM');
      await ended;
    },
  };
}

test.skipIf(!hasPostgres)(
  `${POSTGRES}: workers that are killed lose nothing, and count nothing twice in silence`,
  { timeout: isLong ? 0 : 300_000 },
  async (context) => {
    const random = makeRandom('queue-workers');
    const server = await startPostgres();
    onTestFinished(() => server.remove());
    const url = await server.makeDatabase();
    const cwd = testFolder();
    const env = { HOME: cwd, WEBHOOK_HISTORY: url, SECRET: 'of-the-queue' };
    const arrived = new Map<string, number>();
    const endpoint = await openEndpoint((response, { headers }) => {
      const id = headers['x-mail2many-event-id'] ?? '';
      arrived.set(id, (arrived.get(id) ?? 0) + 1);
      // By its fourth time each is taken: none is to be given up.
      const fails = (arrived.get(id) ?? 0) < 4 && random() < SHARE_OF_FAILURES;
      response.writeHead(fails ? 500 : 200).end();
      endpoint.seen.length = 0;
    });
    const event = ['--event', 'optin', '--url', endpoint.url, '--secret-env', 'SECRET', '--max-time', '2s'];
    const queued = await runProgram('webhook', ['send', ...event, '--enqueue', '--count', String(DELIVERIES)], {
      cwd,
      env,
    });
    expect(queued.code, queued.stderr).toBe(0);
    const worker = ['worker', '--time-scale', '36000', '--circuit', '0', '--json'];
    const workers = Array.from({ length: WORKERS }, () => supervise(worker, cwd, env));
    let kills = 0;
    let restarts = 0;
    const waiting = async (): Promise<number> => {
      const rows = await server.run(
        'select count(*)::integer as rows from hookproof.queued',
        new URL(url).pathname.slice(1),
      );
      return Number(rows[0]?.['rows']);
    };
    const beganAt = performance.now();
    try {
      while ((await waiting()) > 0) {
        await wait(kills < KILLS ? KILL_MS * (0.5 + random()) : 200);
        if (kills >= KILLS) continue;
        workers[Math.floor(random() * WORKERS)]?.kill();
        kills += 1;
        if (!isLong || kills !== RESTART_AFTER[restarts]) continue;
        await server.stop();
        await server.start();
        restarts += 1;
      }
    } finally {
      await Promise.all(workers.map(({ stop }) => stop()));
    }
    const seconds = (performance.now() - beganAt) / 1000;
    const database = new URL(url).pathname.slice(1);
    const rows = await server.run(
      `select event_id, count(*)::integer as attempts, count(*) filter (where error_code = 'OUTCOME_UNKNOWN')::integer as unknown,
         count(*) filter (where outcome = 'delivered')::integer as delivered
       from hookproof.attempt group by event_id`,
      database,
    );
    const all = rows as { event_id: string; attempts: number; unknown: number; delivered: number }[];
    expect(all).toHaveLength(DELIVERIES);
    // A request that comes again has the id of the first.
    expect([...arrived.keys()].toSorted()).toEqual(all.map(({ event_id: id }) => id).toSorted());
    const wrong = all.filter(({ event_id: id, attempts, unknown, delivered }) => {
      const times = arrived.get(id) ?? 0;
      return delivered === 0 || times < attempts - unknown || times > attempts;
    });
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(await server.run('select count(*)::integer as left from hookproof.under_way', database)).toEqual([
      { left: 0 },
    ]);
    expect(kills).toBeGreaterThan(0);
    expect(restarts).toBe(isLong ? 2 : 0);
    const outlasted = workers.reduce((total, one) => total + one.outlasted(), 0);
    if (isLong) expect(outlasted).toBeGreaterThan(0);
    const sum = (key: 'attempts' | 'unknown'): number => all.reduce((total, one) => total + one[key], 0);
    const requests = [...arrived.values()].reduce((total, times) => total + times, 0);
    tell(context, {
      deliveries: DELIVERIES,
      attempts: sum('attempts'),
      requests,
      unknown: sum('unknown'),
      'unknown that never arrived': sum('attempts') - requests,
      kills,
      restarts,
      'restarts outlasted by a worker': outlasted,
      'deliveries/s': Math.round(DELIVERIES / seconds),
    });
  },
);
