import { chmodSync, statSync, writeFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { expect, test } from 'vitest';
import { APPLICATION_ID, MIGRATIONS } from '../../src/history/migrations.ts';
import { openForReading } from '../../src/history/open-database.ts';
import { openHistory } from '../helpers/open-history.ts';
import { onEachStore } from '../helpers/stores.ts';
import { openReader } from '../../src/history/reader.ts';
import { writerOf } from '../../src/history/writer.ts';
import { testFolder } from '../helpers/folder.ts';
import { makeAttempt, makeRecord, REFUSED, WEBHOOK } from '../helpers/record.ts';

const OTHER = '00000000-0000-4000-8000-000000000001';

async function openNewFile() {
  return openHistory(join(testFolder(), 'history.db'));
}

onEachStore((openNew, openAgain) => {
  test('what is appended is found again, whole', async () => {
    const history = await openNew();
    const [delivery, attempt] = makeRecord(1, {
      attempt: {
        tls: { protocol: 'TLSv1.3', peerFingerprint: 'AA:BB' },
        control: ['spam'],
        responseTruncated: true,
        responseBody: new Uint8Array([0, 255]),
      },
    });
    const second = makeAttempt(delivery, { number: 2, ...REFUSED });
    await history.append(delivery, attempt);
    await history.append(delivery, second);
    expect(await history.find(delivery.id)).toEqual({ ...delivery, attempts: [attempt, second] });
  });

  test('an attempt that cannot be stored leaves no delivery behind', async () => {
    const history = await openNew();
    const [first, attempt] = makeRecord(1);
    await history.append(first, attempt);
    const [second] = makeRecord(2);
    await expect(
      history.append(second, { ...makeAttempt(second), id: attempt.id, startedAt: attempt.startedAt }),
    ).rejects.toMatchObject({ kind: 'history' });
    expect(await history.list({ limit: 10 })).toHaveLength(1);
  });

  test('a delivery is found by the beginning of its id, and the newest as last', async () => {
    const history = await openNew();
    const records = [makeRecord(1), makeRecord(2, { delivery: { createdAt: Date.parse('2027-06-01T00:00:00Z') } })];
    for (const record of records) await history.append(...record);
    const [old, young] = records.map(([delivery]) => delivery.id) as [string, string];
    expect((await history.find(old.slice(0, 8).toUpperCase())).id).toBe(old);
    expect((await history.find('last')).id).toBe(young);
  });

  test.each([
    ['an unknown id', 'ffffffff', { kind: 'refused', unknown: { given: 'ffffffff' } }],
    ['a beginning that several share', '01a', { kind: 'usage' }],
    ['a wildcard', '%', { kind: 'refused' }],
    ['nothing', '', { kind: 'usage' }],
  ])('find refuses %s', async (_name, given, expected) => {
    const history = await openNew();
    await history.append(...makeRecord(1));
    await history.append(...makeRecord(2));
    await expect(history.find(given)).rejects.toMatchObject(expected);
  });

  test('list groups attempts by delivery, newest first, and filters', async () => {
    const history = await openNew();
    const [retried, failing] = makeRecord(1, { attempt: REFUSED });
    await history.append(retried, failing);
    await history.append(retried, makeAttempt(retried, { number: 2 }));
    const failed = makeRecord(2, { delivery: { event: 'optout' }, attempt: REFUSED });
    await history.append(...failed);
    const elsewhere = makeRecord(3, { delivery: { webhookUuid: OTHER, vendor: 'mailkit' } });
    await history.append(...elsewhere);
    const ids = async (filter: object) => (await history.list({ limit: 10, ...filter })).map(({ id }) => id);
    const [a, b, c] = [retried.id, failed[0].id, elsewhere[0].id];

    expect(await ids({})).toEqual([c, b, a]);
    expect(await ids({ limit: 2 })).toEqual([c, b]);
    expect(await ids({ webhookUuid: WEBHOOK })).toEqual([b, a]);
    expect(await ids({ vendor: 'mailkit' })).toEqual([c]);
    expect(await ids({ event: 'optout' })).toEqual([b]);
    // The first delivery failed once and was delivered in the end.
    expect(await ids({ failed: true })).toEqual([b]);
    expect(await ids({ sinceMs: failed[0].createdAt })).toEqual([c, b]);
    expect(
      (await history.list({ limit: 10, webhookUuid: WEBHOOK }))[1]?.attempts.map(({ number, outcome }) => [
        number,
        outcome,
      ]),
    ).toEqual([
      [1, 'refused'],
      [2, 'delivered'],
    ]);

    const tested = makeRecord(4, { delivery: { purpose: 'test' } });
    await history.append(...tested);
    expect(await ids({})).toEqual([tested[0].id, c, b, a]);
    for (const webhookUuid of [undefined, WEBHOOK]) {
      expect(await ids({ webhookUuid, purpose: 'test' })).toEqual([tested[0].id]);
      expect(await ids({ webhookUuid, purpose: 'event' })).toEqual(webhookUuid === undefined ? [c, b, a] : [b, a]);
    }
    expect((await history.list({ limit: 1 }))[0]?.purpose).toBe('test');
    expect((await history.find(tested[0].id)).purpose).toBe('test');
    expect((await history.find(a)).purpose).toBe('event');
  });

  test('list of one webhook is in the order of time, with a late attempt in between', async () => {
    const history = await openNew();
    const records = [1, 2, 3].map((index) => makeRecord(index));
    await history.append(...makeRecord(9, { delivery: { webhookUuid: OTHER } }));
    for (const index of [2, 0, 1]) await history.append(...records[index]!);
    await history.append(records[0]![0], makeAttempt(records[0]![0], { number: 2 }));
    const newest = [2, 1, 0].map((index) => records[index]![0].id);
    expect((await history.list({ limit: 10, webhookUuid: WEBHOOK })).map(({ id }) => id)).toEqual(newest);
    expect(
      (await history.list({ limit: 2, webhookUuid: WEBHOOK, failed: false, sinceMs: 0 })).map(({ id }) => id),
    ).toEqual(newest.slice(0, 2));
  });

  test('events are told of one webhook or of all, attempts counted as they are recorded', async () => {
    const history = await openNew();
    expect([await history.eventNames(), await history.latestSequence()]).toEqual([[], 0]);
    await history.append(...makeRecord(5));
    await history.append(...makeRecord(1, { delivery: { webhookUuid: OTHER, event: 'optout' } }));
    expect((await history.eventNames()).toSorted()).toEqual(['optin', 'optout']);
    expect(await history.eventNames(OTHER)).toEqual(['optout']);
    // Each store counts in its own way.
    const first = await history.latestSequence();
    await history.append(...makeRecord(6));
    expect([first > 0, (await history.latestSequence()) > first]).toEqual([true, true]);
  });

  test('webhooks are known once they have an attempt', async () => {
    const history = await openNew();
    expect(await history.webhookUuids()).toEqual([]);
    await history.append(...makeRecord(1));
    await history.append(...makeRecord(2, { delivery: { webhookUuid: OTHER } }));
    expect(await history.webhookUuids()).toEqual([OTHER, WEBHOOK]);
    expect(await history.knowsWebhook(OTHER)).toBe(true);
    expect(await history.knowsWebhook(OTHER.replace('1', '2'))).toBe(false);
  });

  test('prune deletes whole deliveries, counts first when asked, keeps the newest', async () => {
    const history = await openNew();
    const records = Array.from({ length: 1203 }, (_, index) => makeRecord(index));
    await history.appendAll(records);
    const third = records[3]![0];
    // A late attempt keeps its delivery alive.
    await history.append(records[0]![0], makeAttempt(records[0]![0], { number: 2, startedAt: third.createdAt }));

    expect(await history.countPrunable({ beforeMs: third.createdAt })).toMatchObject({ deliveries: 2, attempts: 2 });
    expect(await history.prune({ beforeMs: third.createdAt, keepLast: 1201 })).toEqual({ deliveries: 1, attempts: 1 });
    expect(await history.prune({ beforeMs: third.createdAt })).toEqual({ deliveries: 1, attempts: 1 });
    const size = (): number => statSync(history.path, { throwIfNoEntry: false })?.size ?? 0;
    const before = size();
    expect(await history.prune({ keepLast: 2 })).toEqual({ deliveries: 1199, attempts: 1200 });
    // A server gives space back in its own time.
    if (before > 0) expect(size()).toBeLessThan(before / 4);
    expect((await history.list({ limit: 10 })).map(({ id }) => id)).toEqual([
      records[1202]![0].id,
      records[1201]![0].id,
    ]);
  });

  test('prune reports what is deleted so far, and lets others write in between', async () => {
    const history = await openNew();
    await history.appendAll(Array.from({ length: 1100 }, (_, index) => makeRecord(index)));
    const other = await openAgain(history);
    const seen: number[] = [];
    let appended: Promise<void> | undefined;
    const counts = await history.prune({ keepLast: 50 }, ({ deliveries }) => {
      seen.push(deliveries);
      appended ??= other.append(...makeRecord(2000));
    });
    await appended;
    expect(counts).toEqual({ deliveries: 1050, attempts: 1050 });
    expect(seen).toEqual([500, 1000, 1050]);
    expect(await history.list({ limit: 100 })).toHaveLength(51);
  });
});

test('file and folders are private', async () => {
  const folder = join(testFolder(), 'a', 'b');
  await openHistory(join(folder, 'history.db'));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const suffix of ['', '-wal', '-shm'])
    expect(statSync(join(folder, `history.db${suffix}`)).mode & 0o777).toBe(0o600);
});

