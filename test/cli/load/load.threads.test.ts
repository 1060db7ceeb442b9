import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { decodeHistogram } from '../../../src/load/histogram-codec.ts';
import type { LoadReport } from '../../../src/model/load-report.ts';
import { openEndpoint, type Seen } from '../../helpers/endpoint.ts';
import { freePorts } from '../../helpers/free-ports.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeGate } from '../../helpers/gate.ts';
import { bin, runProgram, type Ended } from '../../helpers/program.ts';

interface Place {
  cwd: string;
  env: Record<string, string>;
}

function place(): Place {
  const cwd = testFolder();
  return { cwd, env: { THE_SECRET: 'whsec_of_the_tests', WEBHOOK_HISTORY: join(cwd, 'history.db'), HOME: cwd } };
}

const flagsFor = (url: string): string[] =>
  `load --url ${url} --event optin=3,optout=1 --secret-env THE_SECRET --json`.split(' ');

const load = (url: string, flags: readonly string[], at = place()): Promise<Ended> =>
  runProgram('webhook', [...flagsFor(url), ...flags], at);

const reportOf = ({ stdout }: Pick<Ended, 'stdout'>): LoadReport & { verdict: unknown } =>
  JSON.parse(stdout) as LoadReport & { verdict: unknown };

const headersOf = (seen: readonly Seen[], name: string): (string | undefined)[] =>
  seen.map(({ headers }) => headers[name]);

/** How many attempts the history has of the run. */
async function recorded(at: Place): Promise<number> {
  const { stdout } = await runProgram('webhook', ['history', 'stats', '--direction', 'out', '--json'], at);
  return (JSON.parse(stdout) as { totals: { sent: number }[] }).totals[0]?.sent ?? 0;
}

test('threads share a run: exact counts and mix, no event twice, all times in one histogram, all in the history', async () => {
  const at = place();
  const { url, seen } = await openEndpoint();
  const flags = ['--threads', '3', '--connections', '7', '--count', '400', '-H', 'X-Partner: hide-me'];
  const ended = await load(url, [...flags, '--mask', 'X-Partner'], at);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  const report = reportOf(ended);
  expect(report).toMatchObject({
    arrival: { kind: 'closed', connections: 7 },
    events: { optin: 3, optout: 1 },
    counts: { started: 400, delivered: 400, refused: 0, unreachable: 0, dropped: 0, unrecorded: 0 },
    statuses: { 200: 400 },
    isInterrupted: false,
  });
  expect(decodeHistogram(report.service.histogram).total).toBe(400);
  expect(report.response).toEqual(report.service);
  expect(report.series.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(400);
  expect(seen).toHaveLength(400);
  expect(new Set(headersOf(seen, 'x-mail2many-event-id')).size).toBe(400);
  expect(headersOf(seen, 'x-mail2many-event').filter((event) => event === 'optin')).toHaveLength(300);
  expect(await recorded(at)).toBe(400);
  const { stdout } = await runProgram('webhook', ['history', 'show', 'last', '--json'], at);
  // What is secret here is secret in the threads, too.
  expect(stdout.toLowerCase()).toContain('"x-partner","***"');
});

test('a timetable stays the same over threads, and with --seed and --now so do the bytes', async () => {
  const bodies: string[][] = [];
  for (const threads of ['1', '3']) {
    const { url, seen } = await openEndpoint();
    const pace = ['--rate', '300', '--arrival', 'poisson', '--duration', '500ms', '--seed', 'a', '--allow-late'];
    const ended = await load(url, [...pace, '--threads', threads, '--now', '2026-11-01T09:00:00Z', '--no-history']);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(reportOf(ended)).toMatchObject({
      arrival: { kind: 'poisson', perSecond: 300, maxInFlight: 1000 },
      counts: { started: seen.length, delivered: seen.length, dropped: 0 },
    });
    bodies.push(seen.map(({ rawHeaders, body }) => `${rawHeaders.slice(2).join('\n')}\n${body}`).toSorted());
  }
  expect(bodies[0]?.length).toBeGreaterThan(100);
  // The port apart, which is in the Host header.
  expect(bodies[1]).toEqual(bodies[0]);
});

test('no more are in flight than --max-in-flight, and what is due above it is dropped and counted', async () => {
  let open = 0;
  let most = 0;
  const { url } = await openEndpoint((response) => {
    most = Math.max(most, ++open);
    setTimeout(() => response.end('ok', () => open--), 300);
  });
  const pace = ['--rate', '200', '--count', '60', '--max-in-flight', '5', '--allow-late', '--allow-dropped'];
  const ended = await load(url, [...pace, '--threads', '2', '--no-history']);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  const { counts } = reportOf(ended);
  expect(counts.started + counts.dropped).toBe(60);
  expect(counts.dropped).toBeGreaterThan(0);
  expect(most).toBe(5);
});

test('--burst: what failed comes back in its thread until it is delivered', async () => {
  const failed = new Set<string | undefined>();
  const { url } = await openEndpoint((response, { headers }) => {
    const id = headers['x-mail2many-event-id'];
    response.writeHead(failed.has(id) ? 200 : 503).end();
    failed.add(id);
  });
  const ended = await load(url, [
    '--count',
    '40',
    '--burst',
    '--time-scale',
    '600000',
    '--threads',
    '2',
    '--allow-late',
    '--no-history',
  ]);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  expect(reportOf(ended)).toMatchObject({
    counts: { started: 40, delivered: 40, refused: 0, retries: 40, forgotten: 0 },
    statuses: { 200: 40, 503: 40 },
  });
});

test('--start: the application runs for all threads, and is stopped after them', async () => {
  const at = place();
  const [port = 0] = await freePorts(1);
  const serve = "require('http').createServer((q, r) => q.resume().on('end', () => r.end('ok')))";
  writeFileSync(join(at.cwd, 'app.cjs'), `${serve}.listen(process.env.PORT, '127.0.0.1');`);
  const starting = ['--start', `'${process.execPath}' app.cjs`, '--threads', '2', '--count', '60'];
  const ended = await load(`http://127.0.0.1:${port}/hook`, starting, at);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  expect(reportOf(ended)).toMatchObject({ counts: { started: 60, delivered: 60 }, statuses: { 200: 60 } });
  expect(await recorded(at)).toBe(60);
  await expect(fetch(`http://127.0.0.1:${port}/hook`)).rejects.toThrow();
});

interface Running {
  ended: Promise<Ended>;
  kill(): void;
}

function startProgram(args: readonly string[], at: Place, nodeFlags: readonly string[] = []): Running {
  const env = { ...process.env, ...at.env };
  const child = spawn(process.execPath, [...nodeFlags, bin('webhook'), ...args], { cwd: at.cwd, env });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes: Buffer) => (said.stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (said.stderr += bytes.toString()));
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    ended: closed.then(([code, signal]) => ({ code, signal, ...said })),
    kill: () => void child.kill('SIGINT'),
  };
}

