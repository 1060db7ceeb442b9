import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { openTransport } from '../../deliver/transport.ts';
import { runClosedLoop } from '../../load/closed-loop.ts';
import { LoadTally } from '../../load/load-tally.ts';
import { stopwatchMs } from '../../model/clock.ts';
import { LoadSender, type LoadContent, type LoadEnvironment, type NewEvent } from './load-sender.ts';

const EVENTS = 1500;
const CONNECTIONS = 4;
/** No run waits longer for it. */
const MOST_MS = 500;

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/**
 * Sends events to a server of this process and forgets them, so that V8 has compiled what sends events before a
 * timetable begins, which waits for nothing. Five seconds at 3,800 events a second: the p99 of the response time was 24
 * to 43 ms without it, 10 to 18 ms with it; 2 to 9 % of the events started late without it, 0 to 1.6 % with it.
 */
export async function warmUp(
  content: LoadContent,
  environment: Omit<LoadEnvironment, 'transport' | 'recorder'>,
): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy()).on('data', () => socket.write(ANSWER));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const transport = await openTransport({ timeoutMs: MOST_MS, connections: CONNECTIONS });
  const startMs = stopwatchMs();
  const elapsedMs = (): number => stopwatchMs() - startMs;
  const sender = new LoadSender(
    { ...content, target: { ...content.target, url: new URL(`http://127.0.0.1:${port}/`) } },
    { ...environment, transport, recorder: null },
    { tally: new LoadTally({ timeoutMs: MOST_MS, waitedMs: MOST_MS }), storm: null, elapsedMs },
  );
  let index = 0;
  const next = (): NewEvent | null =>
    index < EVENTS && elapsedMs() < MOST_MS ? { index: index++, dueMs: null } : null;
  // What fails here fails in the run as well, which tells it.
  await runClosedLoop(next, CONNECTIONS, (event) => sender.sendNew(event), environment.signal);
  await transport.close();
  server.close();
}
