import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A port of the loopback interface that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await once(server.close(), 'close');
  return port;
}

/** Resolves when somebody does. */
export async function untilOpen(port) {
  for (;;) {
    const isOpen = await new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        done(true);
      }).on('error', () => done(false));
    });
    if (isOpen) return;
    await new Promise((again) => {
      setTimeout(again, 10);
    });
  }
}
