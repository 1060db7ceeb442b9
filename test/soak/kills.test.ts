import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { watch as watchFolder } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/history/migrations.ts';
import { openEndpoint } from '../helpers/endpoint.ts';
import { testFolder } from '../helpers/folder.ts';
import { bin, runProgram } from '../helpers/program.ts';
import { askSqlite, copyHistory, countRows, expectSound, hasSqlite } from '../helpers/sqlite-shell.ts';
import { makeOldHistory } from './old-history.ts';
import { amount, isLong, makeRandom, tell } from './soak.ts';

/** Of `send`, and of what calls `listen`. */
const CONNECTIONS = 8;
/** About as long as a program takes to start, and to write one batch of records. */
const START_MS = 200;
const BATCH_MS = 12;
/** A program is killed before it has written more lines. */
const MOST_LINES = 300;
/** About as long as one takes. */
const MIGRATION_MS = 60;
/** Of so many kills at random moments one must interrupt the work; of fewer perhaps none does. */
const MANY_KILLS = 50;

/**
 * Looks at a copy of the history: the file itself stays as the kill left it, for the program to open. Gives the ids of
 * those asked for that it lacks.
 */
async function inspect(history: string, column: string, ids: readonly string[]): Promise<string[]> {
  const folder = `${history}.copy`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const asked = join(folder, 'ids.json');
  writeFileSync(asked, JSON.stringify(ids));
  const missing = `select value from json_each(readfile('${asked}')) where value not in (select ${column} from attempt)`;
  return expectSound(copyHistory(history, folder), missing);
}

interface Victim {
  child: ChildProcess;
  /** The whole lines of stdout so far. */
  lines: string[];
  /** Resolves when there are so many lines. */
  until(lines: number): Promise<void>;
  gone: Promise<unknown>;
}