test('Ctrl-C: all threads stop, and what they did is told and recorded', async () => {
  const at = place();
  const arrival = makeGate();
  const { url, seen } = await openEndpoint((response, _, count) => {
    if (count === 40) arrival.open();
    response.end('ok');
  });
  const running = startProgram([...flagsFor(url), '--duration', '1h', '--threads', '2'], at);
  await arrival.opened;
  running.kill();
  const ended = await running.ended;
  expect(ended, ended.stderr).toMatchObject({ signal: 'SIGINT' });
  const { counts, isInterrupted } = reportOf(ended);
  expect(isInterrupted).toBe(true);
  expect(counts).toMatchObject({ started: seen.length, delivered: seen.length });
  expect(await recorded(at)).toBe(seen.length);
});

const CRASH = pathToFileURL(resolve(import.meta.dirname, '../../helpers/crash-thread.js')).href;

test.each<[how: string, said: RegExp]>([
  ['throw', /planted by the test/],
  ['writer', /planted by the test/],
  ['exit', /a thread that sends events has ended by itself \(exit code 9\); the figures lack what it did: /],
])('a thread that fails (%s) ends the run with 70, and what was done is told', async (how, said) => {
  const at = place();
  const crashFile = join(at.cwd, 'crash');
  const { url, seen } = await openEndpoint((response, _, count) => {
    if (count === 40) writeFileSync(crashFile, '');
    response.end('ok');
  });
  Object.assign(at.env, { CRASH: how, CRASH_FILE: crashFile });
  const flags = [...flagsFor(url), '--duration', '1h', '--threads', '2'];
  const ended = await startProgram(flags, at, [`--import=${CRASH}`]).ended;
  expect(ended, ended.stderr).toMatchObject({ code: 70, signal: null });
  expect(ended.stderr).toMatch(said);
  const { counts, isInterrupted, verdict } = reportOf(ended);
  expect(isInterrupted).toBe(true);
  expect(verdict).not.toMatchObject({ outcome: 'yes' });
  const all = how === 'exit' ? counts.started : seen.length;
  expect(counts).toMatchObject({ started: all, delivered: all });
  expect(all).toBeGreaterThan(0);
  const stored = await recorded(at);
  expect(stored).toBeGreaterThanOrEqual(all - counts.unrecorded);
  expect(stored).toBeLessThanOrEqual(seen.length);
});

test('an endpoint that redirects elsewhere ends the run, whichever thread it meets', async () => {
  const { url } = await openEndpoint((response, _, count) =>
    count < 20 ? response.end('ok') : response.writeHead(302, { location: 'http://hooks.example.com/' }).end(),
  );
  const flags = ['load', '--url', url, '--vendor', 'postmark', '--secret-env', 'THE_SECRET'];
  const ended = await runProgram(
    'webhook',
    [...flags, '--event', 'Bounce', '--threads', '2', '--json', '--no-history'],
    place(),
  );
  expect(ended.code, ended.stderr).toBe(2);
  expect(ended.stderr).toContain('the endpoint redirects to hooks.example.com, which is not this machine');
  expect(reportOf(ended)).toMatchObject({ isInterrupted: true, verdict: { outcome: 'no' } });
  expect(reportOf(ended).counts.delivered).toBeGreaterThanOrEqual(19);
});
