import { request, type IncomingMessage } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { openAttachmentServer, type AttachmentServer } from '../../../src/flows/send/offer-attachments.ts';
import { linkMaker } from '../../../src/sign/attachment-url.ts';
import type { LinkedAttachment } from '../../../src/model/plan.ts';

const VALID_MS = 60_000;

let nowMs = 1_800_000_000_000;
const clock = { now: () => nowMs, sleep: () => Promise.resolve() };

async function openServer(): Promise<AttachmentServer> {
  const server = await openAttachmentServer({ host: '127.0.0.1', port: 0 }, clock);
  onTestFinished(() => server.close());
  return server;
}

function linked(messageId: string, content: string | Uint8Array): LinkedAttachment {
  return {
    messageId,
    index: 0,
    attachment: {
      filename: null,
      contentType: 'text/plain',
      content: typeof content === 'string' ? Buffer.from(content) : content,
    },
  };
}

const linkTo = (server: AttachmentServer, messageId: string, secret: string, index = 0): string =>
  linkMaker(server.origin, secret, VALID_MS)(messageId, index, clock.now());

async function get(url: string, method = 'GET'): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { method, headers: { connection: 'close' } });
  return { status: response.status, text: await response.text() };
}

/** A GET whose answer has begun and is not read. */
function begin(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false }, (response) => resolve(response.pause()))
      .on('error', reject)
      .end();
  });
}

/** Whether `promise` has resolved by now, with everything that was under way before done. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => {
      setImmediate(() => resolve(false));
    }),
  ]);
}

test('each webhook has its own secret, even for the same message id, and none opens what another offered', async () => {
  const server = await openServer();
  server.offer([linked('msg_1', 'of one')], 'secret-1');
  server.offer([linked('msg_1', 'of two'), linked('msg_2', 'only of two')], 'secret-2');
  expect(await get(linkTo(server, 'msg_1', 'secret-1'))).toEqual({ status: 200, text: 'of one' });
  expect(await get(linkTo(server, 'msg_1', 'secret-2'))).toEqual({ status: 200, text: 'of two' });
  expect((await get(linkTo(server, 'msg_2', 'secret-1'))).status).toBe(404);
});

test('who cannot sign learns nothing: an attachment that exists answers like one that does not', async () => {
  const server = await openServer();
  server.offer([linked('msg_1', 'x')], 'secret');
  server.offer([linked('msg_1', 'x')], '');
  const answers = await Promise.all(
    [
      linkTo(server, 'msg_1', 'wrong'),
      linkTo(server, 'msg_9', 'wrong'),
      `${linkTo(server, 'msg_1', 'secret').slice(0, -1)}g`,
    ].map((url) => get(url)),
  );
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
});

test('a link of the past is expired, one to what was never offered leads nowhere', async () => {
  const server = await openServer();
  server.offer([linked('msg_1', 'x')], 'secret');
  const link = linkTo(server, 'msg_1', 'secret');
  expect((await get(linkTo(server, 'msg_1', 'secret', 7))).status).toBe(404);
  nowMs += VALID_MS + 1000;
  expect((await get(link)).status).toBe(410);
});

test('asking for the headers, or breaking off, is not fetching', async () => {
  const server = await openServer();
  server.offer([linked('msg_1', Buffer.alloc(30_000_000))], 'secret');
  const fetched = server.allFetched();
  const link = linkTo(server, 'msg_1', 'secret');
  expect(await get(link, 'HEAD')).toEqual({ status: 200, text: '' });
  const broken = await begin(link);
  await new Promise((resolve) => {
    broken.socket.once('close', resolve).destroy();
  });
  // An answer that comes later than the end of that download on the server's side.
  await get(linkTo(server, 'msg_2', 'secret'));
  expect(await isSettled(fetched)).toBe(false);
  expect((await get(link)).text).toHaveLength(30_000_000);
  await fetched;
});

test('a download under way is waited for, although everything was fetched once', async () => {
  const server = await openServer();
  server.offer([linked('msg_1', Buffer.alloc(30_000_000))], 'secret');
  const link = linkTo(server, 'msg_1', 'secret');
  const slow = await begin(link);
  expect((await get(link)).text).toHaveLength(30_000_000);
  const fetched = server.allFetched();
  expect(await isSettled(fetched)).toBe(false);
  let length = 0;
  for await (const chunk of slow as AsyncIterable<Buffer>) length += chunk.length;
  expect(length).toBe(30_000_000);
  await fetched;
});

test('nothing offered is all fetched', async () => {
  const server = await openServer();
  await server.allFetched();
});
