import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runProgram, type Ended } from '../../helpers/program.ts';

const URLS = ['http://127.0.0.1:9/one', 'http://127.0.0.1:9/two'] as const;

const TO_ONE = ['send', '--event', 'optin', '--url', URLS[0], '--secret-env', 'SECRET', '--enqueue'];

interface Waiting {
  deliveryId: string;
  event: string;
  attempt: number;
  dueAt: string;
  state: string;
}

async function place(): Promise<{
  folder: string;
  env: Record<string, string>;
  run: (...args: string[]) => Promise<Ended>;
  pending: (...args: string[]) => Promise<Waiting[]>;
}> {
  const folder = testFolder();
  const env = { HOME: folder, WEBHOOK_HISTORY: join(folder, 'history.db'), SECRET: 'queue-secret' };
  const run = (...args: string[]): Promise<Ended> => runProgram('webhook', args, { cwd: folder, env });
  const pending = async (...args: string[]): Promise<Waiting[]> =>
    (JSON.parse((await run('history', 'list', '--pending', '--json', ...args)).stdout) as { pending: Waiting[] })
      .pending;
  return { folder, env, run, pending };
}

test('what waits is listed, counted, hurried and canceled', async () => {
  const { run, pending } = await place();
  expect(await run('queue', 'stats')).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing waits') });
  for (const [index, event] of ['optin', 'optout', 'optin'].entries())
    await run('send', '--event', event, '--url', URLS[index % 2] ?? '', '--secret-env', 'SECRET', '--enqueue');
  const [first, second, third] = await pending();
  const unsent = await run('history', 'show', first?.deliveryId ?? '');
  expect(unsent).toMatchObject({ code: 1, stdout: '' });
  expect(unsent.stderr).toMatch(/no attempt on record yet: attempt 1 is due 20\S+Z in the queue/);
  expect([first, second, third]).toMatchObject([
    { event: 'optin', attempt: 1, state: 'due' },
    { event: 'optout', attempt: 1, state: 'due' },
    { event: 'optin', attempt: 1, state: 'due' },
  ]);
  expect((await pending('--event', 'optin', '--limit', '1')).map(({ deliveryId }) => deliveryId)).toEqual([
    first?.deliveryId,
  ]);
  // Nobody listens there.
  expect((await run('worker', '--once')).code).toBe(3);
  expect(await pending()).toMatchObject([1, 2, 3].map(() => ({ attempt: 2, state: 'later' })));
  expect((await run('queue', 'stats')).stdout).toMatch(/127\.0\.0\.1:9\/one +0 +2 +0 +0 /);
  const open = await run('history', 'show', first?.deliveryId ?? '');
  expect(open.stdout).toMatch(/\nunfinished: attempt 2 is due 20\S+Z in the queue\n$/);
  const hurried = await run('queue', 'retry', '--webhook', URLS[0]);
  expect(hurried).toMatchObject({ code: 0, stdout: '2 deliveries due now\n' });
  expect((await pending()).map(({ state }) => state)).toEqual(['due', 'due', 'later']);
  const one = await run('queue', 'cancel', second?.deliveryId ?? '', '--json');
  expect(JSON.parse(one.stdout)).toEqual({ schemaVersion: 2, deliveries: 1, underWay: 0 });
  expect(await run('queue', 'cancel', '--event', 'optin')).toMatchObject({ stdout: '2 deliveries canceled\n' });
  expect(await pending()).toEqual([]);
});

test('Ctrl-C ends the queueing, and what was printed is queued', async () => {
  const { folder: cwd, env, run } = await place();
  const child = spawn(process.execPath, [bin('webhook'), ...TO_ONE, '--count', '500000', '--json'], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stdout.once('data', () => child.kill('SIGINT'));
  expect(await once(child, 'close')).toEqual([null, 'SIGINT']);
  const { webhooks } = JSON.parse((await run('queue', 'stats', '--json')).stdout) as { webhooks: { due: number }[] };
  expect(webhooks[0]?.due).toBe(printed.split('\n').length - 1);
});

test.each<[what: string, args: string[], code: number, error: string]>([
  ['nothing is chosen', ['queue', 'cancel'], 2, 'which deliveries?'],
  ['all and one', ['queue', 'retry', '0199', '--all'], 2, '--all leaves nothing to choose'],
  ['no such delivery', ['queue', 'cancel', '0199'], 1, 'no delivery 0199 waits'],
  ['a mistyped event', ['queue', 'cancel', '--event', 'optn'], 2, 'did you mean optin?'],
  ['a mistyped vendor', ['queue', 'retry', '--vendor', 'mailkiit'], 2, 'did you mean mailkit'],
  ['a mistyped event of the list', ['history', 'list', '--pending', '--event', 'optn'], 2, 'did you mean optin?'],
  ['no such webhook', ['enable', 'shop'], 2, 'unknown webhook shop'],
  ['a masked header', [...TO_ONE, '--mask', 'X-Partner', '-H', 'X-Partner: abc'], 2, 'the header X-Partner'],
  ['no history', [...TO_ONE, '--no-history'], 2, '--no-history'],
])('%s: a clear error, and nothing is queued', async (_, args, code, error) => {
  const { run, pending } = await place();
  const ended = await run(...args);
  expect({ code: ended.code, isSaid: ended.stderr.includes(error), said: ended.stderr }).toMatchObject({
    code,
    isSaid: true,
  });
  expect(await pending()).toEqual([]);
});

test('with --seed and --now the same event is queued, and it is signed when it goes out', async () => {
  const { run } = await place();
  const { url, seen } = await openEndpoint();
  const what = ['send', '--vendor', 'mailkite', '--event', 'email.bounced', '--url', url, '--secret-env', 'SECRET'];
  const event = [...what, '--seed', 's', '--now', '2026-11-01'];
  await run(...event, '--no-history');
  await run(...event, '--enqueue');
  expect((await run('worker', '--once')).code).toBe(0);
  const [sent, worked] = seen;
  expect(worked?.body.equals(sent?.body ?? Buffer.of())).toBe(true);
  expect((await run('verify', '--delivery', 'last', '--secret-env', 'SECRET')).stdout).toMatch(/^valid/);
});
