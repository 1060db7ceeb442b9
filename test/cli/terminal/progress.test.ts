import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fillHistory } from '../../helpers/fill-history.js';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine, type Ended } from '../../helpers/program.ts';
import { openRaw } from '../../helpers/raw-server.ts';

// Waiting commands in a real pseudo-terminal, made by script(1) of util-linux. It has 0 columns, as some runners' have,
// until stty says otherwise.

/** Colours are escape sequences that end with m. */
const COLORED = new RegExp(`${String.fromCodePoint(27)}\\[[\\d;]*m`);

const SIZES = [
  [0, 0],
  [1, 1],
  [80, 24],
] as const;

/** What waits, and how long it is told to wait. The endpoint takes connections and never answers. */
const WAITING: readonly (readonly [name: string, flags: string])[] = [
  ['send', '--event subscribe --max-time 600ms --no-history'],
  ['retries', '--vendor mailkit --max-time 80ms --no-history'],
  ['test', '--vendor mailkit --only method-get --max-time 900ms --wait-ready 600ms'],
  ['check-source', '--vendor mailkit --max-time 700ms'],
  ['verify-cert', '--max-time 700ms'],
];

/** Runs `webhook ARGS` in a terminal of that size; its output and error output come as one. */
function inTerminal(
  args: string,
  [columns, rows]: readonly [number, number],
  env: Record<string, string> = {},
): Promise<Ended> {
  const line = `stty cols ${columns} rows ${rows}; exec "${process.execPath}" "${bin('webhook')}" ${args}`;
  const cwd = testFolder();
  return runCommandLine('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    cwd,
    env: { TERM: 'xterm', XDG_DATA_HOME: cwd, ...env },
  });
}

/**
 * Runs a command line in a terminal of 80 columns. Once it shows `text`, who reads from the pipe `gate` in its folder
 * goes on.
 */
async function untilShown(text: string, line: string, env: Record<string, string> = {}): Promise<Ended> {
  const cwd = testFolder();
  const gate = join(cwd, 'gate');
  execFileSync('mkfifo', [gate]);
  const command = `stty cols 80 rows 24; ${line}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  let isShown = false;
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said.stderr += chunk));
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said.stdout += chunk;
    if (isShown || !said.stdout.includes(text)) return;
    isShown = true;
    void writeFile(gate, 'go on\n');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, ...said };
}

describe.each(WAITING)('webhook %s', (name, flags) => {
  test('ends by itself in a terminal of any size, with colours and without', async () => {
    const port = await openRaw(() => undefined);
    const scheme = name === 'verify-cert' ? 'https' : 'http';
    const target = `${name === 'verify-cert' ? '' : '--url '}${scheme}://127.0.0.1:${port}/hook`;
    const runs = SIZES.flatMap((size) => [false, true].map((isPlain) => ({ size, isPlain })));
    const ended = await Promise.all(
      runs.map(({ size, isPlain }) => inTerminal(`${name} ${target} ${flags}`, size, isPlain ? { NO_COLOR: '1' } : {})),
    );
    for (const [index, { code, stdout }] of ended.entries()) {
      const of = JSON.stringify(runs[index]);
      expect([1, 3], of).toContain(code);
      expect(stdout.length, of).toBeLessThan(30_000);
      if (runs[index]?.isPlain) expect(stdout, of).not.toMatch(COLORED);
    }
  });
});

test.each<[columns: number, env: Record<string, string>, spins: boolean]>([
  [80, {}, true],
  [20, {}, true],
  [19, {}, false],
  [0, {}, false],
  [80, { CI: 'true' }, false],
  [80, { TERM: 'dumb' }, false],
])('in %i columns with %j a spinner turns: %s', async (columns, env, spins) => {
  const port = await openRaw(() => undefined);
  const args = `send --event subscribe --max-time 700ms --no-history --url http://127.0.0.1:${port}/`;
  const { stdout } = await inTerminal(args, [columns, 24], env);
  expect(stdout.includes('⠋')).toBe(spins);
});

test('verify-cert names the call that is waited for', async () => {
  const port = await openRaw(() => undefined);
  const { stdout } = await inTerminal(`verify-cert https://127.0.0.1:${port}/ --max-time 4s`, [80, 24]);
  expect(stdout).toContain('2 of 2 connections · TLS 1.3, without a certificate');
});

test('check-source says how far a log is read, and leaves the results as they are', async () => {
  const told = '2 lines read, 2 addresses checked';
  const line = `(echo 192.0.2.1; echo 192.0.2.2; read -r _ <gate) | "${process.execPath}" "${bin('webhook')}" check-source - --allow 192.0.2.0/24`;
  const { code, stdout } = await untilShown(told, line, { NO_COLOR: '1' });
  expect([code, stdout]).toEqual([0, expect.stringContaining(told)]);
  // The line is taken away before something else is written.
  expect(stdout.split('\r\n').filter((one) => one.includes('pass'))).toEqual([
    expect.stringMatching(/^pass {7}192\.0\.2\.1 {8}192\.0\.2\.0\/24$/),
    expect.stringMatching(/^pass {7}192\.0\.2\.2 {8}192\.0\.2\.0\/24$/),
  ]);
});

test('export -o says how many rows are written, or attempts read', async () => {
  const history = join(testFolder(), 'history.db');
  await fillHistory(history, 100_000);
  const all = `export --all --history ${history}`;
  const [csv, html] = await Promise.all(
    ['o.csv --csv-dialect excel', 'o.html'].map((file) => inTerminal(`${all} -o ${file}`, [80, 24])),
  );
  expect(csv?.stdout).toMatch(/\d+ rows written/);
  expect(html?.stdout).toMatch(/\d+ attempts read/);
});

test('a terminal that loses its width meanwhile does not keep the command', async () => {
  const port = await openRaw(() => undefined);
  const args = `send --event subscribe --max-time 1500ms --no-history --url http://127.0.0.1:${port}/`;
  const shrinking = `(read -r _ <gate; stty cols 0 rows 0 </dev/tty) & exec "${process.execPath}" "${bin('webhook')}" ${args}`;
  expect(await untilShown('⠋', shrinking)).toMatchObject({ code: 3, stdout: expect.stringContaining('⠋') });
});
