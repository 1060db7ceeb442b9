import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LoadReport } from '../../../src/model/load-report.ts';
import { askCommand } from '../../helpers/ask-command.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeGate } from '../../helpers/gate.ts';
import { startListening } from '../../helpers/listening.ts';
import { bin, runProgram, type Ended } from '../../helpers/program.ts';
import { HAS_TERMINAL, runOnTerminal } from '../../helpers/terminal.ts';
import { mountTinyDisk } from '../../helpers/tiny-disk.ts';

const SECRET = 'whsec_of_the_tests';

interface Place {
  cwd: string;
  env: Record<string, string>;
}

function place(): Place {
  const cwd = testFolder();
  return { cwd, env: { THE_SECRET: SECRET, WEBHOOK_HISTORY: join(cwd, 'history.db'), HOME: cwd } };
}

const flagsFor = (url: string): string[] => [
  'load',
  '--url',
  url,
  '--vendor',
  'mail2many',
  '--secret-env',
  'THE_SECRET',
];

const load = (url: string, flags: readonly string[], at = place()): Promise<Ended> =>
  runProgram('webhook', [...flagsFor(url), ...flags], at);

const reportOf = ({ stdout }: Ended): LoadReport & { verdict: unknown } =>
  JSON.parse(stdout) as LoadReport & { verdict: unknown };

test('a verifying receiver takes every event, none twice, and the history has them all', async () => {
  const at = place();
  const listening = await startListening(
    ['--vendor', 'mail2many', '--secret-env', 'THE_SECRET', '--exit-after', '120'],
    at,
  );
  const ended = await load(
    listening.url,
    ['--event', 'optin=2,optout', '--count', '120', '--connections', '7', '--json'],
    at,
  );
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  expect(ended.stderr).toMatch(/^note: events that 127\.0\.0\.1:\d+ accepts take effect there: optin, optout$/m);
  expect(reportOf(ended)).toMatchObject({
    schemaVersion: 2,
    kind: 'load',
    events: { optin: 2, optout: 1 },
    arrival: { kind: 'closed', connections: 7 },
    counts: { started: 120, delivered: 120, refused: 0, unreachable: 0, dropped: 0, unrecorded: 0 },
    verdict: { outcome: 'yes', reasons: [] },
  });
  const received = await listening.until(120);
  expect(await listening.ended).toMatchObject({ code: 0 });
  expect(received.every((one) => (one as { verdict: string }).verdict === 'valid')).toBe(true);
  const ids = received.map((one) => (one as { eventId: string }).eventId);
  expect(new Set(ids).size).toBe(120);
  const { stdout } = await runProgram('webhook', ['history', 'stats', '--direction', 'out', '--json'], at);
  expect(stdout).toContain('"totals":[{"direction":"out","sent":120,');
});

test('the table says what was done, and an endpoint that refuses makes it a no', async () => {
  const { url } = await openEndpoint((response, _, count) => response.writeHead(count % 4 === 0 ? 503 : 200).end());
  const ended = await load(url, ['--event', 'optin', '--count', '40', '--no-history']);
  expect(ended.code, ended.stderr).toBe(1);
  expect(ended.stdout).toMatch(/^40 +30 +10 +0 +0 /m);
  expect(ended.stdout).toMatch(/^statuses +200: 30, 503: 10$/m);
  expect(ended.stdout).toMatch(/^failed +10 refused$/m);
});

test('with expectations these decide', async () => {
  const { url } = await openEndpoint((response, _, count) => response.writeHead(count % 4 === 0 ? 503 : 200).end());
  const flags = ['--event', 'optin', '--count', '40', '--no-history', '--expect', 'delivered>=75%'];
  expect(await load(url, flags)).toMatchObject({ code: 0 });
  const failing = await load(url, [...flags, '--expect', 'status(503)=0']);
  expect(failing).toMatchObject({ code: 1 });
  expect(failing.stdout).toMatch(/^failed +1 of 2 expectations not met$/m);
});

test('an endpoint that refuses everything quickly is no success, unless that is expected', async () => {
  const { url } = await openEndpoint((response) => response.writeHead(401).end());
  const flags = ['--event', 'optin', '--count', '20', '--no-history', '--expect', 'p99<20s'];
  const ended = await load(url, flags);
  expect(ended, ended.stderr).toMatchObject({ code: 1 });
  expect(ended.stdout).toMatch(/^failed +nothing was delivered: 20 refused/m);
  expect(await load(url, [...flags, '--expect', 'refused=100%'])).toMatchObject({ code: 0 });
});

