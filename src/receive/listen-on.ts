import { createServer, type AddressInfo, type Server } from 'node:net';
import { AppError } from '../model/error.ts';

/** How many ports above an occupied one are tried, to suggest a free one. */
const NEIGHBOURS = 20;

/** Why a server cannot listen, by the system's code. */
export const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port',
  EACCES: 'this port needs more rights than you have',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'this host name is not known',
  EAI_AGAIN: 'this host name cannot be looked up',
  ERR_SOCKET_BAD_PORT: 'a port is a number from 0 to 65535',
};

/** Resolves when the server listens; rejects with the system's error. */
export function startListening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * Resolves when the server listens; port 0 means any free one. Throws AppError `usage` that says why it cannot, and
 * which port is free.
 */
export async function listenOn(server: Server, host: string, port: number): Promise<void> {
  try {
    await startListening(server, host, port);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new AppError(
      'usage',
      `cannot listen on ${host.includes(':') ? `[${host}]` : host}:${port}: ${WHY[code] ?? code}`,
      { hint: await suggest(code, host, port), cause },
    );
  }
}

async function suggest(code: string, host: string, port: number): Promise<string> {
  if (code === 'EADDRINUSE') {
    const free = await nextFreePort(host, port);
    return free === null ? 'use any free port with --port 0' : `--port ${free} is free; --port 0 uses any free one`;
  }
  if (code === 'EACCES') return 'ports from 1024 on need no rights: for example --port 3000';
  return 'give an address of this machine with --host, such as 127.0.0.1, and a free port with --port';
}

async function nextFreePort(host: string, occupied: number): Promise<number | null> {
  for (let port = occupied + 1; port <= Math.min(occupied + NEIGHBOURS, 65_535); port++) {
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen({ host, port }, () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  return null;
}

/**
 * `http://127.0.0.1:8080`: how a program on this machine reaches the server; an address of all interfaces becomes one
 * of loopback.
 */
export function originOf(server: Server, scheme: 'http' | 'https', host: string): string {
  const { port } = server.address() as AddressInfo;
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
