import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { makeGate } from './gate.ts';
import { bin, type Ended } from './program.ts';

type Line = Record<string, unknown>;

/** A `webhook listen --json` that runs. */
export interface Listening {
  url: string;
  port: number;
  ready: Line;
  /** The lines so far but for the first. */
  lines: Line[];
  /** Resolves with all lines of that event once there are so many. */
  until(count: number, event?: 'request' | 'rejected' | 'attachment'): Promise<Line[]>;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<Ended>;
  child: ChildProcess;
}

export interface ListenPlace {
  cwd: string;
  env?: Record<string, string>;
}

/**
 * Starts the real program on a free port and waits for its ready line, through a pipe. It is gone when the test ends.
 */
export async function startListening(args: readonly string[], { cwd, env = {} }: ListenPlace): Promise<Listening> {
  const child = spawn(process.execPath, [bin('webhook'), 'listen', '--port', '0', '--json', ...args], {
    cwd,
    env: { ...process.env, HOME: cwd, WEBHOOK_HISTORY: `${cwd}/history.db`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: Line[] = [];
  const out = { stdout: '', stderr: '' };
  const isReady = makeGate();
  const waiting: (() => void)[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out.stdout += chunk.toString();
    rest += chunk.toString();
    const parts = rest.split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map((part) => JSON.parse(part) as Line));
    if (lines.length > 0) isReady.open();
    for (const look of waiting) look();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    out.stderr += chunk.toString();
  });
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code, signal) => done({ code, signal, ...out }));
  });
  const early = ended.then((one) => {
    throw new Error(`listen ended before it was ready: ${JSON.stringify(one)}`);
  });
  await Promise.race([isReady.opened, early]);
  early.catch(() => undefined);
  const [ready] = lines.splice(0, 1) as [Line];
  const of = (event: string): Line[] => lines.filter((line) => line['event'] === event);
  return {
    url: `${String(ready['url'])}/hook`,
    port: Number(new URL(String(ready['url'])).port),
    ready,
    lines,
    until: (count, event = 'request') =>
      new Promise((resolve) => {
        const look = (): void => {
          if (of(event).length >= count) resolve(of(event));
        };
        waiting.push(look);
        look();
      }),
    kill: (signal) => void child.kill(signal),
    ended,
    child,
  };
}

/**
 * Writes bytes to a port and gives back everything that comes until the other side closes, or as much as `isEnough`
 * wants.
 */
export function talk(
  port: number,
  bytes: string | Uint8Array,
  isEnough: (text: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (isEnough(text)) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}
