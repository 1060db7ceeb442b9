import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openEndpoint, type Endpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeGate } from '../../helpers/gate.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../helpers/postgres.ts';
import { bin, runProgram, type Ended } from '../../helpers/program.ts';

const SECRET = 'the-secret-of-the-queue-4711';

interface Place {
  folder: string;
  env: Record<string, string>;
  run: (...args: string[]) => Promise<Ended>;
  /** Starts a worker; ended when the test ends. */
  startWorker: (...args: string[]) => WorkerProcess;
}

interface WorkerProcess {
  child: ChildProcess;
  /** The lines of stdout so far. */
  lines: string[];
  said: () => string;
  until: (lines: number) => Promise<void>;
  gone: Promise<unknown>;
}

function place(): Place {
  const folder = testFolder();
  const env = { HOME: folder, WEBHOOK_HISTORY: join(folder, 'history.db'), SECRET };
  const run = (...args: string[]): Promise<Ended> => runProgram('webhook', args, { cwd: folder, env });
  return { folder, env, run, startWorker: (...args) => startWorker(args, folder, env) };
}

function startWorker(args: readonly string[], cwd: string, env: Record<string, string>): WorkerProcess {
  const child = spawn(process.execPath, [bin('webhook'), 'worker', ...args], { cwd, env: { ...process.env, ...env } });
  const lines: string[] = [];
  let errors = '';
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const gone = once(child, 'close');
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await gone;
  });
  return {
    child,
    lines,
    said: () => errors,
    until: async (wanted) => {
      while (lines.length < wanted) await Promise.race([once(reader, 'line'), gone.then(() => Promise.reject(errors))]);
    },
    gone,
  };
}

const enqueue = ({ run }: Place, url: string, ...args: string[]): Promise<Ended> =>
  run('send', '--event', 'optin', '--url', url, '--secret-env', 'SECRET', '--enqueue', ...args);

/** How often each delivery was tried, by the id of its event. */
function countSeen({ seen }: Endpoint): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { headers } of seen) {
    const id = headers['x-mail2many-event-id'] ?? '';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

interface RecordedAttempt {
  outcome: string;
  errorCode: string | null;
}

async function recorded({ run }: Place): Promise<{ eventId: string; attempts: RecordedAttempt[] }[]> {
  const { stdout } = await run('history', 'list', '--json', '--limit', '10000');
  return (JSON.parse(stdout) as { deliveries: { eventId: string; attempts: RecordedAttempt[] }[] }).deliveries;
}

test('what is queued is sent, retried by the ladder and recorded; no secret is in the file', async () => {
  const here = place();
  const endpoint = await openEndpoint((response, _, count) => void response.writeHead(count === 1 ? 500 : 200).end());
  expect(await enqueue(here, endpoint.url, '--count', '3')).toMatchObject({ code: 0 });
  expect(endpoint.seen).toEqual([]);
  const worker = await here.run('worker', '--until-empty', '--time-scale', '36000', '--json');
  expect({ code: worker.code, stderr: worker.stderr }).toEqual({ code: 0, stderr: '' });
  const lines = worker.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter(({ ended }) => ended === 'delivered')).toHaveLength(3);
  expect(lines.filter(({ outcome }) => outcome === 'refused')).toMatchObject([{ attempt: 1, retryInMs: 60_000 }]);
  expect([...countSeen(endpoint).values()].toSorted()).toEqual([1, 1, 2]);
  const verified = await here.run('verify', '--delivery', 'last', '--secret-env', 'SECRET');
  expect(verified.stdout).toMatch(/^valid/);
  expect((await here.run('queue', 'stats', '--json')).stdout).toContain('"webhooks":[]');
  const files = readdirSync(here.folder).filter((name) => name.startsWith('history.db'));
  for (const name of files) expect(readFileSync(join(here.folder, name)).includes(SECRET), name).toBe(false);
});

