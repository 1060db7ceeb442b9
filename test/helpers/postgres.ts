import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { removeFolder } from './folder.ts';
import { freePorts, untilOpen } from './free-ports.ts';
import { madeOnce } from './made-once.ts';
import { titleOf } from './server-process.ts';

/** Where Debian keeps the servers of each version, which are in nobody's path. */
const VERSIONS = '/usr/lib/postgresql';

const binaries = existsSync(VERSIONS)
  ? readdirSync(VERSIONS)
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(VERSIONS, version, 'bin'))
      .find((folder) => existsSync(join(folder, 'initdb')))
  : undefined;

/** The server refuses to run as root: there it runs as the user that comes with Debian's package. */
const serverUser = process.getuid?.() === 0 ? idsOf('postgres') : null;

export const hasPostgres = binaries !== undefined && serverUser !== undefined;
export const POSTGRES = titleOf('PostgreSQL', hasPostgres);

function idsOf(name: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout?.trim());
  return uid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

/** A real server of its own, on a port of 127.0.0.1 and on a socket in `folder`. */
export interface PostgresServer {
  port: number;
  folder: string;
  /** Of a database, as this user; the superuser, whom the server trusts, is `postgres`. */
  url(database: string, user?: string): string;
  /** Makes an empty database and returns its URL. */
  makeDatabase(settings?: string): Promise<string>;
  /** Runs statements as the superuser, and returns the rows of the last. */
  run(sql: string, database?: string): Promise<Record<string, unknown>[]>;
  /** Puts these lines before the others of pg_hba.conf. */
  admit(lines: readonly string[]): Promise<void>;
  stop(how?: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

const asServer = (): { uid?: number; gid?: number } => serverUser ?? {};

const HBA = ['local all all trust', 'host all all 127.0.0.1/32 trust'];

/** @param settings lines of postgresql.conf */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-pg-'));
  own(folder);
  const data = copyOfData(folder);
  // Nothing here has to survive a power failure.
  const always = ['fsync = off', 'full_page_writes = off', 'shared_buffers = 32MB', 'max_wal_size = 256MB'];
  const lines = [`listen_addresses = '127.0.0.1'`, `unix_socket_directories = '${folder}'`];
  appendFileSync(join(data, 'postgresql.conf'), [...lines, ...always, ...settings, ''].join('\n'));
  writeFileSync(join(data, 'pg_hba.conf'), HBA.join('\n'));
  let { child, port } = await startOnFreePort(data);
  const start = async (): Promise<void> => {
    child = await startProcess(data, port);
  };
  const stop = async (how: 'fast' | 'immediate' = 'fast'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await gone;
  };
  const url = (database: string, user = 'postgres'): string => `postgres://${user}@127.0.0.1:${port}/${database}`;
  const run = async (sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url(database) });
    await client.connect();
    try {
      const results = [await client.query<Record<string, unknown>>(sql)].flat();
      return results.at(-1)?.rows ?? [];
    } finally {
      await client.end();
    }
  };
  let made = 0;
  return {
    port,
    folder,
    url,
    run,
    makeDatabase: async (options = '') => {
      const name = `test${++made}`;
      await run(`create database ${name} ${options}`);
      return url(name);
    },
    admit: async (more) => {
      writeFileSync(join(data, 'pg_hba.conf'), [...more, ...HBA].join('\n'));
      const loadedAt = 'select pg_conf_load_time()::text as at';
      const [before] = await run(`${loadedAt}, pg_reload_conf()`);
      // The server reads it in its own time.
      while ((await run(loadedAt))[0]?.['at'] === before?.['at']);
    },
    start,
    stop,
    remove: async () => {
      await stop('immediate');
      removeFolder(folder);
    },
  };
}

/** A server for the tests of a file; null where there is no PostgreSQL. */
export function serverForFile(settings: readonly string[] = []): () => PostgresServer {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    if (hasPostgres) server = await startPostgres(settings);
  });
  afterAll(() => server?.remove());
  return () => {
    if (server === undefined) throw new Error('there is no PostgreSQL on this machine');
    return server;
  };
}

function own(path: string): void {
  if (serverUser) chownSync(path, serverUser.uid, serverUser.gid);
}

/** The files of a new server take a second to make: once in a run. */
function copyOfData(folder: string): string {
  const data = join(folder, 'data');
  const made = madeOnce('postgres');
  if (made.toMake !== null) {
    const options = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    runAsServer(folder, 'initdb', [...options, '-D', data]);
    runCopy(data, made.toMake);
    made.copy();
    return data;
  }
  const copied = made.copy();
  runCopy(copied, data);
  rmSync(copied, { recursive: true });
  return data;
}

/** With the owner and the modes that the server insists on. */
function runCopy(from: string, to: string): void {
  spawnSync('cp', ['-a', `${from}/.`, to]);
  spawnSync('chmod', ['-R', 'go-rwx', to]);
  if (serverUser) spawnSync('chown', ['-R', `${serverUser.uid}:${serverUser.gid}`, to]);
}

function runAsServer(folder: string, program: string, args: readonly string[]): void {
  const path = join(binaries ?? '', program);
  const { status, stderr } = spawnSync(path, args, { cwd: folder, encoding: 'utf8', ...asServer() });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
}

const TRIES = 3;

/** A port that was taken in between is no failure. */
async function startOnFreePort(data: string): Promise<{ child: ChildProcess; port: number }> {
  for (let tries = 1; ; tries++) {
    const [port = 0] = await freePorts(1);
    try {
      return { child: await startProcess(data, port), port };
    } catch (error) {
      if (tries === TRIES || !String(error).includes('Address already in use')) throw error;
    }
  }
}

async function startProcess(data: string, port: number): Promise<ChildProcess> {
  const program = join(binaries ?? '', 'postgres');
  const child = spawn(program, ['-D', data, '-p', String(port)], {
    cwd: data,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...asServer(),
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + String(bytes)).slice(-4000);
  });
  await untilOpen(port, () => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`postgres did not start: ${said}`);
  });
  await untilReady(port);
  return child;
}

/** The port is open before the server answers questions. */
async function untilReady(port: number): Promise<void> {
  for (;;) {
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      // It is starting up, or recovering from its last end.
      if ((error as { code?: string }).code !== '57P03') throw error;
    }
    await new Promise((again) => {
      setTimeout(again, 20);
    });
  }
}
