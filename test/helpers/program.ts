import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  input?: string | Uint8Array;
}

export const bin = (program: string): string => resolve(import.meta.dirname, '../../bin', `${program}.js`);

/** Spawns one of the real programs. Never the user's own history or configuration: `env` should name a folder. */
export function runProgram(
  program: 'webhook' | 'hookproof' | 'mp-export' | 'verify-cert',
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  return runCommandLine(process.execPath, [bin(program), ...args], options);
}

export function runCommandLine(
  command: string,
  args: readonly string[],
  { cwd, env, input }: RunOptions = {},
): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env: { ...cleanEnv(), ...env }, stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', fail);
    child.on('close', (code, signal) =>
      done({ code, signal, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
    // A program that refuses its flags ends before it reads: the pipe is then closed under us.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
  });
}

/** The test's own environment without what would change an answer. */
function cleanEnv(): NodeJS.ProcessEnv {
  const {
    FORCE_COLOR: _color,
    NO_COLOR: _noColor,
    CI: _ci,
    WEBHOOK_HISTORY: _history,
    WEBHOOK_CONFIG: _config,
    NODE_OPTIONS: _node,
    npm_command: _npx,
    ...rest
  } = process.env;
  return rest;
}