test('nobody answers: exit code 3', async () => {
  const at = place();
  const ended = await load('http://127.0.0.1:9/hook', ['--event', 'optin', '--count', '3', '--json'], at);
  expect(ended.code, ended.stderr).toBe(3);
  expect(reportOf(ended)).toMatchObject({ counts: { started: 3, unreachable: 3 }, verdict: { outcome: 'no-answer' } });
});

test('an open loop of a ramp is as long as the ramp, and sends what is under it', async () => {
  const { url } = await openEndpoint();
  // Whether it is on time is up to this machine.
  const ended = await load(url, ['--event', 'optin', '--rate', '0..200/1s', '--allow-late', '--no-history', '--json']);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  const { counts, late, generator } = reportOf(ended);
  expect(counts).toMatchObject({ started: 100, delivered: 100, dropped: 0 });
  expect(generator.isValid).toBe(late.share <= 0.01);
});

test('dropped events are a no, unless they may be', async () => {
  const { url } = await openEndpoint((response) => void setTimeout(() => response.end('ok'), 300));
  const flags = [
    '--event',
    'optin',
    '--rate',
    '100',
    '--count',
    '30',
    '--max-in-flight',
    '5',
    '--no-history',
    '--json',
  ];
  const ended = await load(url, flags);
  expect(ended.code).toBe(1);
  const { counts, verdict } = reportOf(ended);
  expect(counts.dropped).toBeGreaterThan(0);
  expect(counts.started + counts.dropped).toBe(30);
  expect(JSON.stringify(verdict)).toContain(`${counts.dropped} of 30 events dropped: 5 were in flight`);
});

test.each<[what: string, flags: readonly string[], message: RegExp]>([
  [
    'another host',
    ['--url', 'https://hooks.example.com/x', '--event', 'optin'],
    /load goes to hooks\.example\.com, which is not this machine[\s\S]*--allow-host hooks\.example\.com/,
  ],
  [
    'another way',
    ['--event', 'optin', '--connect-to', '::hooks.example.com:80'],
    /which --resolve or --connect-to leads to another/,
  ],
  ['an unknown event', ['--event', 'optin=3,optuot=1'], /optout/],
  ['an event of another vendor', ['--event', 'optin,unsubscribe'], /unsubscribe/],
  ['a weight that is none', ['--event', 'optin=x'], /has the weight "x"/],
  ['one event in two mixes', ['--event', 'optin', '--event', 'optin=3'], /--event optin,optin=3 names optin twice/],
  ['a field that is none', ['--event', 'optin', '--set', 'emial=a@b.cz'], /emial/],
  ['a rate that is none', ['--event', 'optin', '--rate', 'fast'], /--rate fast: expected events per second/],
  ['an expectation that is none', ['--event', 'optin', '--expect', 'p99'], /the limit is missing/],
  ['no event', [], /--event/],
  ['a flag that does nothing', ['--event', 'optin', '--max-in-flight', '5'], /has no effect without --rate/],
  ['a uuid for a webhook that has one', ['--to', 'shop', '--uuid', 'x'], /has its own uuid/],
])('%s is refused before anything is sent', async (_, flags, message) => {
  const { url, seen } = await openEndpoint();
  const none = join(testFolder(), 'webhook.config.json');
  writeFileSync(none, '{"webhooks":[]}');
  const named = ['--url', url, '--vendor', 'mail2many', '--secret', SECRET, '--config', none];
  const ended = await askCommand(['load', ...named, ...flags]);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(message);
  expect(seen).toEqual([]);
});

test('a configured webhook gets each of its events equally often', async () => {
  const at = place();
  const { url, seen } = await openEndpoint();
  const shop = {
    name: 'shop',
    uuid: '123e4567-e89b-12d3-a456-426614174000',
    vendor: 'mail2many',
    url,
    events: ['optin', 'optout'],
  };
  writeFileSync(
    join(at.cwd, 'webhook.config.json'),
    JSON.stringify({ webhooks: [{ ...shop, secret: { env: 'THE_SECRET' } }] }),
  );
  const ended = await runProgram('webhook', ['load', '--to', 'shop', '--count', '10', '--json'], at);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  expect(reportOf(ended)).toMatchObject({ target: { webhook: 'shop' }, events: { optin: 1, optout: 1 } });
  expect(seen.filter(({ headers }) => headers['x-mail2many-event'] === 'optin')).toHaveLength(5);
});

