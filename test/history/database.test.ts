import { expect, test } from 'vitest';
import { toHistoryError } from '../../src/history/database.ts';

test.each([
  ['SQLITE_FULL', 13, 'the disk is full'],
  ['SQLITE_READONLY_DIRECTORY', 1544, 'is read-only'],
  ['SQLITE_BUSY_SNAPSHOT', 517, 'is locked by another program'],
  ['SQLITE_CORRUPT_INDEX', 779, 'is damaged'],
  ['SQLITE_NOTADB', 26, 'is not a SQLite file'],
  ['SQLITE_IOERR_READ', 266, 'input/output error'],
])('%s names the file, says what is wrong and what to do', (_name, rawCode, words) => {
  const error = toHistoryError('/data/history.db', Object.assign(new Error('x'), { rawCode }));
  expect(error).toMatchObject({ kind: 'history', hint: expect.stringMatching(/\w/) });
  expect(error.message).toContain('/data/history.db');
  expect(error.message).toContain(words);
});

test.each([
  ['SQLITE_BUSY', 5, true],
  ['SQLITE_LOCKED', 6, true],
  ['SQLITE_FULL', 13, false],
])('%s: whether the same command again is right is no part of the hint', (_name, rawCode, thenAgain) => {
  const error = toHistoryError('/data/history.db', Object.assign(new Error('x'), { rawCode }));
  expect([error.thenAgain, error.hint ?? '']).toEqual([thenAgain, expect.not.stringMatching(/run this|prune/)]);
});