test('workers that are killed lose nothing, and count nothing twice in silence', async () => {
  const here = place();
  // Of every third event the first request: no ladder comes to its end by chance.
  const failed = new Set<string>();
  let mayAnswer = 0;
  let held = makeGate();
  const endpoint = await openEndpoint((response, { headers }, count) => {
    // What has no answer is under way when its worker is killed.
    if (mayAnswer === 0) return held.open();
    mayAnswer -= 1;
    const id = headers['x-mail2many-event-id'] ?? '';
    const fails = count % 3 === 0 && !failed.has(id);
    if (fails) failed.add(id);
    response.writeHead(fails ? 500 : 200).end();
  });
  const total = 150;
  expect((await enqueue(here, endpoint.url, '--count', String(total))).code).toBe(0);
  const options = ['--time-scale', '360000', '--circuit', '0', '--until-empty'];
  for (const lines of [5, 40, 20]) {
    [mayAnswer, held] = [lines, makeGate()];
    const worker = here.startWorker(...options);
    await worker.until(lines);
    await held.opened;
    worker.child.kill('SIGKILL');
    await worker.gone;
  }
  mayAnswer = Number.POSITIVE_INFINITY;
  const last = await here.run('worker', ...options);
  expect(last).toMatchObject({ code: 0, stdout: expect.stringMatching(/\b0 refused, 0 unreachable$/m) });
  const deliveries = await recorded(here);
  expect(deliveries).toHaveLength(total);
  const seen = countSeen(endpoint);
  for (const { eventId, attempts } of deliveries) {
    const unknown = attempts.filter(({ errorCode }) => errorCode === 'OUTCOME_UNKNOWN').length;
    const known = attempts.length - unknown;
    const arrived = seen.get(eventId) ?? 0;
    expect(attempts.at(-1)?.outcome).toBe('delivered');
    expect(arrived, `${eventId} arrived ${arrived} times`).toBeGreaterThanOrEqual(known);
    expect(arrived, `${eventId} arrived ${arrived} times`).toBeLessThanOrEqual(attempts.length);
  }
  expect(last.stderr).toContain('may have reached the endpoint');
});

test('of two workers the second is refused', async () => {
  const here = place();
  const { url } = await openEndpoint();
  await enqueue(here, url);
  const first = here.startWorker();
  await first.until(1);
  const second = await here.run('worker', '--once');
  expect(second).toMatchObject({ code: 4, stderr: expect.stringContaining('another worker') });
});

test('what is under way is not canceled, which is told; at SIGTERM it ends and is recorded, the rest waits', async () => {
  const here = place();
  const arrived = makeGate();
  const answered = makeGate();
  const endpoint = await openEndpoint(async (response) => {
    arrived.open();
    await answered.opened;
    response.end('late');
  });
  await enqueue(here, endpoint.url, '--count', '5', '--max-time', '10m');
  const worker = here.startWorker('--connections', '1');
  await arrived.opened;
  const { stdout } = await here.run('history', 'list', '--pending', '--json');
  const [underWay] = (JSON.parse(stdout) as { pending: { deliveryId: string; state: string }[] }).pending;
  expect(underWay?.state).toBe('under way');
  const canceled = await here.run('queue', 'cancel', underWay?.deliveryId ?? '');
  expect(canceled).toMatchObject({ code: 1, stdout: '0 deliveries canceled\n' });
  expect(canceled.stderr).toMatch(/^1 under way: being sent now/);
  worker.child.kill('SIGTERM');
  answered.open();
  await worker.gone;
  expect(worker.child.signalCode).toBe('SIGTERM');
  expect(endpoint.seen).toHaveLength(1);
  expect((await recorded(here)).map(({ attempts }) => attempts.map(({ outcome }) => outcome))).toEqual([['delivered']]);
  const stats = await here.run('queue', 'stats', '--json');
  expect(JSON.parse(stats.stdout)).toMatchObject({ webhooks: [{ due: 4, underWay: 0 }] });
});

test('a vendor that deactivates the webhook: the rest is held, until it is enabled', async () => {
  const here = place();
  let status = 500;
  const endpoint = await openEndpoint((response) => void response.writeHead(status).end());
  const add = ['--vendor', 'mailkit', '--url', endpoint.url, '--events', 'subscribe', '--secret-env', 'SECRET'];
  expect(await here.run('init')).toMatchObject({ code: 0 });
  expect(await here.run('add', 'shop', ...add)).toMatchObject({ code: 0 });
  const send = (): Promise<Ended> => here.run('send', '--to', 'shop', '--event', 'subscribe', '--enqueue');
  expect(await send()).toMatchObject({ code: 0 });
  const options = ['worker', '--until-empty', '--time-scale', '864000'];
  const ended = await here.run(...options);
  expect(ended).toMatchObject({ code: 1, stdout: expect.stringContaining('attempt 10: 500') });
  expect(ended.stdout).toContain('the vendor deactivates the webhook');
  const held = await send();
  expect(held.stderr).toContain('is held since');
  for (const args of [options, ['worker', '--once']])
    expect(await here.run(...args)).toMatchObject({ code: 1, stderr: expect.stringContaining('enable') });
  expect(endpoint.seen).toHaveLength(10);
  status = 200;
  expect(await here.run('enable', 'shop')).toMatchObject({ code: 0, stdout: expect.stringContaining('1 due') });
  expect(await here.run(...options)).toMatchObject({ code: 0 });
  expect(endpoint.seen).toHaveLength(11);
});

