import { join } from 'node:path';
import Libsql from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { copyHistory, type CopyReport } from '../../../src/flows/history/copy-history.ts';
import { exportHistory } from '../../../src/flows/history/export-history.ts';
import { openReader } from '../../../src/history/reader.ts';
import type { Attempt, Delivery } from '../../../src/model/attempt.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory, type TestHistory } from '../../helpers/open-history.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../helpers/postgres.ts';
import { makeAttempt, makeRecord, REFUSED, WEBHOOK } from '../../helpers/record.ts';
import { openPostgres, type OpenNew } from '../../helpers/stores.ts';

const OTHER = '00000000-0000-4000-8000-000000000001';
const RUNNING = new AbortController().signal;

const copy = (
  source: TestHistory,
  target: TestHistory,
  options: Partial<Parameters<typeof copyHistory>[2]> = {},
): Promise<CopyReport> => copyHistory(source, { reader: target, writer: target }, { signal: RUNNING, ...options });

async function exported(history: TestHistory): Promise<string> {
  const parts: Uint8Array[] = [];
  const sink = { write: async (bytes: Uint8Array) => void parts.push(bytes) };
  const settings = { all: true, format: 'ndjson', includeTests: true, includeBodies: true };
  await exportHistory(settings, history, sink);
  return Buffer.concat(parts).toString();
}

/** Of every kind: retried, received, a test, without an answer, with a body of several parts and of odd texts. */
function everyKind(): [Delivery, Attempt][] {
  const [retried, first] = makeRecord(1, { attempt: REFUSED });
  const large = new Uint8Array(2 * 1024 * 1024 + 1).fill(7);
  return [
    [retried, first],
    [retried, makeAttempt(retried, { number: 2, timings: { ...first.timings, resentAfterMs: 3, retryInMs: 60_000 } })],
    makeRecord(2, { delivery: { direction: 'in', webhookUuid: OTHER, body: new Uint8Array([0, 255]) } }),
    makeRecord(3, { delivery: { purpose: 'test', eventId: null, method: 'GET', body: new Uint8Array() } }),
    makeRecord(4, {
      delivery: { body: large },
      attempt: { outcome: 'unreachable', status: null, errorCode: 'ECONNRESET', error: 'reset', remoteAddress: null },
    }),
    makeRecord(5, {
      delivery: { event: 'a"b,c\\d{}', vendor: 'é\u2028', url: 'https://example.test/?a=1' },
      attempt: {
        tls: { protocol: 'TLSv1.3', peerFingerprint: null },
        control: ['spam', 'drop'],
        responseTruncated: true,
        responseBytes: 99_999,
        responseBody: new Uint8Array([0, 1, 254]),
        responseHeaders: [['x-odd', 'NUL \0, "quoted", half \ud800']],
      },
    }),
  ];
}

const closed = async (opening: Promise<TestHistory>): Promise<TestHistory> => {
  const history = await opening;
  const { close } = history;
  onTestFinished(() => close());
  return history;
};

const openFile: OpenNew = () => closed(openHistory(join(testFolder(), 'history.db')));

/** From store to store: each of them reads and writes. */
function onEachWay(define: (openSource: OpenNew, openTarget: OpenNew) => void): void {
  describe('SQLite to SQLite', () => define(openFile, openFile));
  describe.skipIf(!hasPostgres)(POSTGRES, () => {
    const server = serverForFile();
    const openOnServer: OpenNew = async () => closed(openPostgres(await server().makeDatabase()));
    describe('SQLite to PostgreSQL', () => define(openFile, openOnServer));
    describe('PostgreSQL to SQLite', () => define(openOnServer, openFile));
  });
}

