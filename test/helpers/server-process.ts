import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { removeFolder } from './folder.ts';
import { freePorts, untilOpen } from './free-ports.ts';

/** Not everybody has /usr/sbin in the path. */
const PATH = [process.env['PATH'] ?? '', '/usr/sbin', '/usr/local/sbin'].join(delimiter);

/** The server's own certificate and its key, as files. */
export interface ServerFiles {
  cert: string;
  key: string;
}

/** A server with one TLS site per name, each on a free loopback port. */
export interface RunningServer<Name extends string> {
  port(name: Name): number;
  url(name: Name): string;
  stop(): Promise<void>;
}

export function isInstalled(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', env: { ...process.env, PATH } });
    return true;
  } catch {
    return false;
  }
}

/** What a server's own syntax check says: null when it is content. */
export function syntaxError(program: string, args: readonly string[], env: Record<string, string> = {}): string | null {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH, ...env },
  });
  if (error !== undefined) throw error;
  return status === 0 ? null : `${stdout}${stderr}`;
}

export function makeServerFolder(program: string): string {
  return mkdtempSync(join(tmpdir(), `hookproof-${program}-`));
}

export interface ServerSpec<Name extends string> {
  program: string;
  names: readonly Name[];
  /** Writes the configuration into `folder` and gives the arguments that keep the server in the foreground. */
  configure(folder: string, portOf: (name: Name) => number): readonly string[];
  env?: (folder: string) => Record<string, string>;
}

const TRIES = 3;

/** Starts a real server and waits until every port is open. A port that was taken in between is no failure. */
export async function startServer<Name extends string>(spec: ServerSpec<Name>): Promise<RunningServer<Name>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryServer(spec);
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
  }
}

async function tryServer<Name extends string>({
  program,
  names,
  configure,
  env,
}: ServerSpec<Name>): Promise<RunningServer<Name>> {
  const folder = makeServerFolder(basename(program));
  const ports = await freePorts(names.length);
  const port = (name: Name): number => ports[names.indexOf(name)] as number;
  const args = configure(folder, port);
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH, ...env?.(folder) },
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => said.push(bytes));
  const stop = async (): Promise<void> => {
    await endProcess(child);
    removeFolder(folder);
  };
  try {
    await Promise.all(
      ports.map((one) =>
        untilOpen(one, () => {
          if (child.exitCode !== null || child.signalCode !== null)
            throw new Error(`${program} did not start: ${Buffer.concat(said).toString()}`);
        }),
      ),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, url: (name) => `https://127.0.0.1:${port(name)}/hook`, stop };
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill();
  await gone;
}

/** The server as the title of a test names it: of one that is missing on this machine, that the test is skipped. */
export const titleOf = (server: string, isThere: boolean): string =>
  `${server}${isThere ? '' : ' (skipped: it is not installed)'}`;