test('credentials in headers and URL are never stored', async () => {
  const history = await openNewFile();
  const secret = 'hunter2-never-store-me';
  const [delivery, attempt] = makeRecord(1, {
    delivery: { url: `https://user:${secret}@example.test/hook?x=@` },
    attempt: {
      requestHeaders: [
        ['Authorization', `Bearer ${secret}`],
        ['COOKIE', `session=${secret}`],
        ['proxy-authorization', secret],
        ['x-kept', 'yes'],
      ],
    },
  });
  await history.append(delivery, attempt);
  const found = await history.find(delivery.id);
  expect(found.url).toBe('https://example.test/hook?x=@');
  expect(found.attempts[0]?.requestHeaders).toEqual([
    ['Authorization', '***'],
    ['COOKIE', '***'],
    ['proxy-authorization', '***'],
    ['x-kept', 'yes'],
  ]);
  for (const suffix of ['', '-wal']) expect(readFileSync(`${history.path}${suffix}`).includes(secret)).toBe(false);
});

test('history that does not exist yet reads as empty, and reading does not make it', async () => {
  const path = join(testFolder(), 'none', 'history.db');
  const history = await openReader(path);
  expect(await history.list({ limit: 5 })).toEqual([]);
  expect(existsSync(path)).toBe(false);
});

