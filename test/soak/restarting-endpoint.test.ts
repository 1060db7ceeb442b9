import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LoadReport } from '../../src/model/load-report.ts';
import { testFolder } from '../helpers/folder.ts';
import { freePorts } from '../helpers/free-ports.ts';
import { runProgram } from '../helpers/program.ts';
import { amount, makeRandom, SEED, tell } from './soak.ts';

/**
 * Answers so many requests and then ends itself, as a crash does: before an answer, in the middle of one, or behind it.
 * What it answers whole it writes down first.
 */
const ENDPOINT = `
  const [port, most, moment, log] = process.argv.slice(1);
  const { appendFileSync } = require('node:fs');
  const die = () => process.kill(process.pid, 'SIGKILL');
  let answered = 0;
  require('node:http').createServer((request, response) => {
    request.resume().on('end', () => {
      const id = request.headers['x-mail2many-event-id'];
      const isLast = ++answered >= Number(most);
      if (isLast && moment === 'before') return die();
      if (isLast && moment === 'within') {
        response.writeHead(200, { 'content-length': 2 });
        return response.write('o', die);
      }
      appendFileSync(log, id + '\\n');
      response.end('ok', () => isLast && die());
    });
  }).listen(Number(port), '127.0.0.2', () => console.log('ready'));`;

interface Restarting {
  url: string;
  /** The ids that were answered whole. */
  answered(): string[];
  deaths(): number;
  stop(): Promise<void>;
}

/**
 * An endpoint that dies and comes back on its port, again and again: at an address of its own, where no other test takes
 * the port meanwhile.
 */
async function openRestarting(cwd: string, random: () => number, most: number): Promise<Restarting> {
  const [port = 0] = await freePorts(1);
  const log = join(cwd, 'answered');
  writeFileSync(log, '');
  let deaths = 0;
  let isStopped = false;
  let child = spawn(process.execPath);
  child.kill();
  const start = async (): Promise<void> => {
    const moment = ['before', 'within', 'after'][deaths % 3] ?? '';
    const requests = String(1 + Math.floor(random() * most));
    child = spawn(process.execPath, ['-e', ENDPOINT, String(port), requests, moment, log]);
    child.once('close', () => {
      deaths += 1;
      if (!isStopped) void start();
    });
    await once(child.stdout, 'data');
  };
  await start();
  return {
    url: `http://127.0.0.2:${port}/hook`,
    answered: () => readFileSync(log, 'utf8').split('\n').slice(0, -1),
    deaths: () => deaths,
    stop: async () => {
      isStopped = true;
      child.kill('SIGKILL');
    },
  };
}

const OF = ['--vendor', 'mail2many', '--event', 'optin', '--secret-env', 'SECRET'];
const env = { SECRET: 'a secret' };

interface Row {
  eventId: string;
  outcome: string;
}

/** What the history has of each event. */
async function rowsOf(history: string, cwd: string): Promise<Row[]> {
  const fields = ['--fields', 'eventId,outcome', '--format', 'ndjson', '--all', '--history', history];
  const { stdout } = await runProgram('mp-export', fields, { cwd });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

const tally = (rows: readonly Row[]): Record<string, number> => {
  const counts: Record<string, number> = { delivered: 0, refused: 0, unreachable: 0 };
  for (const { outcome } of rows) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

test.for(['send', 'load'] as const)('%s counts what came of each event', async (command, context) => {
  const cwd = testFolder();
  const history = join(cwd, 'history.db');
  const events = amount({ few: 300, many: 20_000 });
  const endpoint = await openRestarting(cwd, makeRandom(command), 100);
  const bounds = ['--count', String(events), '--connections', '4', '--json', '--history', history];
  const more = command === 'load' ? ['--duration', '10m'] : [];
  const ended = await runProgram('webhook', [command, ...OF, '--url', endpoint.url, ...bounds, ...more], { cwd, env });
  await endpoint.stop();
  const answered = new Set(endpoint.answered());
  const rows = await rowsOf(history, cwd);
  expect([ended.code === 70, rows.length]).toEqual([false, events]);
  const counts = tally(rows);
  const told =
    command === 'send'
      ? tally(
          ended.stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Row),
        )
      : (JSON.parse(ended.stdout) as LoadReport).counts;
  expect(told).toMatchObject(counts);
  // Nothing is told to be delivered that was not answered; what was answered may have been lost on its way back.
  const delivered = new Set(rows.filter(({ outcome }) => outcome === 'delivered').map(({ eventId }) => eventId));
  expect([...delivered].filter((id) => !answered.has(id))).toEqual([]);
  const lost = [...answered].filter((id) => !delivered.has(id));
  expect(lost.length).toBeLessThanOrEqual(4 * (endpoint.deaths() + 1));
  expect(Math.min(delivered.size, endpoint.deaths())).toBeGreaterThan(0);
  tell(context, { seed: SEED, events, ...counts, deaths: endpoint.deaths(), 'answers lost on the way': lost.length });
});
