import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test, type TestContext } from 'vitest';
import { openEndpoint } from '../helpers/endpoint.ts';
import { testFolder } from '../helpers/folder.ts';
import { makeGate } from '../helpers/gate.ts';
import { startListening, talk } from '../helpers/listening.ts';
import { lockHistory } from '../helpers/lock-history.ts';
import { runProgram } from '../helpers/program.ts';
import { openHistory } from '../helpers/open-history.ts';
import { makeRecord } from '../helpers/record.ts';
import { countRows, hasSqlite } from '../helpers/sqlite-shell.ts';
import { isLong, tell } from './soak.ts';

/** How long it is held, in `npm run soak` nearly as long as programs wait for a lock. */
const SHORT_MS = isLong ? 9000 : 2000;
const KEPT = 20;

async function prepare(): Promise<{ cwd: string; history: string }> {
  const cwd = testFolder();
  const history = join(cwd, 'history.db');
  const filled = await openHistory(history);
  for (let index = 0; index < KEPT; index++) await filled.append(...makeRecord(index));
  await filled.close();
  return { cwd, history };
}

const count = (history: string, where = 'true'): Promise<number> =>
  countRows(history, `select count(*) from attempt where ${where}`);

/** The longest that the endpoint takes; an attempt that took as long as the lock would be a wrong measurement. */
const ANSWER_MS = 120;

test.skipIf(!hasSqlite)('send waits, and no answer is late by it', async (context) => {
  const { cwd, history } = await prepare();
  const arrived = makeGate();
  const endpoint = await openEndpoint((response, _, nth) => {
    arrived.open();
    setTimeout(() => response.end('ok'), (nth * 37) % ANSWER_MS);
  });
  const release = await lockHistory(history);
  const maxTime = Math.max(SHORT_MS / 2, ANSWER_MS * 2);
  const args = ['--count', '12', '--connections', '4', '--max-time', `${maxTime}ms`, '--history', history, '--json'];
  const sending = runProgram('webhook', ['send', '--event', 'subscribe', '--url', endpoint.url, ...args], { cwd });
  await arrived.opened;
  await wait(SHORT_MS);
  await release();
  const { code, stdout, stderr } = await sending;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const took = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { attempts: { durationMs: number }[] }).attempts[0]?.durationMs ?? 0);
  expect(took).toHaveLength(12);
  expect(Math.max(...took)).toBeLessThan(SHORT_MS);
  expect(await count(history)).toBe(KEPT + 12);
  tell(context, { 'ms locked': SHORT_MS, 'ms the slowest answer': Math.round(Math.max(...took)) });
});

test.skipIf(!hasSqlite)('listen answers, and records when it may', async (context) => {
  const { cwd, history } = await prepare();
  const listening = await startListening(['--vendor', 'mailkit', '--status', '200', '--history', history], { cwd });
  const release = await lockHistory(history);
  const answers = await Promise.all(Array.from({ length: 10 }, () => talk(listening.port, POST)));
  await wait(SHORT_MS);
  await release();
  listening.kill('SIGTERM');
  await listening.ended;
  expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 200'))).toHaveLength(10);
  expect(await count(history, "direction = 'in'")).toBe(10);
  tell(context, { 'ms locked': SHORT_MS, 'answered and recorded': 10 });
});

const POST = 'POST /hook HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';

test.skipIf(!hasSqlite)('an export reads, and prune waits', async (context) => {
  const { cwd, history } = await prepare();
  const release = await lockHistory(history);
  const exported = await runProgram('webhook', ['export', '--format', 'csv', '--history', history], { cwd });
  expect([exported.code, exported.stdout.trim().split('\n').length]).toEqual([0, 1 + KEPT]);
  const pruning = runProgram('webhook', ['history', 'prune', '--keep-last', '5', '--yes', '--history', history], {
    cwd,
  });
  await wait(SHORT_MS);
  await release();
  expect(await pruning).toMatchObject({ code: 0 });
  expect(await count(history)).toBe(5);
  tell(context, { 'ms locked': SHORT_MS, exported: KEPT, kept: 5 });
});

/** A skipped test counts as a failure where every tool is there: this one is not there at all. */
const testLong = isLong ? test.skipIf(!hasSqlite) : (): void => undefined;

testLong('a lock that lasts is told, and nothing is lost', async (context: TestContext) => {
  const { cwd, history } = await prepare();
  const endpoint = await openEndpoint();
  const listening = await startListening(['--vendor', 'mailkit', '--status', '200', '--history', history], { cwd });
  const release = await lockHistory(history);
  const to = ['--event', 'subscribe', '--url', endpoint.url, '--history', history];
  const running = [
    runProgram('webhook', ['send', ...to], { cwd }),
    runProgram('webhook', ['send', ...to, '--count', '12', '--connections', '4'], { cwd }),
    runProgram('webhook', ['history', 'prune', '--keep-last', '5', '--yes', '--history', history], { cwd }),
  ];
  await talk(listening.port, POST);
  const ended = await Promise.all([...running, listening.ended]);
  await release();
  for (const { code, stderr } of ended) {
    expect(code).toBe(4);
    expect(stderr).toContain('is locked by another program');
  }
  expect(ended[0]?.stderr).toContain('was delivered (200) and was not recorded');
  expect(ended[1]?.stderr).toMatch(/(\d+) of \1 sent events were not recorded \(\1 delivered\)/);
  expect(ended[3]?.stderr).toContain('1 request was answered but not recorded');
  expect(await count(history)).toBe(KEPT);
  tell(context, { commands: ended.length, 'attempts lost that were kept': 0 });
});
