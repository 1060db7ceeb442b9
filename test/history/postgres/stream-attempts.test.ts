import { describe, expect, test } from 'vitest';
import { EXPORT_FIELDS } from '../../../src/model/export-field.ts';
import { exportHistory, type ExportSettings } from '../../../src/flows/history/export-history.ts';
import { join } from 'node:path';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory, type TestHistory } from '../../helpers/open-history.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../helpers/postgres.ts';
import { makeRecord, REFUSED } from '../../helpers/record.ts';
import { openPostgres } from '../../helpers/stores.ts';

const TEXTS = [
  'plain',
  '=1+1',
  '+x',
  '-x',
  '@x',
  '\tx',
  '\rx',
  'a,b',
  'a"b',
  'a\nb',
  'a\\b',
  '\u0001\u001f\u007f',
  '\u2028\u0085',
  '😀é',
  ' ',
  '',
  "'",
  'half \ud800',
  'nul \0',
  '\\u0000',
  '{}',
  'NULL',
  '$1',
  '\\.',
  '\b\f',
];
const DURATIONS = [0, 0.001, 0.1 + 0.2, 12, 12.5, 1e6, 123_456_789.123];

const records = TEXTS.flatMap((text, index) =>
  [0, 1].map((round) =>
    makeRecord(index * 2 + round, {
      delivery: { event: text, eventId: round === 0 ? text : null, vendor: text, url: `https://h.test/${text}` },
      attempt: {
        ...REFUSED,
        error: text,
        errorCode: text,
        remoteAddress: text,
        status: round === 0 ? null : 500,
        timings: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: DURATIONS[index % 7] ?? 1 },
      },
    }),
  ),
);

async function exported(history: TestHistory, settings: Partial<ExportSettings> & { format: string }) {
  const chunks: Uint8Array[] = [];
  const { manifest } = await exportHistory({ all: true, ...settings }, history, {
    write: async (bytes) => void chunks.push(bytes),
  });
  return { manifest, text: Buffer.concat(chunks).toString() };
}

describe.skipIf(!hasPostgres)(POSTGRES, () => {
  const server = serverForFile(["timezone = 'Asia/Kolkata'", "datestyle = 'German'", 'extra_float_digits = 0']);

  test.each(['csv', 'ndjson', 'json'])(
    'an export as %s is that of SQLite, byte for byte, of texts of any kind',
    async (format) => {
      const histories = [
        await openHistory(join(testFolder(), 'history.db')),
        await openPostgres(await server().makeDatabase()),
      ];
      for (const history of histories) await history.appendAll(records);
      const settings = [{}, { order: 'asc' }, { includeBodies: true }, ...EXPORT_FIELDS.map((fields) => ({ fields }))];
      for (const more of settings) {
        const [sqlite, postgres] = await Promise.all(
          histories.map((history) => exported(history, { format, ...more })),
        );
        expect(postgres, JSON.stringify(more)).toEqual(sqlite);
      }
      for (const history of histories) await history.close();
    },
  );

  test('an export of several stretches is that of SQLite, also where the server admits no second connection', async () => {
    const url = await server().makeDatabase();
    const [file, onServer] = [await openHistory(join(testFolder(), 'history.db')), await openPostgres(url)];
    // Two attempts in each second, every fifth refused.
    const many = Array.from({ length: 12_000 }, (_, index) =>
      makeRecord(index, {
        delivery: { createdAt: Date.parse('2026-11-01T10:00:00Z') + Math.floor(index / 2) * 1000 },
        attempt: index % 5 === 0 ? REFUSED : {},
      }),
    );
    for (let at = 0; at < many.length; at += 1000)
      for (const history of [file, onServer]) await history.appendAll(many.slice(at, at + 1000));
    const forms: Parameters<typeof exported>[1][] = [
      { format: 'csv', fields: 'eventId,timestamp' },
      { format: 'ndjson', order: 'asc' },
      { format: 'csv', failed: true, order: 'asc' },
      { format: 'csv', limit: '5500', page: '2', asOf: '9000000000000000' },
      { format: 'csv', fields: 'vendor,eventId' },
    ];
    for (const [index, settings] of forms.entries()) {
      const isLast = index === forms.length - 1;
      if (isLast) await server().run(`alter database ${new URL(url).pathname.slice(1)} allow_connections false`);
      const [one, other] = [await exported(file, settings), await exported(onServer, settings)];
      expect(one.manifest.rows, JSON.stringify(settings)).toBeGreaterThan(2000);
      // Compared as one value: a difference of megabytes takes minutes to show.
      expect(other.text === one.text, JSON.stringify(settings)).toBe(true);
      expect(other.manifest).toEqual(one.manifest);
    }
    for (const history of [file, onServer]) await history.close();
  });
});