test('an endpoint that fails again and again is spared; --once leaves what is due', async () => {
  const here = place();
  const endpoint = await openEndpoint((response) => void response.writeHead(503).end());
  await enqueue(here, endpoint.url, '--count', '20');
  const worker = await here.run('worker', '--once', '--circuit', '3', '--connections', '1');
  expect(worker).toMatchObject({ code: 1, stderr: expect.stringContaining('spared for 30 s: 3 failures in a row') });
  expect(worker.stderr).toMatch(/^17 are still due\n3 wait for their time$/m);
  expect(endpoint.seen).toHaveLength(3);
  const stats = await here.run('queue', 'stats', '--json');
  expect(JSON.parse(stats.stdout)).toMatchObject({ webhooks: [{ due: 17, later: 3 }] });
});

test('what a delivery names and this machine lacks keeps it waiting, and is told', async () => {
  const here = place();
  const { url, seen } = await openEndpoint();
  await enqueue(here, url);
  const { SECRET: _, ...without } = here.env;
  const worker = await runProgram('webhook', ['worker', '--until-empty'], { cwd: here.folder, env: without });
  expect(worker).toMatchObject({ code: 2, stderr: expect.stringMatching(/waits: .*SECRET/) });
  expect(seen).toEqual([]);
  writeFileSync(join(here.folder, '.env'), `SECRET=${SECRET}\n`);
  const args = ['worker', '--until-empty', '--env-file', '.env'];
  expect(await runProgram('webhook', args, { cwd: here.folder, env: without })).toMatchObject({ code: 0 });
  expect(seen).toHaveLength(1);
});

test('the worker finds a file of the secret from another folder', async () => {
  const here = place();
  const { url, seen } = await openEndpoint();
  writeFileSync(join(here.folder, 'secret.txt'), SECRET, { mode: 0o600 });
  const args = ['send', '--event', 'optin', '--url', url, '--secret-file', 'secret.txt', '--enqueue'];
  expect(await here.run(...args)).toMatchObject({ code: 0 });
  const worker = await runProgram('webhook', ['worker', '--once'], { cwd: testFolder(), env: here.env });
  expect(worker, worker.stderr).toMatchObject({ code: 0 });
  expect(seen).toHaveLength(1);
});

describe.skipIf(!hasPostgres)(POSTGRES, () => {
  const server = serverForFile();

  test('SIGTERM ends a worker in the middle of the wake-ups of what was canceled', async () => {
    const here = place();
    const url = await server().makeDatabase();
    const database = new URL(url).pathname.slice(1);
    here.env['WEBHOOK_HISTORY'] = url;
    expect(await here.run('worker', '--once')).toMatchObject({ code: 0 });
    await server().run(
      `insert into hookproof_jobs.job (name, data, start_after, keep_until, expire_in)
       select 'delivery', json_build_object('webhookUuid', gen_random_uuid(), 'deliveryId', gen_random_uuid()),
         now() - interval '1 minute', now() + interval '1 day', interval '1 minute'
       from generate_series(1, 40000)`,
      database,
    );
    const jobs = async (): Promise<number> =>
      Number((await server().run('select count(*)::integer as jobs from hookproof_jobs.job', database))[0]?.['jobs']);
    const worker = here.startWorker();
    while ((await jobs()) === 40_000) expect(worker.child.exitCode, worker.said()).toBe(null);
    worker.child.kill('SIGTERM');
    await worker.gone;
    expect(worker.child.signalCode).toBe('SIGTERM');
    expect(await jobs()).toBeGreaterThan(0);
  });

  test('--once proves that what was due is dealt with: not so while another worker has it', async () => {
    const here = place();
    here.env['WEBHOOK_HISTORY'] = await server().makeDatabase();
    const arrived = makeGate();
    const answered = makeGate();
    const endpoint = await openEndpoint(async (response) => {
      arrived.open();
      await answered.opened;
      response.end();
    });
    await enqueue(here, endpoint.url);
    const worker = here.startWorker();
    await arrived.opened;
    const second = await here.run('worker', '--once');
    answered.open();
    expect(second).toMatchObject({ code: 1, stdout: '0 delivered, 0 refused, 0 unreachable\n' });
    expect(second.stderr).toBe('1 is under way at another worker: the outcome is not known here\n');
    await worker.until(1);
    expect(await here.run('worker', '--once')).toMatchObject({ code: 0, stderr: '' });
  });
});
