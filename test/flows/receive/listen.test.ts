import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forwardUrl } from '../../../src/flows/receive/forward-request.ts';
import { judgeReceived } from '../../../src/flows/receive/judge-received.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { makeRecorder, storeOf } from '../../../src/history/store/recorder.ts';
import { AppError } from '../../../src/model/error.ts';
import { findVendor, VENDORS } from '../../helpers/vendors.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeGate } from '../../helpers/gate.ts';
import { expectedOf, openListen } from '../../helpers/open-listen.ts';
import { talk } from '../../helpers/listening.ts';

const POST =
  'POST /hook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';
const FOREVER_MS = 3_600_000;

/** It signs nothing. */
const MAILKIT = expectedOf(findVendor('mailkit'), '', VENDORS);

test('ending does not wait for a delay: the request is recorded as one that got no answer', async () => {
  const history = await openHistory(join(testFolder(), 'history.db'));
  const stop = new AbortController();
  const running = await openListen(MAILKIT, {
    script: { statuses: [], delayMs: FOREVER_MS, drops: false, acks: false },
    recorder: makeRecorder(storeOf(history), { onFailure: () => undefined }),
    stop,
  });
  const hanging = talk(running.port, POST);
  // Answered by Node itself, after the first request was read.
  await talk(running.port, 'no http\r\n\r\n');
  stop.abort();
  expect(await running.ended).toEqual({ endedBy: 'signal', requests: 1, suspicious: 0 });
  expect(await hanging).toBe('');
  expect(await history.list({ limit: 10 })).toMatchObject([
    { direction: 'in', attempts: [{ outcome: 'unreachable', status: null, errorCode: 'ABORTED' }] },
  ]);
  await history.close();
});

test('a history that fails ends listening with its error', async () => {
  const stop = new AbortController();
  const failure = new AppError('history', 'the disk is full');
  const store = storeOf({ close: async () => undefined, appendAll: () => Promise.reject(failure) });
  const running = await openListen(MAILKIT, {
    recorder: makeRecorder(store, { pauseMs: 0, onFailure: (error) => stop.abort(error) }),
    stop,
  });
  await talk(running.port, POST);
  await expect(running.ended).rejects.toBe(failure);
});

test('with --durable nothing is shown or answered before its record is stored', async () => {
  const [began, mayStore] = [makeGate(), makeGate()];
  const appendAll = (): Promise<void> => {
    began.open();
    return mayStore.opened;
  };
  const store = storeOf({ close: async () => undefined, appendAll });
  const recorder = makeRecorder(store, { pauseMs: 0, onFailure: () => undefined });
  const running = await openListen(MAILKIT, { recorder, answersStored: true });
  let said = '';
  const answered = talk(running.port, POST, (text) => (said = text) === '');
  await began.opened;
  // Without a record to wait for, this one is answered by now.
  const other = await openListen(MAILKIT);
  await talk(other.port, POST);
  expect([said, running.received]).toEqual(['', []]);
  mayStore.open();
  expect(await answered).toMatch(/^HTTP\/1.1 200 /);
  expect(running.received).toHaveLength(1);
});

test('--exit-after is exact, however many come at once', async () => {
  const running = await openListen(MAILKIT, { exitAfter: 3 });
  const answers = await Promise.all(Array.from({ length: 10 }, () => talk(running.port, POST)));
  expect(await running.ended).toMatchObject({ endedBy: 'count', requests: 3 });
  expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 200'))).toHaveLength(3);
  expect(running.received).toHaveLength(3);
});

test.each([
  ['http://app:8080', '/hook?x=1', 'http://app:8080/hook?x=1'],
  ['http://app:8080/', '/a/b', 'http://app:8080/a/b'],
  ['http://app:8080/in', '/hook?x=1', 'http://app:8080/in?x=1'],
  ['http://app:8080/in?k=v', '/hook?x=1?y', 'http://app:8080/in?k=v&x=1?y'],
  ['http://u:p@app/#part', '/hook', 'http://u:p@app/hook'],
  ['http://app', '//evil.example/x', 'http://app//evil.example/x'],
  ['http://app', 'http://evil.example/x', 'http://app/'],
  ['http://app', '*', 'http://app/'],
])('%s and a request for %s make %s', (target, path, expected) => {
  expect(forwardUrl(new URL(target), path).href).toBe(expected);
});

test('a flood of forged requests is judged without looking for causes after a while, and a genuine verdict never changes', () => {
  const vendor = findVendor('mailkite');
  const expected = { vendor, vendors: VENDORS, verifies: true, secretsOf: () => ['whsec_x'] };
  const request = {
    method: 'POST',
    path: '/',
    remoteAddress: '',
    headers: [['x-mailkite-signature', `t=1750000000000,v1=${'0'.repeat(64)}`] as const],
    body: Buffer.from(JSON.stringify({ text: 'ä'.repeat(20_000) })),
  };
  const causes = Array.from({ length: 2000 }, () => judgeReceived(request, expected, 1_750_000_000_000)).map(
    ({ verdict, cause }) => `${verdict} ${cause}`,
  );
  expect(causes[0]).toBe('forged other-secret');
  expect(causes.at(-1)).toBe('forged not-explained');
});

test.each<[string, string, 'many' | 'few', string | null]>([
  ['a forged body of very many values is not parsed', 'forged', 'many', null],
  ['a forged one of few is', 'forged', 'few', 'email.sent'],
  ['an unsigned one of very many is not', 'missing', 'many', null],
  ['a signed one is, however many', 'valid', 'many', 'email.sent'],
  ['a stale one, too: it was signed by who has the secret', 'stale', 'many', 'email.sent'],
])('%s', (_, verdict, size, event) => {
  const nowMs = 1_750_000_000_000;
  const keys = Array.from({ length: size === 'many' ? 120_000 : 1000 }, (_value, index) => `"k${index}":1`).join(',');
  const body = Buffer.from(`{"id":"evt_1","type":"email.sent",${keys}}`);
  const t = verdict === 'stale' ? nowMs - FOREVER_MS : nowMs;
  const v1 =
    verdict === 'forged' ? '0'.repeat(64) : createHmac('sha256', 'whsec_x').update(`${t}.`).update(body).digest('hex');
  const headers = verdict === 'missing' ? [] : [['x-mailkite-signature', `t=${t},v1=${v1}`] as const];
  const judged = judgeReceived(
    { method: 'POST', path: '/', remoteAddress: '', headers, body },
    { vendor: findVendor('mailkite'), vendors: VENDORS, verifies: true, secretsOf: () => ['whsec_x'] },
    nowMs,
  );
  expect([judged.verdict, judged.payloads === null, judged.event]).toEqual([verdict, event === null, event]);
  expect(
    judged.drift.some(
      ({ observed }) =>
        observed === 'JSON with more than 100000 values, which is not read unless its signature is valid',
    ),
  ).toBe(event === null);
});