test('a reader sees what a writer in another connection adds, and cannot write', async () => {
  const writer = await openNewFile();
  await writer.append(...makeRecord(1));
  const reader = await openReader(writer.path);
  await writer.append(...makeRecord(2));
  expect(await reader.list({ limit: 5 })).toHaveLength(2);
  expect(Object.keys(reader)).not.toEqual(expect.arrayContaining(['append', 'prune']));
  const database = await openForReading(writer.path);
  await expect(writerOf(database).append(...makeRecord(3))).rejects.toMatchObject({
    kind: 'history',
    message: expect.stringContaining('read-only'),
  });
});

test('a file of the first format is brought up to date: what it holds are events', async () => {
  const path = join(testFolder(), 'history.db');
  const [first = ''] = MIGRATIONS;
  const old = new Libsql(path);
  old.exec(`${first}; pragma application_id = ${APPLICATION_ID}; pragma user_version = 1`);
  const [delivery] = makeRecord(1);
  const { id, webhookUuid, createdAt } = delivery;
  const time = new Date(createdAt).toISOString();
  old.exec(`
    insert into delivery values
      ('${id}', '${webhookUuid}', 'mail2many', 'optin', null, 'out', 'http://127.0.0.1/', 'POST', '${time}', x'7b7d');
    insert into exchange values (1, '${id}', 'a', '${time}', '[]', '[]', x'', 0, '{}', null, '[]');
    insert into attempt (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, url, outcome,
      duration_ms, request_bytes, response_bytes, sequence)
    values ('${webhookUuid}', '${time}', 'a', '${id}', 1, 'out', 'mail2many', 'optin', 'http://127.0.0.1/', 'delivered',
      1, 2, 0, 1)`);
  old.close();
  // Reading comes first, and leaves the file as it is: it may be on a disk that nobody can write to.
  const before = readFileSync(path);
  chmodSync(path, 0o444);
  const reader = await openReader(path);
  expect(await reader.list({ limit: 5, purpose: 'event' })).toMatchObject([{ id, purpose: 'event' }]);
  expect(await reader.find(id)).toMatchObject({ id, purpose: 'event', attempts: [{ id: 'a' }] });
  await reader.close();
  expect(readFileSync(path).equals(before)).toBe(true);
  chmodSync(path, 0o600);
  const history = await openHistory(path);
  await history.append(...makeRecord(2, { delivery: { purpose: 'test' } }));
  expect((await history.list({ limit: 5 })).map(({ purpose }) => purpose)).toEqual(['test', 'event']);
});

test.each([
  ['text', (path: string) => writeFileSync(path, 'not a database '.repeat(500)), /is not a SQLite file/],
  [
    'a database of another program',
    (path: string) => void new Libsql(path).exec('create table places (a)'),
    /another program's SQLite file/,
  ],
  [
    'a file from a newer version',
    (path: string) => void new Libsql(path).exec('pragma application_id = 0x686f6f6b; pragma user_version = 99'),
    /newer hookproof/,
  ],
])('%s is refused, to read and to write, and left as it is', async (_name, prepare, message) => {
  const path = join(testFolder(), 'x.db');
  prepare(path);
  const before = readFileSync(path);
  for (const open of [openReader, openHistory]) {
    await expect(open(path)).rejects.toMatchObject({
      kind: 'history',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    });
    await expect(open(path)).rejects.toThrow(path);
  }
  expect(readFileSync(path)).toEqual(before);
});

test.each([
  [
    'a folder that cannot be made',
    (folder: string) => {
      writeFileSync(join(folder, 'file'), '');
      return join(folder, 'file', 'history.db');
    },
  ],
  ['a folder instead of a file', (folder: string) => folder],
])('%s is refused', async (_name, prepare) => {
  const path = prepare(testFolder());
  await expect(openHistory(path)).rejects.toMatchObject({ kind: 'history', message: expect.stringContaining(path) });
});

test('the log does not grow from process to process: closing folds a long one into the file', async () => {
  const path = join(testFolder(), 'history.db');
  for (let index = 0; index < 120; index++) {
    const history = await openHistory(path);
    await history.append(...makeRecord(index));
    await history.close();
  }
  expect(statSync(`${path}-wal`).size).toBeLessThan(1024 * 1024);
});
