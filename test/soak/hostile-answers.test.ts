import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderSent } from '../../src/cli/send/render-sent.ts';
import { writeJsonText } from '../../src/model/json.ts';
import { openTransport } from '../../src/deliver/transport.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { testFolder } from '../helpers/folder.ts';
import { bin, runProgram, type Ended } from '../helpers/program.ts';
import { openRaw } from '../helpers/raw-server.ts';
import { makeRecord } from '../helpers/record.ts';
import { attemptTo } from '../helpers/send-once.ts';
import { answerInTurn, hostileAnswer, UNSAFE, type HostileAnswer } from './hostile-answer.ts';
import { amount, isLong, SEED, tell } from './soak.ts';

/** What an attempt may take, and what a busy machine may add to it. */
const MAX_MS = 200;
const PATIENCE_MS = 30_000;
const KEPT_BYTES = 65_536;

const expectClean = (text: string): void => expect(UNSAFE.exec(text)?.input.slice(0, 400)).toBeUndefined();

test('what deliver makes of an answer', async (context) => {
  const runs = amount({ few: 12, many: 1000 });
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(hostileAnswer, { minLength: 1, maxLength: 10 }), async (answers) => {
      const attempts = await Promise.all(answers.map(attemptOf));
      for (const attempt of attempts) {
        expectAttempt(attempt);
        const what = attempt.errorCode ?? attempt.outcome;
        outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
      }
    }),
    { seed: SEED, numRuns: runs },
  );
  const answers = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
  tell(context, { seed: SEED, answers, 'kinds of outcome': outcomes.size });
  // Answers of one kind alone would try little.
  expect(outcomes.size).toBeGreaterThan(6);
});

async function attemptOf(answer: HostileAnswer): Promise<Attempt> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    answerInTurn([answer]).answer(socket);
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const transport = await openTransport({ timeoutMs: MAX_MS });
  const { port } = server.address() as AddressInfo;
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('it hangs')), MAX_MS + PATIENCE_MS).unref();
  });
  try {
    return await Promise.race([attemptTo(`http://127.0.0.1:${port}/`, { transport, timeoutMs: MAX_MS }), late]);
  } finally {
    await transport.close();
    server.close();
  }
}

function expectAttempt(attempt: Attempt): void {
  expect(attempt.responseBody.byteLength).toBeLessThanOrEqual(KEPT_BYTES);
  expect(attempt.status ?? 200).toSatisfy((status: number) => status >= 100 && status <= 999);
  expect(attempt.errorCode ?? 'NONE').toMatch(/^(?!NETWORK$)[A-Z][A-Z\d_]*$/);
  expect(attempt.outcome === 'delivered').toBe(attempt.error === null);
  const [delivery] = makeRecord(1);
  expectClean(renderSent({ delivery, attempts: [attempt], ended: 'exhausted' }));
  expectClean(writeJsonText(attempt));
}

const TELL_PEAK = pathToFileURL(resolve(import.meta.dirname, '../helpers/tell-peak.js')).href;
/** Of a program that starts with some 70; it came to 209 in 5 000 answers, to 228 and 238 in 10 000, to 222 in 20 000. */
const MOST_MIB = 300;

