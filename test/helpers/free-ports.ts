import { connect, createServer } from 'node:net';

/**
 * Below what systems give to `listen(0)` and to connections (Linux from 32768 on), so that no other server or connection
 * of a run gets such a port before its server has it. Above 10080, which `fetch` refuses.
 */
const FIRST = 11_000;
const LAST = 31_999;
/** More than a worker asks for in a run: it gets no port twice. */
const SHARE = 1_000;

/** The worker's own share of the ports. Where another run began with the same, that a port is free still counts. */
const share =
  ((process.ppid * 7 + Number(process.env['VITEST_POOL_ID'] ?? 0)) % ((LAST + 1 - FIRST) / SHARE)) * SHARE + FIRST;
let asked = (process.pid * 13) % SHARE;

/** Free ports of 127.0.0.1 that nobody else in this run is given. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries > SHARE) throw new Error(`no port from ${share} to ${share + SHARE - 1} is free`);
    const port = share + (asked++ % SHARE);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer()
      .on('error', () => done(false))
      .listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });

/** Resolves when something listens there; `check` throws when nothing ever will. */
export async function untilOpen(port: number, check: () => void): Promise<void> {
  for (;;) {
    check();
    const isOpen = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false));
      socket.once('connect', () => socket.destroy());
    });
    // Had the port been taken by somebody else meanwhile, our server would be gone by now.
    check();
    if (isOpen) return;
    await new Promise((again) => {
      setTimeout(again, 10);
    });
  }
}

/** Nobody listens there. */
export const isClosed = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => done(false)).on('error', () => done(true));
    socket.once('connect', () => socket.destroy());
  });