onEachWay((openSource, openTarget) => {
  test('every record arrives whole, and again there is nothing to do', async () => {
    const [source, target] = [await openSource(), await openTarget()];
    await source.appendAll(everyKind());
    const first = await copy(source, target);
    expect(first).toMatchObject({ copied: 6, alreadyThere: 0, isSame: true, unread: 0, hidden: 0, conflicts: [] });
    expect(first.source).toEqual({ deliveries: 5, attempts: 6, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(first.target).toEqual(first.source);
    expect((await exported(target)) === (await exported(source))).toBe(true);
    for (const [{ id, body }] of everyKind()) {
      const [one, other] = [await source.find(id), await target.find(id)];
      // Compared as one value: piece by piece a large body takes seconds.
      expect(Buffer.compare(other.body, body)).toBe(0);
      expect({ ...other, body: null }).toEqual({ ...one, body: null });
    }

    expect(await copy(source, target)).toEqual({ ...first, copied: 0, alreadyThere: 6 });
  });

  test('what is missing is copied, and what the target has of its own stays', async () => {
    const [source, target] = [await openSource(), await openTarget()];
    const records = everyKind();
    await source.appendAll(records);
    // One of two attempts of a delivery, and one that the source does not know.
    await target.appendAll([records[0]!, makeRecord(9)]);
    expect(await copy(source, target)).toMatchObject({ copied: 5, alreadyThere: 1, isSame: true });
    expect((await target.find(makeRecord(9)[0].id)).attempts).toHaveLength(1);
    expect((await target.find(records[0]![0].id)).attempts).toHaveLength(2);
  });

  test.each<[string, (delivery: Delivery, attempt: Attempt) => [Delivery, Attempt], string[]]>([
    [
      'an attempt with another answer',
      (delivery, attempt) => [delivery, { ...attempt, status: 201, responseBody: new Uint8Array([1]) }],
      ['status', 'responseBody'],
    ],
    [
      'an attempt at another time',
      (delivery, attempt) => [delivery, { ...attempt, startedAt: attempt.startedAt + 1 }],
      ['timestamp'],
    ],
    [
      'an attempt with another header and timing',
      (delivery, attempt) => [
        delivery,
        { ...attempt, requestHeaders: [['a', 'b']], timings: { ...attempt.timings, dnsMs: 1 } },
      ],
      ['requestHeaders', 'timings'],
    ],
    [
      'an attempt of another delivery',
      (_, attempt) => [makeRecord(8)[0], { ...attempt, deliveryId: makeRecord(8)[0].id }],
      ['deliveryId', 'eventId', 'requestBody'],
    ],
    [
      'a delivery with another body',
      (delivery, attempt) => [
        { ...delivery, body: new TextEncoder().encode('{"n":0}') },
        makeAttempt(delivery, { ...attempt, number: 7, id: makeRecord(7)[1].id }),
      ],
      ['requestBody'],
    ],
  ])('%s of the same id is named, and nothing is changed', async (_name, change, differs) => {
    const [source, target] = [await openSource(), await openTarget()];
    const [[delivery, attempt], good] = [makeRecord(1), makeRecord(2)];
    await source.appendAll([[delivery, attempt], good]);
    await target.append(...change(delivery, attempt));
    const before = (await exported(target)).trim();
    const report = await copy(source, target);
    expect(report).toMatchObject({ copied: 1, conflictCount: 1, isSame: false });
    const [conflict] = report.conflicts;
    expect(conflict).toMatchObject({ deliveryId: delivery.id, attemptId: attempt.id });
    expect(conflict?.differs).toEqual(expect.arrayContaining(differs));
    // The other one was copied all the same.
    const after = (await exported(target)).trim().split('\n');
    expect(after).toHaveLength(2);
    expect(after).toContain(before);
  });

  test('of one webhook only its own are copied', async () => {
    const [source, target] = [await openSource(), await openTarget()];
    await source.appendAll(everyKind());
    expect(await copy(source, target, { webhookUuid: OTHER })).toMatchObject({ copied: 1, isSame: true });
    expect(await target.webhookUuids()).toEqual([OTHER]);
  });

  test('what is recorded while it copies is left, and said', async () => {
    const [source, target] = [await openSource(), await openTarget()];
    await source.appendAll(everyKind());
    const late = makeAttempt(makeRecord(1)[0], { number: 3 });
    const point = source.latestSequence;
    // Once the point is fixed, a new delivery and a new attempt of an old one come.
    source.latestSequence = async () => {
      const sequence = await point();
      await source.append(...makeRecord(6));
      await source.append(makeRecord(1)[0], late);
      return sequence;
    };
    expect(await copy(source, target)).toMatchObject({ copied: 6, recordedMeanwhile: 2, isSame: true, unread: 0 });
    source.latestSequence = point;
    expect(await copy(source, target)).toMatchObject({ copied: 2, alreadyThere: 6, isSame: true });
  });

  test('stopped between two chunks it keeps what it has, and goes on', async () => {
    const [source, target] = [await openSource(), await openTarget()];
    // More than is held at once.
    const records = [1, 2, 3].map((index) => makeRecord(index, { delivery: { body: new Uint8Array(3_000_000) } }));
    await source.appendAll(records);
    const stopping = new AbortController();
    const stopped = await copy(source, target, { signal: stopping.signal, onProgress: () => stopping.abort() });
    expect(stopped).toMatchObject({ copied: 1, isInterrupted: true, isSame: false });
    expect(await copy(source, target)).toMatchObject({ copied: 2, alreadyThere: 1, isSame: true });
  });

  test('two copies at a time do not get in the way of each other', async () => {
    const [source, target] = [await openSource(), await openTarget()];
    await source.appendAll(everyKind());
    // The other one is faster between the question what is missing and the answer to it.
    const racing: TestHistory = {
      ...target,
      appendAll: async (records) => {
        racing.appendAll = target.appendAll;
        await target.appendAll(records.slice(0, 2));
        await target.appendAll(records);
      },
    };
    expect(await copy(source, racing)).toMatchObject({ copied: 4, isSame: true });
  });

  test('a target that loses or changes what it stores is found out', async () => {
    const [source, target] = [await openSource(), await openTarget()];
    await source.appendAll([makeRecord(1), makeRecord(2)]);
    const careless: TestHistory = {
      ...target,
      appendAll: async ([first, second]) => {
        const [delivery, attempt] = first!;
        await target.appendAll([[delivery, { ...attempt, control: ['spam'] }]]);
        return second === undefined ? undefined : Promise.resolve();
      },
    };
    const report = await copy(source, careless);
    expect(report).toMatchObject({ isSame: false, conflictCount: 2 });
    expect(report.conflicts.map(({ differs }) => differs)).toEqual([['control'], []]);
    expect(report.target).toMatchObject({ attempts: 1 });
    expect(report.target.sha256).not.toBe(report.source.sha256);
  });

  test('an empty history is as many as nothing', async () => {
    const [source, target] = [await openSource(), await openTarget()];
    expect(await copy(source, target)).toMatchObject({ copied: 0, isSame: true, source: { attempts: 0 } });
  });
});

test('an attempt whose exchange is damaged is counted as unread', async () => {
  const source = await openHistory(join(testFolder(), 'history.db'));
  await source.appendAll([makeRecord(1), makeRecord(2)]);
  new Libsql(source.path).exec(`delete from exchange where delivery_id = '${makeRecord(1)[0].id}'`);
  const target = await openHistory(join(testFolder(), 'copy.db'));
  expect(await copy(source, target)).toMatchObject({ copied: 1, unread: 1, isSame: false });
});

test('secrets that an older version kept are not copied, which is said and is no difference', async () => {
  const source = await openHistory(join(testFolder(), 'history.db'));
  await source.append(...makeRecord(1));
  const file = new Libsql(source.path);
  file.exec(`update exchange set request_headers = '[["Authorization","Bearer abc"]]'`);
  for (const table of ['delivery', 'attempt']) file.exec(`update ${table} set url = 'https://example.test/?token=abc'`);
  const target = await openHistory(join(testFolder(), 'copy.db'));
  expect(await copy(source, target)).toMatchObject({ copied: 1, hidden: 1, isSame: true });
  expect(await copy(source, target)).toMatchObject({ alreadyThere: 1, isSame: true });
  expect(JSON.stringify(await target.find('last'))).not.toContain('abc');
  const [attempt] = (await target.find('last')).attempts;
  expect(attempt?.requestHeaders).toEqual([['Authorization', '***']]);
});

test('the history of a file is the same by every path, and another file is another', async () => {
  const [one, other] = [await openHistory(join(testFolder(), 'a.db')), await openHistory(join(testFolder(), 'b.db'))];
  expect(await one.identity()).toBe(await (await openReader(one.path)).identity());
  expect(await one.identity()).not.toBe(await other.identity());
  expect(await one.knowsWebhook(WEBHOOK)).toBe(false);
});
