import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { exportHistory } from '../../../src/flows/history/export-history.ts';
import type { Delivery } from '../../../src/model/attempt.ts';
import { onEachStore } from '../../helpers/stores.ts';
import { makeAttempt, makeRecord, REFUSED, WEBHOOK } from '../../helpers/record.ts';
import { crowd, downFrom, eventIds, exported, historyOf } from './exported.ts';

onEachStore((openNew) => {
  test('every attempt once, newest first, across all chunks', async () => {
    const history = await historyOf(openNew, crowd(4501));
    const all = downFrom(4500, 4501);
    expect(await eventIds(history)).toEqual(all);
    expect(await eventIds(history, { order: 'asc' })).toEqual(all.toReversed());
    expect(await eventIds(history, { failed: true })).toEqual(all.filter((index) => index % 10 === 0));
    expect(await eventIds(history, { failed: true, event: 'optout' })).toEqual(all.filter((index) => index % 20 === 0));
    expect(await eventIds(history, { limit: '4100', page: '1' })).toEqual(downFrom(4500, 4100));
    expect(await eventIds(history, { limit: '4100', page: '2', order: 'asc' })).toEqual(
      downFrom(400, 401).toReversed(),
    );
  });

  test('what arrives while an export runs is not part of it', async () => {
    const history = await historyOf(openNew, crowd(2500));
    let writes = 0;
    const chunks: Uint8Array[] = [];
    const sink = {
      write: async (bytes: Uint8Array) => {
        chunks.push(bytes);
        writes += 1;
        await history.append(...makeRecord(10_000 + writes));
      },
    };
    const { manifest } = await exportHistory({ uuid: WEBHOOK, format: 'csv', order: 'asc' }, history, sink);
    expect(manifest.rows).toBe(2500);
    expect(writes).toBeGreaterThan(2);
  });

  test('days are whole days in UTC, both included', async () => {
    const days = [
      '2026-10-31T23:59:59.999Z',
      '2026-11-01T00:00:00.000Z',
      '2026-11-30T23:59:59.999Z',
      '2026-12-01T00:00:00.000Z',
    ];
    const history = await historyOf(
      openNew,
      days.map((day, index) => makeRecord(index, { delivery: { createdAt: Date.parse(day) } })),
    );
    expect(await eventIds(history, { from: '2026-11-01', to: '2026-11-30' })).toEqual([2, 1]);
    expect(await eventIds(history, { from: '2026-12-01' })).toEqual([3]);
    expect(await eventIds(history, { to: '2026-10-31T23:59:59.999Z' })).toEqual([0]);
  });

  test('a retried delivery has a row for each attempt, and only its own webhook is exported', async () => {
    const [delivery, first] = makeRecord(1, { attempt: REFUSED });
    const records: [Delivery, typeof first][] = [
      [delivery, first],
      [delivery, makeAttempt(delivery, { number: 2 })],
      makeRecord(2, { delivery: { webhookUuid: '00000000-0000-4000-8000-000000000001' } }),
    ];
    const { text } = await exported(await historyOf(openNew, records), {
      format: 'csv',
      fields: 'eventId,attempt,outcome,status,errorCode,durationMs',
    });
    expect(text).toBe(
      [
        'eventId,attempt,outcome,status,errorCode,durationMs',
        'evt_1,2,delivered,200,,12.5',
        'evt_1,1,refused,500,HTTP_500,12.5',
        '',
      ].join('\r\n'),
    );
  });

  test('requests of the conformance suite are in rows, pages and manifest only when asked for', async () => {
    const every = [...crowd(25)];
    for (const [index, [delivery]] of every.entries()) {
      if (index % 5 === 0 || index < 3) delivery.purpose = 'test';
    }
    const history = await historyOf(openNew, every);
    const events = downFrom(24, 22).filter((index) => index % 5 !== 0);
    expect(await eventIds(history)).toEqual(events);
    const pages = await Promise.all(['1', '2', '3'].map((page) => eventIds(history, { limit: '12', page })));
    expect(pages).toEqual([events.slice(0, 12), events.slice(12), []]);
    const { manifest, next } = await exported(history, { limit: '18' });
    expect([manifest.rows, manifest.fields.includes('purpose'), next]).toEqual([18, false, null]);
    // The attempts of the first millisecond were tests.
    expect([manifest.firstTimestamp, manifest.selection.includeTests]).toEqual(['2026-11-01T10:00:00.001Z', false]);

    const all = { includeTests: true } as const;
    expect(await eventIds(history, all)).toEqual(downFrom(24, 25));
    expect(await eventIds(history, { ...all, limit: '12', page: '2' })).toEqual(downFrom(12, 12));
    const { text, manifest: whole } = await exported(history, all);
    expect([whole.rows, whole.selection.includeTests]).toEqual([25, true]);
    const last = JSON.parse(text.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    expect([last['eventId'], last['purpose']]).toEqual(['evt_0', 'test']);
  });

  test('JSON is one array over all chunks, with every field', async () => {
    const { text } = await exported(await historyOf(openNew, crowd(2001)), { format: 'json' });
    const rows = JSON.parse(text) as Record<string, unknown>[];
    expect(rows).toHaveLength(2001);
    expect(Object.entries(rows[0]!)).toEqual([
      ['timestamp', '2026-11-01T10:00:00.666Z'],
      ['webhookUuid', WEBHOOK],
      ['deliveryId', makeRecord(2000, { delivery: { createdAt: Date.parse('2026-11-01T10:00:00.666Z') } })[0].id],
      ['attempt', 1],
      ['direction', 'out'],
      ['vendor', 'mail2many'],
      ['event', 'optout'],
      ['eventId', 'evt_2000'],
      ['url', 'https://example.test/hook'],
      ['outcome', 'refused'],
      ['status', 500],
      ['errorCode', 'HTTP_500'],
      ['error', 'the endpoint answered 500'],
      ['durationMs', 12.5],
      ['requestBytes', 10],
      ['responseBytes', 2],
      ['remoteAddress', '127.0.0.1'],
    ]);
  });

  test.each(['csv', 'ndjson', 'json'])('bodies in %s are base64, and null without an answer', async (format) => {
    const bytes = new Uint8Array([0, 200, 255]);
    const unreachable = {
      outcome: 'unreachable',
      status: null,
      responseBody: new Uint8Array(),
      responseBytes: 0,
    } as const;
    const history = await historyOf(openNew, [
      makeRecord(1, { delivery: { body: bytes } }),
      makeRecord(2, { attempt: unreachable }),
    ]);
    const { text } = await exported(history, { format, includeBodies: true, fields: 'eventId' });
    const second = '{"eventId":"evt_2","requestBody":"eyJuIjoyfQ==","responseBody":null}';
    const first = '{"eventId":"evt_1","requestBody":"AMj/","responseBody":"b2s="}';
    expect(text).toBe(
      {
        csv: 'eventId,requestBody,responseBody\r\nevt_2,eyJuIjoyfQ==,\r\nevt_1,AMj/,b2s=\r\n',
        ndjson: `${second}\n${first}\n`,
        json: `[\n${second},\n${first}\n]\n`,
      }[format],
    );
  });

  test('the manifest proves the bytes that were written', async () => {
    const { text, manifest } = await exported(await historyOf(openNew, crowd(2500)), { format: 'csv', hash: true });
    expect(manifest).toMatchObject({
      format: 'csv',
      rows: 2500,
      bytes: Buffer.byteLength(text),
      firstTimestamp: '2026-11-01T10:00:00.000Z',
      lastTimestamp: '2026-11-01T10:00:00.833Z',
      sha256: createHash('sha256').update(text).digest('hex'),
      selection: { webhookUuid: WEBHOOK, to: '2026-11-01T10:00:00.833Z' },
    });
  });

  test('nothing selected is an empty document and a manifest of nothing', async () => {
    const { text, manifest, next } = await exported(await historyOf(openNew, crowd(3)), {
      format: 'json',
      from: '2027-01-01',
      limit: '5',
    });
    expect([text, manifest.rows, manifest.firstTimestamp, next]).toEqual(['[]\n', 0, null, null]);
  });

  test('a webhook never seen is refused with the known ones; a configured one is just empty', async () => {
    const history = await historyOf(openNew, crowd(1));
    const uuid = WEBHOOK.replace('123e', '123f');
    const configured = ['00000000-0000-4000-8000-000000000002'];
    await expect(exported(history, { uuid, configured })).rejects.toMatchObject({
      kind: 'refused',
      unknown: { given: uuid, among: [...configured, WEBHOOK] },
    });
    expect((await exported(history, { uuid, configured: [uuid], format: 'json' })).text).toBe('[]\n');
  });

  test.each([
    [
      'a mistyped event',
      { event: 'optinn' },
      { kind: 'usage', unknown: { given: 'optinn', among: expect.arrayContaining(['optin', 'odd']) } },
    ],
    [
      'an event of another webhook',
      { event: 'elsewhere' },
      { kind: 'usage', message: expect.stringContaining('has none of this webhook') },
    ],
    ['no uuid', { uuid: undefined }, { kind: 'usage', message: expect.stringContaining('--uuid is missing') }],
    ['a malformed uuid', { uuid: '123e4567' }, { kind: 'usage', message: '"123e4567" is not a uuid' }],
  ])('%s is refused', async (_name, settings, expected) => {
    const records = [
      makeRecord(1, { delivery: { event: 'odd' } }),
      makeRecord(2, { delivery: { event: 'elsewhere', webhookUuid: '00000000-0000-4000-8000-000000000001' } }),
    ];
    await expect(exported(await historyOf(openNew, records), settings)).rejects.toMatchObject(expected);
  });

  test('an event that a vendor has, or the history, is exported though there may be none', async () => {
    const history = await historyOf(openNew, [makeRecord(1, { delivery: { event: 'odd' } })]);
    expect(await eventIds(history, { event: 'odd', uuid: ` ${WEBHOOK.toUpperCase()}` })).toEqual([1]);
    expect(await eventIds(history, { event: 'subscribe' })).toEqual([]);
  });

  test('a slow reader is waited for: one write at a time, none left behind', async () => {
    const history = await historyOf(openNew, crowd(4100));
    let running = 0;
    let most = 0;
    await exportHistory({ uuid: WEBHOOK, format: 'csv' }, history, {
      write: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        running -= 1;
      },
    });
    expect([most, running]).toEqual([1, 0]);
  });

  test('a write that fails ends the export with that failure', async () => {
    const history = await historyOf(openNew, crowd(4500));
    let writes = 0;
    const write = async (): Promise<void> => {
      writes += 1;
      if (writes === 2) throw new Error('no space left');
    };
    await expect(exportHistory({ uuid: WEBHOOK, format: 'csv' }, history, { write })).rejects.toThrow('no space left');
    expect(writes).toBe(2);
  });
});
