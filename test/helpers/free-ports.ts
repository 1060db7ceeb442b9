import { connect, createServer, type AddressInfo } from 'node:net';

/** Free ports of 127.0.0.1, all taken at once so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((ready) => {
          server.listen(0, '127.0.0.1', ready);
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map(
      (server) =>
        new Promise((closed) => {
          server.close(closed);
        }),
    ),
  );
  return ports;
}

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
