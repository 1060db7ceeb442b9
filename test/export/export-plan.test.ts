import { expect, test } from 'vitest';
import { planExport, type ExportOptions } from '../../src/export/export-plan.ts';
import { EXPORT_FIELDS } from '../../src/model/export-field.ts';
import { WEBHOOK as uuid } from '../helpers/record.ts';

test('without flags: everything, newest first, all fields without bodies', () => {
  expect(planExport(uuid, {})).toEqual({
    selection: {
      webhookUuid: uuid,
      from: null,
      to: null,
      asOf: null,
      event: null,
      failedOnly: false,
      includeTests: false,
      order: 'desc',
      limit: null,
      page: 1,
    },
    fields: EXPORT_FIELDS,
    withBodies: false,
  });
});

test.each<[string, ExportOptions, object]>([
  ['--limit alone is one page', { limit: '7' }, { limit: 7, page: 1 }],
  ['--page alone has a hundred rows', { page: '2' }, { limit: 100, page: 2 }],
  ['both', { limit: '7', page: '3' }, { limit: 7, page: 3 }],
  ['--as-of the beginning', { asOf: '0' }, { asOf: 0 }],
  ['--include-tests', { includeTests: true }, { includeTests: true }],
])('%s', (_name, options, expected) => {
  expect(planExport(uuid, options).selection).toMatchObject(expected);
});

test.each<[string, ExportOptions, readonly string[], boolean]>([
  ['chosen, in their order', { fields: 'status, event' }, ['status', 'event'], false],
  ['bodies by name', { fields: 'requestBody' }, ['requestBody'], true],
  ['bodies added', { includeBodies: true }, [...EXPORT_FIELDS, 'requestBody', 'responseBody'], true],
  ['the purpose with tests', { includeTests: true }, [...EXPORT_FIELDS, 'purpose'], false],
  ['chosen, with tests', { includeTests: true, fields: 'status' }, ['status'], false],
  ['the purpose by name', { fields: 'purpose' }, ['purpose'], false],
  [
    'bodies added once',
    { fields: 'responseBody,status', includeBodies: true },
    ['responseBody', 'status', 'requestBody'],
    true,
  ],
])('fields %s', (_name, options, fields, withBodies) => {
  expect(planExport(uuid, options)).toMatchObject({ fields, withBodies });
});

test.each<[string, ExportOptions, RegExp]>([
  ['a limit of nothing', { limit: '0' }, /--limit 0/],
  ['a negative page', { page: '-1' }, /--page -1/],
  ['a limit in words', { limit: 'ten' }, /--limit ten/],
  ['a page beyond counting', { page: '9007199254740991' }, /beyond any history/],
  ['a point in words', { asOf: 'now' }, /--as-of now/],
  ['an order', { order: 'newest' }, /--order newest/],
  ['a field', { fields: 'status,staus' }, /unknown field staus/],
  ['an empty field', { fields: 'status,' }, /empty name/],
  ['a field twice', { fields: 'status,event,status' }, /status twice/],
])('%s is refused', (_name, options, message) => {
  expect(() => planExport(uuid, options)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringMatching(message) }),
  );
});

test('an unknown field tells what it could have been', () => {
  expect(() => planExport(uuid, { fields: 'staus' })).toThrow(
    expect.objectContaining({ unknown: { given: 'staus', among: expect.arrayContaining(['status']) } }),
  );
});
