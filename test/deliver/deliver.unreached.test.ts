import { expect, test } from 'vitest';
import { isUnreached } from '../../src/deliver/deliver.ts';
import { freePorts } from '../helpers/free-ports.ts';
import { openAnswering, openRaw } from '../helpers/raw-server.ts';
import { attemptTo } from '../helpers/send-once.ts';

const closedPort = async (): Promise<number> => (await freePorts(1))[0] as number;
const silentPort = (): Promise<number> => openRaw(() => undefined);
const hangingUp = (): Promise<number> => openRaw((socket) => socket.once('data', () => socket.destroy()));

test.each<[endpoint: string, scheme: string, port: () => Promise<number>, isUnreached: boolean]>([
  ['a port that nobody listens on', 'http', closedPort, true],
  ['a port that nobody listens on', 'https', closedPort, true],
  ['an endpoint that never answers', 'http', silentPort, false],
  ['an endpoint that never shakes hands', 'https', silentPort, true],
  ['an endpoint that hangs up on the request', 'http', hangingUp, false],
  ['an endpoint that hangs up on the handshake', 'https', hangingUp, true],
  ['an answer', 'http', () => openAnswering('HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n'), false],
])('%s, by %s', async (_, scheme, open, expected) => {
  const url = `${scheme}://127.0.0.1:${await open()}/hook`;
  const waits = open === silentPort ? { timeoutMs: 1000 } : {};
  expect(isUnreached(await attemptTo(url, waits), new URL(url))).toBe(expected);
});

test('a host without an address is not reached', async () => {
  const url = 'http://nowhere.invalid/';
  expect(isUnreached(await attemptTo(url, { timeoutMs: 3000 }), new URL(url))).toBe(true);
});