function startVictim(args: readonly string[], cwd: string): Victim {
  const child = spawn(process.execPath, [bin('webhook'), ...args], { cwd, env: { ...process.env, HOME: cwd } });
  const lines: string[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  return {
    child,
    lines,
    until: async (wanted) => {
      while (lines.length < wanted) await once(child.stdout, 'data');
    },
    gone: once(child, 'close'),
  };
}

/** In the middle of its work, however fast it is; of five kills the last while it starts. */
async function killAtRandom({ child, until, gone }: Victim, kill: number, random: () => number): Promise<void> {
  const progress = kill % 5 === 4 ? wait(random() * START_MS) : until(1 + random() * MOST_LINES);
  await Promise.race([progress, gone]);
  await wait(random() * BATCH_MS);
  child.kill('SIGKILL');
  await gone;
  expect(child.signalCode).toBe('SIGKILL');
}

test.skipIf(!hasSqlite)('send', async (context) => {
  const [cwd, random, kills] = [testFolder(), makeRandom('send'), amount({ few: 2, many: 100 })];
  const history = join(cwd, 'history.db');
  const endpoint = await openEndpoint();
  const to = ['--event', 'subscribe', '--url', endpoint.url, '--history', history];
  const connections = String(CONNECTIONS);
  let acknowledged = 0;
  for (let kill = 0; kill < kills; kill++) {
    const victim = startVictim(['send', ...to, '--json', '--count', '1000000', '--connections', connections], cwd);
    await killAtRandom(victim, kill, random);
    const ids = victim.lines.map((line) => (JSON.parse(line) as { deliveryId: string }).deliveryId);
    acknowledged += ids.length;
    expect(await inspect(history, 'delivery_id', ids)).toEqual([]);
  }
  const unrecorded = endpoint.seen.length - (await countRows(history, 'select count(*) from attempt'));
  tell(context, { kills, acknowledged, 'of them lost': 0, 'sent and not recorded': unrecorded });
  expect(acknowledged).toBeGreaterThan(kills);
});

test.skipIf(!hasSqlite)('load', async (context) => {
  const [cwd, random, kills] = [testFolder(), makeRandom('load'), amount({ few: 1, many: 100 })];
  const history = join(cwd, 'history.db');
  let waitsFor = { requests: 0, met: (): void => undefined };
  const endpoint = await openEndpoint((response, _, nth) => {
    if (nth >= waitsFor.requests) waitsFor.met();
    response.end();
  });
  const to = ['--event', 'subscribe', '--url', endpoint.url, '--history', history];
  const bounds = ['--count', '1000000', '--duration', '10m', '--connections', String(CONNECTIONS)];
  for (let kill = 0; kill < kills; kill++) {
    const wanted = endpoint.seen.length + 1 + random() * MOST_LINES;
    const progress = new Promise<void>((met) => {
      waitsFor = { requests: wanted, met };
    });
    const victim = startVictim(['load', ...to, ...bounds], cwd);
    await killAtRandom({ ...victim, until: () => progress }, kill, random);
    expect(await inspect(history, 'delivery_id', [])).toEqual([]);
  }
  // It tells what it did at its end alone: of a run that is killed nothing is acknowledged.
  const recorded = await countRows(history, 'select count(*) from attempt');
  tell(context, { kills, sent: endpoint.seen.length, 'sent and not recorded': endpoint.seen.length - recorded });
  expect(isLong ? recorded : endpoint.seen.length).toBeGreaterThan(0);
});

/** Calls `listen` over some connections, one request after another on each, until it is gone. Gives the ids answered 200. */
function callListen(url: string, gone: Promise<unknown>): { answered: string[]; ended: Promise<unknown> } {
  const agent = new Agent({ keepAlive: true });
  const answered: string[] = [];
  const callOnce = (id: string): Promise<boolean> =>
    new Promise((resolve) => {
      const headers = { 'content-type': 'application/json', 'x-mail2many-event': 'optin', 'x-mail2many-event-id': id };
      const call = request(url, { method: 'POST', agent, headers }, (response) => {
        if (response.statusCode === 200) answered.push(id);
        response.on('error', () => resolve(false)).on('end', () => resolve(true));
        response.resume();
      });
      call.on('error', () => resolve(false));
      call.end(EVENT);
    });
  const call = async (): Promise<void> => {
    while (await callOnce(randomUUID()));
  };
  const ended = Promise.all([gone, ...Array.from({ length: CONNECTIONS }, call)]).then(() => agent.destroy());
  return { answered, ended };
}

const EVENT = JSON.stringify({ accountId: 1, event: 'optin', date: '2026-11-01 10:00:00', email: 'mia@example.com' });

test.skipIf(!hasSqlite).for([
  ['listen', []],
  ['listen --durable', ['--durable']],
] as const)('%s', async ([name, flags], context) => {
  const [cwd, random, kills] = [testFolder(), makeRandom(name), amount({ few: 1, many: 100 })];
  const history = join(cwd, 'history.db');
  const sums = { answered: 0, unrecorded: 0, shown: 0 };
  for (let kill = 0; kill < kills; kill++) {
    const victim = startVictim(
      [
        'listen',
        '--port',
        '0',
        '--json',
        '--status',
        '200',
        '--no-verify',
        '--vendor',
        'mail2many',
        '--history',
        history,
        ...flags,
      ],
      cwd,
    );
    const calls = victim.until(1).then(() => callListen(`${readyUrl(victim)}/hook`, victim.gone));
    await killAtRandom(victim, kill, random);
    if (victim.lines.length === 0) continue;
    const { answered, ended } = await calls;
    await ended;
    const shown = victim.lines.slice(1).map((line) => (JSON.parse(line) as { eventId: string }).eventId);
    const lost = new Set(await inspect(history, 'event_id', [...answered, ...shown]));
    sums.answered += answered.length;
    sums.unrecorded += answered.filter((id) => lost.has(id)).length;
    sums.shown += shown.length;
    // Whatever is missing is the end: records are kept in the order in which requests came.
    const firstLost = shown.findIndex((id) => lost.has(id));
    expect(firstLost === -1 ? [] : shown.slice(firstLost).filter((id) => !lost.has(id))).toEqual([]);
    if (flags.length > 0) expect([...lost]).toEqual([]);
  }
  tell(context, { kills, answered: sums.answered, 'answered and not recorded': sums.unrecorded });
  expect(Math.min(sums.answered, sums.shown)).toBeGreaterThan(kills);
});

const readyUrl = ({ lines }: Victim): string => (JSON.parse(lines[0] ?? '') as { url: string }).url;

const KEPT = 500;
const DELIVERIES = 'select count(*) from delivery';

/** A folder with copies of one history, which is as the newest version left it. */
async function prepareCopies(rows: number): Promise<{ cwd: string; history: string; restore: () => void }> {
  const cwd = testFolder();
  const [original, history] = [join(cwd, 'original.db'), join(cwd, 'history.db')];
  makeOldHistory(original, rows);
  const restore = (): void => {
    for (const end of ['-wal', '-shm']) rmSync(history + end, { force: true });
    copyFileSync(original, history);
  };
  restore();
  return { cwd, history, restore };
}

/** Resolves once the log of the history is there: its program has begun to work. */
async function logAppears(history: string): Promise<void> {
  for await (const { filename } of watchFolder(dirname(history)))
    if (filename === `${basename(history)}-wal` && existsSync(`${history}-wal`)) return;
}

test.skipIf(!hasSqlite)('history prune', async (context) => {
  const [random, kills] = [makeRandom('prune'), amount({ few: 1, many: 100 })];
  const rows = isLong ? 20_000 : 5000;
  const { cwd, history, restore } = await prepareCopies(rows);
  const prune = ['history', 'prune', '--keep-last', String(KEPT), '--yes', '--history', history];
  const beganAt = performance.now();
  expect(await runProgram('webhook', prune, { cwd })).toMatchObject({ code: 0 });
  const wholeMs = performance.now() - beganAt;
  const kept = await idsOf(history);
  let halfway = 0;
  for (let kill = 0; kill < kills; kill++) {
    restore();
    const victim = startVictim(prune, cwd);
    await wait(random() * wholeMs);
    victim.child.kill('SIGKILL');
    await victim.gone;
    expect(await inspect(history, 'delivery_id', kept)).toEqual([]);
    const left = await countRows(history, DELIVERIES);
    if (victim.lines.length > 0) expect(left).toBe(KEPT);
    if (left > KEPT && left < rows) halfway += 1;
    // Again, it does the rest.
    expect(await runProgram('webhook', prune, { cwd })).toMatchObject({ code: 0 });
    expect(await idsOf(history)).toEqual(kept);
  }
  tell(context, { kills, 'of them halfway': halfway, deliveries: rows, 'that were to stay lost': 0 });
  if (kills >= MANY_KILLS) expect(halfway).toBeGreaterThan(0);
});

const idsOf = (history: string): Promise<string[]> => askSqlite(history, 'select id from delivery order by id');

const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

test.skipIf(!hasSqlite)('a migration', async (context) => {
  const [random, kills] = [makeRandom('migration'), amount({ few: 1, many: 100 })];
  const rows = isLong ? 40_000 : 2000;
  const { cwd, history, restore } = await prepareCopies(rows);
  const endpoint = await openEndpoint();
  const send = ['send', '--event', 'subscribe', '--url', endpoint.url, '--history', history, '--json'];
  const versions = new Map<number, number>();
  let halfway = 0;
  for (let kill = 0; kill < kills; kill++) {
    restore();
    const working = logAppears(history);
    const victim = startVictim(send, cwd);
    await Promise.race([working, victim.gone]);
    await wait(random() * MIGRATION_MS);
    victim.child.kill('SIGKILL');
    await victim.gone;
    expect(await inspect(history, 'delivery_id', [])).toEqual([]);
    const hasBegun = bytesOf(`${history}-wal`) > 0;
    const version = await countRows(history, 'pragma user_version');
    versions.set(version, (versions.get(version) ?? 0) + 1);
    expect([1, MIGRATIONS.length]).toContain(version);
    if (hasBegun && version === 1) halfway += 1;
    const before = await countRows(history, DELIVERIES);
    expect(before).toBeGreaterThanOrEqual(rows + victim.lines.length);
    expect(await runProgram('webhook', send, { cwd })).toMatchObject({ code: 0 });
    expect(await countRows(history, 'pragma user_version')).toBe(MIGRATIONS.length);
    expect(await countRows(history, DELIVERIES)).toBe(before + 1);
  }
  const left = (version: number): number => versions.get(version) ?? 0;
  const formats = { 'left the old format': left(1), 'the new one': left(MIGRATIONS.length) };
  tell(context, { kills, 'of them halfway': halfway, ...formats, deliveries: rows });
  if (kills >= MANY_KILLS) expect(halfway).toBeGreaterThan(0);
});
