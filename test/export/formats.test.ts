import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FORMAT_NAMES, findExportFormat, writeLine } from '../../src/export/formats.ts';
import { openHistory } from '../helpers/open-history.ts';
import { EXPORT_FIELDS, FREE_TEXT_FIELDS, NUMBER_FIELDS } from '../../src/model/export-field.ts';
import { testFolder } from '../helpers/folder.ts';
import { makeRecord, WEBHOOK } from '../helpers/record.ts';

test.each([
  ['plain', 'plain'],
  ['', ''],
  [null, ''],
  [0, '0'],
  [-1.5, '-1.5'],
  ['a,b', '"a,b"'],
  ['say "no"', '"say ""no"""'],
  ['two\r\nlines', '"two\r\nlines"'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@cmd', "'@cmd"],
  ['\ttab', "'\ttab"],
  ['\rreturn', '"\'\rreturn"'],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ['a=b', 'a=b'],
  [new Uint8Array([0xfb, 0xff]), '+/8='],
])('CSV writes %j as %j', (cell, written) => {
  expect(writeLine('csv', ['error', 'status'], [cell, 200])).toBe(`${written},200`);
});

test('a CSV line of one empty cell is not an empty line', () => {
  expect(writeLine('csv', ['error'], [null])).toBe('""');
});

test('NDJSON writes every field in order, null where there is nothing, bodies in base64', () => {
  expect(
    writeLine('json', ['status', 'error', 'durationMs', 'requestBody'], [null, 'a\n"', 1.5, new Uint8Array([255])]),
  ).toBe('{"status":null,"error":"a\\n\\"","durationMs":1.5,"requestBody":"/w=="}');
});

test.each([
  ['csv', 'status,error\r\n'],
  ['ndjson', ''],
  ['json', '[]\n'],
])('%s of nothing', (name, expected) => {
  expect(findExportFormat(name).empty(['status', 'error'])).toBe(expected);
});

test.each([
  ['excel', ';', '"a,b"', '"a;b"'],
  ['excel-comma', ',', '"a,b"', 'a;b'],
])('the dialect %s is CSV that Excel reads by itself', (dialect, separator, withComma, withSemicolon) => {
  const format = findExportFormat('csv', dialect);
  const fields = ['timestamp', 'error', 'url', 'event', 'durationMs', 'status', 'remoteAddress'] as const;
  expect(format.opening(fields)).toBe(`\ufeff${fields.join(separator)}\r\n`);
  expect(format.empty(['status', 'error'])).toBe(`\ufeffstatus${separator}error\r\n`);
  const cells = ['2026-10-31T09:03:01.945Z', 'a,b', 'a;b', '=1+1', 12.5, 200, null];
  expect(format.writeLine?.(fields, cells)).toBe(
    ['2026-10-31 09:03:01', withComma, withSemicolon, "'=1+1", '13', '200', ''].join(separator),
  );
});

test.each([
  ['csv', 'exel', 'unknown dialect exel'],
  ['json', 'excel', '--csv-dialect applies to csv, not to json'],
])('%s has no dialect %s', (name, dialect, message) => {
  expect(() => findExportFormat(name, dialect)).toThrow(message);
});

test('the database and JavaScript write the same lines, whatever the texts hold', async () => {
  const texts = fc.oneof(
    fc.constantFrom(
      '',
      'null',
      '=1',
      '-',
      '@a',
      '\t',
      '\r',
      '\n',
      '"',
      '""',
      ',',
      "'",
      '\\',
      '\\u0041',
      '\u0000',
      '\u0001',
      '\u001f',
      '\u007f',
      'é',
      '😀',
      '\ud800',
      '\u2028',
      '*',
      '[',
      ']',
      '?',
      'a]b',
      '%',
    ),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const record = fc.record({
    vendor: texts,
    event: texts,
    eventId: fc.option(texts),
    url: texts,
    errorCode: fc.option(texts),
    error: fc.option(texts),
    remoteAddress: fc.option(texts),
    status: fc.option(fc.integer({ min: 100, max: 599 })),
    totalMs: fc.double({ min: 0, max: 1e8, noNaN: true }),
    responseBytes: fc.nat(),
  });
  const history = await openHistory(join(testFolder(), 'history.db'));
  const records = fc.sample(record, { numRuns: 1000, seed: 20261101 }).map((parts, index) => {
    const { vendor, event, eventId, url, errorCode, error, remoteAddress, status, totalMs, responseBytes } = parts;
    const timings = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs };
    return makeRecord(index, {
      delivery: { vendor, event, eventId, url },
      attempt: { errorCode, error, remoteAddress, status, timings, responseBytes },
    });
  });
  await history.appendAll(records);
  const selection = {
    webhookUuid: WEBHOOK,
    from: null,
    to: null,
    asOf: null,
    event: null,
    failedOnly: false,
    includeTests: false,
    order: 'desc',
    limit: null,
    page: 1,
  } as const;
  for (const name of FORMAT_NAMES) {
    for (const fields of [EXPORT_FIELDS, ['error'], ['status', 'url']] as const) {
      const format = findExportFormat(name);
      const bySql: Buffer[] = [];
      for await (const { bytes } of history.lines(selection, {
        fields,
        style: format.style,
        separator: format.separator,
      }))
        bySql.push(Buffer.from(bytes));
      const byJs: string[] = [];
      for await (const rows of history.rows(selection, fields))
        for (const row of rows) byJs.push(writeLine(format.style, fields, row));
      expect(Buffer.concat(bySql).toString('utf8').split(format.separator)).toEqual(
        byJs.join(format.separator).split(format.separator),
      );
    }
  }
});

test('every field is a number, free text, or text that needs no care', () => {
  const rest = EXPORT_FIELDS.filter((field) => !NUMBER_FIELDS.has(field) && !FREE_TEXT_FIELDS.has(field));
  expect(rest).toEqual(['timestamp', 'webhookUuid', 'deliveryId', 'direction', 'outcome']);
});

test('an unknown format tells the known ones', () => {
  expect(() => findExportFormat('xml')).toThrow(
    expect.objectContaining({ kind: 'usage', unknown: { given: 'xml', among: FORMAT_NAMES } }),
  );
});
