import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import type { Header } from '../../../src/model/plan.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { makeRecord } from '../../helpers/record.ts';
import { testFolder } from '../../helpers/folder.ts';
import { startListening } from '../../helpers/listening.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

function place(): { folder: string; run: (...args: string[]) => Promise<Ended> } {
  const folder = testFolder();
  const env = { HOME: folder, WEBHOOK_HISTORY: join(folder, 'history.db'), SECRET: 'whsec_c2VjcmV0' };
  return { folder, run: (...args) => runProgram('webhook', args, { cwd: folder, env }) };
}

/** Lets in who shows `Basic user:pw`, or the key. */
const openGuarded = () =>
  openEndpoint((response, { headers }) => {
    const isKnown = headers['authorization'] === `Basic ${btoa('user:pw')}` || headers['x-api-key'] === 'swordfish';
    response.writeHead(isKnown ? 200 : 401).end();
  });

test('what is not kept is named, blamed when it is missed, and given anew', async () => {
  const { run } = place();
  const endpoint = await openGuarded();
  const withUser = endpoint.url.replace('//', '//user:pw@');
  const send = ['send', '--vendor', 'mailkit', '--event', 'subscribe'];
  expect((await run(...send, '--url', withUser)).code).toBe(0);
  const plain = await run('replay', 'last', '--exact');
  expect([plain.code, plain.stderr, plain.stdout]).toEqual([
    1,
    expect.stringMatching(/warning: Authorization of the stored request: not stored.*-H 'Authorization: …', or --url/),
    expect.stringMatching(/Authorization, which is not stored: give it again: -H 'Authorization: …'/),
  ]);
  expect(plain.stdout).not.toContain('secret the same');
  // Each replay is a record of its own, without what it did not send: the first is meant.
  const { deliveries } = JSON.parse((await run('history', 'list', '--json')).stdout) as {
    deliveries: { deliveryId: string }[];
  };
  const first = deliveries.at(-1)?.deliveryId ?? '';
  const anew = [
    await run('replay', first, '--url', withUser),
    await run('replay', first, '-H', `Authorization: Basic ${btoa('user:pw')}`),
  ];
  expect(anew.map(({ code, stderr }) => [code, stderr.includes('not stored')])).toEqual([
    [0, false],
    [0, false],
  ]);
  expect((await run('replay', first, '-H', 'Authorization:')).stderr).not.toContain('not stored');
});

test('a key in a header of what listen received is named, too', async () => {
  const { folder, run } = place();
  const endpoint = await openGuarded();
  const listening = await startListening(['--vendor', 'mailkit'], { cwd: folder });
  const headers = { 'content-type': 'application/json', 'x-api-key': 'swordfish' };
  await fetch(listening.url, { method: 'PUT', body: '{}', headers });
  await listening.until(1);
  listening.kill('SIGTERM');
  await listening.ended;
  await run('send', '--vendor', 'mailkit', '--event', 'subscribe', '--url', endpoint.url, '-H', 'X-Api-Key: swordfish');
  const missing = await run('replay', 'last');
  const anew = await run('replay', 'last', '-H', 'X-Api-Key: swordfish');
  expect([missing.code, missing.stderr, anew.code]).toEqual([1, expect.stringContaining("-H 'X-Api-Key: …'"), 0]);
});

test('links that are made anew are told, and so are those that have expired', async () => {
  const { folder, run } = place();
  const endpoint = await openEndpoint();
  const send = ['send', '--event', 'email.received', '--url', endpoint.url, '--secret-env', 'SECRET'];
  const old = ['--now', '2025-11-27T09:00:00Z'];
  expect((await run(...send, ...old)).code).toBe(0);
  // In a style that is not ours the bytes are the user's: the links stay.
  writeFileSync(join(folder, 'own.json'), `\n${endpoint.seen[0]?.body.toString()}`);
  const replay = (...flags: string[]): Promise<Ended> => run('replay', 'last', '--secret-env', 'SECRET', ...flags);
  const exact = await replay('--exact');
  const fresh = await replay();
  await run(...send, ...old, '--data', 'own.json');
  const kept = await replay();
  expect([exact, fresh, kept].map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, expect.stringContaining('attachment links are created again, as MailKite does')],
    [0, expect.stringContaining('have expired')],
  ]);
});

test.each([
  ['from an unknown vendor', 'unknown', 'unknown'],
  ['of a vendor that is not configured here', 'acme', 'order.paid'],
  ['of an event that its vendor does not have', 'mailkite', 'email.unheard'],
])('the very bytes of a delivery %s go out again with --exact', async (_, vendor, event) => {
  const { folder, run } = place();
  const history = await openHistory(join(folder, 'history.db'));
  const body = Buffer.from([0, 255, 61, 13]);
  const requestHeaders: Header[] = [
    ['Content-Type', 'application/x-odd'],
    ['X-Own', 'a'],
  ];
  await history.append(
    ...makeRecord(0, {
      delivery: { vendor, event, method: 'PUT', body, direction: 'in' },
      attempt: { requestHeaders },
    }),
  );
  await history.close();
  const endpoint = await openEndpoint((response) => void response.writeHead(204).end());
  const sent = await run('replay', 'last', '--exact', '--url', endpoint.url);
  expect([sent.code, sent.stdout]).toEqual([0, expect.stringContaining('delivered')]);
  expect(endpoint.seen[0]).toMatchObject({
    method: 'PUT',
    headers: { 'content-type': 'application/x-odd', 'x-own': 'a' },
  });
  expect(endpoint.seen[0]?.body).toEqual(body);
  expect(JSON.parse((await run('history', 'show', 'last', '--json')).stdout)).toMatchObject({
    vendor,
    event,
    method: 'PUT',
  });
  const anew = await run('replay', 'last', '--url', endpoint.url);
  expect(anew).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(vendor === 'mailkite' ? /no event/ : /--exact/),
  });
  expect(endpoint.seen.length).toBe(1);
});

test('nobody knows when a vendor of whom nothing is known comes again', async () => {
  const { folder, run } = place();
  const history = await openHistory(join(folder, 'history.db'));
  await history.append(...makeRecord(0, { delivery: { vendor: 'unknown' } }));
  await history.close();
  const ended = await run('replay', 'last', '--exact', '--retry', '--url', 'http://127.0.0.1:1/');
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('leave out --retry') });
});
