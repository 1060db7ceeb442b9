import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../helpers/postgres.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

interface Place {
  run: (...args: string[]) => Promise<Ended>;
  send: (url: string, ...args: string[]) => Promise<Ended>;
}

function place(history = join(testFolder(), 'history.db')): Place {
  const cwd = testFolder();
  const env = { HOME: cwd, WEBHOOK_HISTORY: history, SECRET: 'queue-secret' };
  const run = (...args: string[]): Promise<Ended> => runProgram('webhook', args, { cwd, env });
  const send: Place['send'] = (url, ...args) =>
    run('send', '--event', 'optin', '--url', url, '--secret-env', 'SECRET', '--retry', '--enqueue', ...args);
  return { run, send };
}

async function checkRest({ run, send }: Place): Promise<void> {
  const endpoint = await openEndpoint((response, _, count) => void response.writeHead(count < 3 ? 503 : 200).end());
  const first = await send(endpoint.url, '--json');
  expect(first, first.stderr).toMatchObject({ code: 1, stderr: expect.stringContaining('webhook worker') });
  const sent = JSON.parse(first.stdout) as { dueAt: string; attempts: { timestamp: string }[]; deliveryId: string };
  expect(sent).toMatchObject({ outcome: 'refused', unfinished: true, queued: true, nextAttempt: 2 });
  const waitMs = Date.parse(sent.dueAt) - Date.parse(sent.attempts[0]?.timestamp ?? '');
  expect(Math.round(waitMs / 10_000)).toBe(6);
  expect(await run('worker', '--once')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^0 delivered/) });
  expect((await run('history', 'list', '--pending')).stdout).toMatch(new RegExp(`${sent.deliveryId}.* 2 +later`));
  await run('queue', 'retry', '--all');
  const worked = await run('worker', '--until-empty', '--time-scale', '36000', '--json');
  expect({ code: worked.code, stderr: worked.stderr }).toEqual({ code: 0, stderr: '' });
  const { stdout } = await run('history', 'show', sent.deliveryId, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    attempts: [
      { attempt: 1, outcome: 'refused' },
      { attempt: 2, outcome: 'refused' },
      { attempt: 3, outcome: 'delivered' },
    ],
  });
  const ids = endpoint.seen.map(({ headers }) => headers['x-mail2many-event-id']);
  expect(ids).toEqual([ids[0], ids[0], ids[0]]);
}

describe('send --retry --enqueue', () => {
  test('sends the first attempt, and leaves the rest to a worker', () => checkRest(place()));

  describe.skipIf(!hasPostgres)(POSTGRES, () => {
    const server = serverForFile();
    test('does so on a server', async () => checkRest(place(await server().makeDatabase())));
  });

  test('queues nothing that is delivered, or that the vendor discards', async () => {
    const { run, send } = place();
    const good = await openEndpoint();
    const one = await send(good.url);
    expect(one).toMatchObject({ code: 0, stderr: '' });
    expect(one.stdout).not.toContain('queued');
    const discarding = await openEndpoint((response) => void response.writeHead(406).end());
    const args = ['--vendor', 'mailgun', '--event', 'failed', '--url', discarding.url, '--secret-env', 'SECRET'];
    const dropped = await run('send', ...args, '--retry', '--enqueue');
    expect(dropped).toMatchObject({ code: 1, stdout: expect.stringContaining('discards the event for good') });
    expect((await run('queue', 'stats', '--json')).stdout).toContain('"webhooks":[]');
  });

  test('of several it says how many wait', async () => {
    const { run, send } = place();
    const endpoint = await openEndpoint((response, _, count) => void response.writeHead(count % 2 ? 503 : 200).end());
    expect(await send(endpoint.url, '--count', '30')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^15 delivered, 15 refused, 0 unreachable$/m),
      stderr: expect.stringContaining('15 queued for further attempts'),
    });
    expect((await run('queue', 'stats')).stdout).toMatch(/ 0 +15 +0 +0 /);
  });
});