test('what send makes of them: an answer each, in bounded memory', async (context) => {
  const cwd = testFolder();
  const count = amount({ few: 200, many: 10_000 });
  const answers = fc.sample(hostileAnswer, { seed: SEED, numRuns: count });
  const { answer, used } = answerInTurn(answers);
  const url = `http://127.0.0.1:${await openRaw(answer)}/hook`;
  const peakFile = join(cwd, 'peak');
  const history = join(cwd, 'history.db');
  const to = ['--vendor', 'mailkite', '--event', 'email.received', '--ack-mode', 'control', '--url', url];
  const flags = ['--count', String(count), '--connections', '20', '--max-time', `${MAX_MS}ms`, '--json'];
  const env = { SECRET: 'whsec_of_this_test', NODE_OPTIONS: `--import ${TELL_PEAK}`, PEAK_FILE: peakFile };
  const args = ['send', ...to, '--secret-env', 'SECRET', '--history', history, ...flags];
  const ended = await runBounded(args, cwd, env, count * MAX_MS + PATIENCE_MS);
  expect({ code: ended.code, signal: ended.signal, stderr: ended.stderr }).toEqual({
    code: 3,
    signal: null,
    stderr: '',
  });
  expectClean(ended.stdout);
  const lines = ended.stdout.trim().split('\n');
  expect(lines).toHaveLength(count);
  const slowest = Math.max(...lines.map((line) => (JSON.parse(line) as Line).attempts[0]?.durationMs ?? 0));
  expect(slowest).toBeLessThan(MAX_MS + PATIENCE_MS);
  const peakMiB = Number(readFileSync(peakFile, 'utf8')) / 1024;
  tell(context, {
    seed: SEED,
    answers: used(),
    'MiB at most': Math.round(peakMiB),
    'ms the slowest': Math.round(slowest),
  });
  expect(peakMiB).toBeLessThan(MOST_MIB);
  for (const show of [
    ['history', 'show', 'last'],
    ['history', 'list', '--failed', '--limit', '200'],
    ['export', '--format', 'table', '--limit', '200'],
  ]) {
    const shown = await runProgram('webhook', [...show, '--history', history], { cwd });
    expect(shown.code).toBe(0);
    expectClean(shown.stdout + shown.stderr);
  }
});

/** What else calls an endpoint, with bounds that end it soon. */
const CALLERS: readonly (readonly [name: string, line: string])[] = [
  ['handshake', 'handshake --vendor slack --url URL --secret-env SECRET --max-time 200ms'],
  ['retries', 'retries --vendor mailkit --url URL --max-time 200ms --no-history'],
  ['check-source', 'check-source --url URL --vendor mailkit --max-time 2s'],
  ['test', 'test --vendor mail2many --url URL --secret-env SECRET --only accept --max-time 3s'],
  ['verify-cert of TLS', 'verify-cert TLS --max-time 3s'],
  ['send of TLS', 'send --event subscribe --url TLS --max-time 200ms --no-history'],
];

test.for(isLong ? CALLERS : CALLERS.slice(0, 3))('what %s makes of them', async ([, line], context) => {
  const cwd = testFolder();
  const runs = isLong ? 40 : 1;
  const answers = fc.sample(hostileAnswer, { seed: SEED, numRuns: runs * 20 });
  const { answer, used } = answerInTurn(answers);
  const address = `127.0.0.1:${await openRaw(answer)}/hook`;
  const args = line.replace('URL', `http://${address}`).replace('TLS', `https://${address}`).split(' ');
  const codes = new Map<number | null, number>();
  for (let run = 0; run < runs; run++) {
    const ended = await runBounded(args, cwd, { SECRET: 'whsec_of_this_test' }, PATIENCE_MS * 2);
    expect(ended.signal).toBeNull();
    expect([0, 1, 2, 3, 5], ended.stderr).toContain(ended.code);
    expectClean(ended.stdout + ended.stderr);
    codes.set(ended.code, (codes.get(ended.code) ?? 0) + 1);
  }
  const ended = [...codes].map(([code, times]) => `${times} with ${code}`).join(' and ');
  tell(context, { seed: SEED, answers: used(), ended });
  // A command that refuses its flags calls nobody.
  expect(used()).toBeGreaterThanOrEqual(runs);
});

interface Line {
  attempts: { durationMs: number }[];
}

/** Spawns the program, and ends it when it takes longer than it may. */
function runBounded(args: readonly string[], cwd: string, env: Record<string, string>, mostMs: number): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [bin('webhook'), ...args], {
      cwd,
      env: { ...process.env, HOME: cwd, ...env },
      timeout: mostMs,
      killSignal: 'SIGKILL',
    });
    const out = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
    child.on('close', (code, signal) => done({ code, signal, ...out }));
  });
}