test('with --seed and --now two runs send the same bytes', async () => {
  const { url, seen } = await openEndpoint();
  const flags = [
    '--event',
    'optin',
    '--count',
    '5',
    '--connections',
    '1',
    '--seed',
    'a',
    '--now',
    '2026-11-01T09:00:00Z',
    '--no-history',
  ];
  for (const time of ['first', 'second']) expect(await load(url, flags), time).toMatchObject({ code: 0 });
  const requests = seen.map(({ rawHeaders, body }) => `${rawHeaders.join('\n')}\n${body.toString()}`);
  expect(requests.slice(5)).toEqual(requests.slice(0, 5));
  expect(new Set(requests).size).toBe(5);
});

test('a history that cannot be opened: nothing is sent', async () => {
  const { url, seen } = await openEndpoint();
  const ended = await load(url, ['--event', 'optin', '--history', '/dev/null/history.db']);
  expect(ended.code, ended.stderr).toBe(4);
  expect(seen).toEqual([]);
});

test('a disk that is full ends the run, and what is not recorded is counted', async (context) => {
  const disk = mountTinyDisk('2m');
  if (disk === undefined) return context.skip('no disk may be mounted here');
  const { url, seen } = await openEndpoint();
  const history = join(disk, 'history.db');
  const ended = await load(url, ['--event', 'optin', '--count', '20000', '--history', history, '--json']);
  expect(ended.code, ended.stderr).toBe(4);
  const { counts, verdict } = reportOf(ended);
  expect(counts.unrecorded).toBeGreaterThan(0);
  expect(counts.started).toBe(seen.length);
  expect(verdict).toMatchObject({ outcome: 'unrecorded' });
  expect(ended.stderr).toContain(`the disk is full; ${counts.unrecorded} attempts were made but not recorded\n`);
  const { stdout } = await runProgram('webhook', ['history', 'stats', '--json', '--history', history], place());
  expect(stdout).toContain(`"totals":[{"direction":"out","sent":${counts.started - counts.unrecorded},`);
});

test('without any answer it says why the first attempt failed', async () => {
  const ended = await load('http://127.0.0.1:1/', ['--event', 'optin', '--count', '3']);
  expect(ended).toMatchObject({ code: 3 });
  expect(ended.stderr).toMatch(/ECONNREFUSED {2}nothing listens on 127\.0\.0\.1:1/);
});

test('Ctrl-C: those in flight end, the table tells what was done, and it dies by SIGINT', async () => {
  const at = place();
  const arrival = makeGate();
  const { url } = await openEndpoint((response, _, count) => {
    if (count === 20) arrival.open();
    response.end('ok');
  });
  const child = spawn(process.execPath, [bin('webhook'), ...flagsFor(url), '--event', 'optin', '--duration', '1h'], {
    ...at,
    env: { ...process.env, ...at.env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  await arrival.opened;
  child.kill('SIGINT');
  expect((await once(child, 'close'))[1]).toBe('SIGINT');
  expect(said).toMatch(/^failed +the run was interrupted$/m);
  const sent = Number(/^(\d+) +\1 +0 +0 +0 /m.exec(said)?.[1]);
  expect(sent).toBeGreaterThanOrEqual(20);
  const { stdout } = await runProgram('webhook', ['history', 'stats', '--json'], at);
  expect(stdout).toContain(`"totals":[{"direction":"out","sent":${sent},`);
});

test('Ctrl-C before the retries of --burst: the history says that they are to come', async () => {
  const at = place();
  const arrival = makeGate();
  const { url } = await openEndpoint((response) => {
    response.writeHead(503).end(arrival.open);
  });
  const pace = ['--event', 'optin', '--count', '1', '--burst', '--time-scale', '1'];
  const child = spawn(process.execPath, [bin('webhook'), ...flagsFor(url), ...pace], {
    ...at,
    env: { ...process.env, ...at.env },
    stdio: 'ignore',
  });
  await arrival.opened;
  child.kill('SIGINT');
  expect((await once(child, 'close'))[1]).toBe('SIGINT');
  const { stdout } = await runProgram('webhook', ['history', 'list', '--json'], at);
  expect(JSON.parse(stdout)).toMatchObject({ deliveries: [{ outcome: 'refused', unfinished: true }] });
});

test.skipIf(!HAS_TERMINAL)('on a terminal a line says how far it is, and is gone at the end', async () => {
  const { url } = await openEndpoint((response) => void setTimeout(() => response.end('ok'), 20));
  const at = place();
  const { written, lines } = await runOnTerminal(
    80,
    ['webhook', ...flagsFor(url), '--event', 'optin', '--duration', '2s', '--no-history'],
    at,
  );
  expect(written).toMatch(/\d\.\d s · \d+ sent, \d+\/s · 10 in flight · p99 \d/);
  expect(lines.join('\n')).not.toContain('in flight');
  expect(lines.at(-1)).toMatch(/^passed +\d+ events, all delivered$/);
});
